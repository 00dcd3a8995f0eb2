//! What follows from what: fields of modules as nodes, formulas, lookups and roll-ups as arrows. A circle is refused;
//! without one there is an order in which every value is right after one pass.

use std::collections::BTreeMap;

use super::check::{RuleFault, one_target};
use super::scope::{RecordScope, Shape};
use crate::expr::{self, Scope};
use crate::field::Field;

/// A field: its module's key and its own.
type Node<'a> = (&'a str, &'a str);

/// One fault for each circle, at its first field.
pub(super) fn circles(modules: &[Shape<'_>]) -> Vec<RuleFault> {
    let arrows = arrows(modules);
    let mut walk = Walk { arrows: &arrows, states: BTreeMap::new(), path: Vec::new(), circles: Vec::new() };
    for node in arrows.keys() {
        walk.visit(*node);
    }
    walk.circles.iter().filter_map(|circle| fault(circle)).collect()
}

/// The derived fields that follow from a field, as `module.field`, and the field itself where it is derived.
pub fn followers(modules: &[Shape<'_>], field: (&str, &str)) -> Vec<String> {
    let arrows = arrows(modules);
    let follows = arrows.iter().filter(|(node, sources)| **node == field || sources.contains(&field));
    follows.map(|((module, field), _)| format!("{module}.{field}")).collect()
}

/// The formula fields of a module, each after those that it reads.
pub(super) fn order<'a>(shape: &Shape<'a>) -> Vec<&'a str> {
    let mut done: Vec<&str> = Vec::new();
    let formulas: Vec<&&Field> = shape.fields.iter().filter(|field| field.rules.formula.is_some()).collect();
    // Each round settles at least one, unless there is a circle, which is refused before anything is stored.
    for _ in 0..formulas.len() {
        for field in &formulas {
            let key = field.key.as_str();
            let waits = |source: &String| {
                formulas.iter().any(|other| other.key == *source) && !done.contains(&source.as_str())
            };
            if !done.contains(&key) && !reads(shape, field).iter().any(waits) {
                done.push(key);
            }
        }
    }
    done
}

/// The fields of the own record that a formula reads.
fn reads(shape: &Shape<'_>, field: &Field) -> Vec<String> {
    let Some(formula) = &field.rules.formula else { return Vec::new() };
    expression_reads(&formula.expr, &RecordScope(shape))
}

fn expression_reads(source: &str, scope: &dyn Scope) -> Vec<String> {
    let checked = expr::parse(source).and_then(|parsed| expr::check(&parsed, scope));
    checked.map(|checked| checked.fields().iter().cloned().collect()).unwrap_or_default()
}

fn arrows<'a>(modules: &'a [Shape<'a>]) -> BTreeMap<Node<'a>, Vec<Node<'a>>> {
    let mut arrows = BTreeMap::new();
    for shape in modules {
        for field in shape.fields.iter().filter(|field| field.rules.is_derived()) {
            arrows.insert((shape.key, field.key.as_str()), sources(modules, shape, field));
        }
    }
    arrows
}

/// The fields from which a derived one follows.
fn sources<'a>(modules: &'a [Shape<'a>], shape: &'a Shape<'a>, field: &'a Field) -> Vec<Node<'a>> {
    let own = |shape: &'a Shape<'a>, keys: Vec<String>| {
        let fields = shape.fields.iter().filter(move |field| keys.contains(&field.key));
        fields.map(|field| (shape.key, field.key.as_str())).collect::<Vec<Node<'a>>>()
    };
    let mut sources = own(shape, reads(shape, field));
    if let Some(lookup) = &field.rules.lookup
        && let Some(target) = shape.field(&lookup.relation).and_then(one_target)
    {
        let target = modules.iter().find(|module| module.key == target);
        sources.extend(target.into_iter().flat_map(|target| own(target, vec![lookup.field.clone()])));
    }
    if let Some(rollup) = &field.rules.rollup
        && let Some(source) = modules.iter().find(|module| module.key == rollup.source().0)
    {
        let condition = rollup.condition.as_ref();
        let mut keys = condition.map(|text| expression_reads(text, &RecordScope(source))).unwrap_or_default();
        keys.extend(rollup.field.clone());
        sources.extend(own(source, keys));
    }
    sources
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Open,
    Done,
}

struct Walk<'w, 'a> {
    arrows: &'w BTreeMap<Node<'a>, Vec<Node<'a>>>,
    states: BTreeMap<Node<'a>, State>,
    path: Vec<Node<'a>>,
    circles: Vec<Vec<Node<'a>>>,
}

impl<'a> Walk<'_, 'a> {
    /// Goes down from a node. As deep as there are derived fields in a chain.
    fn visit(&mut self, node: Node<'a>) {
        match self.states.get(&node) {
            Some(State::Done) => return,
            Some(State::Open) => {
                let start = self.path.iter().position(|on_path| *on_path == node).unwrap_or_default();
                self.circles.push(self.path.get(start..).unwrap_or_default().to_vec());
                return;
            }
            None => {}
        }
        self.states.insert(node, State::Open);
        self.path.push(node);
        for next in self.arrows.get(&node).into_iter().flatten() {
            self.visit(*next);
        }
        self.path.pop();
        self.states.insert(node, State::Done);
    }
}

fn fault(circle: &[Node<'_>]) -> Option<RuleFault> {
    let (module, field) = *circle.first()?;
    let names: Vec<String> =
        circle.iter().chain(circle.first()).map(|(module, field)| format!("{module}.{field}")).collect();
    Some(RuleFault {
        module: module.to_owned(),
        field: Some(field.to_owned()),
        pointer: String::new(),
        start: None,
        message: format!("the value would follow from itself: {}", names.join(" → ")),
    })
}

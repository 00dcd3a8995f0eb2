//! Finds what is wrong with the rules of some modules: names, types, circles; every fault with its place.

use super::graph;
use super::scope::{RecordScope, Shape, WriteScope};
use crate::expr::{self, Checked, Scope, Type};
use crate::field::rules::{Lookup, Rollup, RollupFunction};
use crate::field::{Field, FieldKind};

/// A fault in the rules of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// The module's key.
    pub module: String,
    /// The field's key; None for a validation rule.
    pub field: Option<String>,
    /// JSON pointer inside the field's definition, or the module's: `/formula/expr`, `/validation/0/must`.
    pub pointer: String,
    /// The byte of the expression at which it begins, if it is in one.
    pub start: Option<usize>,
    /// What is wrong.
    pub message: String,
}

/// Checks the rules of `modules`, which are all modules of a tenant or a template. `known` says whether a module that
/// is not among them may exist nevertheless.
pub fn check(modules: &[Shape<'_>], known: &dyn Fn(&str) -> bool) -> Vec<RuleFault> {
    let mut report = Report { modules, known, faults: Vec::new() };
    for shape in modules {
        for field in &shape.fields {
            report.field(shape, field);
        }
        report.validation(shape);
    }
    report.faults.extend(graph::circles(modules));
    report.faults
}

struct Report<'a> {
    modules: &'a [Shape<'a>],
    known: &'a dyn Fn(&str) -> bool,
    faults: Vec<RuleFault>,
}

/// Where a fault is.
#[derive(Clone, Copy)]
struct Place<'a> {
    module: &'a str,
    field: Option<&'a str>,
    pointer: &'a str,
}

type Checker = fn(&str, &dyn Scope) -> Result<Checked, Vec<expr::Problem>>;

impl Report<'_> {
    fn say(&mut self, place: Place<'_>, start: Option<usize>, message: impl Into<String>) {
        self.faults.push(RuleFault {
            module: place.module.to_owned(),
            field: place.field.map(str::to_owned),
            pointer: place.pointer.to_owned(),
            start,
            message: message.into(),
        });
    }

    fn expression(
        &mut self,
        place: Place<'_>,
        source: &str,
        scope: &dyn Scope,
        checker: Checker,
    ) -> Option<Checked> {
        match checker(source, scope) {
            Ok(checked) => Some(checked),
            Err(problems) => {
                for problem in problems {
                    self.say(place, Some(problem.start), problem.message);
                }
                None
            }
        }
    }

    fn field(&mut self, shape: &Shape<'_>, field: &Field) {
        let at = |pointer| Place { module: shape.key, field: Some(&field.key), pointer };
        let conditions = [
            ("/visible_when", &field.rules.visible_when),
            ("/required_when", &field.rules.required_when),
            ("/read_only_when", &field.rules.read_only_when),
        ];
        for (pointer, source) in conditions {
            if let Some(source) = source {
                self.expression(at(pointer), source, &WriteScope(shape), expr::condition);
            }
        }
        if let Some(formula) = &field.rules.formula {
            self.formula(at("/formula/expr"), shape, field, &formula.expr);
        }
        if let Some(lookup) = &field.rules.lookup {
            self.lookup(shape, field, lookup);
        }
        if let Some(rollup) = &field.rules.rollup {
            self.rollup(shape, field, rollup);
        }
    }

    fn formula(&mut self, place: Place<'_>, shape: &Shape<'_>, field: &Field, source: &str) {
        let checker: Checker = |source, scope| expr::check(&expr::parse(source)?, scope);
        let Some(checked) = self.expression(place, source, &RecordScope(shape), checker) else { return };
        self.timeless(place, &checked, "a formula's value is stored");
        if !fits(checked.ty(), &field.kind) {
            let message = format!(
                "the formula gives {}, but a field of type {} holds {}",
                checked.ty(),
                field.kind.type_key(),
                field.kind.expr_type()
            );
            self.say(place, None, message);
        }
    }

    fn timeless(&mut self, place: Place<'_>, checked: &Checked, why: &str) {
        if !checked.is_timeless() {
            let message = format!(
                "{why}, so it cannot depend on now(), today() or user; use them in a filter or a condition"
            );
            self.say(place, None, message);
        }
    }

    fn lookup(&mut self, shape: &Shape<'_>, field: &Field, lookup: &Lookup) {
        let at = |pointer| Place { module: shape.key, field: Some(&field.key), pointer };
        let Some(target) = shape.field(&lookup.relation).and_then(one_target) else {
            let message = format!("'{}' is not a relation of this module to one record", lookup.relation);
            return self.say(at("/lookup/relation"), None, message);
        };
        let Some(target) = self.modules.iter().find(|module| module.key == target) else {
            if !(self.known)(target) {
                let message = format!("there is no module '{target}'");
                self.say(at("/lookup/relation"), None, message);
            }
            return;
        };
        match target.field(&lookup.field) {
            None => {
                let message = format!("there is no field '{}' in module '{}'", lookup.field, target.key);
                self.say(at("/lookup/field"), None, message);
            }
            Some(source) if !fits(&source.kind.expr_type(), &field.kind) => {
                let message = format!(
                    "'{}' is of type {}, which a field of type {} does not hold",
                    lookup.field,
                    source.kind.type_key(),
                    field.kind.type_key()
                );
                self.say(at("/lookup/field"), None, message);
            }
            Some(_) => {}
        }
    }

    fn rollup(&mut self, shape: &Shape<'_>, field: &Field, rollup: &Rollup) {
        let at = |pointer| Place { module: shape.key, field: Some(&field.key), pointer };
        let (module, relation) = rollup.source();
        let Some(source) = self.modules.iter().find(|shape| shape.key == module) else {
            if !(self.known)(module) {
                self.say(at("/rollup/relation"), None, format!("there is no module '{module}'"));
            }
            return;
        };
        if !source.field(relation).is_some_and(|relation| points_to(relation, shape.key)) {
            let message = format!("'{}' is not a relation to module '{}'", rollup.relation, shape.key);
            return self.say(at("/rollup/relation"), None, message);
        }
        if let Some(condition) = &rollup.condition {
            let checked =
                self.expression(at("/rollup/where"), condition, &RecordScope(source), expr::condition);
            if let Some(checked) = checked {
                self.timeless(at("/rollup/where"), &checked, "a roll-up's value is stored");
            }
        }
        if let Some(message) = mismatch(source, field, rollup) {
            self.say(at("/rollup/field"), None, message);
        }
    }

    fn validation(&mut self, shape: &Shape<'_>) {
        for (index, rule) in shape.validation.iter().enumerate() {
            let pointer = |part: &str| format!("/validation/{index}/{part}");
            let scope = WriteScope(shape);
            for (part, source) in [("when", rule.when.as_ref()), ("must", Some(&rule.must))] {
                let (Some(source), pointer) = (source, pointer(part)) else { continue };
                let place = Place { module: shape.key, field: None, pointer: &pointer };
                self.expression(place, source, &scope, expr::condition);
            }
            for (at, key) in rule.fields.iter().enumerate().filter(|(_, key)| shape.field(key).is_none()) {
                let pointer = pointer(&format!("fields/{at}"));
                let place = Place { module: shape.key, field: None, pointer: &pointer };
                self.say(place, None, format!("there is no field '{key}' in module '{}'", shape.key));
            }
            if shape.validation[..index].iter().any(|earlier| earlier.key == rule.key) {
                let pointer = pointer("key");
                let place = Place { module: shape.key, field: None, pointer: &pointer };
                self.say(place, None, format!("rule '{}' stands here twice", rule.key));
            }
        }
    }
}

/// Why the values that a roll-up reads are not such that its function gives a value of the field.
fn mismatch(source: &Shape<'_>, field: &Field, rollup: &Rollup) -> Option<String> {
    let result = field.kind.expr_type();
    let Some(key) = &rollup.field else {
        return (result != Type::Number).then(|| "a count is a number; choose the type integer".to_owned());
    };
    let Some(value) = source.field(key) else {
        return Some(format!("there is no field '{key}' in module '{}'", source.key));
    };
    let given = value.kind.expr_type();
    let wanted = match rollup.function {
        RollupFunction::Count => (result != Type::Number).then_some("a number, such as integer"),
        RollupFunction::Sum | RollupFunction::Avg if given != Type::Number => {
            return Some(format!("'{key}' is of type {}, which is not added up", value.kind.type_key()));
        }
        RollupFunction::Sum | RollupFunction::Avg => (result != Type::Number).then_some("a number"),
        RollupFunction::Min | RollupFunction::Max => match given {
            Type::Number | Type::Date | Type::Instant => (given != result).then_some("of the same type"),
            _ => return Some(format!("'{key}' is of type {}, which has no least", value.kind.type_key())),
        },
    };
    let is_money = matches!(value.kind, FieldKind::Money(_)) && rollup.function != RollupFunction::Count;
    match wanted {
        Some(wanted) => Some(format!("the type of this field must be {wanted}")),
        None if is_money && !matches!(field.kind, FieldKind::Money(_)) => {
            Some(format!("'{key}' is money, so the type of this field must be money"))
        }
        None => None,
    }
}

/// Whether a field of a type can hold what an expression gives.
fn fits(ty: &Type, kind: &FieldKind) -> bool {
    match (ty, kind.expr_type()) {
        (Type::Null, _) => true,
        (Type::Choice(_) | Type::Text, Type::Text | Type::Choice(_)) => true,
        (ty, held) => *ty == held,
    }
}

/// The module that a relation to one record points to.
pub(super) fn one_target(field: &Field) -> Option<&str> {
    let link = field.kind.link().filter(|link| !link.many && !link.is_mixed())?;
    link.targets.first().copied()
}

fn points_to(field: &Field, module: &str) -> bool {
    one_target(field) == Some(module)
}

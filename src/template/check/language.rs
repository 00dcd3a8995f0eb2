//! Expressions in templates: parsed and type-checked where they stand, with the column of each fault.

use std::cell::Cell;
use std::collections::BTreeSet;

use super::vocabulary::{KnownModule, Lookup, Vocabulary};
use super::{File, Report};
use crate::expr::{self, Checked, Scope, Type};
use crate::schema::SystemField;
use crate::template::node::{Node, Position};

/// The names that an expression of a module may use.
pub(super) struct ModuleScope<'v, 'f> {
    module: &'v KnownModule<'f>,
    /// Where conditions may lead through relations to other modules: all of them.
    vocabulary: Option<&'v Vocabulary<'f>>,
    system: &'static [SystemField],
    /// A field whose own definition has faults was asked for: its type is a guess, so faults here may be echoes.
    doubtful: Cell<bool>,
}

impl<'v, 'f> ModuleScope<'v, 'f> {
    /// The module's own fields: for titles.
    pub(super) fn fields(module: &'v KnownModule<'f>) -> Self {
        Self { module, vocabulary: None, system: &[], doubtful: Cell::new(false) }
    }

    /// The module's fields, the system fields, and those of the records that relations lead to: for conditions of lists.
    pub(super) fn record(module: &'v KnownModule<'f>, vocabulary: &'v Vocabulary<'f>) -> Self {
        Self { system: &SystemField::ALL, vocabulary: Some(vocabulary), ..Self::fields(module) }
    }

    /// The module's fields and what else a record has before it is stored: for conditions of roles.
    pub(super) fn unstored(module: &'v KnownModule<'f>) -> Self {
        Self { system: &[SystemField::Owner, SystemField::Stage], ..Self::fields(module) }
    }

    /// The module's fields and the owner: for the conditions of stages.
    pub(super) fn guard(module: &'v KnownModule<'f>) -> Self {
        Self { system: &[SystemField::Owner], ..Self::fields(module) }
    }

    /// Whether a field was asked for whose own definition has faults.
    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful.get()
    }

    /// The field at the end of a path through a relation to one record of one module, at most two in all.
    fn beyond(&self, path: &[&str]) -> Option<Type> {
        let ([key, rest @ ..], true) = (path, path.len() <= 3) else { return None };
        let relation = self.module.fields.get(key).filter(|known| known.type_key() == "relation")?;
        let target = relation.node.text_of("module")?;
        let there = match self.vocabulary?.module(target) {
            Lookup::Known(module) => Self { module, doubtful: Cell::new(false), ..*self },
            Lookup::Unreadable => {
                self.doubtful.set(true);
                return Some(Type::Text);
            }
            Lookup::Missing(_) => return None,
        };
        let found = there.field(rest);
        self.doubtful.set(self.doubtful.get() || there.doubtful.get());
        found
    }

    fn system_type(&self, name: &str) -> Option<Type> {
        Some(match SystemField::named(name).filter(|field| self.system.contains(field))? {
            SystemField::Title => Type::Text,
            SystemField::Pipeline | SystemField::Stage | SystemField::StageEnteredAt
                if self.module.pipelines.is_empty() =>
            {
                return None;
            }
            SystemField::Pipeline => {
                Type::Choice(self.module.pipelines.keys().map(ToString::to_string).collect())
            }
            SystemField::Stage => {
                let stages: BTreeSet<&str> = self.module.pipelines.values().flatten().copied().collect();
                Type::Choice(stages.into_iter().map(str::to_owned).collect())
            }
            SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy => Type::Reference,
            SystemField::StageEnteredAt | SystemField::CreatedAt | SystemField::UpdatedAt => Type::Instant,
            SystemField::Version => Type::Number,
        })
    }
}

impl Scope for ModuleScope<'_, '_> {
    fn field(&self, path: &[&str]) -> Option<Type> {
        let [name] = path else { return self.beyond(path) };
        let Some(known) = self.module.fields.get(name) else {
            let known = self.system.iter().any(|field| field.key() == *name);
            return self.system_type(name).filter(|_| known);
        };
        if known.field.is_none() {
            self.doubtful.set(true);
        }
        Some(known.field.as_ref().map_or(Type::Text, |field| field.kind.expr_type()))
    }

    fn names(&self) -> Vec<String> {
        let fields = self.module.fields.keys().map(ToString::to_string);
        let system = self.system.iter().map(|field| field.key().to_owned());
        fields.chain(system).collect()
    }
}

/// Reports the faults of a title expression.
pub(super) fn check_title(file: &File, node: &Node, scope: &ModuleScope<'_, '_>, report: &mut Report) {
    check(file, node, scope, expr::text, report);
}

/// Reports the faults of a condition.
pub(super) fn check_condition(file: &File, node: &Node, scope: &ModuleScope<'_, '_>, report: &mut Report) {
    check(file, node, scope, expr::condition, report);
}

type Checker = fn(&str, &dyn Scope) -> Result<Checked, Vec<expr::Problem>>;

fn check(file: &File, node: &Node, scope: &ModuleScope<'_, '_>, checker: Checker, report: &mut Report) {
    let Some(source) = node.text() else { return };
    let Err(problems) = checker(source, scope) else { return };
    if !scope.doubtful.get() {
        say(file, node, source, problems, report);
    }
}

/// Reports the faults of an expression without fields, and that it does not give one of the `wanted` types.
pub(super) fn check_value(file: &File, node: &Node, wanted: &[Type], report: &mut Report) {
    let Some(source) = node.text() else { return };
    match expr::parse(source).and_then(|parsed| expr::check(&parsed, &expr::NoFields)) {
        Err(problems) => say(file, node, source, problems, report),
        Ok(checked) if wanted.contains(checked.ty()) || *checked.ty() == Type::Null => {}
        Ok(checked) => {
            let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            let message =
                format!("the expression gives {}, but {} is asked for", checked.ty(), wanted.join(" or "));
            report.at(file, node.at, message);
        }
    }
}

fn say(file: &File, node: &Node, source: &str, problems: Vec<expr::Problem>, report: &mut Report) {
    for problem in problems {
        report.at(file, position_in(file, node, source, problem.start), problem.message);
    }
}

/// The place of a byte of a text value in its file. Where escapes or folding come between, the value's start.
pub(super) fn position_in(file: &File, node: &Node, source: &str, byte: usize) -> Position {
    let before = source.get(..byte).unwrap_or_default();
    let line = file.text.lines().nth(node.at.line as usize - 1).unwrap_or_default();
    let written =
        line.char_indices().nth(node.at.column as usize - 1).map_or("", |(start, _)| &line[start..]);
    let unquoted = written.strip_prefix(['"', '\'']);
    let quote = u32::from(unquoted.is_some());
    if !unquoted.unwrap_or(written).starts_with(before) {
        return node.at;
    }
    let characters = u32::try_from(before.chars().count()).unwrap_or(0);
    Position { column: node.at.column + quote + characters, ..node.at }
}

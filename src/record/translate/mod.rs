//! From a checked condition to SQL that agrees with the evaluator: two-valued, texts folded, everything else exact.
//! A comparison of a slotted field with a fixed value becomes one on its slot, by operators that may be index
//! conditions under row-level security (leakproof ones); everything else is read from `data`.

mod aggregate;
mod call;
pub(super) mod column;
mod compare;
mod path;
pub(super) mod reach;
pub(super) mod search;
mod slot_key;
pub(super) mod stages;
mod value;

use self::column::from_data;
use super::query::Operand;
use super::sql::Binder;
use crate::expr::{self, Checked, Env, Node, Type as ExprType, Value};
use crate::schema::Module;
use crate::work::Work;

/// A part of the language that conditions on lists cannot use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be used to filter a list")]
pub(super) struct Untranslatable(pub(super) String);

/// The condition in SQL. It may be null where the evaluator says false; both keep the row out.
pub(super) fn condition(
    checked: &Checked,
    work: &Work,
    module: &Module,
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<String, Untranslatable> {
    condition_of("r", checked, (work, module), env, binder)
}

/// As [`condition`], of the records of another alias.
fn condition_of(
    alias: &'static str,
    checked: &Checked,
    (work, module): (&Work, &Module),
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<String, Untranslatable> {
    Translator { work, module, alias, env, binder }.condition(checked.root())
}

/// What `end` says of the record at the end of the relations `via`, given its name.
pub(super) fn along(
    via: &[String],
    work: &Work,
    module: &Module,
    env: &Env<'_>,
    binder: &mut Binder,
    end: &mut dyn FnMut(&'static str, &Module, &mut Binder) -> String,
) -> Result<String, Untranslatable> {
    Translator { work, module, alias: "r", env, binder }.along(via, end)
}

/// Every part is written out once, however deep it lies: the text grows no faster than the expression.
struct Translator<'a, 'b> {
    work: &'a Work,
    module: &'a Module,
    /// What the record is called in the statement.
    alias: &'static str,
    env: &'a Env<'a>,
    binder: &'b mut Binder,
}

impl Translator<'_, '_> {
    fn condition(&mut self, node: &Node) -> Result<String, Untranslatable> {
        if let Some(value) = self.constant(node) {
            return Ok(if value == Value::Boolean(true) { "true" } else { "false" }.to_owned());
        }
        match node {
            Node::All(nodes) => self.chain(nodes, " and "),
            Node::Any(nodes) => self.chain(nodes, " or "),
            Node::Not(node) => Ok(format!("({}) is not true", self.condition(node)?)),
            Node::Compare { left, op, right, ty } => self.compare(left, *op, right, ty),
            Node::In { needle, values, ty } => self.is_in(needle, values, ty),
            Node::Contains { text, part } => {
                let (text, part) = (self.folded(text)?, self.folded(part)?);
                Ok(format!("strpos({text}, {part}) > 0"))
            }
            Node::StartsWith { text, part } => self.starts_with(text, part),
            Node::EndsWith { text, part } => self.ends_with(text, part),
            Node::ListContains { list, option } => {
                let (list, option) = (self.value(list)?, self.value(option)?);
                Ok(format!("{list} ? {option}"))
            }
            Node::IsEmpty(node) => Ok(format!("{} is null", self.presence(node)?)),
            Node::Field { path, ty: ExprType::Boolean } => self.is_true(path),
            Node::Call { .. } => Ok(format!("{} is true", self.value(node)?)),
            _ => Err(Untranslatable("this expression".into())),
        }
    }

    fn chain(&mut self, nodes: &[Node], word: &str) -> Result<String, Untranslatable> {
        let parts = nodes.iter().map(|node| self.condition(node)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("({})", parts.join(word)))
    }

    /// The value of a part that reads no field.
    fn constant(&self, node: &Node) -> Option<Value> {
        expr::constant(node, self.env)
    }

    fn operand(&self, path: &str) -> Result<Operand, Untranslatable> {
        Operand::named(self.module, path).ok_or_else(|| Untranslatable(path.to_owned()))
    }

    fn is_true(&mut self, path: &str) -> Result<String, Untranslatable> {
        if let Some((key, rest)) = path::step(path) {
            return self.holds_through(key, |there| there.is_true(rest));
        }
        Ok(match self.operand(path)? {
            Operand::Slot { slot, .. } => format!("{}.{} = 1", self.alias, slot.column()),
            Operand::Data { key, cast } => from_data(self.alias, &key, cast, self.binder),
            Operand::System(field) => return Err(Untranslatable(field.key().into())),
        })
    }
}

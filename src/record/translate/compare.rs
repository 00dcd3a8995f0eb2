//! Comparisons and tests, on slots where slots can decide.

use tokio_postgres::types::Type;
use uuid::Uuid;

use super::column::from_data;
use super::slot_key::{self, SlotKey};
use super::{Translator, Untranslatable, path, stages};
use crate::expr::{self, Comparison, Node, Type as ExprType, Value};
use crate::field::{Cast, Key};
use crate::record::query::Operand;
use crate::schema::{Slot, SystemField};

impl Translator<'_, '_> {
    pub(super) fn compare(
        &mut self,
        left: &Node,
        op: Comparison,
        right: &Node,
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        let (side, op, value) = match (self.constant(left), self.constant(right)) {
            (None, Some(value)) => (left, op, value),
            (Some(value), None) => (right, mirrored(op), value),
            _ => {
                let (left, right) = (self.comparable(left, ty)?, self.comparable(right, ty)?);
                return Ok(format!("{left} {} {right}", symbol(op)));
            }
        };
        if value.is_empty() {
            return Ok("false".into());
        }
        if let Node::Field { path, .. } = side {
            return self.compare_field(path, op, &value, ty);
        }
        let left = self.comparable(side, ty)?;
        let right = self.bound(&value, ty);
        Ok(format!("{left} {} {right}", symbol(op)))
    }

    /// A field tries each value on its slot; anything else is written once, in front of all of them.
    pub(super) fn is_in(
        &mut self,
        needle: &Node,
        values: &[Node],
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        if values.is_empty() {
            return Ok("false".into());
        }
        if let Node::Field { path, .. } = needle
            && let Some((key, rest)) = path::step(path)
            && values.iter().all(Node::is_constant)
        {
            let there = Node::Field { path: rest.to_owned(), ty: ty.clone() };
            return self.holds_through(key, |translator| translator.is_in(&there, values, ty));
        }
        if matches!(needle, Node::Field { .. }) {
            let tests = values.iter().map(|value| self.compare(needle, Comparison::Equal, value, ty));
            return Ok(format!("({})", tests.collect::<Result<Vec<_>, _>>()?.join(" or ")));
        }
        let needle = self.comparable(needle, ty)?;
        let values = values.iter().map(|value| self.comparable(value, ty)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("{needle} in ({})", values.join(", ")))
    }

    fn compare_field(
        &mut self,
        path: &str,
        op: Comparison,
        value: &Value,
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        if let Some((key, rest)) = path::step(path) {
            return self.holds_through(key, |there| there.compare_field(rest, op, value, ty));
        }
        match self.operand(path)? {
            Operand::System(field) => self.compare_system(field, op, value),
            Operand::Slot { slot, key, cast: Cast::Option } => Ok(self.compare_option(slot, &key, op, value)),
            Operand::Slot { slot, key, cast } => match slot_key::slot_key(value, cast) {
                Some(bound) => Ok(self.compare_slot((slot, &key, cast), op, bound, (value, ty))),
                None => Ok(self.compare_data(&key, cast, op, value, ty)),
            },
            Operand::Data { key, cast } => Ok(self.compare_data(&key, cast, op, value, ty)),
        }
    }

    /// A slot keeps an option with its rank. Options are equal or not; nothing else is asked of them.
    fn compare_option(&mut self, slot: Slot, key: &str, op: Comparison, value: &Value) -> String {
        let stored = self.module.field(key);
        let rank = match value {
            Value::Text(text) => stored.and_then(|stored| stored.field.kind.key(&text.as_str().into())),
            _ => None,
        };
        match rank {
            Some(rank) => {
                let r = self.alias;
                format!("{r}.{} {} {}", slot.column(), symbol(op), self.bind_key(rank))
            }
            None => "false".into(),
        }
    }

    fn compare_slot(
        &mut self,
        (slot, key, cast): (Slot, &str, Cast),
        op: Comparison,
        bound: SlotKey,
        (value, ty): (&Value, &ExprType),
    ) -> String {
        match bound {
            SlotKey::Exact(bound) => {
                let bound = self.bind_key(bound);
                format!("{}.{} {} {bound}", self.alias, slot.column(), symbol(op))
            }
            SlotKey::Rounded(bound) => {
                // float8 may round: the slot narrows, the exact value decides.
                let bound = self.bind_key(bound);
                let exact = self.compare_data(key, cast, op, value, ty);
                format!("({}.{} {} {bound} and {exact})", self.alias, slot.column(), symbol(or_equal(op)))
            }
        }
    }

    fn compare_data(
        &mut self,
        key: &str,
        cast: Cast,
        op: Comparison,
        value: &Value,
        ty: &ExprType,
    ) -> String {
        let left = from_data(self.alias, key, cast, self.binder);
        let right = self.bound(value, ty);
        format!("{left} {} {right}", symbol(op))
    }

    fn compare_system(
        &mut self,
        field: SystemField,
        op: Comparison,
        value: &Value,
    ) -> Result<String, Untranslatable> {
        let (r, symbol) = (self.alias, symbol(op));
        Ok(match (field, value) {
            (SystemField::Title, Value::Text(text)) => {
                let folded = expr::fold(text);
                let left = match slot_key::short(folded.clone()) {
                    Some(_) => format!("{r}.{}", Slot::TITLE.column()),
                    None => self.folded_system(field),
                };
                format!("{left} {symbol} {}", self.binder.text(folded))
            }
            (SystemField::Pipeline | SystemField::Stage, Value::Text(key)) => {
                stages::is(r, self.module, field, key, self.binder)
            }
            (SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy, Value::Text(id)) => {
                match Uuid::parse_str(id) {
                    Ok(id) => {
                        format!("{r}.{} {symbol} {}", person(field), self.binder.bind(id, Type::UUID))
                    }
                    Err(_) => "false".into(),
                }
            }
            (
                SystemField::StageEnteredAt | SystemField::CreatedAt | SystemField::UpdatedAt,
                Value::Instant(at),
            ) => {
                format!("{r}.{} {symbol} {}", field.key(), self.binder.bind(*at, Type::TIMESTAMPTZ))
            }
            (SystemField::Version, Value::Number(number)) => {
                format!("{r}.version {symbol} {}::text::numeric", self.binder.text(number.to_string()))
            }
            _ => return Err(Untranslatable(field.key().into())),
        })
    }

    pub(super) fn starts_with(&mut self, text: &Node, part: &Node) -> Result<String, Untranslatable> {
        if let Node::Field { path, ty } = text
            && let Some((key, rest)) = path::step(path)
            && part.is_constant()
        {
            let there = Node::Field { path: rest.to_owned(), ty: ty.clone() };
            return self.holds_through(key, |translator| translator.starts_with(&there, part));
        }
        if let (Node::Field { path, .. }, Some(Value::Text(part))) = (text, self.constant(part)) {
            let slot = match self.operand(path)? {
                Operand::Slot { slot, cast: Cast::Text, .. } => Some(slot),
                Operand::System(SystemField::Title) => Some(Slot::TITLE),
                _ => None,
            };
            let part = slot_key::short(expr::fold(&part)).filter(|part| !part.is_empty());
            if let Some((slot, part)) = slot.zip(part) {
                return Ok(format!("{}.{} ^@ {}", self.alias, slot.column(), self.binder.text(part)));
            }
        }
        let (text, part) = (self.folded(text)?, self.folded(part)?);
        Ok(format!("starts_with({text}, {part})"))
    }

    pub(super) fn ends_with(&mut self, text: &Node, part: &Node) -> Result<String, Untranslatable> {
        let (text, part) = (self.folded(text)?, self.folded(part)?);
        Ok(format!("app_ends_with({text}, {part})"))
    }

    fn bind_key(&mut self, key: Key) -> String {
        match key {
            Key::Text(text) => self.binder.text(text),
            Key::Number(number) => self.binder.bind(number, Type::FLOAT8),
            Key::Instant(at) => self.binder.bind(at, Type::TIMESTAMPTZ),
        }
    }
}

/// The column of a person.
pub(super) fn person(field: SystemField) -> &'static str {
    match field {
        SystemField::CreatedBy => "created_by",
        SystemField::UpdatedBy => "updated_by",
        _ => "owner_id",
    }
}

fn symbol(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn mirrored(op: Comparison) -> Comparison {
    match op {
        Comparison::Equal => Comparison::Equal,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
    }
}

fn or_equal(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::LessOrEqual,
        Comparison::Greater => Comparison::GreaterOrEqual,
        other => other,
    }
}

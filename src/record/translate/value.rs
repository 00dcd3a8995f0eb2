//! Values: fields, arithmetic, and the forms in which they are compared. A text is null where it is empty.

use tokio_postgres::types::Type;

use super::column::{as_written, from_data, held};
use super::compare::person;
use super::{Translator, Untranslatable, path, stages};
use crate::expr::{self, Factor, Node, Sign, Type as ExprType, Value};
use crate::field::Cast;
use crate::record::query::Operand;
use crate::schema::SystemField;

impl Translator<'_, '_> {
    /// A text in folded form.
    pub(super) fn folded(&mut self, node: &Node) -> Result<String, Untranslatable> {
        self.comparable(node, &ExprType::Text)
    }

    /// A value in the form in which values of its type are compared.
    pub(super) fn comparable(&mut self, node: &Node, ty: &ExprType) -> Result<String, Untranslatable> {
        if let Some(value) = self.constant(node) {
            return Ok(self.bound(&value, ty));
        }
        if *ty != ExprType::Text {
            return self.value(node);
        }
        if let Node::Field { path, .. } = node {
            if let Some((key, rest)) = path::step(path) {
                let there = Node::Field { path: rest.to_owned(), ty: ty.clone() };
                return self.value_through(key, |translator| translator.comparable(&there, ty));
            }
            match self.operand(path)? {
                Operand::System(field @ SystemField::Title) => return Ok(self.folded_system(field)),
                Operand::Slot { key, cast: cast @ (Cast::Text | Cast::Place), .. }
                | Operand::Data { key, cast: cast @ (Cast::Text | Cast::Place) } => {
                    return Ok(from_data(self.alias, &key, cast, self.binder));
                }
                _ => {}
            }
        }
        Ok(format!("(app_fold({}) collate \"C\")", self.value(node)?))
    }

    /// What is null exactly when the value is empty.
    pub(super) fn presence(&mut self, node: &Node) -> Result<String, Untranslatable> {
        if let Node::Field { path, ty } = node {
            if let Some((key, rest)) = path::step(path) {
                let there = Node::Field { path: rest.to_owned(), ty: ty.clone() };
                return self.value_through(key, |translator| translator.presence(&there));
            }
            return Ok(match self.operand(path)? {
                Operand::Slot { slot, .. } => format!("{}.{}", self.alias, slot.column()),
                Operand::Data { key, .. } => held(self.alias, &key, self.binder),
                Operand::System(field) => self.system(field),
            });
        }
        Ok(format!("({})", self.value(node)?))
    }

    /// A value as it is: texts not folded, a condition true or false.
    pub(super) fn value(&mut self, node: &Node) -> Result<String, Untranslatable> {
        if let Some(value) = self.constant(node) {
            return Ok(self.raw(&value, type_of(node)));
        }
        match node {
            Node::Field { path, .. } => self.field_value(path),
            Node::Negate(node) => Ok(format!("(- {})", self.value(node)?)),
            Node::Sum(terms) => self.sum(terms),
            Node::Product(factors) => self.product(factors),
            Node::Shift { base, steps, ty } => self.shift(base, steps, ty),
            Node::Call { function, args, ty } => self.call(*function, args, ty),
            condition => Ok(format!("(({}) is true)", self.condition(condition)?)),
        }
    }

    fn field_value(&mut self, path: &str) -> Result<String, Untranslatable> {
        if let Some((key, rest)) = path::step(path) {
            return self.value_through(key, |there| there.field_value(rest));
        }
        Ok(match self.operand(path)? {
            Operand::Slot { key, cast, .. } | Operand::Data { key, cast } => {
                as_written(self.alias, &key, cast, self.binder)
            }
            Operand::System(field) => self.system(field),
        })
    }

    /// The value of a node that stands where values of `ty` are expected.
    pub(super) fn typed(&mut self, node: &Node, ty: &ExprType) -> Result<String, Untranslatable> {
        match self.constant(node) {
            Some(value) => Ok(self.raw(&value, Some(ty))),
            None => self.value(node),
        }
    }

    fn system(&mut self, field: SystemField) -> String {
        let r = self.alias;
        match field {
            SystemField::Title => format!("({r}.title collate \"C\")"),
            SystemField::Pipeline | SystemField::Stage => stages::key(r, self.module, field, self.binder),
            SystemField::StageEnteredAt => format!("{r}.stage_entered_at"),
            SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy => {
                format!("{r}.{}::text", person(field))
            }
            SystemField::CreatedAt => format!("{r}.created_at"),
            SystemField::UpdatedAt => format!("{r}.updated_at"),
            SystemField::Version => format!("{r}.version::numeric"),
        }
    }

    pub(super) fn folded_system(&mut self, field: SystemField) -> String {
        format!("(app_fold({}) collate \"C\")", self.system(field))
    }

    /// Every step is rounded and bounded as the evaluator does it (`app_number`).
    fn sum(&mut self, terms: &[(Sign, Node)]) -> Result<String, Untranslatable> {
        let mut text = String::new();
        for (sign, term) in terms {
            let value = self.typed(term, &ExprType::Number)?;
            text = match (sign, text.is_empty()) {
                (Sign::Plus, true) => value,
                (Sign::Minus, true) => format!("(- {value})"),
                (Sign::Plus, false) => format!("app_number({text} + {value})"),
                (Sign::Minus, false) => format!("app_number({text} - {value})"),
            };
        }
        Ok(text)
    }

    fn product(&mut self, factors: &[(Factor, Node)]) -> Result<String, Untranslatable> {
        let mut text = String::new();
        for (factor, node) in factors {
            let value = self.typed(node, &ExprType::Number)?;
            text = match (factor, text.is_empty()) {
                (_, true) => value,
                (Factor::Times, _) => format!("app_number({text} * {value})"),
                // PostgreSQL gives a quotient as many decimals as its sides have.
                (Factor::Over, _) => {
                    format!("app_number(({text} * 1.000000000000000000000000) / nullif({value}, 0))")
                }
                (Factor::Remainder, _) => format!("app_number({text} % nullif({value}, 0))"),
            };
        }
        Ok(text)
    }

    /// A fixed value as comparisons of its type need it.
    pub(super) fn bound(&mut self, value: &Value, ty: &ExprType) -> String {
        match (value, ty) {
            (Value::Text(text), ExprType::Text) => self.binder.text(expr::fold(text)),
            _ => self.raw(value, Some(ty)),
        }
    }

    fn raw(&mut self, value: &Value, ty: Option<&ExprType>) -> String {
        match value {
            Value::Null => format!("null::{}", sql_type(ty)),
            Value::Text(text) => self.binder.text(text.clone()),
            Value::Number(number) => format!("{}::text::numeric", self.binder.text(number.to_string())),
            Value::Boolean(flag) => self.binder.bind(*flag, Type::BOOL),
            Value::Date(date) => self.binder.bind(*date, Type::DATE),
            Value::Instant(at) => self.binder.bind(*at, Type::TIMESTAMPTZ),
            Value::List(items) => format!("to_jsonb({})", self.binder.bind(items.clone(), Type::TEXT_ARRAY)),
        }
    }
}

/// The type of a node's value; None where it has none, as `null`.
pub(super) fn type_of(node: &Node) -> Option<&ExprType> {
    match node {
        Node::Literal(Value::Null) => None,
        Node::Literal(Value::Text(_)) => Some(&ExprType::Text),
        Node::Literal(Value::Number(_)) | Node::Sum(_) | Node::Product(_) | Node::Negate(_) => {
            Some(&ExprType::Number)
        }
        Node::Literal(Value::Date(_)) => Some(&ExprType::Date),
        Node::Literal(Value::Instant(_)) => Some(&ExprType::Instant),
        Node::User => Some(&ExprType::Reference),
        Node::Field { ty, .. } | Node::Shift { ty, .. } | Node::Call { ty, .. } => Some(ty),
        _ => Some(&ExprType::Boolean),
    }
}

fn sql_type(ty: Option<&ExprType>) -> &'static str {
    match ty {
        Some(ExprType::Number) => "numeric",
        Some(ExprType::Boolean) => "boolean",
        Some(ExprType::Date) => "date",
        Some(ExprType::Instant) => "timestamptz",
        Some(ExprType::ChoiceList(_) | ExprType::ReferenceList | ExprType::List | ExprType::Structure) => {
            "jsonb"
        }
        _ => "text",
    }
}

//! From a checked condition to SQL that agrees with the evaluator: two-valued, texts folded, everything else exact.
//! A comparison of a slotted field with a fixed value becomes one on its slot, by operators that may be index
//! conditions under row-level security (leakproof ones); everything else is read from `data`.

use chrono::{NaiveTime, TimeZone, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::query::Operand;
use super::sql::{Binder, from_data};
use crate::expr::{
    self, Checked, Comparison, Env, Factor, Function, Node, Sign, Type as ExprType, Unit, Value,
};
use crate::field::{Cast, Key};
use crate::schema::{Module, Slot, SystemField};

/// A part of the language that conditions on lists cannot use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be used to filter a list")]
pub(super) struct Untranslatable(pub(super) String);

/// The condition in SQL. It may be null where the evaluator says false; both keep the row out.
pub(super) fn condition(
    checked: &Checked,
    module: &Module,
    env: &Env<'_>,
    binder: &mut Binder,
) -> Result<String, Untranslatable> {
    Translator { module, env, binder }.condition(checked.root())
}

struct Translator<'a, 'b> {
    module: &'a Module,
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
            Node::In { needle, values, ty } => {
                let tests = values.iter().map(|value| self.compare(needle, Comparison::Equal, value, ty));
                let tests = tests.collect::<Result<Vec<_>, _>>()?;
                Ok(if tests.is_empty() { "false".into() } else { format!("({})", tests.join(" or ")) })
            }
            Node::Contains { text, part } => {
                let (text, part) = (self.folded(text)?, self.folded(part)?);
                Ok(format!("strpos({text}, {part}) > 0"))
            }
            Node::StartsWith { text, part } => self.starts_with(text, part),
            Node::EndsWith { text, part } => {
                let (text, part) = (self.folded(text)?, self.folded(part)?);
                Ok(format!("right({text}, length({part})) = {part}"))
            }
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
        Ok(match self.operand(path)? {
            Operand::Slot { slot, .. } => format!("r.{} = 1", slot.column()),
            Operand::Data { key, cast } => from_data(&key, cast, self.binder),
            Operand::System(field) => return Err(Untranslatable(field.key().into())),
        })
    }

    fn compare(
        &mut self,
        left: &Node,
        op: Comparison,
        right: &Node,
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        let (field, op, value) = match (self.constant(left), self.constant(right)) {
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
        let Node::Field { path, .. } = field else {
            let left = self.comparable(field, ty)?;
            let right = self.bound(&value, ty);
            return Ok(format!("{left} {} {right}", symbol(op)));
        };
        match self.operand(path)? {
            Operand::System(field) => self.compare_system(field, op, &value),
            Operand::Slot { slot, key, cast } => match slot_key(&value, cast) {
                Some(bound) => Ok(self.compare_slot((slot, &key, cast), op, bound, (&value, ty))),
                None => Ok(self.compare_data(&key, cast, op, &value, ty)),
            },
            Operand::Data { key, cast } => Ok(self.compare_data(&key, cast, op, &value, ty)),
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
                format!("r.{} {} {bound}", slot.column(), symbol(op))
            }
            SlotKey::Rounded(bound) => {
                // float8 may round: the slot narrows, the exact value decides.
                let bound = self.bind_key(bound);
                let exact = self.compare_data(key, cast, op, value, ty);
                format!("(r.{} {} {bound} and {exact})", slot.column(), symbol(or_equal(op)))
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
        let left = from_data(key, cast, self.binder);
        let right = self.bound(value, ty);
        format!("{left} {} {right}", symbol(op))
    }

    fn compare_system(
        &mut self,
        field: SystemField,
        op: Comparison,
        value: &Value,
    ) -> Result<String, Untranslatable> {
        let symbol = symbol(op);
        Ok(match (field, value) {
            (SystemField::Title, Value::Text(text)) => {
                let folded = expr::fold(text);
                match folded.chars().count() < Key::TEXT_CHARS {
                    true => format!("r.t1 {symbol} {}", self.binder.text(folded)),
                    false => {
                        format!("(app_fold(r.title) collate \"C\") {symbol} {}", self.binder.text(folded))
                    }
                }
            }
            (SystemField::Stage, Value::Text(key)) => match self.module.stage(key) {
                Some(stage) => format!("r.stage {symbol} {}", self.binder.bind(stage.number, Type::INT2)),
                None => "false".into(),
            },
            (SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy, Value::Text(id)) => {
                match Uuid::parse_str(id) {
                    Ok(id) => format!("{} {symbol} {}", person(field), self.binder.bind(id, Type::UUID)),
                    Err(_) => "false".into(),
                }
            }
            (SystemField::CreatedAt, Value::Instant(at)) => {
                format!("r.created_at {symbol} {}", self.binder.bind(*at, Type::TIMESTAMPTZ))
            }
            (SystemField::UpdatedAt, Value::Instant(at)) => {
                format!("r.updated_at {symbol} {}", self.binder.bind(*at, Type::TIMESTAMPTZ))
            }
            (SystemField::Version, Value::Number(number)) => {
                format!("r.version {symbol} {}::text::numeric", self.binder.text(number.to_string()))
            }
            _ => return Err(Untranslatable(field.key().into())),
        })
    }

    fn starts_with(&mut self, text: &Node, part: &Node) -> Result<String, Untranslatable> {
        if let (Node::Field { path, .. }, Some(Value::Text(part))) = (text, self.constant(part)) {
            let folded = expr::fold(&part);
            let column = match self.operand(path)? {
                Operand::Slot { slot, cast: Cast::Text, .. } => Some(slot.column()),
                Operand::System(SystemField::Title) => Some("t1"),
                _ => None,
            };
            if let Some(column) =
                column.filter(|_| !folded.is_empty() && folded.chars().count() < Key::TEXT_CHARS)
            {
                return Ok(format!("r.{column} ^@ {}", self.binder.text(folded)));
            }
        }
        let (text, part) = (self.folded(text)?, self.folded(part)?);
        Ok(format!("starts_with({text}, {part})"))
    }

    /// A text in folded form.
    fn folded(&mut self, node: &Node) -> Result<String, Untranslatable> {
        match self.constant(node) {
            Some(value) => Ok(self.bound(&value, &ExprType::Text)),
            None => self.comparable(node, &ExprType::Text),
        }
    }

    /// A value in the form in which values of its type are compared.
    fn comparable(&mut self, node: &Node, ty: &ExprType) -> Result<String, Untranslatable> {
        if let Some(value) = self.constant(node) {
            return Ok(self.bound(&value, ty));
        }
        let is_field = matches!(node, Node::Field { .. });
        let value = self.value(node)?;
        Ok(match (ty, is_field) {
            (ExprType::Text, false) => format!("(app_fold({value}) collate \"C\")"),
            _ => value,
        })
    }

    /// What is null exactly when the value is empty.
    fn presence(&mut self, node: &Node) -> Result<String, Untranslatable> {
        if let Node::Field { path, .. } = node {
            return Ok(match self.operand(path)? {
                Operand::Slot { slot, .. } => format!("r.{}", slot.column()),
                Operand::Data { key, .. } => format!("(r.data -> {})", self.binder.text(key)),
                Operand::System(field) => self.system(field),
            });
        }
        Ok(format!("nullif(({})::text, '')", self.value(node)?))
    }

    fn system(&mut self, field: SystemField) -> String {
        match field {
            SystemField::Title => "(app_fold(r.title) collate \"C\")".into(),
            SystemField::Stage => {
                let stages = self.module.pipeline.iter().flat_map(|pipeline| &pipeline.stages);
                let (numbers, keys): (Vec<i16>, Vec<String>) =
                    stages.map(|stage| (stage.number, stage.key.clone())).unzip();
                let numbers = self.binder.bind(numbers, Type::INT2_ARRAY);
                let keys = self.binder.bind(keys, Type::TEXT_ARRAY);
                format!("({keys}::text[])[array_position({numbers}::smallint[], r.stage)]")
            }
            SystemField::Owner | SystemField::CreatedBy | SystemField::UpdatedBy => {
                format!("{}::text", person(field))
            }
            SystemField::CreatedAt => "r.created_at".into(),
            SystemField::UpdatedAt => "r.updated_at".into(),
            SystemField::Version => "r.version::numeric".into(),
        }
    }

    /// A value, not folded unless it is a text field, which lies folded nowhere else.
    fn value(&mut self, node: &Node) -> Result<String, Untranslatable> {
        if let Some(value) = self.constant(node) {
            return Ok(self.raw(&value));
        }
        match node {
            Node::Field { path, .. } => Ok(match self.operand(path)? {
                Operand::Slot { key, cast, .. } | Operand::Data { key, cast } => {
                    from_data(&key, cast, self.binder)
                }
                Operand::System(field) => self.system(field),
            }),
            Node::Negate(node) => Ok(format!("(- {})", self.value(node)?)),
            Node::Sum(terms) => self.sum(terms),
            Node::Product(factors) => self.product(factors),
            Node::Shift { base, steps, ty } => self.shift(base, steps, ty),
            Node::Call { function, args, .. } => self.call(*function, args),
            _ => Err(Untranslatable("this expression".into())),
        }
    }

    /// Every step is rounded and bounded as the evaluator does it (`app_number`).
    fn sum(&mut self, terms: &[(Sign, Node)]) -> Result<String, Untranslatable> {
        let mut text = String::new();
        for (sign, term) in terms {
            let value = self.value(term)?;
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
            let value = self.value(node)?;
            text = match (factor, text.is_empty()) {
                (_, true) => value,
                (Factor::Times, _) => format!("app_number({text} * {value})"),
                (Factor::Over, _) => {
                    format!("app_number(({text} * 1.0000000000000000) / nullif({value}, 0))")
                }
                (Factor::Remainder, _) => format!("app_number({text} % nullif({value}, 0))"),
            };
        }
        Ok(text)
    }

    fn shift(&mut self, base: &Node, steps: &[expr::Step], ty: &ExprType) -> Result<String, Untranslatable> {
        let mut text = self.value(base)?;
        for step in steps {
            let count = self.value(&step.count)?;
            let unit = match step.unit {
                Unit::Hours => "hours",
                Unit::Days => "days",
                Unit::Months => "months",
                Unit::Years => "years",
            };
            let sign = if step.sign == Sign::Minus { "-" } else { "+" };
            let interval = format!("make_interval({unit} => trunc({count})::int)");
            text = match ty {
                ExprType::Date => format!("({text} {sign} {interval})::date"),
                _ => {
                    let zone = self.binder.text(self.env.timezone.name());
                    match step.unit {
                        Unit::Hours => format!("({text} {sign} {interval})"),
                        _ => {
                            format!("((({text} at time zone {zone}) {sign} {interval}) at time zone {zone})")
                        }
                    }
                }
            };
        }
        Ok(text)
    }

    fn call(&mut self, function: Function, args: &[Node]) -> Result<String, Untranslatable> {
        let name = match function {
            Function::Coalesce => "coalesce",
            Function::Abs => "abs",
            Function::Length => "length",
            Function::DateTime => return self.start_of_day(args),
            Function::Lower | Function::Upper => {
                return Err(Untranslatable(
                    "lower() and upper() (texts are compared without case anyway)".into(),
                ));
            }
            other => {
                return Err(Untranslatable(format!("{}() of a field", format!("{other:?}").to_lowercase())));
            }
        };
        let args = args.iter().map(|arg| self.value(arg)).collect::<Result<Vec<_>, _>>()?;
        Ok(format!("{name}({})", args.join(", ")))
    }

    /// A date as the instant at which it begins in the tenant's zone.
    fn start_of_day(&mut self, args: &[Node]) -> Result<String, Untranslatable> {
        let [date @ Node::Field { ty: ExprType::Date, .. }] = args else {
            return Err(Untranslatable("date_time() of a field".into()));
        };
        let date = self.value(date)?;
        let zone = self.binder.text(self.env.timezone.name());
        Ok(format!("({date}::timestamp at time zone {zone})"))
    }

    /// A fixed value as comparisons of its type need it.
    fn bound(&mut self, value: &Value, ty: &ExprType) -> String {
        match (value, ty) {
            (Value::Text(text), ExprType::Text) => self.binder.text(expr::fold(text)),
            _ => self.raw(value),
        }
    }

    fn raw(&mut self, value: &Value) -> String {
        match value {
            Value::Null => "null".into(),
            Value::Text(text) => self.binder.text(text.clone()),
            Value::Number(number) => format!("{}::text::numeric", self.binder.text(number.to_string())),
            Value::Boolean(flag) => self.binder.bind(*flag, Type::BOOL),
            Value::Date(date) => self.binder.bind(*date, Type::DATE),
            Value::Instant(at) => self.binder.bind(*at, Type::TIMESTAMPTZ),
            Value::List(items) => self.binder.bind(items.clone(), Type::TEXT_ARRAY),
        }
    }

    fn bind_key(&mut self, key: Key) -> String {
        match key {
            Key::Text(text) => self.binder.text(text),
            Key::Number(number) => self.binder.bind(number, Type::FLOAT8),
            Key::Instant(at) => self.binder.bind(at, Type::TIMESTAMPTZ),
        }
    }
}

/// A fixed value as a slot's key.
enum SlotKey {
    /// Comparing slots decides.
    Exact(Key),
    /// Comparing slots narrows only.
    Rounded(Key),
}

fn slot_key(value: &Value, cast: Cast) -> Option<SlotKey> {
    Some(match (cast, value) {
        (Cast::Text, Value::Text(text)) => {
            let folded = expr::fold(text);
            (folded.chars().count() < Key::TEXT_CHARS).then_some(SlotKey::Exact(Key::Text(folded)))?
        }
        (Cast::Exact, Value::Text(text)) => SlotKey::Exact(Key::Text(text.clone())),
        (Cast::Number | Cast::Amount, Value::Number(number)) => {
            let key = Key::Number(number.to_f64()?);
            match is_exact_enough(*number) {
                true => SlotKey::Exact(key),
                false => SlotKey::Rounded(key),
            }
        }
        (Cast::Boolean, Value::Boolean(flag)) => SlotKey::Exact(Key::Number(f64::from(u8::from(*flag)))),
        (Cast::Date, Value::Date(date)) => {
            SlotKey::Exact(Key::Instant(Utc.from_utc_datetime(&date.and_time(NaiveTime::MIN))))
        }
        (Cast::Instant, Value::Instant(at)) => SlotKey::Exact(Key::Instant(*at)),
        _ => return None,
    })
}

/// Whether float8 tells a number from every stored one: stored numbers have at most ten decimals, so below 2^52 / 10^10
/// neighbours stay apart, and so do whole numbers and cents far beyond that.
fn is_exact_enough(number: Decimal) -> bool {
    number.abs() < Decimal::from(450_000)
}

fn person(field: SystemField) -> &'static str {
    match field {
        SystemField::CreatedBy => "r.created_by",
        SystemField::UpdatedBy => "r.updated_by",
        _ => "r.owner_id",
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

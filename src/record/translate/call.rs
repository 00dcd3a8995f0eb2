//! Functions, and dates that are moved.

use rust_decimal::prelude::ToPrimitive;
use tokio_postgres::types::Type;

use super::value::type_of;
use super::{Translator, Untranslatable};
use crate::expr::{self, Function, Node, Sign, Type as ExprType, Unit, Value};

/// What the evaluator takes off the ends of a text (Unicode's White_Space).
const WHITE_SPACE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

impl Translator<'_, '_> {
    pub(super) fn call(
        &mut self,
        function: Function,
        args: &[Node],
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        match (function, args) {
            (Function::Concat, pieces) => self.concat(pieces),
            (Function::Coalesce, candidates) => {
                Ok(format!("coalesce({})", self.all_typed(candidates, ty)?.join(", ")))
            }
            (Function::If, [condition, then, otherwise]) => {
                let condition = self.condition(condition)?;
                let (then, otherwise) = (self.typed(then, ty)?, self.typed(otherwise, ty)?);
                Ok(format!("(case when {condition} then {then} else {otherwise} end)"))
            }
            (Function::Min, candidates) => self.extreme("min", candidates, ty),
            (Function::Max, candidates) => self.extreme("max", candidates, ty),
            (Function::Round, [of, rest @ ..]) => self.round(of, rest.first()),
            (Function::Floor, [of]) => Ok(format!("floor({})", self.value(of)?)),
            (Function::Ceil, [of]) => Ok(format!("ceil({})", self.value(of)?)),
            (Function::StartOf, [of, period]) => self.edge("app_start_of", of, period, ty),
            (Function::EndOf, [of, period]) => self.edge("app_end_of", of, period, ty),
            (Function::Age, days) => {
                Ok(format!("app_age({})", self.all_typed(days, &ExprType::Date)?.join(", ")))
            }
            (Function::Abs, [of]) => Ok(format!("abs({})", self.value(of)?)),
            (Function::DateTime, [date]) if type_of(date) == Some(&ExprType::Date) => {
                let date = self.value(date)?;
                Ok(format!("({date}::timestamp at time zone {})", self.zone()))
            }
            (Function::Date, _) => Err(Untranslatable("date() of a field".into())),
            (Function::DateTime, _) => Err(Untranslatable("date_time() of a text field".into())),
            (function, args) => self.word(function, args, ty),
        }
    }

    /// Functions of texts.
    fn word(&mut self, function: Function, args: &[Node], ty: &ExprType) -> Result<String, Untranslatable> {
        match (function, args) {
            (Function::Length, [of]) => Ok(format!("length({})::numeric", self.value(of)?)),
            (Function::Lower, [of]) => self.cased("lower", of),
            (Function::Upper, [of]) => self.cased("upper", of),
            (Function::Trim, [of]) => {
                let of = self.value(of)?;
                Ok(format!("nullif(btrim({of}, {}), '')", self.binder.text(WHITE_SPACE)))
            }
            (Function::Replace, texts) => {
                Ok(format!("nullif(app_replace({}), '')", self.all_typed(texts, ty)?.join(", ")))
            }
            (Function::Substring, [of, places @ ..]) => self.substring(of, places),
            _ => Err(Untranslatable("this function".into())),
        }
    }

    /// Case is Unicode's, whatever the database's locale; the result compares as any text does.
    fn cased(&mut self, function: &str, of: &Node) -> Result<String, Untranslatable> {
        Ok(format!("({function}({} collate \"und-x-icu\") collate \"C\")", self.value(of)?))
    }

    fn zone(&mut self) -> String {
        self.binder.text(self.env.timezone.name())
    }

    fn all_typed(&mut self, nodes: &[Node], ty: &ExprType) -> Result<Vec<String>, Untranslatable> {
        nodes.iter().map(|node| self.typed(node, ty)).collect()
    }

    fn concat(&mut self, pieces: &[Node]) -> Result<String, Untranslatable> {
        let pieces = pieces.iter().map(|piece| {
            let value = self.value(piece)?;
            Ok(match type_of(piece) {
                Some(ExprType::Number) => format!("trim_scale({value})::text"),
                Some(ExprType::Boolean) => format!("({value})::text"),
                Some(ExprType::Date) => format!("to_char({value}, 'YYYY-MM-DD')"),
                Some(ExprType::Instant) => {
                    format!("to_char({value} at time zone {}, 'YYYY-MM-DD HH24:MI')", self.zone())
                }
                _ => value,
            })
        });
        let pieces = pieces.collect::<Result<Vec<_>, Untranslatable>>()?;
        Ok(format!("nullif(concat({}), '')", pieces.join(", ")))
    }

    /// Empty when one of the candidates is, as neither `least` nor `min` has it.
    fn extreme(
        &mut self,
        wanted: &str,
        candidates: &[Node],
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        let values = self.all_typed(candidates, ty)?.join("), (");
        Ok(format!(
            "(select case when count(c.v) = count(*) then {wanted}(c.v) end from (values ({values})) as c (v))"
        ))
    }

    fn round(&mut self, of: &Node, decimals: Option<&Node>) -> Result<String, Untranslatable> {
        let decimals = match decimals.map(|node| self.constant(node)) {
            None => 0,
            Some(Some(Value::Number(number))) => number.to_u32().unwrap_or(expr::DECIMALS),
            Some(_) => return Err(Untranslatable("round() to a field's number of decimals".into())),
        };
        let of = self.value(of)?;
        let decimals = i32::try_from(decimals.min(expr::DECIMALS)).unwrap_or_default();
        Ok(format!("round({of}, {})", self.binder.bind(decimals, Type::INT4)))
    }

    fn substring(&mut self, of: &Node, places: &[Node]) -> Result<String, Untranslatable> {
        let mut text = format!("substr({}", self.value(of)?);
        for place in places {
            let place = match self.constant(place) {
                Some(Value::Number(number)) => number.to_i32().unwrap_or(i32::MAX),
                _ => return Err(Untranslatable("substring() from a field's place on".into())),
            };
            text.push_str(", ");
            text.push_str(&self.binder.bind(place, Type::INT4));
        }
        Ok(format!("nullif({text}), '')"))
    }

    /// The first or the last of the period that a date or an instant is in.
    fn edge(
        &mut self,
        function: &str,
        of: &Node,
        period: &Node,
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        let (of, period) = (self.typed(of, ty)?, self.typed(period, &ExprType::Text)?);
        Ok(match ty {
            ExprType::Date => format!("{function}({of}, {period})"),
            _ => format!("{function}({of}, {period}, {})", self.zone()),
        })
    }

    /// A date or an instant, moved step by step; empty beyond the years 1 to 9999.
    pub(super) fn shift(
        &mut self,
        base: &Node,
        steps: &[expr::Step],
        ty: &ExprType,
    ) -> Result<String, Untranslatable> {
        let mut text = self.typed(base, ty)?;
        for step in steps {
            let count = self.typed(&step.count, &ExprType::Number)?;
            let sign = if step.sign == Sign::Minus { "- " } else { "" };
            let unit = match step.unit {
                Unit::Hours => "hours",
                Unit::Days => "days",
                Unit::Months => "months",
                Unit::Years => "years",
            };
            text = match ty {
                ExprType::Date => format!("app_shift({text}, '{unit}', {sign}{count})"),
                _ => format!("app_shift({text}, '{unit}', {sign}{count}, {})", self.zone()),
            };
        }
        Ok(text)
    }
}

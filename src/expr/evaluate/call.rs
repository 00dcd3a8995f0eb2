//! Computes the functions.

use std::cmp::Ordering;

use chrono::{NaiveDate, SubsecRound};
use rust_decimal::prelude::ToPrimitive;

use super::condition::order;
use super::{Evaluated, Evaluator};
use crate::expr::function::Function;
use crate::expr::node::Node;
use crate::expr::value::Value;
use crate::expr::{moment, number};

impl Evaluator<'_> {
    pub(super) fn call(&mut self, function: Function, args: &[Node]) -> Evaluated<Value> {
        match (function, args) {
            (Function::Now, _) => Ok(Value::Instant(self.env.now.trunc_subsecs(6))),
            (Function::Today, _) => Ok(self.today().map_or(Value::Null, Value::Date)),
            (Function::Concat, pieces) => self.concat(pieces),
            (Function::Coalesce, candidates) => self.coalesce(candidates),
            (Function::Min, candidates) => self.extreme(candidates, Ordering::Less),
            (Function::Max, candidates) => self.extreme(candidates, Ordering::Greater),
            (Function::If, [condition, then, otherwise]) => {
                if self.truth(condition)? {
                    self.value(then)
                } else {
                    self.value(otherwise)
                }
            }
            (Function::Round, [of, decimals]) => {
                let decimals = self.number(decimals)?.and_then(|count| count.to_u32());
                Ok(self.rounded(of, decimals)?)
            }
            (Function::Round, [of]) => self.rounded(of, Some(0)),
            (Function::Abs, [of]) => {
                Ok(self.number(of)?.map_or(Value::Null, |number| Value::Number(number.abs())))
            }
            (Function::Date | Function::DateTime, [of]) => self.moment(function, of),
            (Function::Lower | Function::Upper | Function::Trim | Function::Length, [of]) => {
                self.text_function(function, of)
            }
            // The checker has counted the arguments.
            _ => Ok(Value::Null),
        }
    }

    fn today(&self) -> Option<NaiveDate> {
        moment::local(self.env.now, self.env.timezone).map(|local| local.date())
    }

    fn moment(&mut self, function: Function, of: &Node) -> Evaluated<Value> {
        let zone = self.env.timezone;
        let read = match (function, self.value(of)?) {
            (Function::Date, Value::Text(text)) => moment::date(&text).map(Value::Date),
            (_, Value::Text(text)) => moment::instant(&text, zone).map(Value::Instant),
            (_, Value::Date(day)) => moment::day_start(day, zone).map(Value::Instant),
            _ => None,
        };
        Ok(read.unwrap_or(Value::Null))
    }

    fn text_function(&mut self, function: Function, of: &Node) -> Evaluated<Value> {
        let Some(text) = self.text(of)? else { return Ok(Value::Null) };
        match function {
            Function::Lower => self.made(text.to_lowercase()),
            Function::Upper => self.made(text.to_uppercase()),
            Function::Trim => self.made(text.trim().to_owned()),
            _ => Ok(Value::Number(text.chars().count().into())),
        }
    }

    fn rounded(&mut self, of: &Node, decimals: Option<u32>) -> Evaluated<Value> {
        let number = self.number(of)?;
        Ok(number.zip(decimals).map_or(Value::Null, |(number, decimals)| {
            Value::Number(number::round(number, decimals.min(number::DECIMALS)))
        }))
    }

    fn concat(&mut self, pieces: &[Node]) -> Evaluated<Value> {
        let mut text = String::new();
        for piece in pieces {
            let shown = match self.value(piece)? {
                Value::Text(piece) => piece,
                Value::Number(number) => number.normalize().to_string(),
                Value::Boolean(value) => value.to_string(),
                Value::Date(day) => day.format("%Y-%m-%d").to_string(),
                Value::Instant(at) => moment::local(at, self.env.timezone)
                    .map_or_else(String::new, |local| local.format("%Y-%m-%d %H:%M").to_string()),
                Value::Null | Value::List(_) => String::new(),
            };
            self.burn(shown.len() / 1024)?;
            text.push_str(&shown);
        }
        self.made(text)
    }

    fn coalesce(&mut self, candidates: &[Node]) -> Evaluated<Value> {
        for candidate in candidates {
            let value = self.value(candidate)?;
            if !value.is_empty() {
                return Ok(value);
            }
        }
        Ok(Value::Null)
    }

    fn extreme(&mut self, candidates: &[Node], wanted: Ordering) -> Evaluated<Value> {
        let mut best = None;
        for candidate in candidates {
            let value = self.value(candidate)?;
            best = Some(match best {
                None => value,
                Some(best) => match order(&value, &best) {
                    Some(order) if order == wanted => value,
                    Some(_) => best,
                    None => return Ok(Value::Null),
                },
            });
        }
        Ok(best.unwrap_or(Value::Null))
    }
}

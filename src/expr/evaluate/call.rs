//! Computes the functions.

use std::cmp::Ordering;

use chrono::{NaiveDate, SubsecRound};
use rust_decimal::prelude::ToPrimitive;

use super::condition::order;
use super::{Evaluated, Evaluator};
use crate::expr::function::{Function, Period};
use crate::expr::node::Node;
use crate::expr::value::Value;
use crate::expr::{moment, number};
use crate::limits::TEXT_BYTES;

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
            (Function::Floor, [of]) => {
                Ok(self.number(of)?.map_or(Value::Null, |of| Value::Number(of.floor())))
            }
            (Function::Ceil, [of]) => Ok(self.number(of)?.map_or(Value::Null, |of| Value::Number(of.ceil()))),
            (Function::Abs, [of]) => {
                Ok(self.number(of)?.map_or(Value::Null, |number| Value::Number(number.abs())))
            }
            (Function::Date | Function::DateTime, [of]) => self.moment(function, of),
            (Function::Lower | Function::Upper | Function::Trim | Function::Length, [of]) => {
                self.text_function(function, of)
            }
            (Function::Replace, [text, part, with]) => self.replaced(text, part, with),
            (Function::Substring, [text, places @ ..]) => self.substring(text, places),
            (Function::StartOf | Function::EndOf, [of, period]) => self.edge(function, of, period),
            (Function::Age, [from, on]) => self.age(from, on),
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

    /// Nothing where the part is empty, and where the result would be longer than a text may be.
    fn replaced(&mut self, text: &Node, part: &Node, with: &Node) -> Evaluated<Value> {
        let (text, part, with) = (self.text(text)?, self.text(part)?, self.text(with)?.unwrap_or_default());
        let Some((text, part)) = text.zip(part) else { return Ok(Value::Null) };
        let found = text.matches(&part).count();
        let length = (text.len() - found * part.len()).saturating_add(found.saturating_mul(with.len()));
        self.burn(length.min(TEXT_BYTES) / 1024)?;
        if length > TEXT_BYTES { Ok(Value::Null) } else { self.made(text.replace(&part, &with)) }
    }

    fn substring(&mut self, text: &Node, places: &[Node]) -> Evaluated<Value> {
        let Some(text) = self.text(text)? else { return Ok(Value::Null) };
        let mut counts = [1, usize::MAX];
        for (count, place) in counts.iter_mut().zip(places) {
            *count = self.number(place)?.and_then(|place| place.to_usize()).unwrap_or(*count);
        }
        let [from, count] = counts;
        self.made(text.chars().skip(from.saturating_sub(1)).take(count).collect())
    }

    fn edge(&mut self, function: Function, of: &Node, period: &Node) -> Evaluated<Value> {
        let (of, period) = (self.value(of)?, self.text(period)?);
        let Some(period) = period.as_deref().and_then(Period::of) else { return Ok(Value::Null) };
        let (zone, last) = (self.env.timezone, function == Function::EndOf);
        let edge = match of {
            Value::Date(day) if last => moment::end_of(day, period).map(Value::Date),
            Value::Date(day) => moment::start_of(day, period).map(Value::Date),
            Value::Instant(at) if last => moment::last_instant(at, period, zone).map(Value::Instant),
            Value::Instant(at) => moment::first_instant(at, period, zone).map(Value::Instant),
            _ => None,
        };
        Ok(edge.unwrap_or(Value::Null))
    }

    fn age(&mut self, from: &Node, on: &Node) -> Evaluated<Value> {
        let (Value::Date(from), Value::Date(on)) = (self.value(from)?, self.value(on)?) else {
            return Ok(Value::Null);
        };
        Ok(on.years_since(from).map_or(Value::Null, |years| Value::Number(years.into())))
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

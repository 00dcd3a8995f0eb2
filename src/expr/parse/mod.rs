//! From source to tree. Recursion follows brackets, `not` and unary minus only, and those are counted.

mod comparison;
mod cursor;
mod primary;

use super::lex::{Lexeme, tokens};
use super::problem::Problem;
use super::syntax::{Expr, Factor, Kind, Sign, Syntax};
use crate::limits::EXPRESSION_BYTES;

/// Parses an expression.
///
/// # Errors
/// The first place where `source` is not an expression, or the limit that it exceeds.
pub fn parse(source: &str) -> Result<Expr, Vec<Problem>> {
    let expr = read(source).map_err(|problem| vec![problem])?;
    // The canonical source may be longer than the given one, and must parse wherever it is kept.
    if expr.to_string().len() > EXPRESSION_BYTES {
        return Err(vec![too_long(source)]);
    }
    Ok(expr)
}

fn read(source: &str) -> Result<Expr, Problem> {
    if source.len() > EXPRESSION_BYTES {
        return Err(too_long(source));
    }
    let mut parser = Parser { source, lexemes: tokens(source)?, at: 0, depth: 0, nodes: 0 };
    let root = parser.disjunction()?;
    match parser.lexemes.get(parser.at) {
        None => Ok(Expr { source: source.into(), root }),
        Some(extra) => Err(parser.unexpected(extra)),
    }
}

fn too_long(source: &str) -> Problem {
    let message = format!("the expression is longer than {EXPRESSION_BYTES} bytes");
    Problem::new(source, 0, source.len(), message)
}

type Parsed = Result<Syntax, Problem>;

struct Parser<'s> {
    source: &'s str,
    lexemes: Vec<Lexeme>,
    at: usize,
    depth: usize,
    nodes: usize,
}

// The levels of precedence, from the loosest to the tightest.
impl Parser<'_> {
    fn disjunction(&mut self) -> Parsed {
        self.chain("or", Self::conjunction, Kind::Or)
    }

    fn conjunction(&mut self) -> Parsed {
        self.chain("and", Self::negation, Kind::And)
    }

    fn chain(&mut self, joint: &str, part: fn(&mut Self) -> Parsed, kind: fn(Vec<Syntax>) -> Kind) -> Parsed {
        let start = self.start();
        let first = part(self)?;
        if self.peek(0) != joint {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take(joint) {
            parts.push(part(self)?);
        }
        self.node(start, kind(parts))
    }

    fn negation(&mut self) -> Parsed {
        let start = self.start();
        if !self.take("not") {
            return self.comparison();
        }
        let of = self.deeper(Self::negation)?;
        self.node(start, Kind::Not(Box::new(of)))
    }

    fn sum(&mut self) -> Parsed {
        let start = self.start();
        let first = self.product()?;
        let mut rest = Vec::new();
        loop {
            let sign = match self.peek(0) {
                "+" => Sign::Plus,
                "-" => Sign::Minus,
                _ if rest.is_empty() => return Ok(first),
                _ => return self.node(start, Kind::Sum(Box::new(first), rest)),
            };
            self.at += 1;
            rest.push((sign, self.product()?));
        }
    }

    fn product(&mut self) -> Parsed {
        let start = self.start();
        let first = self.unary()?;
        let mut rest = Vec::new();
        loop {
            let factor = match self.peek(0) {
                "*" => Factor::Times,
                "/" => Factor::Over,
                "%" => Factor::Remainder,
                _ if rest.is_empty() => return Ok(first),
                _ => return self.node(start, Kind::Product(Box::new(first), rest)),
            };
            self.at += 1;
            rest.push((factor, self.unary()?));
        }
    }

    fn unary(&mut self) -> Parsed {
        let start = self.start();
        if !self.take("-") {
            return self.primary();
        }
        let of = self.deeper(Self::unary)?;
        self.node(start, Kind::Negate(Box::new(of)))
    }
}

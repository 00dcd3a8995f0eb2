//! From source to tree. Recursion follows brackets, `not` and unary minus only, and those are counted.

mod cursor;

use super::lex::{Lexeme, Token, tokens};
use super::problem::Problem;
use super::syntax::{Expr, Factor, Kind, Operator, Sign, Syntax, reserved};
use crate::limits::EXPRESSION_BYTES;

/// Names of a path: two relations and a field.
const PATH_NAMES: usize = 3;

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

    fn comparison(&mut self) -> Parsed {
        let start = self.start();
        let left = self.sum()?;
        if self.take("is") {
            let negated = self.take("not");
            self.expect("empty")?;
            return self.node(start, Kind::IsEmpty { of: Box::new(left), negated });
        }
        let Some(operator) = self.operator() else { return Ok(left) };
        let right = self.sum()?;
        self.node(start, Kind::Compare(Box::new(left), operator, Box::new(right)))
    }

    fn operator(&mut self) -> Option<Operator> {
        let operator = match (self.peek(0), self.peek(1)) {
            ("==", _) => Operator::Equal,
            ("!=", _) => Operator::NotEqual,
            ("<", _) => Operator::Less,
            ("<=", _) => Operator::LessOrEqual,
            (">", _) => Operator::Greater,
            (">=", _) => Operator::GreaterOrEqual,
            ("in", _) => Operator::In,
            ("not", "in") => Operator::NotIn,
            ("contains", _) => Operator::Contains,
            ("starts_with", _) => Operator::StartsWith,
            ("ends_with", _) => Operator::EndsWith,
            _ => return None,
        };
        self.at += if operator == Operator::NotIn { 2 } else { 1 };
        Some(operator)
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

    fn primary(&mut self) -> Parsed {
        let start = self.start();
        let Some(lexeme) = self.lexemes.get(self.at).cloned() else { return Err(self.ends("a value")) };
        match lexeme.token {
            Token::Number(number) => {
                self.at += 1;
                self.node(start, Kind::Number(number))
            }
            Token::Text(text) => {
                self.at += 1;
                self.node(start, Kind::Text(text))
            }
            Token::Word => self.word(),
            Token::Symbol("(") => {
                self.at += 1;
                let inner = self.deeper(Self::disjunction)?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Symbol("[") => {
                self.at += 1;
                let items = self.items("]")?;
                self.node(start, Kind::List(items))
            }
            Token::Symbol(_) => Err(self.no_value()),
        }
    }

    /// Expressions between commas, up to and with `close`.
    fn items(&mut self, close: &str) -> Result<Vec<Syntax>, Problem> {
        let mut items = Vec::new();
        if self.take(close) {
            return Ok(items);
        }
        loop {
            items.push(self.deeper(Self::disjunction)?);
            if !self.take(",") {
                self.expect(close)?;
                return Ok(items);
            }
        }
    }

    fn word(&mut self) -> Parsed {
        let start = self.start();
        let word = self.peek(0).to_owned();
        let called = self.peek(1) == "(";
        match word.as_str() {
            "true" | "false" => {
                self.at += 1;
                self.node(start, Kind::Boolean(word == "true"))
            }
            "null" => {
                self.at += 1;
                self.node(start, Kind::Null)
            }
            "contains" | "starts_with" | "ends_with" if called => self.call(word),
            _ if reserved(&word) => Err(self.no_value()),
            _ if called => self.call(word),
            _ => self.path(),
        }
    }

    fn call(&mut self, name: String) -> Parsed {
        let start = self.start();
        self.at += 2;
        let arguments = self.items(")")?;
        self.node(start, Kind::Call(name, arguments))
    }

    fn path(&mut self) -> Parsed {
        let start = self.start();
        let mut names = vec![self.peek(0).to_owned()];
        self.at += 1;
        while self.take(".") {
            if !matches!(self.lexemes.get(self.at), Some(Lexeme { token: Token::Word, .. })) {
                return Err(self.problem(self.end(), self.start(), "expected a field's name after '.'"));
            }
            names.push(self.peek(0).to_owned());
            self.at += 1;
        }
        if names[0] == "user" {
            return match names.len() {
                1 => self.node(start, Kind::User),
                _ => Err(self.problem(start, self.end(), "'user' is the acting user's id and has no fields")),
            };
        }
        if names[0] == "record" {
            names.remove(0);
        }
        if names.is_empty() {
            let message = "'record' stands for the whole record; name a field of it, as in record.name";
            return Err(self.problem(start, self.end(), message));
        }
        if names.len() > PATH_NAMES {
            return Err(self.problem(start, self.end(), "a path goes over at most two relations"));
        }
        self.node(start, Kind::Path(names))
    }
}

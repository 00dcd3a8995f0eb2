//! What stands on its own: literals, brackets, lists, calls, paths.

use super::{Parsed, Parser};
use crate::expr::lex::{Lexeme, Token};
use crate::expr::problem::Problem;
use crate::expr::syntax::{Kind, Syntax, reserved};

/// Names of a path: two relations and a field.
const PATH_NAMES: usize = 3;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parsed {
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
    pub(super) fn items(&mut self, close: &str) -> Result<Vec<Syntax>, Problem> {
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

    pub(super) fn word(&mut self) -> Parsed {
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

    pub(super) fn call(&mut self, name: String) -> Parsed {
        let start = self.start();
        self.at += 2;
        let arguments = self.items(")")?;
        self.node(start, Kind::Call(name, arguments))
    }

    pub(super) fn path(&mut self) -> Parsed {
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
            match names.get(1).map(String::as_str) {
                None | Some("id") => return self.node(start, Kind::User),
                Some("role") if names.len() == 2 => {}
                Some(_) => {
                    let message = "of 'user' there is 'user.role', and 'user' itself, which is their id";
                    return Err(self.problem(start, self.end(), message));
                }
            }
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

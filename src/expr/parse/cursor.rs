//! The parser's hands: looks at tokens, refuses them, makes nodes within the limits.

use super::{Parsed, Parser};
use crate::expr::lex::{Lexeme, Token};
use crate::expr::problem::{Problem, quoted};
use crate::expr::syntax::{Kind, Syntax, reserved};
use crate::limits::{EXPRESSION_DEPTH, EXPRESSION_NODES};

impl Parser<'_> {
    // Reading tokens ---------------------------------------------------------------------------------------

    /// The word or symbol that stands `ahead` tokens on; empty at the end and at a number or text.
    pub(super) fn peek(&self, ahead: usize) -> &str {
        match self.lexemes.get(self.at + ahead) {
            Some(Lexeme { token: Token::Symbol(symbol), .. }) => symbol,
            Some(Lexeme { token: Token::Word, start, end }) => &self.source[*start..*end],
            _ => "",
        }
    }

    /// Steps over `wanted` when it is next.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let found = self.peek(0) == wanted;
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, wanted: &str) -> Result<(), Problem> {
        if self.take(wanted) {
            return Ok(());
        }
        Err(match self.lexemes.get(self.at) {
            Some(found) => {
                let written = quoted(&self.source[found.start..found.end]);
                self.problem(found.start, found.end, format!("expected '{wanted}', found {written}"))
            }
            None => self.ends(&format!("'{wanted}'")),
        })
    }

    /// Where the next token begins.
    pub(super) fn start(&self) -> usize {
        self.lexemes.get(self.at).map_or(self.source.len(), |lexeme| lexeme.start)
    }

    /// Where the token before ended.
    pub(super) fn end(&self) -> usize {
        self.at.checked_sub(1).and_then(|last| self.lexemes.get(last)).map_or(0, |lexeme| lexeme.end)
    }

    // Refusing ---------------------------------------------------------------------------------------------

    pub(super) fn problem(&self, start: usize, end: usize, message: impl Into<String>) -> Problem {
        Problem::new(self.source, start, end, message)
    }

    pub(super) fn ends(&self, wanted: &str) -> Problem {
        let end = self.source.len();
        self.problem(end, end, format!("the expression ends where {wanted} should follow"))
    }

    pub(super) fn unexpected(&self, found: &Lexeme) -> Problem {
        let written = &self.source[found.start..found.end];
        let hint = match written {
            "=" => " (did you mean '=='?)".to_owned(),
            "<>" => " (did you mean '!='?)".to_owned(),
            "AND" | "And" | "OR" | "Or" | "IN" | "IS" => {
                format!(" (did you mean '{}'?)", written.to_lowercase())
            }
            "not" => " (did you mean 'not in'?)".to_owned(),
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "is" | "contains" | "starts_with"
            | "ends_with" => "; comparisons do not chain, join them with 'and'".to_owned(),
            _ => String::new(),
        };
        self.problem(found.start, found.end, format!("unexpected {}{hint}", quoted(written)))
    }

    /// The next token cannot begin a value.
    pub(super) fn no_value(&self) -> Problem {
        let Some(found) = self.lexemes.get(self.at) else { return self.ends("a value") };
        let written = &self.source[found.start..found.end];
        let hint = match written {
            "not" | "!" => "; put 'not …' between brackets".to_owned(),
            word if reserved(word) => format!("; a field of this name is written record.{word}"),
            _ => String::new(),
        };
        self.problem(found.start, found.end, format!("expected a value, found {}{hint}", quoted(written)))
    }

    // Building ---------------------------------------------------------------------------------------------

    /// A node that began at `start` and ends with the token before.
    pub(super) fn node(&mut self, start: usize, kind: Kind) -> Parsed {
        let end = self.end();
        self.nodes += 1;
        if self.nodes > EXPRESSION_NODES {
            let message = format!("the expression has more than {EXPRESSION_NODES} parts");
            return Err(self.problem(start, end, message));
        }
        Ok(Syntax { kind, start, end })
    }

    /// Parses something one bracket deeper.
    pub(super) fn deeper<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        if self.depth == EXPRESSION_DEPTH {
            let message = format!("the expression is nested more than {EXPRESSION_DEPTH} deep");
            return Err(self.problem(self.start(), self.source.len(), message));
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }
}

//! Cuts the source of an expression into tokens.

use rust_decimal::Decimal;

use super::problem::{Problem, quoted};

/// Tokens of one expression.
const TOKENS: usize = 1_000;

/// The smallest unit of the language.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number, without a sign.
    Number(Decimal),
    /// A text, its escapes resolved.
    Text(String),
    /// A name or a reserved word.
    Word,
    /// Punctuation; `&&`, `||` and `!` arrive as `and`, `or` and `not`.
    Symbol(&'static str),
}

/// A token and the bytes of the source that it stands at.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub token: Token,
    pub start: usize,
    pub end: usize,
}

/// Symbols, longer ones before those that they begin with, and what each arrives as.
const SYMBOLS: [(&str, &str); 22] = [
    ("==", "=="),
    ("!=", "!="),
    ("<>", "<>"),
    ("<=", "<="),
    (">=", ">="),
    ("&&", "and"),
    ("||", "or"),
    ("<", "<"),
    (">", ">"),
    ("=", "="),
    ("!", "not"),
    ("+", "+"),
    ("-", "-"),
    ("*", "*"),
    ("/", "/"),
    ("%", "%"),
    ("(", "("),
    (")", ")"),
    ("[", "["),
    ("]", "]"),
    (",", ","),
    (".", "."),
];

/// All tokens of `source`, or the first place that is not one.
pub(super) fn tokens(source: &str) -> Result<Vec<Lexeme>, Problem> {
    let mut lexemes = Vec::new();
    let mut at = 0;
    loop {
        at += blank(&source[at..]);
        let rest = &source[at..];
        let Some(first) = rest.chars().next() else { return Ok(lexemes) };
        if lexemes.len() == TOKENS {
            let message = format!("the expression has more than {TOKENS} words and signs");
            return Err(Problem::new(source, at, source.len(), message));
        }
        let (token, length) = match first {
            '0'..='9' => number(source, at)?,
            '"' | '\'' => text(source, at, first)?,
            'a'..='z' | 'A'..='Z' | '_' => (Token::Word, word(rest)),
            _ => symbol(source, at, first)?,
        };
        lexemes.push(Lexeme { token, start: at, end: at + length });
        at += length;
    }
}

/// Bytes of white space at the beginning of `rest`.
fn blank(rest: &str) -> usize {
    rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count()
}

/// Bytes of letters, digits and underscores at the beginning of `rest`.
fn word(rest: &str) -> usize {
    rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

fn number(source: &str, start: usize) -> Result<(Token, usize), Problem> {
    let rest = &source[start..];
    let mut length = word(rest);
    if rest[length..].starts_with('.') && rest[length + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        length += 1 + word(&rest[length + 1..]);
    }
    let digits = &rest[..length];
    if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        let message = format!("{} is not a number; a number has digits and one point", quoted(digits));
        return Err(Problem::new(source, start, start + length, message));
    }
    let value = Decimal::from_str_exact(digits).map_err(|_| {
        let message = format!("the number {} has more digits than can be counted exactly", quoted(digits));
        Problem::new(source, start, start + length, message)
    })?;
    Ok((Token::Number(value), length))
}

fn symbol(source: &str, start: usize, first: char) -> Result<(Token, usize), Problem> {
    let rest = &source[start..];
    let found = SYMBOLS.iter().find(|(written, _)| rest.starts_with(written));
    match found {
        Some((written, arrives)) => Ok((Token::Symbol(arrives), written.len())),
        None => {
            let hint = match first {
                '&' => " (did you mean '&&'?)",
                '|' => " (did you mean '||'?)",
                '“' | '”' | '‘' | '’' => " (texts stand between straight quotes)",
                _ => "",
            };
            let message = format!("unexpected character {}{hint}", quoted(&first.escape_debug().to_string()));
            Err(Problem::new(source, start, start + first.len_utf8(), message))
        }
    }
}

fn text(source: &str, start: usize, quote: char) -> Result<(Token, usize), Problem> {
    let problem = |from: usize, to: usize, message: &str| Err(Problem::new(source, from, to, message));
    let mut value = String::new();
    let mut at = start + 1;
    loop {
        let rest = &source[at..];
        match rest.chars().next() {
            None => return problem(start, source.len(), "this text has no closing quote"),
            Some(c) if c == quote => return Ok((Token::Text(value), at + 1 - start)),
            Some('\\') => {
                let (c, length) =
                    escape(rest).map_err(|(length, why)| Problem::new(source, at, at + length, why))?;
                value.push(c);
                at += length;
            }
            Some(c) if c.is_control() => {
                return problem(at, at + c.len_utf8(), "write control characters as \\n, \\t or \\uXXXX");
            }
            Some(c) => {
                value.push(c);
                at += c.len_utf8();
            }
        }
    }
}

/// The character that the escape at the beginning of `rest` stands for, and the escape's length in bytes.
fn escape(rest: &str) -> Result<(char, usize), (usize, &'static str)> {
    let plain = |c| Ok((c, 2));
    match rest[1..].chars().next() {
        Some(c @ ('"' | '\'' | '\\')) => plain(c),
        Some('n') => plain('\n'),
        Some('t') => plain('\t'),
        Some('u') => {
            let digits = rest.get(2..6).filter(|four| four.bytes().all(|byte| byte.is_ascii_hexdigit()));
            let code = digits.and_then(|four| u32::from_str_radix(four, 16).ok());
            match code.map(char::from_u32) {
                None => Err((2, "\\u needs four hexadecimal digits")),
                Some(None) => Err((6, "this is half a character; write the character itself")),
                Some(Some('\0')) => Err((6, "a text cannot hold the character NUL")),
                Some(Some(c)) => Ok((c, 6)),
            }
        }
        _ => Err((1, "after \\ stands one of \" ' \\ n t u")),
    }
}

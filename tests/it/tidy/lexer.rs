//! Takes a Rust text apart into code, string literals and comments, so that rules about one are not misled by another.

/// A string literal's content and the line that it begins on (from 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    pub line: usize,
    pub text: String,
}

/// A text without its comments and literals: `code` has the same lines, with blanks in their places.
pub struct Lexed {
    pub code: String,
    pub literals: Vec<Literal>,
}

/// Takes a text apart. Never fails: what does not end, ends with the text.
pub fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { rest: text, line: 1, code: String::new(), literals: Vec::new() };
    while !lexer.rest.is_empty() {
        lexer.step();
    }
    Lexed { code: lexer.code, literals: lexer.literals }
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    code: String,
    literals: Vec<Literal>,
}

impl Lexer<'_> {
    fn step(&mut self) {
        let after_word = self.code.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if self.rest.starts_with("//") {
            self.blank(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some((open, close)) = raw_string(self.rest).filter(|_| !after_word) {
            let body = &self.rest[open..];
            let length = body.find(&close).unwrap_or(body.len());
            self.literal(open, length, close.len());
        } else if self.rest.starts_with('"') {
            self.literal(1, quoted(&self.rest[1..], '"'), 1);
        } else if let Some(length) = character(self.rest) {
            self.blank(length);
        } else {
            let next = self.rest.chars().next().map_or(1, char::len_utf8);
            self.line += usize::from(self.rest.starts_with('\n'));
            self.code.push_str(&self.rest[..next]);
            self.rest = &self.rest[next..];
        }
    }

    fn literal(&mut self, open: usize, length: usize, close: usize) {
        self.literals.push(Literal { line: self.line, text: self.rest[open..open + length].to_owned() });
        self.blank((open + length + close).min(self.rest.len()));
    }

    /// Skips bytes; their lines stay.
    fn blank(&mut self, length: usize) {
        let (gone, rest) = self.rest.split_at(length);
        self.line += gone.matches('\n').count();
        self.code.extend(gone.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

/// The length of a block comment; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Where a raw string's content begins, and what ends it: `r#"`, `br"`, `cr##"`…
fn raw_string(text: &str) -> Option<(usize, String)> {
    let start = text.strip_prefix(['b', 'c']).unwrap_or(text).strip_prefix('r')?;
    let marks = start.len() - start.trim_start_matches('#').len();
    let content = start[marks..].strip_prefix('"')?;
    Some((text.len() - content.len(), format!("\"{}", "#".repeat(marks))))
}

/// The length of what stands before the closing quote.
fn quoted(text: &str, close: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == close => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal; a lifetime is none.
fn character(text: &str) -> Option<usize> {
    let content = text.strip_prefix('\'')?;
    let mut chars = content.chars();
    let (first, second) = (chars.next()?, chars.next());
    match (first, second) {
        ('\\', _) => Some((2 + quoted(content, '\'')).min(text.len())),
        (_, Some('\'')) => Some(2 + first.len_utf8()),
        _ => None,
    }
}

#[test]
fn the_lexer_tells_code_from_literals_and_comments() {
    let text = r####"let a = "x // no"; // fn b() {
/* one /* two */ "three" */ let c = '"'; let d: &'static str = r#"raw "quoted" {"#;
let e = '\''; let f = b"\"{"; for"####;
    let lexed = lex(text);
    let kept = lexed.code.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(kept, "let a = ; let c = ; let d: &'static str = ; let e = ; let f = b ; for");
    let literals: Vec<_> = lexed.literals.iter().map(|literal| (literal.line, &*literal.text)).collect();
    assert_eq!(literals, [(1, "x // no"), (2, "raw \"quoted\" {"), (3, "\\\"{")]);
    assert_eq!(lexed.code.lines().count(), text.lines().count());
}

#[test]
fn the_lexer_survives_what_does_not_end() {
    for text in ["\"abc", "/* /* */", "r#\"abc\"", "'\\", "'", "b'", "/*é"] {
        assert_eq!(lex(text).code.chars().count(), text.chars().count(), "{text}");
    }
}

//! Patterns in field definitions: regular expressions that run in linear time and bounded memory.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::limits;

/// A pattern that a whole value must match. Compiled once, when the definition is read; a pattern that does not
/// compile is kept with its fault, which the definition check reports, and matches nothing.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    compiled: Result<Regex, String>,
}

impl Pattern {
    /// Compiles a pattern under the limits of `limits.rs`.
    pub fn new(source: impl Into<String>) -> Self {
        let source = source.into();
        let compiled = compile(&source);
        Self { source, compiled }
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is wrong with the pattern.
    pub fn fault(&self) -> Option<&str> {
        self.compiled.as_ref().err().map(String::as_str)
    }

    /// Whether the whole text matches.
    pub fn matches(&self, text: &str) -> bool {
        text.len() <= limits::PATTERN_VALUE_BYTES
            && self.compiled.as_ref().is_ok_and(|regex| regex.is_match(text))
    }

    /// The pattern as JSON Schema wants it, anchored at both ends.
    pub fn anchored(&self) -> String {
        format!("^(?:{})$", self.source)
    }
}

fn compile(source: &str) -> Result<Regex, String> {
    if source.chars().count() > limits::PATTERN_CHARS {
        return Err(format!("a pattern has at most {} characters", limits::PATTERN_CHARS));
    }
    // On its own first: `a)|(b` would otherwise become valid between the brackets of the anchors.
    build(source)?;
    build(&format!("^(?:{})$", ascii_classes(source)))
}

fn build(source: &str) -> Result<Regex, String> {
    RegexBuilder::new(source).size_limit(limits::PATTERN_COMPILED_BYTES).build().map_err(
        |error| match error {
            regex::Error::CompiledTooBig(_) => "this pattern is too big; repeat less".to_owned(),
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or("it does not compile").trim();
                format!("not a pattern: {}", last.trim_start_matches("error: "))
            }
        },
    )
}

/// `\d` and `\w` mean ASCII, as in JSON Schema and in browsers; a definition then means the same everywhere.
fn ascii_classes(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('d') => out.push_str("[0-9]"),
            Some('D') => out.push_str("[^0-9]"),
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('W') => out.push_str("[^0-9A-Za-z_]"),
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    out
}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

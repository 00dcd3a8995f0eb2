//! What is wrong in an expression, where, and what may have been meant.

use std::fmt;

/// Characters of foreign text that a message repeats.
const QUOTED_CHARS: usize = 60;
/// Longer words get no suggestion: nobody mistypes them, and comparing them costs time.
const SUGGESTED_CHARS: usize = 64;

/// One thing that is wrong in an expression. Shown as `column 12: unknown field 'blod_group' (did you mean
/// 'blood_group'?)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Byte offset in the source where it begins.
    pub start: usize,
    /// Byte offset in the source just after it.
    pub end: usize,
    /// Character of the source where it begins, counted from 1.
    pub column: usize,
    /// What is wrong, without the position.
    pub message: String,
}

impl Problem {
    /// A problem at the bytes `start..end` of `source`.
    pub(super) fn new(source: &str, start: usize, end: usize, message: impl Into<String>) -> Self {
        let column = source.char_indices().take_while(|(at, _)| *at < start).count() + 1;
        Self { start, end, column, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "column {}: {}", self.column, self.message)
    }
}

impl std::error::Error for Problem {}

/// The text between quotes, shortened where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((cut, _)) => format!("'{}…'", &text[..cut]),
        None => format!("'{text}'"),
    }
}

/// ` (did you mean 'x'?)` for the known word nearest to `word`, or nothing when none is near.
pub(super) fn suggestion<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    let length = word.chars().count();
    if length > SUGGESTED_CHARS {
        return String::new();
    }
    let bare = word.to_lowercase();
    let nearest = known
        .into_iter()
        .filter(|candidate| candidate.len() <= 4 * SUGGESTED_CHARS)
        .map(|candidate| (strsim::damerau_levenshtein(&bare, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= length.div_ceil(3).min(3))
        .min();
    nearest.map(|(_, candidate)| format!(" (did you mean {}?)", quoted(candidate))).unwrap_or_default()
}

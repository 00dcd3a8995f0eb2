//! What is wrong with a template, and where: `path:line:column: message`.

use std::fmt;

use super::node::Position;

/// One fault of a template.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as the source was named (`templates/hospital/modules/patients.yaml`).
    pub path: String,
    /// Where in the file.
    pub at: Position,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Problem {
    /// A fault at a place. Messages quote files that nobody may have looked at, so they are cut to a line's length
    /// and lose what would command a terminal.
    pub fn new(path: impl Into<String>, at: Position, message: impl Into<String>) -> Self {
        const CHARS: usize = 400;
        let message = message.into();
        let mut plain: String =
            message.chars().take(CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
        if plain.len() < message.len() {
            plain.push('…');
        }
        Self { path: path.into(), at, message: plain }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.at.line, self.at.column, self.message)
    }
}

/// ` (did you mean 'x'?)` with the known word that looks most like `word`, or nothing.
pub(super) fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    const ALIKE: f64 = 0.85;
    const CHARS: usize = 64;
    if word.len() > CHARS {
        return String::new();
    }
    let best = known
        .into_iter()
        .filter(|candidate| *candidate != word)
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|one, two| one.0.total_cmp(&two.0));
    best.map(|(_, candidate)| format!(" (did you mean '{candidate}'?)")).unwrap_or_default()
}

//! How alike two records are, and the keys by which likely twins find each other. Knows no database.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::expr;
use crate::schema::Module;
use crate::schema::definition::{DuplicateRule, Likeness};

/// Less than this likeness of two texts counts as none.
const ALIKE: f64 = 0.85;
/// Words of a text that are looked at.
const WORDS: usize = 6;
/// Characters of a word's code.
const CODE: usize = 5;
/// Characters of a key; of a longer one the digest is kept.
const KEY: usize = 100;

/// How well a record meets a rule.
pub(super) struct Score {
    pub(super) percent: u8,
    /// The fields that are alike.
    pub(super) fields: Vec<String>,
}

/// The keys of a record with this data: by each trait of each rule the forms in which likely twins agree.
pub(super) fn keys(module: &Module, data: &Map<String, Value>) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for own in module.definition.duplicates.iter().flat_map(|rule| &rule.traits) {
        let Some(stored) = module.field(&own.field) else { continue };
        let Some(text) = text(data, &own.field) else { continue };
        let forms = match own.method {
            Likeness::Exact => vec![format!("e:{text}")],
            Likeness::Normalised => vec![format!("n:{}", normalised(&text))],
            Likeness::Similar => codes(&text).into_iter().map(|code| format!("s:{code}")).collect(),
        };
        keys.extend(forms.into_iter().map(|form| bounded(format!("{}{form}", stored.number))));
    }
    keys
}

fn bounded(key: String) -> String {
    match key.chars().count() > KEY {
        true => {
            let digest = Sha256::digest(&key);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            key.chars().take(KEY / 2).chain(digest.chars()).collect()
        }
        false => key,
    }
}

/// How well two records meet a rule: of the weight of all its traits, so many percent are alike. An empty value is like
/// nothing.
pub(super) fn score(
    module: &Module,
    rule: &DuplicateRule,
    one: &Map<String, Value>,
    other: &Map<String, Value>,
) -> Score {
    let (mut whole, mut alike, mut fields) = (0.0, 0.0, Vec::new());
    for own in &rule.traits {
        let weight = f64::from(own.weight);
        whole += weight;
        if module.field(&own.field).is_none() {
            continue;
        }
        let (Some(a), Some(b)) = (text(one, &own.field), text(other, &own.field)) else { continue };
        let likeness = likeness(own.method, &a, &b);
        if likeness > 0.0 {
            alike += weight * likeness;
            fields.push(own.field.clone());
        }
    }
    let percent = if whole > 0.0 { (100.0 * alike / whole).floor() } else { 0.0 };
    Score { percent: percent as u8, fields }
}

fn likeness(method: Likeness, a: &str, b: &str) -> f64 {
    match method {
        Likeness::Exact => f64::from(u8::from(a == b)),
        Likeness::Normalised => {
            let (a, b) = (normalised(a), normalised(b));
            f64::from(u8::from(!a.is_empty() && a == b))
        }
        Likeness::Similar => {
            let (a, b) = (words(a), words(b));
            let sorted = |words: &[String]| {
                let mut words = words.to_vec();
                words.sort_unstable();
                words.join(" ")
            };
            let in_order = strsim::jaro_winkler(&a.join(" "), &b.join(" "));
            let likeness = in_order.max(strsim::jaro_winkler(&sorted(&a), &sorted(&b)));
            if likeness < ALIKE || a.is_empty() { 0.0 } else { likeness }
        }
    }
}

/// A value as a text; None where there is none.
fn text(data: &Map<String, Value>, key: &str) -> Option<String> {
    match data.get(key)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Letters and digits alone, lower-case, without accents.
fn normalised(text: &str) -> String {
    expr::fold(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn words(text: &str) -> Vec<String> {
    let folded = expr::fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.take(WORDS).map(str::to_owned).collect()
}

/// The codes of a text: of its words by twos, so that common names do not find half the world, and of the word alone
/// where there is one.
fn codes(text: &str) -> BTreeSet<String> {
    let codes: BTreeSet<String> = words(text).iter().map(|word| code(word)).collect();
    let codes: Vec<String> = codes.into_iter().collect();
    match codes.as_slice() {
        [one] => BTreeSet::from([one.clone()]),
        codes => {
            let pairs = codes.iter().enumerate().flat_map(|(at, first)| {
                codes[at + 1..].iter().map(move |second| format!("{first}+{second}"))
            });
            pairs.collect()
        }
    }
}

/// How a word sounds, roughly (after Soundex): consonants by their class, vowels left out, repetitions too. Letters of
/// other alphabets, and digits, stand for themselves.
fn code(word: &str) -> String {
    let mut code = String::new();
    let mut last = None;
    for letter in word.chars() {
        let class = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w' => None,
            'b' | 'f' | 'p' | 'v' => Some('B'),
            'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => Some('C'),
            'd' | 't' => Some('D'),
            'm' | 'n' => Some('M'),
            other => Some(other),
        };
        if class.is_some() && class != last {
            code.extend(class);
        }
        last = class;
    }
    // A word of vowels alone is its beginning.
    let code = if code.is_empty() { word.to_owned() } else { code };
    code.chars().take(CODE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_sound_alike_share_a_code() {
        for (one, other) in [
            ("Ana Meyer", "Anna Maier"),
            ("Jonathan Smith", "Johnathan Smyth"),
            ("Kathrin Schmidt", "Cathrin Schmitt"),
            ("Élodie Dubois", "Dubois, Elodie"),
            ("Ada", "ADA"),
        ] {
            assert!(
                !codes(one).is_disjoint(&codes(other)),
                "{one} {:?}, {other} {:?}",
                codes(one),
                codes(other)
            );
            assert!(likeness(Likeness::Similar, one, other) >= ALIKE, "{one}, {other}");
        }
        for (one, other) in [("Ana Meyer", "Berta Meyer"), ("Ana Meyer", "Ana Schulz"), ("Ana", "Bo")] {
            assert!(codes(one).is_disjoint(&codes(other)), "{one}, {other}");
        }
    }

    #[test]
    fn a_text_of_signs_alone_is_like_nothing() {
        assert_eq!(likeness(Likeness::Normalised, "--", "??"), 0.0);
        assert_eq!(likeness(Likeness::Similar, "--", "--"), 0.0);
        assert!(codes("--").is_empty());
        assert_eq!(bounded("x".repeat(500)).chars().count(), KEY / 2 + 64);
    }
}

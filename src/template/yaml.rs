//! Reads YAML text into a located tree, within a budget that no file can overrun.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Location, MessageFormatter, Options, Spanned, UserMessageFormatter};

use super::node::{Entry, Node, Position, Tree};
use crate::limits;

/// A fault of the text itself.
pub(super) struct Fault {
    /// Where it is.
    pub at: Position,
    /// What is wrong.
    pub message: String,
}

/// Reads one document. A syntax fault ends the reading; duplicate keys come back all together.
pub(super) fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    let root: Located = match serde_saphyr::from_str_with_options(text, options()) {
        Ok(root) => root,
        Err(error) => return Err(vec![fault(&error)]),
    };
    let node = root.into_node();
    let mut faults = Vec::new();
    duplicates(&node, &mut faults);
    if faults.is_empty() { Ok(node) } else { Err(faults) }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limits::JSON_DEPTH,
            max_nodes: 200_000,
            max_events: 400_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_documents: 1,
            max_total_scalar_bytes: limits::TEMPLATE_FILE_BYTES,
            max_recorded_anchor_bytes: limits::TEMPLATE_FILE_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 8,
        },
        // The reader of maps below sees every pair under this policy, so that it can report them all.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn fault(error: &Error) -> Fault {
    let at = error.location().map_or(Position::START, |location| position(&location));
    let mut error = error.without_snippet();
    while let Error::AliasError { error: inner, .. } = error {
        error = inner;
    }
    let message = match error {
        Error::Budget { breach, .. } => over_budget(breach),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => TOO_MANY.to_owned(),
        Error::MergeKeyNotAllowed { .. } => "merge keys (<<) are not part of the template format".to_owned(),
        other => {
            let said = UserMessageFormatter.format_message(other);
            format!("not valid YAML: {}", said.lines().next().unwrap_or("cannot be read"))
        }
    };
    Fault { at, message }
}

const TOO_MANY: &str = "too many values or aliases in one file";

fn over_budget(breach: &BudgetBreach) -> String {
    match breach {
        BudgetBreach::Depth { .. } => format!("nested deeper than {} levels", limits::JSON_DEPTH),
        BudgetBreach::Documents { .. } => "a second document (---); a file holds one".to_owned(),
        _ => TOO_MANY.to_owned(),
    }
}

fn position(location: &Location) -> Position {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    Position { line: count(location.line()), column: count(location.column()) }
}

fn duplicates(node: &Node, faults: &mut Vec<Fault>) {
    for item in node.items() {
        duplicates(item, faults);
    }
    let mut seen = std::collections::HashSet::new();
    for entry in node.entries() {
        if !seen.insert(entry.key.as_str()) {
            faults.push(Fault { at: entry.at, message: format!("key '{}' is given twice", entry.key) });
        }
        duplicates(&entry.node, faults);
    }
}

struct Located(Spanned<Raw>);

enum Raw {
    Leaf(Tree),
    List(Vec<Located>),
    Map(Vec<(Spanned<String>, Located)>),
}

impl Located {
    fn into_node(self) -> Node {
        let tree = match self.0.value {
            Raw::Leaf(tree) => tree,
            Raw::List(items) => Tree::List(items.into_iter().map(Self::into_node).collect()),
            Raw::Map(pairs) => Tree::Map(pairs.into_iter().map(entry).collect()),
        };
        Node { at: position(&self.0.referenced), tree }
    }
}

fn entry((key, value): (Spanned<String>, Located)) -> Entry {
    Entry { at: position(&key.referenced), key: key.value, node: value.into_node() }
}

impl<'de> Deserialize<'de> for Located {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Leaf(Tree::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Leaf(Tree::Boolean(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Leaf(Tree::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Leaf(Tree::Number(value.into())))
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Raw, E> {
        Err(E::custom("this number has too many digits; put it in quotes"))
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Raw, E> {
        Err(E::custom("this number has too many digits; put it in quotes"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Raw, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("this is not a finite number"))?;
        Ok(Raw::Leaf(Tree::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Leaf(Tree::Text(value.to_owned())))
    }

    fn visit_string<E>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Leaf(Tree::Text(value)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key()? {
            pairs.push((key, map.next_value()?));
        }
        Ok(Raw::Map(pairs))
    }
}

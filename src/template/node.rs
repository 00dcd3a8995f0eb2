//! A YAML document as a tree in which every key and every value knows its line and column.

use serde_json::{Map, Number, Value};

/// A place in a text file, as editors count: both start at 1, columns are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The character in the line.
    pub column: u32,
}

impl Position {
    /// The first character of a file.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A value and where it starts.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value starts.
    pub at: Position,
    /// The value.
    pub tree: Tree,
}

/// What a value is. These are JSON's kinds: YAML's other types are read as text or refused.
#[derive(Clone, Debug)]
pub enum Tree {
    /// Nothing, or `null`.
    Null,
    /// true or false.
    Boolean(bool),
    /// A number; integers stay exact within 64 bits.
    Number(Number),
    /// Text, also dates and everything in quotes.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Keys with their values, in the order of the file; no key twice.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key starts.
    pub at: Position,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The value of a key; `None` where this is not a map or has no such key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A key with its value.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// Keys and values of a map; empty for everything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.tree {
            Tree::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The elements of a list; empty for everything else.
    pub fn items(&self) -> &[Self] {
        match &self.tree {
            Tree::List(items) => items,
            _ => &[],
        }
    }

    /// The elements of the list under a key; empty where there is none.
    pub fn list(&self, key: &str) -> &[Self] {
        self.get(key).map_or(&[], Self::items)
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.tree {
            Tree::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text under a key, if it is one.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }

    /// The node at a JSON pointer (RFC 6901), or the last one on the way that exists.
    pub fn nearest(&self, pointer: &str) -> &Self {
        let mut node = self;
        for segment in segments(pointer) {
            let next = match &node.tree {
                Tree::List(items) => segment.parse::<usize>().ok().and_then(|index| items.get(index)),
                _ => node.get(&segment),
            };
            let Some(next) = next else { break };
            node = next;
        }
        node
    }

    /// Where the key at the end of a JSON pointer stands; for list elements and missing keys where [`Self::nearest`]
    /// starts.
    pub fn key_position(&self, pointer: &str) -> Position {
        let (parent, key) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let parent = self.nearest(parent);
        let key = unescape(key);
        parent.entry(&key).map_or_else(|| self.nearest(pointer).at, |entry| entry.at)
    }

    /// The same value without places.
    pub fn to_json(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Boolean(value) => Value::Bool(*value),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::Text(text) => Value::String(text.clone()),
            Tree::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Tree::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.clone(), entry.node.to_json()));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
        }
    }
}

fn segments(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(unescape)
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

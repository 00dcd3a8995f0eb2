//! The mapping file: which file's rows become records of which module, and what becomes of each column.

use std::collections::HashSet;
use std::fmt;

use chrono::format::{Item, StrftimeItems};
use encoding_rs::Encoding;
use indexmap::IndexMap;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::file::{Dialect, Survey};
use crate::field::Field;
use crate::field::definition::{KEY_PATTERN, is_key};
use crate::limits;

/// A mapping, checked in itself; whether it fits the files and the workspace shows when they are there.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// One sentence: what it maps.
    #[serde(default)]
    pub summary: String,
    /// The files in the order in which they are imported: those that others refer to come first.
    pub files: Vec<FileMapping>,
}

/// What becomes of the rows of one file.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileMapping {
    /// The file's name, without folders.
    pub name: Spanned<String>,
    /// The key of the module whose records the rows become.
    pub module: Spanned<String>,
    /// The columns that together tell a row from every other one.
    pub key: Vec<Spanned<String>>,
    /// The unique text field that keeps the key.
    #[serde(default = "external_id")]
    pub key_field: String,
    /// The character between fields; found out where it is not given.
    #[serde(default)]
    pub delimiter: Option<Spanned<String>>,
    /// The encoding's name (WHATWG); found out where it is not given.
    #[serde(default)]
    pub encoding: Option<Spanned<String>>,
    /// Texts that mean "no value" in every column, besides blank ones.
    #[serde(default)]
    pub empty: Vec<String>,
    /// Whether rows may become records that resemble others, where the module's duplicate rules only warn of that.
    #[serde(default)]
    pub allow_duplicates: bool,
    /// The module's definition without key and fields: it is added to a workspace that lacks it, with the fields that
    /// the columns add.
    #[serde(default)]
    pub add: Option<Spanned<Map<String, Value>>>,
    /// What becomes of each column.
    #[serde(default)]
    pub columns: IndexMap<String, Spanned<ColumnMapping>>,
    /// Columns that are left out on purpose; `*` for all that are not named.
    #[serde(default)]
    pub ignore: Vec<Spanned<String>>,
}

/// What becomes of one column. A mere text is the field's key.
#[derive(Debug)]
pub struct ColumnMapping(pub ColumnRule);

/// A column's rule.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// The key of the field that takes the values.
    pub field: String,
    /// What single texts become before the field reads them.
    #[serde(default)]
    pub values: IndexMap<String, String>,
    /// Texts that mean "no value", besides blank ones.
    #[serde(default)]
    pub empty: Vec<String>,
    /// How dates or times are written (strftime, such as `%d.%m.%Y`); the first that fits counts.
    #[serde(default)]
    pub formats: Vec<Spanned<String>>,
    /// What stands between several values of one cell.
    #[serde(default)]
    pub split: Option<Spanned<String>>,
    /// For a relation: the unique field of the other module that has the value.
    #[serde(default)]
    pub by: Option<Spanned<String>>,
    /// The module that the value refers to, though it is kept as text; values that nothing there has are counted.
    #[serde(default)]
    pub refers_to: Option<Spanned<String>>,
    /// The field's definition without its key: it is added to the module where that lacks it.
    #[serde(default)]
    pub add: Option<Spanned<Map<String, Value>>>,
}

/// A fault of a mapping file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct MappingFault {
    /// The line, from 1.
    pub line: u64,
    /// The character in the line, from 1.
    pub column: u64,
    /// What is wrong.
    pub message: String,
}

impl MappingFault {
    /// A fault at a place.
    pub(super) fn at(location: Location, message: impl Into<String>) -> Self {
        Self { line: location.line().max(1), column: location.column().max(1), message: message.into() }
    }
}

impl Mapping {
    /// Reads a mapping. A fault of the text itself comes alone, those of its sense all together.
    pub fn parse(text: &str) -> Result<Self, Vec<MappingFault>> {
        let mapping: Self =
            serde_saphyr::from_str_with_options(text, options()).map_err(|error| vec![syntax(&error)])?;
        let faults = mapping.faults();
        if faults.is_empty() { Ok(mapping) } else { Err(faults) }
    }

    fn faults(&self) -> Vec<MappingFault> {
        let mut faults = Vec::new();
        if self.files.is_empty() {
            faults.push(MappingFault { line: 1, column: 1, message: "the mapping names no file".into() });
        }
        let mut names = HashSet::new();
        for file in &self.files {
            if !names.insert(&file.name.value) {
                let message = format!("the file {} is mapped twice", file.name.value);
                faults.push(MappingFault::at(file.name.referenced, message));
            }
            file.check(&mut faults);
        }
        faults
    }
}

impl FileMapping {
    /// How the file is written, as far as it says so.
    pub fn dialect(&self) -> Dialect {
        let encoding = self.encoding.as_ref().and_then(|name| Encoding::for_label(name.value.as_bytes()));
        let delimiter = self.delimiter.as_ref().and_then(|text| delimiter(&text.value));
        Dialect { encoding, delimiter }
    }

    /// Whether a column is left out on purpose.
    pub(super) fn ignores(&self, column: &str) -> bool {
        self.ignore.iter().any(|name| name.value == "*" || name.value == column)
    }

    /// The columns of a file that no rule names.
    pub(super) fn ignored(&self, survey: &Survey) -> Vec<String> {
        let named = |name: &String| {
            self.columns.contains_key(name) || self.key.iter().any(|column| column.value == *name)
        };
        survey.header.iter().filter(|name| !named(name)).cloned().collect()
    }

    /// The definitions of the fields that the module may lack, or what is wrong with them.
    pub(super) fn additions(&self) -> impl Iterator<Item = Result<Field, Vec<MappingFault>>> {
        self.columns.values().filter_map(|column| {
            let rule = &column.value.0;
            let add = rule.add.as_ref()?;
            let mut definition = add.value.clone();
            definition.insert("key".into(), rule.field.clone().into());
            let field = Field::from_json(&Value::Object(definition)).map_err(|errors| {
                let fault = |error: &crate::field::FieldError| {
                    let place = error.pointer.trim_start_matches('/');
                    let colon = if place.is_empty() { "" } else { ": " };
                    MappingFault::at(add.referenced, format!("{place}{colon}{}", error.message))
                };
                errors.iter().map(fault).collect()
            });
            Some(field)
        })
    }

    fn check(&self, faults: &mut Vec<MappingFault>) {
        let mut refuse = |at: Location, message: String| faults.push(MappingFault::at(at, message));
        if self.name.value.contains(['/', '\\']) {
            refuse(self.name.referenced, "name a file without its folder".into());
        }
        if self.key.is_empty() {
            refuse(self.name.referenced, format!("{} names no key column", self.name.value));
        }
        for (at, key) in
            [(self.module.referenced, &self.module.value), (self.name.referenced, &self.key_field)]
        {
            if !is_key(key) {
                refuse(at, format!("'{key}' is not a key; a key is {KEY_PATTERN}"));
            }
        }
        let unknown = |name: &&Spanned<String>| Encoding::for_label(name.value.as_bytes()).is_none();
        if let Some(name) = self.encoding.as_ref().filter(unknown) {
            refuse(name.referenced, format!("there is no encoding '{}'", name.value));
        }
        if let Some(text) = self.delimiter.as_ref().filter(|text| delimiter(&text.value).is_none()) {
            refuse(text.referenced, "a delimiter is one ASCII character, such as \";\" or \"\\t\"".into());
        }
        self.check_columns(&mut refuse);
        for addition in self.additions() {
            faults.extend(addition.err().into_iter().flatten());
        }
    }
}

impl FileMapping {
    fn check_columns(&self, refuse: &mut impl FnMut(Location, String)) {
        let mut fields = HashSet::from([&self.key_field]);
        for (name, column) in &self.columns {
            let rule = &column.value.0;
            if !fields.insert(&rule.field) {
                refuse(column.referenced, format!("the field {} is filled twice", rule.field));
            }
            if !is_key(&rule.field) {
                let message = format!("'{}' is not a key; a key is {KEY_PATTERN}", rule.field);
                refuse(column.referenced, message);
            }
            if self.ignores(name) && !self.ignore.iter().any(|ignored| ignored.value == "*") {
                refuse(column.referenced, format!("column {name} is both mapped and ignored"));
            }
            rule.check(refuse);
        }
    }
}

impl ColumnRule {
    fn check(&self, refuse: &mut impl FnMut(Location, String)) {
        for format in &self.formats {
            if StrftimeItems::new(&format.value).any(|item| item == Item::Error) {
                refuse(format.referenced, format!("'{}' is not a strftime format", format.value));
            }
        }
        if let Some(split) = self.split.as_ref().filter(|split| split.value.is_empty()) {
            refuse(split.referenced, "nothing cannot stand between values".into());
        }
        if let (Some(_), Some(refers_to)) = (&self.by, &self.refers_to) {
            let message = "a relation (by) already refers to something; leave refers_to out";
            refuse(refers_to.referenced, message.into());
        }
    }
}

/// The byte of a delimiter.
fn delimiter(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Some(*byte),
        _ => None,
    }
}

fn external_id() -> String {
    "external_id".into()
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limits::JSON_DEPTH,
            max_nodes: 50_000,
            max_events: 100_000,
            max_aliases: 0,
            max_anchors: 0,
            max_documents: 1,
        },
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

fn syntax(error: &serde_saphyr::Error) -> MappingFault {
    let said = UserMessageFormatter.format_message(error.without_snippet());
    let message = said.lines().next().unwrap_or("cannot be read").to_owned();
    match error.location() {
        Some(location) => MappingFault::at(location, message),
        None => MappingFault { line: 1, column: 1, message },
    }
}

impl<'de> Deserialize<'de> for ColumnMapping {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ColumnVisitor)
    }
}

struct ColumnVisitor;

impl<'de> Visitor<'de> for ColumnVisitor {
    type Value = ColumnMapping;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the key of a field, or a map with `field`")
    }

    fn visit_str<E: de::Error>(self, field: &str) -> Result<ColumnMapping, E> {
        Ok(ColumnMapping(ColumnRule::to(field)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ColumnMapping, A::Error> {
        ColumnRule::deserialize(de::value::MapAccessDeserializer::new(map)).map(ColumnMapping)
    }
}

impl ColumnRule {
    fn to(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            values: IndexMap::new(),
            empty: Vec::new(),
            formats: Vec::new(),
            split: None,
            by: None,
            refers_to: None,
            add: None,
        }
    }
}

//! A template as declared: what its files say, once they have passed every check.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::access::role::RoleDefinition;
use crate::field::{Locale, OptionSet};
use crate::pipeline::PipelineDefinition;
use crate::schema::definition::{Hue, ModuleDefinition};

/// A whole template, checked.
#[derive(Clone, Debug)]
pub struct Template {
    /// Who it is (`template.yaml`).
    pub manifest: Manifest,
    /// Its modules in the order of the sidebar.
    pub modules: Vec<ModuleDefinition>,
    /// Its pipelines by key.
    pub pipelines: Vec<PipelineDefinition>,
    /// Its roles in the order of `roles.yaml`.
    pub roles: Vec<RoleDefinition>,
    /// Options that its fields share (`options.yaml`).
    pub option_sets: Vec<OptionSet>,
    /// Its demo records, module by module.
    pub samples: Vec<SampleSet>,
    /// `README.md`, for the person choosing it.
    pub readme: String,
    /// SHA-256 of its files in hex.
    pub content_hash: String,
}

/// Who a template is (`template.yaml`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The template's name for programs and the name of its folder: lower-case letters, digits and `-`.
    pub key: String,
    /// What the gallery shows.
    pub name: String,
    /// One sentence: whom it is for.
    pub summary: String,
    /// `major.minor.patch`
    pub version: String,
    /// What trade it belongs to.
    pub category: String,
    /// A Lucide icon name.
    pub icon: String,
    /// Its hue in the gallery.
    #[serde(default)]
    pub hue: Hue,
    /// An SPDX licence name.
    pub license: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// ISO 4217 code of money that names no currency.
    pub currency: String,
    /// ISO 3166-1 alpha-2 country in which national phone numbers are read.
    pub country: String,
    /// IANA time zone.
    #[serde(default = "utc")]
    pub timezone: String,
    /// Module keys in the order of the sidebar; modules that it does not name follow by key.
    #[serde(default)]
    pub modules: Vec<String>,
    /// What the gallery says of it, in three to six short lines.
    pub highlights: Vec<String>,
    /// What changed from version to version, newest first.
    pub changelog: Vec<Change>,
}

/// One version in a changelog.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The version.
    pub version: String,
    /// What changed, for people who use it.
    pub notes: String,
}

impl Manifest {
    /// How values are read and shown in a workspace made from the template.
    pub fn locale(&self) -> Locale {
        let timezone = self.timezone.parse().unwrap_or(chrono_tz::UTC);
        Locale { currency: self.currency.clone(), country: self.country.clone(), timezone }
    }
}

/// The demo records of one module (`samples/<module>.yaml`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleSet {
    /// The module.
    pub module: String,
    /// Its records.
    pub records: Vec<SampleRecord>,
}

/// One demo record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampleRecord {
    /// The name by which other samples point at it.
    #[serde(rename = "ref")]
    pub reference: String,
    /// Values by field key.
    pub data: Map<String, Value>,
    /// A pipeline of the module.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// A stage of the pipeline.
    #[serde(default)]
    pub stage: Option<String>,
    /// Why it is there: the key of a lost reason, or a note.
    #[serde(default)]
    pub reason: Option<String>,
    /// The role whose demo member owns it.
    #[serde(default)]
    pub owner: Option<String>,
    /// When it was created.
    #[serde(default)]
    pub created: Option<Expression>,
}

/// `{expr: "today()"}`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expression {
    /// The expression's source.
    pub expr: String,
}

/// What a sample gives for a field.
#[derive(Clone, Debug, PartialEq)]
pub enum SampleValue<'a> {
    /// A value in the form of the API.
    Plain(&'a Value),
    /// `{ref: module/name}`: another sample.
    Sample(SampleRef<'a>),
    /// A list of those.
    Samples(Vec<SampleRef<'a>>),
    /// `{expr: …}`: computed on the day of the install.
    Expression(&'a str),
    /// `{member: role}`: the demo member who has the role.
    Member(&'a str),
}

/// The address of a sample record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleRef<'a> {
    /// The module.
    pub module: &'a str,
    /// The record's `ref`.
    pub name: &'a str,
}

impl<'a> SampleRef<'a> {
    /// Reads `module/name`.
    pub fn parse(text: &'a str) -> Option<Self> {
        let (module, name) = text.split_once('/')?;
        Some(Self { module, name })
    }
}

impl<'a> SampleRef<'a> {
    /// Reads `module/name`; what is not written so names nothing.
    fn of(text: &'a str) -> Self {
        Self::parse(text).unwrap_or(Self { module: "", name: text })
    }
}

fn reference<'a>((key, text): (&'a str, &'a str)) -> Option<SampleRef<'a>> {
    (key == "ref").then(|| SampleRef::of(text))
}

impl fmt::Display for SampleRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.module, self.name)
    }
}

impl<'a> SampleValue<'a> {
    /// Tells the special forms from plain values.
    pub fn of(value: &'a Value) -> Self {
        if let Some(targets) = value.as_array().filter(|items| !items.is_empty()).and_then(|items| {
            items.iter().map(|item| reference(only_pair(item)?)).collect::<Option<Vec<_>>>()
        }) {
            return Self::Samples(targets);
        }
        let Some((key, text)) = only_pair(value) else { return Self::Plain(value) };
        match key {
            "ref" => Self::Sample(SampleRef::of(text)),
            "expr" => Self::Expression(text),
            "member" => Self::Member(text),
            _ => Self::Plain(value),
        }
    }
}

/// The samples that the lines of a line items field name as their products.
pub fn line_products(value: &Value) -> impl Iterator<Item = SampleRef<'_>> {
    let rows = value.get("rows").and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| match SampleValue::of(row.get("product")?) {
        SampleValue::Sample(target) => Some(target),
        _ => None,
    })
}

/// The lines of a line items field with ids for the samples that they name as their products.
pub fn with_line_products(value: &Value, id: impl Fn(SampleRef<'_>) -> Option<String>) -> Value {
    let mut lines = value.clone();
    let rows = lines.get_mut("rows").and_then(Value::as_array_mut).into_iter().flatten();
    for product in rows.filter_map(|row| row.get_mut("product")) {
        let named = match SampleValue::of(product) {
            SampleValue::Sample(target) => id(target),
            _ => None,
        };
        if let Some(id) = named {
            *product = Value::String(id);
        }
    }
    lines
}

fn only_pair(value: &Value) -> Option<(&str, &str)> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (key, value) = object.iter().next()?;
    Some((key, value.as_str()?))
}

fn utc() -> String {
    "UTC".to_owned()
}

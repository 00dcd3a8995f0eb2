//! A module as declared in a template or by a tenant, before it is compiled into a [`super::Module`].

use serde::{Deserialize, Serialize};

use crate::field::Field;
pub use crate::field::Hue;

/// A module with everything inside it (template key: `modules/<key>.yaml`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleDefinition {
    /// `^[a-z][a-z0-9_]{0,47}$`, unique in the tenant.
    pub key: String,
    /// What people read.
    pub label: ModuleLabel,
    /// A Lucide icon name.
    #[serde(default = "default_icon")]
    pub icon: String,
    /// Which of the ten hues marks the module.
    #[serde(default)]
    pub hue: Hue,
    /// One sentence: what a record of this module is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// An expression over the module's own fields that names a record, such as `concat(first_name, " ", last_name)`.
    pub title: String,
    /// What stands around its records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Feature>,
    /// Fields in the order of the form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// What must hold for every record, whoever writes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation: Vec<Validation>,
    /// What makes its records products, which lines of other modules sell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<ProductDefinition>,
    /// How forms and record pages are laid out; without one, all fields in one section.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layouts: Vec<Layout>,
    /// Named ways to look at the module; the first table is the default list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub views: Vec<View>,
    /// Fields that no two records outside the trash may have all alike: a list of lists of field keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique: Vec<Vec<String>>,
    /// By what records are taken for the same thing twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duplicates: Vec<DuplicateRule>,
    /// How long things are kept.
    #[serde(default, skip_serializing_if = "Retention::is_default")]
    pub retention: Retention,
}

/// When two records are taken for the same thing twice: the likeness of their fields, weighted, reaches a threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateRule {
    /// The fields that are compared.
    #[serde(rename = "match")]
    pub traits: Vec<DuplicateTrait>,
    /// From how many percent of the weight on, 1 to 100.
    #[serde(default = "hundred")]
    pub threshold: u8,
    /// What becomes of a new record that resembles another.
    #[serde(default)]
    pub on_create: OnCreate,
}

/// One field of a duplicate rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateTrait {
    /// Its key.
    pub field: String,
    /// How two values are compared.
    #[serde(default)]
    pub method: Likeness,
    /// How much it counts against the others, 1 to 100.
    #[serde(default = "one")]
    pub weight: u8,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// They are the same.
    #[default]
    Exact,
    /// They are the same but for case, accents, spaces and punctuation.
    Normalised,
    /// Their words sound and look much alike.
    Similar,
}

/// What becomes of a new record that resembles another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCreate {
    /// It is refused until somebody says that it is meant.
    #[default]
    Warn,
    /// It is refused.
    Block,
}

/// How long things are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days in the trash, after which a record is removed for good.
    #[serde(default = "thirty")]
    pub trash_days: u16,
}

impl Retention {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self { trash_days: thirty() }
    }
}

/// Something that may stand around a module's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Calls, e-mails, meetings and notes.
    Activities,
    /// Attached files.
    Files,
    /// Comments of members.
    Comments,
    /// Members who are told of changes.
    Follow,
}

impl Feature {
    /// Every feature.
    pub const ALL: [Self; 4] = [Self::Activities, Self::Files, Self::Comments, Self::Follow];
}

/// Which fields of a product module mean what to lines; each is the key of a field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductDefinition {
    /// A unique text.
    pub sku: String,
    /// The default price, a money field.
    pub price: String,
    /// What it costs ourselves, a money field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// The most that may be taken off, a percent field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_discount: Option<String>,
    /// The margin that is wanted, a percent field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin_target: Option<String>,
    /// The tax on it, a percent field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<String>,
    /// Whether it may still be sold, a boolean field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<String>,
}

/// Names of a module.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleLabel {
    /// "Patient"
    pub one: String,
    /// "Patients"
    pub many: String,
}

/// A rule over the values of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// Unique in the module; `rule.<key>` is the code of its faults.
    pub key: String,
    /// Where it applies; everywhere where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What must hold.
    pub must: String,
    /// What is said where it does not: one sentence that tells what to do.
    pub message: String,
    /// The fields at which it is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Whether the write is refused.
    #[serde(default)]
    pub severity: Severity,
}

/// What a broken rule leads to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The write is refused.
    #[default]
    Error,
    /// The write is done, and its answer says so.
    Warning,
}

/// A layout of a form or of a record page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// Where it applies.
    pub purpose: LayoutPurpose,
    /// Fields shown large in the record header (record layouts only, at most six).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub highlights: Vec<String>,
    /// Sections in order. Fields that no section names follow in a last section of their own.
    pub sections: Vec<Section>,
}

/// Where a layout applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayoutPurpose {
    /// Create and edit forms; record pages too where there is no record layout.
    Form,
    /// The record page.
    Record,
}

/// A titled group of fields.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The heading.
    pub label: String,
    /// One or two columns on a wide screen.
    #[serde(default = "two")]
    pub columns: u8,
    /// Field keys in order.
    pub fields: Vec<String>,
}

/// A declared view.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct View {
    /// Unique in the module.
    pub key: String,
    /// What people read.
    pub label: String,
    /// How it is drawn.
    #[serde(default)]
    pub kind: ViewKind,
    /// Field keys, or system fields (`title`, `owner`, `stage`, `created_at`, `updated_at`), in order.
    pub columns: Vec<String>,
    /// A condition in the expression language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Field keys, `-` in front for descending; at most three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sort: Vec<String>,
}

/// How a view is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewKind {
    /// Rows and columns.
    #[default]
    Table,
}

fn default_icon() -> String {
    "box".into()
}

fn one() -> u8 {
    1
}

fn hundred() -> u8 {
    100
}

fn thirty() -> u16 {
    30
}

fn two() -> u8 {
    2
}

//! Field types. A field type is one pair of files, `kind/x.rs` and `kind/x.hbs`, and one line in the registry at
//! the foot of this file; validation, JSON Schema, forms, cells, filter operands, slots and tests follow from the
//! trait. This room never does I/O and never sees HTTP.

pub mod definition;
pub mod kind;
pub mod value;

pub use definition::{Field, FieldError};
pub use value::{Cast, Key, Locale, Reject, Sample};

use serde_json::Value;

use crate::expr;

/// What a field type is. Each method's text is the contract that the shared suite `tests/it/field_types.rs` checks
/// over `samples()`.
pub trait FieldType:
    Sized + serde::Serialize + serde::de::DeserializeOwned + Clone + std::fmt::Debug
{
    /// The word in templates and API: `type: email`.
    const KEY: &'static str;
    /// One sentence for the reference page: what it stores and when to choose it.
    const SUMMARY: &'static str;
    /// The icon (a Lucide name) that stands for the type in the add-field dialog.
    const ICON: &'static str;
    /// The HTML page partial beside this file, with the faces `read`, `cell`, `form`, `operand`.
    const PARTIAL: &'static str;

    /// Examples: options, a form text, the stored JSON, the display, and values that must be refused.
    fn samples() -> Vec<Sample>;

    /// JSON Schema (2020-12) of the options that this type adds to a field definition, as an object of properties.
    fn options_schema() -> Value;

    /// Checks the options against each other when a field is defined (min ≤ max, pattern compiles, keys unique…).
    fn check(&self) -> Vec<FieldError>;

    /// JSON Schema (2020-12) of a stored, non-null value; never a `$ref`.
    fn json_schema(&self) -> Value;

    /// Turns form text into JSON, before `normalise`. `texts` has one entry, or several for multi-valued inputs;
    /// blank input never arrives here. A compound type (money) receives its parts in order.
    fn parse(&self, texts: &[&str]) -> Result<Value, Reject>;

    /// Brings a JSON value (not null) into its one stored form, or refuses it. `normalise(normalise(x)) == normalise(x)`.
    fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject>;

    /// The value as people read it, in plain text. Gets stored values only.
    fn display(&self, value: &Value, locale: &Locale) -> String;

    /// The texts with which a form is filled again, such that `parse` of them gives `value` back.
    fn form_texts(&self, value: &Value) -> Vec<String>;

    /// How SQL compares and sorts it: which family of slots it may take, and how its JSON is read without a slot.
    fn cast(&self) -> Cast;

    /// The sort and compare key of a stored value, of the family that `cast` names.
    fn key(&self, value: &Value) -> Option<Key>;

    /// Its type in expressions.
    fn expr_type(&self) -> expr::Type;

    /// Its stored value as a value of the expression language.
    fn expr_value(&self, value: &Value) -> expr::Value;

    /// The words that find a record by this value; empty for types that are not searched.
    fn search_text(&self, _value: &Value) -> Option<String> {
        None
    }
}

macro_rules! field_types {
    ($($variant:ident => $module:ident,)*) => {
        /// The type of a field together with its options; `type` names the variant.
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum FieldKind {
            $(
                #[doc = concat!("See [`kind::", stringify!($module), "`].")]
                $variant(kind::$module::$variant),
            )*
        }

        /// What is known of a field type without options, in registry order.
        #[derive(Clone, Copy, Debug)]
        pub struct TypeInfo {
            /// See [`FieldType::KEY`].
            pub key: &'static str,
            /// See [`FieldType::SUMMARY`].
            pub summary: &'static str,
            /// See [`FieldType::ICON`].
            pub icon: &'static str,
            /// See [`FieldType::PARTIAL`].
            pub partial: &'static str,
            /// See [`FieldType::samples`].
            pub samples: fn() -> Vec<Sample>,
            /// See [`FieldType::options_schema`].
            pub options_schema: fn() -> Value,
        }

        /// Every field type, in the order in which people choose from them.
        pub const FIELD_TYPES: &[TypeInfo] = &[
            $(TypeInfo {
                key: <kind::$module::$variant as FieldType>::KEY,
                summary: <kind::$module::$variant as FieldType>::SUMMARY,
                icon: <kind::$module::$variant as FieldType>::ICON,
                partial: <kind::$module::$variant as FieldType>::PARTIAL,
                samples: <kind::$module::$variant as FieldType>::samples,
                options_schema: <kind::$module::$variant as FieldType>::options_schema,
            },)*
        ];

        impl FieldKind {
            /// See [`FieldType::KEY`].
            pub fn type_key(&self) -> &'static str {
                match self { $(Self::$variant(_) => <kind::$module::$variant as FieldType>::KEY,)* }
            }
            /// See [`FieldType::check`].
            pub fn check(&self) -> Vec<FieldError> {
                match self { $(Self::$variant(kind) => kind.check(),)* }
            }
            /// See [`FieldType::json_schema`].
            pub fn json_schema(&self) -> Value {
                match self { $(Self::$variant(kind) => kind.json_schema(),)* }
            }
            /// See [`FieldType::parse`].
            pub fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
                match self { $(Self::$variant(kind) => kind.parse(texts),)* }
            }
            /// See [`FieldType::normalise`].
            pub fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject> {
                match self { $(Self::$variant(kind) => kind.normalise(value, locale),)* }
            }
            /// See [`FieldType::display`].
            pub fn display(&self, value: &Value, locale: &Locale) -> String {
                match self { $(Self::$variant(kind) => kind.display(value, locale),)* }
            }
            /// See [`FieldType::form_texts`].
            pub fn form_texts(&self, value: &Value) -> Vec<String> {
                match self { $(Self::$variant(kind) => kind.form_texts(value),)* }
            }
            /// See [`FieldType::cast`].
            pub fn cast(&self) -> Cast {
                match self { $(Self::$variant(kind) => kind.cast(),)* }
            }
            /// See [`FieldType::key`].
            pub fn key(&self, value: &Value) -> Option<Key> {
                match self { $(Self::$variant(kind) => kind.key(value),)* }
            }
            /// See [`FieldType::expr_type`].
            pub fn expr_type(&self) -> expr::Type {
                match self { $(Self::$variant(kind) => kind.expr_type(),)* }
            }
            /// See [`FieldType::expr_value`].
            pub fn expr_value(&self, value: &Value) -> expr::Value {
                match self { $(Self::$variant(kind) => kind.expr_value(value),)* }
            }
            /// See [`FieldType::search_text`].
            pub fn search_text(&self, value: &Value) -> Option<String> {
                match self { $(Self::$variant(kind) => kind.search_text(value),)* }
            }
        }
    };
}

field_types! {
    Text => text,
    LongText => long_text,
    Choice => choice,
    MultiChoice => multi_choice,
    Integer => integer,
    Decimal => decimal,
    Money => money,
    Percent => percent,
    Boolean => boolean,
    Date => date,
    DateTime => date_time,
    Email => email,
    Phone => phone,
    Url => url,
    Relation => relation,
    Member => member,
    AutoNumber => auto_number,
}

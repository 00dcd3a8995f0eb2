//! The trait that every field type implements; its method docs are the contract.

use serde_json::Value;

use super::{Cast, ChoiceOption, Control, FieldError, Key, Locale, Reject, Sample, read};
use crate::expr;

/// What a field type is. Each method's text is the contract that the shared suite `tests/it/field_types.rs` checks
/// over `samples()`. No method panics, whatever it is given.
pub trait FieldType:
    Sized + serde::Serialize + serde::de::DeserializeOwned + Clone + std::fmt::Debug
{
    /// The word in templates and API: `type: email`.
    const KEY: &'static str;
    /// One sentence for the reference page: what it stores and when to choose it.
    const SUMMARY: &'static str;
    /// The icon (a Lucide name) that stands for the type in the add-field dialog.
    const ICON: &'static str;
    /// The HTML partial beside this file, with the faces `read`, `cell`, `form`, `operand`.
    const PARTIAL: &'static str;
    /// Contains-search looks at its values, unless the field says `searchable: false`.
    const SEARCHED: bool = false;
    /// A field of this type may take a slot; one that may not can be neither `sortable` nor `unique`.
    const SLOTTED: bool = true;
    /// The engine assigns the value; clients never write it.
    const ASSIGNED: bool = false;

    /// Examples: options, a form text, the stored JSON, the display, and values that must be refused.
    fn samples() -> Vec<Sample>;

    /// JSON Schema (2020-12) of the options that this type adds to a field definition: an object schema with
    /// `properties` (each with a `description`) and, where an option must be given, `required`.
    fn options_schema() -> Value;

    /// Checks the options against each other when a field is defined (min ≤ max, pattern compiles, keys unique…).
    fn check(&self) -> Vec<FieldError> {
        Vec::new()
    }

    /// JSON Schema (2020-12) of a stored, non-null value; never a `$ref`.
    fn json_schema(&self) -> Value;

    /// Whether an input was left blank; the form layer then stores nothing and does not call `parse`.
    fn is_blank(&self, texts: &[&str]) -> bool {
        texts.iter().all(|text| text.trim().is_empty())
    }

    /// Turns form text into JSON, before `normalise`. `texts` has one entry, or several for multi-valued inputs;
    /// input that `is_blank` never arrives here. A compound type (money) receives its parts in order.
    fn parse(&self, texts: &[&str]) -> Result<Value, Reject> {
        read::single(texts)
    }

    /// Brings a JSON value (not null) into its one stored form, or refuses it.
    /// `normalise(normalise(x)) == normalise(x)`.
    fn normalise(&self, value: Value, locale: &Locale) -> Result<Value, Reject>;

    /// The value as people read it, in plain text. Gets stored values only. Of relations and members it is the id:
    /// titles and names are known to the record layer, which shows them instead.
    fn display(&self, value: &Value, _locale: &Locale) -> String {
        read::plain(value)
    }

    /// The texts with which a form is filled again, such that `parse` and `normalise` of them, in the same locale,
    /// give `value` back.
    fn form_texts(&self, value: &Value, _locale: &Locale) -> Vec<String> {
        vec![read::plain(value)]
    }

    /// How SQL compares and sorts it: which family of slots it may take, and how its JSON is read without a slot.
    fn cast(&self) -> Cast;

    /// The sort and compare key of a stored value, of the family that `cast` names; none where not `SLOTTED`.
    fn key(&self, value: &Value) -> Option<Key> {
        self.cast().key(value).filter(|_| Self::SLOTTED)
    }

    /// Its type in expressions.
    fn expr_type(&self) -> expr::Type {
        self.cast().expr_type()
    }

    /// Its stored value as a value of the expression language.
    fn expr_value(&self, value: &Value) -> expr::Value {
        self.cast().expr_value(value)
    }

    /// The words that find a record by this value; none for types that are not `SEARCHED`.
    fn search_text(&self, _value: &Value) -> Option<String> {
        None
    }

    /// The options to choose from, retired ones too; empty for types without options.
    fn options(&self) -> &[ChoiceOption] {
        &[]
    }

    /// What the partial's controls need to know of the type's options.
    fn control(&self, _locale: &Locale) -> Control {
        Control::default()
    }

    /// Where a stored value leads when it is clicked, as an absolute link of a harmless scheme.
    fn href(&self, _value: &Value) -> Option<String> {
        None
    }
}

//! Options to choose from, and the hues that mark them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Control, FieldError, Reject, definition::KEY_PATTERN, face::OptionFace};
use crate::limits;

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// `^[a-z][a-z0-9_]{0,47}$`, unique in the field; this is what records store.
    pub key: String,
    /// What people read.
    pub label: String,
    /// The colour of its chip.
    #[serde(default)]
    pub color: Hue,
    /// A retired option (false) stays readable and is not offered any more.
    #[serde(default = "active", skip_serializing_if = "is_active")]
    pub active: bool,
}

fn active() -> bool {
    true
}

fn is_active(active: &bool) -> bool {
    *active
}

/// The ten hues of chips and module dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the colours")]
pub enum Hue {
    #[default]
    Gray,
    Red,
    Orange,
    Amber,
    Lime,
    Green,
    Teal,
    Blue,
    Violet,
    Pink,
}

impl Hue {
    /// Every hue, in the order of the palette.
    pub const ALL: [Self; 10] = [
        Self::Gray,
        Self::Red,
        Self::Orange,
        Self::Amber,
        Self::Lime,
        Self::Green,
        Self::Teal,
        Self::Blue,
        Self::Violet,
        Self::Pink,
    ];
}

/// JSON Schema of the `options` key of a field definition.
pub(super) fn schema() -> Value {
    json!({
        "description": "What can be chosen, in the order of the menu. Records store the key; an option with \
                        `active: false` stays readable and is not offered any more.",
        "type": "array",
        "minItems": 1,
        "maxItems": limits::OPTIONS,
        "items": {
            "type": "object",
            "properties": {
                "key": {"type": "string", "pattern": KEY_PATTERN},
                "label": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "\\S"},
                "color": {"enum": Hue::ALL},
                "active": {"type": "boolean"},
            },
            "required": ["key", "label"],
            "additionalProperties": false,
        },
    })
}

/// JSON Schema of the `option_set` key of a field definition.
pub(super) fn set_schema() -> Value {
    json!({
        "description": "The key of the option set whose options the field offers, instead of `options`.",
        "type": "string",
        "pattern": KEY_PATTERN,
    })
}

/// Options that several fields share, under a key of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionSet {
    /// `^[a-z][a-z0-9_]{0,47}$`, unique in the tenant.
    pub key: String,
    /// What people read.
    pub label: String,
    /// The options in their order.
    pub options: Vec<ChoiceOption>,
}

impl OptionSet {
    /// JSON Schema (2020-12) of a set.
    pub fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "key": {"description": "Unique in the workspace.", "type": "string", "pattern": KEY_PATTERN},
                "label": {"description": "What people read.", "type": "string", "minLength": 1, "maxLength": 100,
                          "pattern": "\\S"},
                "options": schema(),
            },
            "required": ["key", "label", "options"],
            "additionalProperties": false,
        })
    }

    /// Faults that the schema cannot see.
    pub fn check(&self) -> Vec<FieldError> {
        check(&self.options)
    }
}

/// Faults of a field that has options of its own, or names the set that has them.
pub(super) fn check_choice(options: &[ChoiceOption], set: Option<&str>) -> Vec<FieldError> {
    match set {
        None if options.is_empty() => {
            vec![FieldError::new("/options", "give the options, or the option_set that has them")]
        }
        // A field whose set has been looked up carries its options.
        None | Some(_) if !options.is_empty() => check(options),
        _ => Vec::new(),
    }
}

/// What is wrong with new options in place of old ones: records have the old keys, so none may go.
pub fn check_change(old: &[ChoiceOption], new: &[ChoiceOption]) -> Vec<FieldError> {
    let mut faults = check(new);
    for option in old.iter().filter(|option| find(new, &option.key).is_none()) {
        let message =
            format!("the option '{}' is missing; to offer it no more, give it active: false", option.key);
        faults.push(FieldError::new("/options", message));
    }
    for (index, option) in new.iter().enumerate() {
        if !super::definition::is_key(&option.key) {
            let message = "must be a key: a lower-case letter, then up to 47 letters, digits or _";
            faults.push(FieldError::new(format!("/options/{index}/key"), message));
        }
        let length = option.label.trim().chars().count();
        if length == 0 || option.label.chars().count() > 100 {
            faults.push(FieldError::new(format!("/options/{index}/label"), "must have 1 to 100 characters"));
        }
    }
    faults
}

/// The sort key of an option: where it stands, then its key, so that equal keys are equal options.
pub(super) fn rank(options: &[ChoiceOption], key: &str) -> String {
    let position = options.iter().position(|option| option.key == key).unwrap_or(999);
    format!("{position:03} {key}")
}

/// Faults that the schema cannot see: no option, too many, a key twice.
pub(super) fn check(options: &[ChoiceOption]) -> Vec<FieldError> {
    let mut faults = Vec::new();
    if options.is_empty() || options.len() > limits::OPTIONS {
        faults.push(FieldError::new("/options", format!("give 1 to {} options", limits::OPTIONS)));
    }
    for (index, option) in options.iter().enumerate() {
        if options[..index].iter().any(|other| other.key == option.key) {
            let message = format!("the option key '{}' is there twice", option.key);
            faults.push(FieldError::new(format!("/options/{index}/key"), message));
        }
    }
    faults
}

/// The option that has this key.
pub(super) fn find<'a>(options: &'a [ChoiceOption], key: &str) -> Option<&'a ChoiceOption> {
    options.iter().find(|option| option.key == key)
}

/// The position of an active option, or why the value names none.
pub(super) fn pick(options: &[ChoiceOption], value: &Value) -> Result<usize, Reject> {
    let key = value.as_str().ok_or_else(|| Reject::new("type", "Choose an option by its key."))?;
    let Some(position) = options.iter().position(|option| option.key == key) else {
        return Err(Reject::new("option", "Choose one of the options."));
    };
    if options[position].active {
        Ok(position)
    } else {
        let message =
            format!("'{}' is not offered any more; choose another option.", options[position].label);
        Err(Reject::new("option", message))
    }
}

/// The label of a stored key.
pub(super) fn label(options: &[ChoiceOption], key: &str) -> String {
    find(options, key).map_or(key, |option| &option.label).to_owned()
}

/// Every key, retired ones too: they are still stored.
pub(super) fn keys(options: &[ChoiceOption]) -> Vec<String> {
    options.iter().map(|option| option.key.clone()).collect()
}

/// What a control offers.
pub(super) fn control(options: &[ChoiceOption]) -> Control {
    Control { options: options.iter().map(OptionFace::from).collect(), ..Control::default() }
}

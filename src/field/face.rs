//! The faces of a field: what its partial is given, so that no key can be forgotten under strict rendering.

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, TemplateError};
use serde::Serialize;
use serde_json::Value;

use super::line_face::LinesFace;
use super::{ChoiceOption, FIELD_TYPES, Field, FieldKind, Hue, Locale};

/// Attributes that nearly every control has; partials include it as `{{> field/attributes}}`.
const ATTRIBUTES: &str = include_str!("attributes.hbs");

/// Registers every field partial as `field/<type>`, and what they share as `field/attributes`.
pub fn register(registry: &mut Handlebars<'_>) -> Result<(), Box<TemplateError>> {
    registry.register_partial("field/attributes", ATTRIBUTES)?;
    registry.register_helper("markdown", Box::new(drawn));
    for info in FIELD_TYPES {
        registry.register_partial(&format!("field/{}", info.key), info.partial)?;
    }
    Ok(())
}

/// `{{markdown text}}`: a rich text as HTML, which is made anew from its source each time and of harmless tags only.
fn drawn(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let source = helper.param(0).and_then(|param| param.value().as_str()).unwrap_or_default();
    Ok(out.write(&super::markdown::html(source))?)
}

/// How a field is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Face {
    /// On the record page.
    Read,
    /// In a list.
    Cell,
    /// As an input of a form; only the control, without label, help and error.
    Form,
    /// As the operand of a filter.
    Operand,
}

impl Face {
    /// Every face.
    pub const ALL: [Self; 4] = [Self::Read, Self::Cell, Self::Form, Self::Operand];
}

/// What a field type's controls need to know of its options. Everything is text as HTML attributes want it, and ""
/// where there is nothing to say.
#[derive(Clone, Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the names are the options of the field types")]
pub struct Control {
    pub placeholder: String,
    pub min: String,
    pub max: String,
    pub step: String,
    pub min_length: String,
    pub max_length: String,
    pub rows: String,
    pub unit: String,
    /// Module key of a relation's other side.
    pub target: String,
    /// Where the picker of a relation or member asks for more choices; set by the page.
    pub choices: String,
    /// The one currency of a money field that fixes it.
    pub currency: String,
    /// The words for true and false.
    pub yes: String,
    pub no: String,
    /// What the control offers to choose from. Relations and members get theirs from the page.
    pub options: Vec<OptionFace>,
    /// The inputs of a type whose values have several, in the order of its texts.
    pub parts: Vec<PartFace>,
}

/// One of several inputs of a value, such as the city of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartFace {
    /// What people read.
    pub label: &'static str,
    /// What browsers call it.
    pub autocomplete: &'static str,
    /// Most characters.
    pub max_length: String,
    /// What is in it.
    pub text: String,
    /// What it offers to choose from; none where it is typed.
    pub options: Vec<OptionFace>,
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionFace {
    /// What the control sends.
    pub key: String,
    /// What people read.
    pub label: String,
    /// The colour of its chip.
    pub color: Hue,
    /// Offered for new values.
    pub active: bool,
    /// Chosen now.
    pub selected: bool,
}

impl OptionFace {
    /// An active option of the first hue, such as a record that a relation may point to.
    pub fn new(key: impl Into<String>, label: impl Into<String>, selected: bool) -> Self {
        Self { key: key.into(), label: label.into(), color: Hue::default(), active: true, selected }
    }
}

impl From<&ChoiceOption> for OptionFace {
    fn from(option: &ChoiceOption) -> Self {
        Self {
            key: option.key.clone(),
            label: option.label.clone(),
            color: option.color,
            active: option.active,
            selected: false,
        }
    }
}

/// A related record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LinkFace {
    /// Its id.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its page; "" where the actor may not see it.
    pub href: String,
}

/// A coloured word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// What people read.
    pub label: String,
    /// Which hue it has.
    pub color: Hue,
}

/// The field as its partial sees it.
#[derive(Clone, Debug, Serialize)]
pub struct FieldFace {
    /// See [`Field::key`].
    pub key: String,
    /// See [`Field::label`].
    pub label: String,
    /// The type's key.
    #[serde(rename = "type")]
    pub type_key: &'static str,
    /// See [`Field::help`]; "" for none.
    pub help: String,
    /// A value must be given; false for operands.
    pub required: bool,
    /// Shown, never typed.
    pub read_only: bool,
    /// What the type adds to `form` and `operand`; blank for `read` and `cell`.
    #[serde(flatten)]
    pub control: Control,
}

/// Everything that a field partial may ask for. Fields are public: pages fill in what only they know.
#[derive(Clone, Debug, Serialize)]
pub struct FaceContext {
    /// Which face is drawn. A read-only field asked for as a form is drawn as `read`.
    pub face: Face,
    /// The partial to include, such as `field/email`.
    pub partial: String,
    /// The field.
    pub field: FieldFace,
    /// Name of the input.
    pub name: String,
    /// HTML id of the control; its label has the id `{id}-label`.
    pub id: String,
    /// What is in the inputs.
    pub texts: Vec<String>,
    /// The first of `texts`, or "".
    pub text: String,
    /// The value as plain text, or "".
    pub display: String,
    /// There is no value.
    pub empty: bool,
    /// The chosen options.
    pub chips: Vec<Chip>,
    /// The lines of line items.
    pub lines: LinesFace,
    /// Where the value leads, or "". Pages set it for relations.
    pub href: String,
    /// The words of that link. Pages set it for relations and members.
    pub title: String,
    /// Where the values of several relations lead. Pages set it.
    pub links: Vec<LinkFace>,
    /// What was typed is refused.
    pub invalid: bool,
    /// Ids of help and error text, or "".
    pub describedby: String,
}

impl FaceContext {
    /// The context of a stored value, or of no value. `name` and `id` are the field's key.
    pub fn new(field: &Field, face: Face, value: Option<&Value>, locale: &Locale) -> Self {
        let face = if face == Face::Form && field.is_read_only() { Face::Read } else { face };
        let value = value.filter(|value| !value.is_null());
        let display = value.map(|value| field.kind.display(value, locale)).unwrap_or_default();
        let mut context = Self {
            face,
            partial: format!("field/{}", field.kind.type_key()),
            field: field_face(field, face, locale),
            name: field.key.clone(),
            id: field.key.clone(),
            texts: Vec::new(),
            text: String::new(),
            empty: value.is_none(),
            chips: value.map(|value| chips(field.options(), value)).unwrap_or_default(),
            lines: LinesFace::default(),
            href: value.and_then(|value| field.kind.href(value)).unwrap_or_default(),
            title: display.clone(),
            links: Vec::new(),
            display,
            invalid: false,
            describedby: String::new(),
        };
        if let Some(value) = value {
            context = context.with_texts(field.kind.form_texts(value, locale));
        }
        if matches!(field.kind, FieldKind::LineItems(_)) {
            context.lines = match value {
                Some(value) if face == Face::Read => LinesFace::of_value(value, &context.texts),
                _ => LinesFace::of_texts(&context.texts).with_blanks(),
            };
        }
        if face == Face::Form {
            // A retired option stays on offer where it is the present value, and nowhere else.
            context.field.control.options.retain(|option| option.active || option.selected);
        }
        context
    }

    /// Puts texts into the control, such as refused input that must not be lost, and selects what they name.
    pub fn with_texts(mut self, texts: Vec<String>) -> Self {
        for option in &mut self.field.control.options {
            option.selected = texts.contains(&option.key);
        }
        for (part, text) in self.field.control.parts.iter_mut().zip(&texts) {
            part.text.clone_from(text);
            part.options.iter_mut().for_each(|option| option.selected = option.key == *text);
        }
        self.text = texts.first().cloned().unwrap_or_default();
        if self.field.type_key == "line_items" {
            self.lines = LinesFace::of_texts(&texts).with_blanks();
        }
        self.texts = texts;
        self
    }
}

fn field_face(field: &Field, face: Face, locale: &Locale) -> FieldFace {
    FieldFace {
        key: field.key.clone(),
        label: field.label.clone(),
        type_key: field.kind.type_key(),
        help: field.help.clone().unwrap_or_default(),
        required: field.required && face == Face::Form,
        read_only: field.is_read_only(),
        // A list draws many cells; building every option of every cell would cost more than the rest of the page.
        control: match face {
            Face::Form | Face::Operand => field.kind.control(locale),
            Face::Read | Face::Cell => Control::default(),
        },
    }
}

fn chips(options: &[ChoiceOption], value: &Value) -> Vec<Chip> {
    let keys = match value {
        Value::Array(keys) => keys.as_slice(),
        key => std::slice::from_ref(key),
    };
    let chosen = keys.iter().filter_map(Value::as_str);
    let found = chosen.filter_map(|key| super::option::find(options, key));
    found.map(|option| Chip { label: option.label.clone(), color: option.color }).collect()
}

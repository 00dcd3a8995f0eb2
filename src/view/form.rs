//! Forms: sections of the layout with their fields, stage and owner; what was typed is never lost.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::choices::Offers;
use super::conflict::Conflict;
use super::{ModuleAccess, ModuleFace, ViewContext, face, rules, system};
use crate::field::face::LinkFace;
use crate::field::{Face, FaceContext, Field, FieldKind};
use crate::id::UserId;
use crate::record::{self, Fault, Record};
use crate::schema::definition::{LayoutPurpose, Section};
use crate::schema::{Module, StoredField};

/// What was typed, by the name of the input.
pub type Typed = HashMap<String, Vec<String>>;

/// What a form is for.
#[derive(Clone, Copy)]
pub enum FormPurpose<'a> {
    /// A new record.
    Create,
    /// Changing this one.
    Edit(&'a Record),
}

/// What a form is drawn again with.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    /// What was typed; for a new record what its address suggests.
    pub typed: Typed,
    /// Why it is refused.
    pub faults: Vec<Fault>,
    /// What somebody else has changed meanwhile.
    pub conflict: Option<Conflict>,
}

/// Everything that a form shows.
#[derive(Clone, Debug, Serialize)]
pub struct FormModel {
    /// The module.
    pub module: ModuleFace,
    /// What the actor may do in it.
    pub can: ModuleAccess,
    /// It makes a record rather than changing one.
    pub is_new: bool,
    /// "New patient", "Edit Asha Rao"
    pub heading: String,
    /// Where it is sent.
    pub action: String,
    /// Where one leaves it.
    pub cancel_href: String,
    /// A stable key for the local draft.
    pub draft: String,
    /// The version that is edited; "" for a new record.
    pub version: String,
    /// Stage and owner, where the actor sets them.
    pub placement: Vec<FormField>,
    /// What is in `placement`.
    pub placement_label: String,
    /// The sections of the layout.
    pub sections: Vec<FormSection>,
    /// Every fault with the place that it is about.
    pub summary: Vec<SummaryLine>,
    /// "Two fields need attention"; "" where none does.
    pub summary_title: String,
    /// Whether it may be a record that is there already, and somebody must say that it is meant.
    pub resembles: bool,
    /// What somebody else has changed meanwhile.
    pub conflict: Option<Conflict>,
    /// Conditions and formulas for the browser, as JSON; "" where the module has none.
    pub rules: String,
}

/// A titled group of fields.
#[derive(Clone, Debug, Serialize)]
pub struct FormSection {
    /// The heading.
    pub label: String,
    /// One column instead of two.
    pub one_column: bool,
    /// Fields in order.
    pub fields: Vec<FormField>,
}

/// A field with everything around its control.
#[derive(Clone, Debug, Serialize)]
pub struct FormField {
    /// The field's key.
    pub key: String,
    /// What people read.
    pub label: String,
    /// A sentence under the control; "" for none.
    pub help: String,
    /// Why the value is refused; "" when it is not.
    pub error: String,
    /// A value must be given.
    pub required: bool,
    /// It shows what a formula gives.
    pub computed: bool,
    /// It takes both columns.
    pub wide: bool,
    /// It has no single control that a label could be for.
    pub grouped: bool,
    /// The control.
    pub face: FaceContext,
}

/// A line of the summary above the form.
#[derive(Clone, Debug, Serialize)]
pub struct SummaryLine {
    /// The control, as an address in the page; "" for faults of the whole.
    pub href: String,
    /// What is wrong with it.
    pub text: String,
}

/// A form for a record of a module.
pub async fn form(
    ctx: ViewContext<'_>,
    module: &Module,
    purpose: FormPurpose<'_>,
    state: FormState,
) -> Result<FormModel, record::Error> {
    let values = match purpose {
        FormPurpose::Create => defaults(module),
        FormPurpose::Edit(record) => record.values(),
    };
    let offers = Offers::load(ctx, module, &state.typed).await?;
    let drawing = Drawing { ctx, module, values: &values, state: &state, offers: &offers };
    let sections = drawing.sections(matches!(purpose, FormPurpose::Create));
    let placement = drawing.placement(purpose);
    let (heading, action, cancel_href, version) = addresses(ctx, module, purpose);
    Ok(FormModel {
        module: ModuleFace::new(module, ctx.links),
        can: ModuleAccess::of(ctx.work, module),
        is_new: matches!(purpose, FormPurpose::Create),
        heading,
        draft: format!("{action}:{version}"),
        action,
        cancel_href,
        version,
        placement_label: placement.iter().map(|field| field.label.as_str()).collect::<Vec<_>>().join(" and "),
        placement,
        sections,
        summary: state.faults.iter().map(|fault| summary_line(module, fault)).collect(),
        summary_title: summary_title(state.faults.len()),
        resembles: state.faults.iter().any(|fault| fault.code == "possible_duplicate"),
        conflict: state.conflict,
        rules: rules::for_browser(ctx, module, purpose),
    })
}

/// One field of a record as the control of a cell: its own, stage or owner. None for a field that people do not write.
pub async fn cell_field(
    ctx: ViewContext<'_>,
    module: &Module,
    record: &Record,
    key: &str,
    state: &FormState,
) -> Result<Option<FormField>, record::Error> {
    let Some(field) = system::control(module, key) else { return Ok(None) };
    if !super::table::is_editable(module, &field)
        || (key == "owner" && !ModuleAccess::of(ctx.work, module).assign)
    {
        return Ok(None);
    }
    let values = record.values();
    let offers = Offers::of_field(ctx, module, key, &state.typed).await?;
    let drawing = Drawing { ctx, module, values: &values, state, offers: &offers };
    let value = match (module.field(key), key) {
        (None, "stage") => system::stage_of(module, record),
        _ => system::value(record, &values, module, key).map(|value| value.into_owned()),
    };
    Ok(Some(drawing.field(&field, value.as_ref())))
}

fn addresses(
    ctx: ViewContext<'_>,
    module: &Module,
    purpose: FormPurpose<'_>,
) -> (String, String, String, String) {
    let (links, key) = (ctx.links, module.key());
    match purpose {
        FormPurpose::Create => {
            let face = ModuleFace::new(module, links);
            (format!("New {}", face.one_lower), links.new_record(key), links.module(key), String::new())
        }
        FormPurpose::Edit(record) => (
            format!("Edit {}", record.title),
            links.of_record(key, record.id, "edit"),
            links.record(key, record.id),
            record.version.to_string(),
        ),
    }
}

/// The fixed defaults of a new record. Computed ones (`today()`) are filled in when it is saved without a value.
fn defaults(module: &Module) -> Map<String, Value> {
    let fixed = |stored: &StoredField| {
        let default = stored.field.default.clone().filter(|default| default.get("expr").is_none())?;
        Some((stored.field.key.clone(), default))
    };
    module.fields.iter().filter_map(fixed).collect()
}

/// A form in the making.
struct Drawing<'a> {
    ctx: ViewContext<'a>,
    module: &'a Module,
    values: &'a Map<String, Value>,
    state: &'a FormState,
    offers: &'a Offers,
}

impl Drawing<'_> {
    /// The layout's sections; fields that none of them names follow in one of their own.
    fn sections(&self, is_new: bool) -> Vec<FormSection> {
        let sections = layout(self.module);
        let section = |section: &Section| FormSection {
            label: section.label.clone(),
            one_column: section.columns < 2,
            fields: section
                .fields
                .iter()
                .filter_map(|key| self.module.field(key))
                .filter_map(|stored| self.own(stored, is_new))
                .collect(),
        };
        sections.iter().map(section).filter(|section| !section.fields.is_empty()).collect()
    }

    fn own(&self, stored: &StoredField, is_new: bool) -> Option<FormField> {
        // What a formula gives is shown while the others are typed.
        if is_new && stored.field.is_read_only() && stored.field.rules.formula.is_none() {
            return None;
        }
        Some(self.field(&stored.field, self.values.get(&stored.field.key)))
    }

    /// Stage and owner.
    fn placement(&self, purpose: FormPurpose<'_>) -> Vec<FormField> {
        let assign = ModuleAccess::of(self.ctx.work, self.module).assign;
        let wanted = ["stage", "stage_reason", "owner"].into_iter().filter(|key| *key != "owner" || assign);
        let control = |key| {
            let field = system::control(self.module, key)?;
            let value = match purpose {
                FormPurpose::Edit(record) if key == "stage" => system::stage_of(self.module, record),
                FormPurpose::Edit(record) => {
                    system::value(record, self.values, self.module, key).map(|v| v.into_owned())
                }
                FormPurpose::Create if key == "stage_reason" => None,
                FormPurpose::Create if key == "owner" => Some(self.actor()),
                FormPurpose::Create => field.options().first().map(|option| Value::from(option.key.clone())),
            };
            Some(self.field(&field, value.as_ref()))
        };
        wanted.filter_map(control).collect()
    }

    fn actor(&self) -> Value {
        let actor = &self.ctx.work.actor;
        serde_json::json!({"id": actor.user, "name": actor.name})
    }

    fn field(&self, field: &Field, value: Option<&Value>) -> FormField {
        let name = input_name(self.module, &field.key);
        let mut face = self.ctx.face(field, Face::Form, value);
        if let Some(typed) = self.state.typed.get(&name) {
            face = self.retyped(field, face, typed);
        }
        match &field.kind {
            FieldKind::Relation(_) | FieldKind::Relations(_) | FieldKind::LineItems(_) => {
                let options = self.offers.relations.get(&field.key).cloned().unwrap_or_default();
                self.ctx.offer(&mut face, self.module, field, options);
            }
            FieldKind::Member(_) | FieldKind::Members(_) => {
                self.ctx.offer(&mut face, self.module, field, self.offers.members.clone())
            }
            _ => {}
        }
        let help = field.help.clone().unwrap_or_default();
        let error = self.error(&field.key);
        face.name = name;
        face.invalid = !error.is_empty();
        let notes = [("help", &help), ("err", &error)].into_iter().filter(|(_, text)| !text.is_empty());
        face.describedby = notes.map(|(part, _)| format!("{}-{part}", face.id)).collect::<Vec<_>>().join(" ");
        FormField {
            key: field.key.clone(),
            label: field.label.clone(),
            required: field.required && face.face == Face::Form,
            computed: field.rules.formula.is_some(),
            wide: is_wide(&field.kind),
            grouped: is_grouped(&field.kind) || face.face == Face::Read,
            help,
            error,
            face,
        }
    }

    fn retyped(&self, field: &Field, face: FaceContext, typed: &[String]) -> FaceContext {
        let mut face = face.with_texts(typed.to_vec());
        let id = typed.first().and_then(|text| text.parse().ok());
        if let (FieldKind::Relation(_), Some(id)) = (&field.kind, id) {
            face.title = self.offers.titles.get(&id).cloned().unwrap_or_default();
        }
        if let FieldKind::Relations(_) = &field.kind {
            let link = |key: &String| {
                let title = self.offers.titles.get(&key.parse().ok()?)?;
                Some(LinkFace { key: key.clone(), title: title.clone(), href: String::new() })
            };
            face.links = typed.iter().filter_map(link).collect();
        }
        face
    }

    /// What is wrong with a field; of stage and owner too.
    fn error(&self, key: &str) -> String {
        // A stage's control names its pipeline too, and the reason's stands apart from fields of that name.
        let places: &[&str] = match key {
            "stage" => &["/stage", "/pipeline"],
            "stage_reason" => &["/reason"],
            "owner" => &["/owner"],
            _ => &[],
        };
        let own = |fault: &&Fault| fault.field() == Some(key) || places.contains(&fault.pointer.as_str());
        let messages: Vec<_> =
            self.state.faults.iter().filter(own).map(|fault| fault.message.as_str()).collect();
        messages.join(" ")
    }
}

/// Whether a control takes both columns.
fn is_wide(kind: &FieldKind) -> bool {
    let texts = matches!(kind, FieldKind::LongText(_) | FieldKind::RichText(_) | FieldKind::Code(_));
    texts || matches!(kind, FieldKind::Json(_) | FieldKind::MultiChoice(_) | FieldKind::LineItems(_))
}

/// Whether a control has several inputs.
fn is_grouped(kind: &FieldKind) -> bool {
    matches!(
        kind,
        FieldKind::MultiChoice(_) | FieldKind::Address(_) | FieldKind::Location(_) | FieldKind::LineItems(_)
    )
}

/// The name of a field's input. Stage and owner stand apart, because a module may have fields of these names.
fn input_name(module: &Module, key: &str) -> String {
    match module.field(key) {
        Some(_) => key.to_owned(),
        None => format!("_{key}"),
    }
}

/// The sections of a module's forms.
fn layout(module: &Module) -> Vec<Section> {
    let layout = module.definition.layouts.iter().find(|layout| layout.purpose == LayoutPurpose::Form);
    let declared = layout.map(|layout| layout.sections.as_slice()).unwrap_or_default();
    with_rest(module, declared)
}

/// Declared sections, and what none of them names in a last one.
pub(super) fn with_rest(module: &Module, declared: &[Section]) -> Vec<Section> {
    let mut sections = declared.to_vec();
    let named = |key: &String| declared.iter().any(|section| section.fields.contains(key));
    let keys = module.fields.iter().map(|stored| stored.field.key.clone());
    let rest: Vec<String> = keys.filter(|key| !named(key)).collect();
    if !rest.is_empty() {
        let label = if declared.is_empty() { "Details" } else { "More" };
        sections.push(Section { label: label.to_owned(), columns: 2, fields: rest });
    }
    sections
}

fn summary_line(module: &Module, fault: &Fault) -> SummaryLine {
    let key = fault.field().or_else(|| fault.pointer.strip_prefix('/')).unwrap_or_default();
    let key = match fault.pointer.as_str() {
        "/pipeline" => "stage",
        "/reason" => "stage_reason",
        _ => key,
    };
    match system::control(module, key) {
        Some(field) => SummaryLine {
            href: format!("#{}", face::control_id(key)),
            text: format!("{}: {}", field.label, fault.message),
        },
        None => SummaryLine { href: String::new(), text: fault.message.clone() },
    }
}

fn summary_title(faults: usize) -> String {
    match faults {
        0 => String::new(),
        1 => "One field needs attention".to_owned(),
        more => format!("{more} fields need attention"),
    }
}

/// The owner that a form names, or why the text names nobody. "" leaves the record without one.
pub fn typed_owner(typed: &Typed) -> Result<Option<Option<UserId>>, Fault> {
    let Some(text) = typed.get("_owner").and_then(|texts| texts.first()) else { return Ok(None) };
    match text.trim() {
        "" => Ok(Some(None)),
        id => match id.parse() {
            Ok(id) => Ok(Some(Some(id))),
            Err(_) => Err(Fault::new("/owner", "format", "Choose a member of the workspace.")),
        },
    }
}

/// The keys of pipeline and stage that a control names: `stage`, or `pipeline.stage` where there are several pipelines.
pub fn typed_stage(text: &str) -> (Option<String>, Option<String>) {
    match text.trim().split_once('.') {
        Some((pipeline, stage)) => (Some(pipeline.to_owned()), Some(stage.to_owned())),
        None => (None, Some(text.trim().to_owned()).filter(|key| !key.is_empty())),
    }
}

//! The kinds of file that a template is made of, and the JSON Schema of each.

use serde_json::{Value, json};

use crate::access::role::{Capability, FieldAccess, Scope, Verb};
use crate::field::OptionSet;
use crate::limits;
use crate::pipeline::StageCategory;
use crate::schema::definition::{Feature, Hue, LayoutPurpose, Likeness, OnCreate, Severity, ViewKind};

/// What keys look like.
pub(super) const KEY_PATTERN: &str = "^[a-z][a-z0-9_]{0,47}$";
/// What the key of a template looks like; it is also the name of its folder.
const TEMPLATE_KEY_PATTERN: &str = "^[a-z][a-z0-9-]{0,47}$";
/// Views of a module, and roles of a template.
const FEW: usize = 50;
/// Fields in a record's header.
const HIGHLIGHTS: usize = 6;

/// A kind of YAML file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `template.yaml`: who it is.
    Template,
    /// `modules/<key>.yaml`: a module with its fields, layouts and views.
    Module,
    /// `pipelines/<key>.yaml`: the stages of a module.
    Pipeline,
    /// `roles.yaml`: the permission matrix.
    Roles,
    /// `samples/<module>.yaml`: demo records.
    Samples,
    /// `options.yaml`: options that fields share.
    Options,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Template, Self::Module, Self::Pipeline, Self::Roles, Self::Samples, Self::Options];

    /// The word for it, and the name of its schema file (`module.schema.json`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Module => "module",
            Self::Pipeline => "pipeline",
            Self::Roles => "roles",
            Self::Samples => "samples",
            Self::Options => "options",
        }
    }

    /// The kind of file at a path inside a template, with the key that the path gives it.
    pub(super) fn of(path: &str) -> Option<(Self, &str)> {
        match path {
            "template.yaml" => return Some((Self::Template, "template")),
            "roles.yaml" => return Some((Self::Roles, "roles")),
            "options.yaml" => return Some((Self::Options, "options")),
            _ => {}
        }
        let (folder, file) = path.split_once('/')?;
        let stem = file.strip_suffix(".yaml").filter(|stem| !stem.contains('/'))?;
        let kind = match folder {
            "modules" => Self::Module,
            "pipelines" => Self::Pipeline,
            "samples" => Self::Samples,
            _ => return None,
        };
        Some((kind, stem))
    }

    /// Its JSON Schema (2020-12), self-contained, as published under `docs/reference/template/`.
    pub fn schema(self) -> Value {
        let mut schema = self.shape(crate::field::field_schema());
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!(format!("Trellis template: {}", self.name()));
        schema
    }

    /// The schema that the loader checks with: the published one, but fields are left to [`crate::field`], which
    /// explains their faults better than a schema over all types can.
    pub(super) fn loader_schema(self) -> Value {
        self.shape(json!({ "type": "object" }))
    }

    fn shape(self, field: Value) -> Value {
        match self {
            Self::Template => template(),
            Self::Module => module(field),
            Self::Pipeline => pipeline(),
            Self::Roles => roles(),
            Self::Samples => samples(),
            Self::Options => options(),
        }
    }
}

fn template() -> Value {
    object(
        &[
            "key",
            "name",
            "summary",
            "version",
            "category",
            "icon",
            "license",
            "authors",
            "currency",
            "country",
            "highlights",
            "changelog",
        ],
        json!({
            "key": pattern(TEMPLATE_KEY_PATTERN, "The template's name for programs: lower-case letters, digits and '-', as its folder is named."),
            "name": text(60, "What the gallery shows."),
            "summary": text(300, "One sentence: whom it is for."),
            "version": pattern(r"^\d{1,5}\.\d{1,5}\.\d{1,5}$", "A version such as 1.0.0."),
            "category": text(60, "What trade it belongs to."),
            "icon": icon(),
            "hue": hue(),
            "license": text(60, "An SPDX licence name."),
            "authors": list(text(100, "A person or an organisation."), 1, 20),
            "currency": pattern("^[A-Z]{3}$", "An ISO 4217 currency code such as EUR."),
            "country": pattern("^[A-Z]{2}$", "An ISO 3166-1 country code of two letters such as IN."),
            "timezone": text(60, "An IANA time zone such as Asia/Kolkata; UTC where it is missing."),
            "modules": described(list(key(), 0, limits::MODULES), "Modules in the order of the sidebar; others follow by key."),
            "highlights": described(list(text(120, "One line."), 3, 6), "What the gallery says of it, in short lines."),
            "changelog": list(object(&["version", "notes"], json!({
                "version": pattern(r"^\d{1,5}\.\d{1,5}\.\d{1,5}$", "A version such as 1.0.0."),
                "notes": text(2000, "What changed, for people who use it."),
            })), 1, 1000),
        }),
    )
}

fn module(field: Value) -> Value {
    object(
        &["key", "label", "title", "fields"],
        json!({
            "key": key(),
            "label": described(object(&["one", "many"], json!({
                "one": text(60, "One record: Patient."),
                "many": text(60, "Several records: Patients."),
            })), "What people read."),
            "icon": icon(),
            "hue": hue(),
            "summary": text(300, "One sentence: what a record is."),
            "title": text(limits::EXPRESSION_BYTES, "An expression over the module's fields that names a record."),
            "features": {
                "type": "array", "uniqueItems": true, "items": one_of(&Feature::ALL),
                "description": "What stands around a record: activities, files, comments, followers.",
            },
            "fields": described(list(field, 1, limits::FIELDS_PER_MODULE), "Fields in the order of the form."),
            "validation": described(list(validation(), 0, FEW), "What must hold for every record, whoever writes it."),
            "product": product(),
            "layouts": list(layout(), 0, FEW),
            "views": described(list(view(), 0, FEW), "Ways to look at the module; the first is the default list."),
            "unique": described(
                list(list(key(), 2, 10), 0, limits::RULES_PER_MODULE),
                "Fields that no two records may have all alike, such as [[ward, number]]. A record that lacks one of them is not compared.",
            ),
            "duplicates": described(
                list(duplicate_rule(), 0, limits::RULES_PER_MODULE),
                "When two records are taken for the same thing twice.",
            ),
            "retention": object(&[], json!({
                "trash_days": {
                    "type": "integer", "minimum": 1, "maximum": 3650,
                    "description": "Days in the trash, after which a record is removed for good; 30 where nothing is said.",
                },
            })),
        }),
    )
}

fn product() -> Value {
    let keys = object(
        &["sku", "price"],
        json!({
            "sku": described(key(), "A unique text field."),
            "price": described(key(), "The default price, a money field."),
            "cost": described(key(), "What it costs ourselves, a money field."),
            "max_discount": described(key(), "The most that may be taken off, a percent field."),
            "margin_target": described(key(), "The margin that is wanted, a percent field."),
            "tax": described(key(), "The tax on it, a percent field."),
            "active": described(key(), "Whether it may still be sold, a boolean field."),
        }),
    );
    described(
        keys,
        "Makes the module's records products: which of its fields mean what to the lines that sell them.",
    )
}

fn duplicate_rule() -> Value {
    let percent = |description: &str| json!({ "type": "integer", "minimum": 1, "maximum": 100, "description": description });
    object(
        &["match"],
        json!({
            "match": list(object(&["field"], json!({
                "field": key(),
                "method": one_of(&[Likeness::Exact, Likeness::Normalised, Likeness::Similar]),
                "weight": percent("How much the field counts against the others; 1 where nothing is said."),
            })), 1, 10),
            "threshold": percent("From how many percent of the weight on records are taken for the same; 100 where nothing is said."),
            "on_create": one_of(&[OnCreate::Warn, OnCreate::Block]),
        }),
    )
}

fn validation() -> Value {
    object(
        &["key", "must", "message"],
        json!({
            "key": key(),
            "when": text(limits::EXPRESSION_BYTES, "A condition: where the rule applies; everywhere where it is missing."),
            "must": text(limits::EXPRESSION_BYTES, "A condition: what must hold."),
            "message": text(300, "What is said where it does not hold: what to do."),
            "fields": described(list(key(), 1, limits::FIELDS_PER_MODULE), "The fields at which it is said."),
            "severity": one_of(&[Severity::Error, Severity::Warning]),
        }),
    )
}

const LAYOUT_PURPOSES: [LayoutPurpose; 2] = [LayoutPurpose::Form, LayoutPurpose::Record];

fn layout() -> Value {
    object(
        &["purpose", "sections"],
        json!({
            "purpose": one_of(&LAYOUT_PURPOSES),
            "highlights": described(list(key(), 0, HIGHLIGHTS), "Fields shown large in the record's header."),
            "sections": list(object(&["label", "fields"], json!({
                "label": text(80, "The heading."),
                "columns": { "type": "integer", "minimum": 1, "maximum": 2, "description": "Columns on a wide screen." },
                "fields": list(key(), 1, limits::FIELDS_PER_MODULE),
            })), 1, FEW),
        }),
    )
}

fn view() -> Value {
    object(
        &["key", "label", "columns"],
        json!({
            "key": key(),
            "label": text(60, "What people read."),
            "kind": one_of(&[ViewKind::Table]),
            "columns": described(list(key(), 1, 30), "Fields, or title, owner, pipeline, stage, stage_entered_at, created_at, updated_at."),
            "filter": text(limits::EXPRESSION_BYTES, "A condition in the expression language."),
            "sort": described(
                list(pattern("^-?[a-z][a-z0-9_]{0,47}$", "A field key, with '-' in front for descending."), 0, limits::SORT_KEYS),
                "What the list is sorted by.",
            ),
        }),
    )
}

fn pipeline() -> Value {
    let reason = object(&["key", "label"], json!({"key": key(), "label": text(60, "What people read.")}));
    let reopen = json!({
        "description": "Who may take a record out of a won or lost stage: anyone (where nothing is said), nobody, or some roles.",
        "oneOf": [{ "enum": ["anyone", "nobody"] }, list(key(), 1, FEW)],
    });
    object(
        &["key", "module", "label", "stages"],
        json!({
            "key": key(),
            "module": described(key(), "The module whose records move through it."),
            "label": text(60, "What people read."),
            "default": flag("New records of the module start here; one of several pipelines says so."),
            "amount": described(key(), "The number or money field that boards add up."),
            "reopen": reopen,
            "lost_reasons": described(list(reason, 0, FEW), "What to choose from when a record moves into a lost stage."),
            "stages": described(list(stage(), 1, limits::STAGES), "Stages in order; a new record starts in the first."),
        }),
    )
}

fn stage() -> Value {
    let condition = |what: &str| {
        text(limits::EXPRESSION_BYTES, &format!("A condition over the record's fields: {what}."))
    };
    let next = pattern(
        "^[a-z][a-z0-9_]{0,47}(\\.[a-z][a-z0-9_]{0,47})?$",
        "A stage of the pipeline, or pipeline.stage of another one.",
    );
    object(
        &["key", "label"],
        json!({
            "key": key(),
            "label": text(60, "What people read."),
            "color": hue(),
            "category": one_of(&[StageCategory::Open, StageCategory::Won, StageCategory::Lost]),
            "probability": { "type": "integer", "minimum": 0, "maximum": 100, "description": "Chance of success in percent." },
            "required": described(list(key(), 0, FEW), "Fields that a record must have a value in to enter."),
            "enter_when": condition("it must hold for a record to enter"),
            "enter_message": text(300, "What people are told who do not meet enter_when."),
            "leave_when": condition("it must hold for a record to leave"),
            "leave_message": text(300, "What people are told who do not meet leave_when."),
            "next": described(list(next, 0, FEW), "Stages that may follow; any where it is missing."),
            "roles": described(list(key(), 0, FEW), "Roles whose people may move a record in; everybody where it is missing."),
            "rot_after": { "type": "integer", "minimum": 1, "maximum": 3650, "description": "Days in the stage after which a record counts as forgotten." },
            "lock": flag("Records in it are read-only, but for fields with editable_when_locked."),
        }),
    )
}

fn roles() -> Value {
    let scope = one_of(&Scope::ALL);
    let mut grants: serde_json::Map<_, _> =
        Verb::ALL.iter().filter_map(|verb| Some((word(verb)?, scope.clone()))).collect();
    let condition = text(limits::EXPRESSION_BYTES, "A condition that records must meet, whatever the verb.");
    grants.insert("where".into(), condition);
    let path = format!("{}[.]{}", KEY_PATTERN.trim_end_matches('$'), KEY_PATTERN.trim_start_matches('^'));
    let role = object(
        &["key", "label", "modules"],
        json!({
            "key": key(),
            "label": text(60, "What people read."),
            "extends": described(key(), "A role whose grants it has too, where it does not say otherwise."),
            "summary": text(300, "One sentence: who has it."),
            "capabilities": { "type": "array", "uniqueItems": true, "items": one_of(&Capability::ALL) },
            "modules": {
                "type": "object",
                "maxProperties": limits::MODULES + 1,
                "description": "Grants by module key; '*' holds for every module that is not named.",
                "additionalProperties": object(&[], Value::Object(grants)),
            },
            "fields": {
                "type": "object",
                "maxProperties": 1000,
                "propertyNames": { "pattern": path },
                "description": "Single fields by 'module.field': hidden is not known of, masked shows the last characters, read is not written.",
                "additionalProperties": one_of(&FieldAccess::ALL),
            },
        }),
    );
    object(&["roles"], json!({ "roles": list(role, 1, FEW) }))
}

fn samples() -> Value {
    let expression = object(&["expr"], json!({ "expr": text(limits::EXPRESSION_BYTES, "An expression.") }));
    let record = object(
        &["ref", "data"],
        json!({
            "ref": pattern(
                "^[a-z0-9][a-z0-9_-]{0,63}$",
                "A name, unique in the module, by which other samples point at it: lower-case letters, digits, '_' and '-'.",
            ),
            "data": { "type": "object", "description": "Values by field key; {ref: module/ref}, {member: role} or {expr: today()} where the value is not fixed." },
            "pipeline": described(key(), "A pipeline of the module; the default one where it is missing."),
            "stage": described(key(), "A stage of the pipeline; the first where it is missing."),
            "reason": text(500, "Why it is there: the key of a lost reason, or a note."),
            "owner": described(key(), "The role whose demo member owns it."),
            "created": described(expression, "When it was created: {expr: now() - days(3)}."),
        }),
    );
    object(&["module", "records"], json!({ "module": key(), "records": list(record, 0, 1000) }))
}

fn options() -> Value {
    let sets = list(OptionSet::schema(), 1, limits::OPTION_SETS);
    object(&["sets"], json!({ "sets": described(sets, "Option sets; fields name one as their option_set.") }))
}

fn object(required: &[&str], properties: Value) -> Value {
    json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false })
}

fn list(items: Value, min: usize, max: usize) -> Value {
    json!({ "type": "array", "items": items, "minItems": min, "maxItems": max })
}

fn text(max: usize, description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": max, "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn pattern(pattern: &str, description: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "description": description })
}

fn key() -> Value {
    pattern(KEY_PATTERN, "A key: lower-case letters, digits and '_', a letter first, at most 48 characters.")
}

fn icon() -> Value {
    pattern("^[a-z][a-z0-9-]{0,47}$", "The name of a Lucide icon such as 'stethoscope'.")
}

fn hue() -> Value {
    one_of(&Hue::ALL)
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = json!(description);
    schema
}

fn one_of<T: serde::Serialize>(values: &[T]) -> Value {
    json!({ "enum": values.iter().filter_map(word).collect::<Vec<_>>() })
}

fn word<T: serde::Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

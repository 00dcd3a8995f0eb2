//! View models: what list, form and record pages show, made of a module, its records and the actor. They carry the
//! actor's effective access, so that pages never compute permission. This room writes nothing and never sees HTTP.

mod around;
mod board;
mod choices;
mod condition;
mod conflict;
mod face;
mod filter;
mod form;
mod history;
mod link;
mod list;
mod notice;
mod progress;
mod record;
mod related;
mod rules;
mod system;
mod table;
mod trash;

use serde::Serialize;

pub use around::{AroundModel, Pages, around, file_row, member_rows, task_row};
pub use board::{BoardModel, board};
pub use choices::members;
pub use condition::{ConditionRow, Operator};
pub use conflict::{Conflict, ConflictRow, conflict};
pub use filter::{FilterModel, FilterRow, Refused, compose};
pub use form::{
    FormField, FormModel, FormPurpose, FormState, Typed, cell_field, form, typed_owner, typed_stage,
};
pub use history::{HistoryLine, history};
pub use link::{Links, ListAddress};
pub use list::{ListModel, ListRequest, based_on, count_text, list, row};
pub use notice::notice_row;
pub use record::{RecordModel, record};
pub use related::RelatedList;
pub use table::{Column, Row};
pub use trash::{TrashModel, trash};

use crate::access::{Capability, Scope, Verb};
use crate::field::Hue;
use crate::schema::Module;
use crate::work::Work;

/// What every view model is made from: the work at hand, and how addresses are written in it.
#[derive(Clone, Copy)]
pub struct ViewContext<'a> {
    /// The transaction, its actor and the schema.
    pub work: &'a Work,
    /// Addresses inside the workspace.
    pub links: &'a Links,
}

/// A module as pages name it.
#[derive(Clone, Debug, Serialize)]
pub struct ModuleFace {
    /// Its key.
    pub key: String,
    /// "Patient"
    pub one: String,
    /// "patient", for the middle of a sentence.
    pub one_lower: String,
    /// "Patients"
    pub many: String,
    /// "patients", for the middle of a sentence.
    pub many_lower: String,
    /// A Lucide icon name.
    pub icon: String,
    /// Which of the ten hues marks it.
    pub hue: Hue,
    /// One sentence: what a record of it is; "" for none.
    pub summary: String,
    /// The address of its list.
    pub href: String,
}

/// What the actor may do in a module.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ModuleAccess {
    /// Make records.
    pub create: bool,
    /// Change at least some records.
    pub update: bool,
    /// Move at least some records to the trash and back.
    pub delete: bool,
    /// Give records to others.
    pub assign: bool,
    /// Add fields.
    pub manage_schema: bool,
}

impl ModuleFace {
    /// The face of a module.
    pub fn new(module: &Module, links: &Links) -> Self {
        let definition = &module.definition;
        let lower = |text: &str| in_sentence(text);
        Self {
            key: definition.key.clone(),
            one: definition.label.one.clone(),
            one_lower: lower(&definition.label.one),
            many: definition.label.many.clone(),
            many_lower: lower(&definition.label.many),
            icon: definition.icon.clone(),
            hue: definition.hue,
            summary: definition.summary.clone(),
            href: links.module(module.key()),
        }
    }
}

impl ModuleAccess {
    /// The work's actor in a module.
    pub fn of(work: &Work, module: &Module) -> Self {
        let some = |verb| work.actor.scope(module.key(), verb) != Scope::None;
        Self {
            create: some(Verb::Create),
            update: some(Verb::Update),
            delete: some(Verb::Delete),
            assign: some(Verb::Assign),
            manage_schema: work.actor.can(Capability::ManageSchema),
        }
    }
}

/// A label in the middle of a sentence: "Patient" becomes "patient", "KYC file" stays.
fn in_sentence(label: &str) -> String {
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}

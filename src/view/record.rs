//! The record page: head, highlights, path of stages, details, related lists and history.

use serde::Serialize;
use serde_json::{Map, Value};

use super::around::AroundModel;
use super::form::with_rest;
use super::history::{self, HistoryLine};
use super::progress::Progress;
use super::related::RelatedList;
use super::{ModuleFace, ViewContext, system};
use crate::field::{Face, FaceContext};
use crate::identity::SigningKeys;
use crate::record::{self, Record};
use crate::schema::Module;
use crate::schema::definition::{Layout, LayoutPurpose, Section};

/// Everything that a record page shows.
#[derive(Clone, Debug, Serialize)]
pub struct RecordModel {
    /// The module.
    pub module: ModuleFace,
    /// The record's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its version, for writes.
    pub version: i32,
    /// What the actor may do to it.
    pub can: record::Can,
    /// Who owns it; "" for nobody.
    pub owner: String,
    /// "Created 21 Nov 2026, 14:30 by Asha Rao"
    pub created: String,
    /// When it went to the trash; "" when it did not.
    pub deleted: String,
    /// Values shown large.
    pub highlights: Vec<Detail>,
    /// Its way through its pipeline.
    pub progress: Progress,
    /// The layout's sections.
    pub sections: Vec<DetailSection>,
    /// Records that point to it.
    pub related: Vec<RelatedList>,
    /// The newest lines of its history.
    pub history: Vec<HistoryLine>,
    /// The whole history; "" when all of it is shown.
    pub history_href: String,
    /// The edit form.
    pub edit_href: String,
    /// Where it is moved to the trash.
    pub delete_href: String,
    /// Where it is brought back.
    pub restore_href: String,
    /// Where its stage is changed.
    pub stage_href: String,
    /// What stands around it.
    pub around: AroundModel,
}

/// A titled group of values.
#[derive(Clone, Debug, Serialize)]
pub struct DetailSection {
    /// The heading.
    pub label: String,
    /// Values in order.
    pub details: Vec<Detail>,
}

/// A field with its value.
#[derive(Clone, Debug, Serialize)]
pub struct Detail {
    /// The field's key.
    pub key: String,
    /// What people read.
    pub label: String,
    /// The value.
    pub face: FaceContext,
}

/// Lines of history on the record page itself.
const LINES: usize = 12;

/// The page of a record.
pub async fn record(
    ctx: ViewContext<'_>,
    module: &Module,
    record: &Record,
    around: AroundModel,
    key: &SigningKeys,
) -> Result<RecordModel, record::Error> {
    let course = record::course(ctx.work, module, record.id).await?;
    let related = ctx.related(module, record.id, key).await?;
    let (mut entries, more) = record::history(ctx.work, module, record.id, None).await?;
    let more = more.is_some() || entries.len() > LINES;
    entries.truncate(LINES);
    let history = history::history(ctx, module, &entries).await?;
    let values = record.values();
    let layout = layout(module);
    let to = |what: &str| ctx.links.of_record(module.key(), record.id, what);
    let name =
        |person: &Option<record::Named<_>>| person.as_ref().and_then(|p| p.name.clone()).unwrap_or_default();
    Ok(RecordModel {
        module: ModuleFace::new(module, ctx.links),
        id: record.id.to_string(),
        title: record.title.clone(),
        version: record.version,
        can: record.can,
        owner: name(&record.owner),
        created: created(ctx, record, &name(&record.created_by)),
        deleted: record.deleted_at.map(|at| history::when(ctx, at)).unwrap_or_default(),
        highlights: ctx.highlights(module, layout, record, &values),
        progress: super::progress::progress(module, record, &course),
        sections: ctx.details(module, layout, record, &values),
        related,
        history,
        history_href: if more { to("history") } else { String::new() },
        edit_href: to("edit"),
        delete_href: to("delete"),
        restore_href: to("restore"),
        stage_href: to("stage"),
        around,
    })
}

fn created(ctx: ViewContext<'_>, record: &Record, by: &str) -> String {
    let at = history::when(ctx, record.created_at);
    match by {
        "" => format!("Created {at}"),
        by => format!("Created {at} by {by}"),
    }
}

/// The layout of record pages, or of forms where there is none.
fn layout(module: &Module) -> Option<&Layout> {
    let layouts = &module.definition.layouts;
    let record = layouts.iter().find(|layout| layout.purpose == LayoutPurpose::Record);
    record.or_else(|| layouts.first())
}

impl ViewContext<'_> {
    fn detail(
        &self,
        module: &Module,
        key: &str,
        record: &Record,
        values: &Map<String, Value>,
    ) -> Option<Detail> {
        let field = system::field(module, key)?;
        let value = system::value(record, values, module, key);
        let face = self.face(&field, Face::Read, value.as_deref());
        Some(Detail { key: key.to_owned(), label: field.label.clone(), face })
    }

    fn highlights(
        &self,
        module: &Module,
        layout: Option<&Layout>,
        record: &Record,
        values: &Map<String, Value>,
    ) -> Vec<Detail> {
        let keys = layout.map(|layout| layout.highlights.as_slice()).unwrap_or_default();
        keys.iter().take(6).filter_map(|key| self.detail(module, key, record, values)).collect()
    }

    /// The sections, and what none of them and no highlight names.
    fn details(
        &self,
        module: &Module,
        layout: Option<&Layout>,
        record: &Record,
        values: &Map<String, Value>,
    ) -> Vec<DetailSection> {
        let declared = layout.map(|layout| layout.sections.as_slice()).unwrap_or_default();
        let highlights = layout.map(|layout| layout.highlights.as_slice()).unwrap_or_default();
        let mut sections = with_rest(module, declared);
        if let Some(rest) = sections.get_mut(declared.len()) {
            rest.fields.retain(|key| !highlights.contains(key));
        }
        let section = |section: &Section| DetailSection {
            label: section.label.clone(),
            details: section
                .fields
                .iter()
                .filter_map(|key| self.detail(module, key, record, values))
                .collect(),
        };
        sections.iter().map(section).filter(|section| !section.details.is_empty()).collect()
    }
}

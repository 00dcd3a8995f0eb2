//! Related lists: records of other modules that point to a record, the newest few of each and how many there are.

use futures_util::future::try_join_all;
use serde::Serialize;

use super::link::ListAddress;
use super::{ModuleAccess, ModuleFace, ViewContext, condition, system};
use crate::access::{Scope, Verb};
use crate::field::face::Chip;
use crate::id::RecordId;
use crate::identity::SigningKeys;
use crate::record::{self, ListQuery, RawListQuery, Record, Related};
use crate::schema::{Module, StoredField};

/// Records of a module whose relation points to a record.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedList {
    /// What people read above it.
    pub label: String,
    /// The module that they belong to.
    pub module: ModuleFace,
    /// "12"
    pub count: String,
    /// The newest few.
    pub rows: Vec<RelatedRow>,
    /// All of them.
    pub all_href: String,
    /// A form for one more; "" where the actor may make none.
    pub new_href: String,
}

/// One related record.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedRow {
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Its stage, where it has one.
    pub stage: Option<Chip>,
}

impl ViewContext<'_> {
    /// Everything that points to a record, as far as the actor may read it.
    pub(super) async fn related(
        &self,
        module: &Module,
        id: RecordId,
        key: &SigningKeys,
    ) -> Result<Vec<RelatedList>, record::Error> {
        let readable =
            |other: &&std::sync::Arc<Module>| self.work.actor.scope(other.key(), Verb::Read) != Scope::None;
        let pointing = |other| pointing_fields(other, module.key()).map(move |field| (other, field));
        let all = self.work.schema.modules().filter(readable).flat_map(|other| pointing(other.as_ref()));
        try_join_all(
            all.map(async |(other, field)| self.related_list((other, field), (module.key(), id), key).await),
        )
        .await
    }

    async fn related_list(
        &self,
        (other, field): (&Module, &StoredField),
        (target, id): (&str, RecordId),
        key: &SigningKeys,
    ) -> Result<RelatedList, record::Error> {
        let name = &field.field.key;
        let many = field.link().is_some_and(|link| link.many);
        let asked = if many { "contains" } else { "==" };
        let filter = format!("{name} {asked} {}", condition::quoted(&id.to_string()));
        let told = (!many).then(|| filter.clone());
        let raw = RawListQuery { filter: told, limit: Some("5".into()), ..Default::default() };
        let mut query = ListQuery::parse(self.work, other, &raw, key)?;
        query.related = many.then(|| Related::pointing_to(id, field));
        let page = record::list(self.work, other, &query, None).await?;
        let path = self.links.module(other.key());
        let create = ModuleAccess::of(self.work, other).create && !field.field.is_read_only();
        Ok(RelatedList {
            label: label(other, field, target),
            module: ModuleFace::new(other, self.links),
            count: page.count.map(super::list::count_text).unwrap_or_default(),
            rows: page.records.iter().map(|record| self.related_row(other, record)).collect(),
            all_href: ListAddress::new(path).filtered(filter).href(),
            new_href: match create {
                true => format!("{}?{name}={id}", self.links.new_record(other.key())),
                false => String::new(),
            },
        })
    }

    fn related_row(&self, other: &Module, record: &Record) -> RelatedRow {
        let placed = record.pipeline.as_deref().zip(record.stage.as_deref());
        let stage = placed.and_then(|(pipeline, key)| other.stage(pipeline, key));
        RelatedRow {
            title: record.title.clone(),
            href: self.links.record(other.key(), record.id),
            stage: stage.map(|stage| Chip { label: stage.label.clone(), color: stage.color }),
        }
    }
}

/// The relations of a module that point to another.
fn pointing_fields<'m>(other: &'m Module, target: &str) -> impl Iterator<Item = &'m StoredField> {
    other.fields.iter().filter(move |stored| stored.link().is_some_and(|link| link.targets.contains(&target)))
}

/// The relation's word for the other side; else the module's plural, with the field where there are several.
fn label(other: &Module, field: &StoredField, target: &str) -> String {
    let plural = &other.definition.label.many;
    match field.link().and_then(|link| link.inverse) {
        Some(inverse) => inverse.to_owned(),
        None if pointing_fields(other, target).count() > 1 => {
            let field = system::field(other, &field.field.key).map(|field| field.label.clone());
            format!("{plural} ({})", field.unwrap_or_default())
        }
        None => plural.clone(),
    }
}

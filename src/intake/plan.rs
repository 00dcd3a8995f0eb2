//! A mapping brought together with a file's header and a workspace's module: which place of a row feeds which field.

use chrono_tz::Tz;
use serde_saphyr::{Location, Spanned};

use super::file::Survey;
use super::mapping::{ColumnMapping, ColumnRule, FileMapping, MappingFault};
use super::way::{WayColumn, Word};
use crate::field::{Cast, FieldKind};
use crate::schema::{Module, Schema, StoredField};

/// How the rows of one file become records of one module.
pub(super) struct Plan<'m> {
    pub(super) module: &'m Module,
    /// Places of the key's columns, with their names.
    pub(super) key: Vec<(usize, &'m str)>,
    pub(super) key_field: &'m StoredField,
    pub(super) columns: Vec<ColumnPlan<'m>>,
    /// Columns that say where a record stands in its pipeline.
    pub(super) way: Vec<WayColumn<'m>>,
    /// How many fields a row has.
    pub(super) width: usize,
    /// Texts that mean "no value".
    pub(super) empty: &'m [String],
    /// Where times without a zone are.
    pub(super) timezone: Tz,
    /// Whether rows may become records that resemble others.
    pub(super) allow_duplicates: bool,
}

/// Which field a column feeds, and how.
pub(super) struct ColumnPlan<'m> {
    pub(super) place: usize,
    pub(super) name: &'m str,
    pub(super) stored: &'m StoredField,
    pub(super) rule: &'m ColumnRule,
    pub(super) reference: Reference<'m>,
}

/// To what a column's values refer.
pub(super) enum Reference<'m> {
    /// To nothing.
    None,
    /// To records of a module by a unique field; the value becomes the record's id.
    Relation(Target<'m>),
    /// To something of this name; the value stays as it is. Where the workspace has such a module, its keys.
    Text(&'m str, Option<Target<'m>>),
}

/// A module and the unique field by which its records are found.
#[derive(Clone, Copy)]
pub(super) struct Target<'m> {
    pub(super) module: &'m Module,
    pub(super) by: &'m StoredField,
}

/// Brings together; all faults at once, at their places in the mapping.
pub(super) fn plan<'m>(
    schema: &'m Schema,
    mapping: &'m FileMapping,
    survey: &'m Survey,
    timezone: Tz,
) -> Result<Plan<'m>, Vec<MappingFault>> {
    let Some(module) = schema.module(&mapping.module.value) else {
        let message = format!("the workspace has no module {}", mapping.module.value);
        return Err(vec![MappingFault::at(mapping.module.referenced, message)]);
    };
    let mut planner = Planner { schema, module, mapping, survey, faults: Vec::new() };
    let key = planner.key();
    let key_field = planner.key_field();
    let (way, columns): (Vec<_>, Vec<_>) =
        mapping.columns.iter().partition(|(_, column)| Word::of(module, &column.value.0.field).is_some());
    let columns = columns.into_iter().filter_map(|(name, column)| planner.column(name, column)).collect();
    let way = way.into_iter().filter_map(|(name, column)| planner.way(name, column)).collect();
    planner.refuse_forgotten();
    match (key_field, planner.faults) {
        (Some(key_field), faults) if faults.is_empty() => {
            let (width, empty) = (survey.header.len(), mapping.empty.as_slice());
            let allow_duplicates = mapping.allow_duplicates;
            Ok(Plan { module, key, key_field, columns, way, width, empty, timezone, allow_duplicates })
        }
        (_, faults) => Err(faults),
    }
}

struct Planner<'m> {
    schema: &'m Schema,
    module: &'m Module,
    mapping: &'m FileMapping,
    survey: &'m Survey,
    faults: Vec<MappingFault>,
}

impl<'m> Planner<'m> {
    fn refuse(&mut self, at: Location, message: impl Into<String>) {
        self.faults.push(MappingFault::at(at, message));
    }

    fn place(&mut self, name: &str, at: Location) -> Option<usize> {
        let header = &self.survey.header;
        let place = header.iter().position(|column| column == name);
        if place.is_none() {
            let near = header.iter().filter(|column| strsim::jaro_winkler(column, name) > 0.8);
            let best =
                near.max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
            let hint = best.map(|column| format!(" (did you mean {column}?)")).unwrap_or_default();
            self.refuse(at, format!("{} has no column {name}{hint}", self.mapping.name.value));
        }
        place
    }

    fn key(&mut self) -> Vec<(usize, &'m str)> {
        let names = &self.mapping.key;
        names
            .iter()
            .filter_map(|name| Some((self.place(&name.value, name.referenced)?, name.value.as_str())))
            .collect()
    }

    fn key_field(&mut self) -> Option<&'m StoredField> {
        let (at, key) = (self.mapping.name.referenced, self.mapping.key_field.as_str());
        let Some(stored) = self.module.field(key) else {
            self.refuse(at, format!("{} has no field {key} to keep the key in", self.module.key()));
            return None;
        };
        if !is_key_field(stored) {
            self.refuse(at, format!("the field {key} of {} must be a unique text field", self.module.key()));
        }
        Some(stored)
    }

    /// A column that says where a record stands takes texts as they are.
    fn way(&mut self, name: &'m str, column: &'m Spanned<ColumnMapping>) -> Option<WayColumn<'m>> {
        let (rule, at) = (&column.value.0, column.referenced);
        let place = self.place(name, at);
        let others = [!rule.formats.is_empty(), rule.split.is_some(), rule.by.is_some()];
        if others.contains(&true) || rule.refers_to.is_some() || rule.add.is_some() {
            let message = format!("a column for the {} knows `values` and `empty` alone", rule.field);
            self.refuse(at, message);
        }
        Some(WayColumn { place: place?, name, word: Word::of(self.module, &rule.field)?, rule })
    }

    fn column(&mut self, name: &'m str, column: &'m Spanned<ColumnMapping>) -> Option<ColumnPlan<'m>> {
        let (rule, at) = (&column.value.0, column.referenced);
        let place = self.place(name, at);
        let Some(stored) = self.module.field(&rule.field) else {
            let message = format!("{} has no field {}; define it under `add`", self.module.key(), rule.field);
            self.refuse(at, message);
            return None;
        };
        let kind = &stored.field.kind;
        if stored.field.is_read_only() {
            self.refuse(at, format!("the field {} is not filled by hand", rule.field));
        }
        if matches!(kind, FieldKind::LineItems(_)) {
            let message = format!(
                "the field {} holds lines, which no column can carry; leave it out, and add lines by the API or in a form",
                rule.field
            );
            self.refuse(at, message);
        }
        if let Some(format) =
            rule.formats.first().filter(|_| !matches!(kind, FieldKind::Date(_) | FieldKind::DateTime(_)))
        {
            self.refuse(format.referenced, format!("the field {} holds neither dates nor times", rule.field));
        }
        if let Some(split) = rule.split.as_ref().filter(|_| kind.cast() != Cast::List) {
            self.refuse(split.referenced, format!("the field {} holds one value", rule.field));
        }
        let reference = self.reference(stored, rule)?;
        Some(ColumnPlan { place: place?, name, stored, rule, reference })
    }

    fn reference(&mut self, stored: &'m StoredField, rule: &'m ColumnRule) -> Option<Reference<'m>> {
        if let Some(by) = &rule.by {
            let Some(target) = stored.target().and_then(|key| self.schema.module(key)) else {
                self.refuse(by.referenced, format!("the field {} is not a relation", rule.field));
                return None;
            };
            let Some(by_field) = target.field(&by.value).filter(|stored| is_key_field(stored)) else {
                self.refuse(by.referenced, format!("{} has no unique text field {}", target.key(), by.value));
                return None;
            };
            return Some(Reference::Relation(Target { module: target, by: by_field }));
        }
        let Some(name) = &rule.refers_to else { return Some(Reference::None) };
        let module = self.schema.module(&name.value);
        let target = module.and_then(|module| {
            let by = module.field(&self.mapping.key_field).filter(|stored| is_key_field(stored))?;
            Some(Target { module, by })
        });
        Some(Reference::Text(&name.value, target))
    }

    fn refuse_forgotten(&mut self) {
        let (mapping, survey) = (self.mapping, self.survey);
        let is_read = |name: &str| {
            mapping.columns.contains_key(name) || mapping.key.iter().any(|column| column.value == name)
        };
        let unread: Vec<&str> =
            survey.header.iter().map(String::as_str).filter(|name| !is_read(name)).collect();
        let forgotten: Vec<&str> = unread.iter().copied().filter(|name| !mapping.ignores(name)).collect();
        if !forgotten.is_empty() {
            let message = format!(
                "{} has columns that the mapping does not name: {}; map them, or list them under `ignore`",
                mapping.name.value,
                forgotten.join(", ")
            );
            self.refuse(mapping.name.referenced, message);
        }
        for name in mapping.ignore.iter().filter(|name| name.value != "*") {
            self.place(&name.value, name.referenced);
        }
    }
}

/// Whether a field can keep keys: unique, and a text.
pub(super) fn is_key_field(stored: &StoredField) -> bool {
    stored.field.unique && stored.slot.is_some() && matches!(stored.field.kind, FieldKind::Text(_))
}

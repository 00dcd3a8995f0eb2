//! From a row of text to a record's values, by the rules of the fields themselves.

use chrono::{NaiveDate, NaiveDateTime, TimeZone};
use serde_json::{Map, Value};

use super::account::{Finding, Outcome};
use super::csv::CsvRecord;
use super::plan::{ColumnPlan, Plan, Reference, Target};
use super::way::{self, Way};
use crate::field::{FieldKind, Locale, Reject};
use crate::record::unique_key;
use crate::schema::StoredField;

/// A row that could be read; references are still to be resolved.
pub(super) struct Row {
    pub(super) line: u64,
    /// The key as it is stored.
    pub(super) key: String,
    /// The key as it is compared.
    pub(super) unique: String,
    /// Values by field key; null where the cell is empty.
    pub(super) data: Map<String, Value>,
    /// What columns refer to: the column's number in the plan, and what is referred to, as it is compared.
    pub(super) references: Vec<(usize, String)>,
    /// Where it puts its record.
    pub(super) way: Way,
}

impl Row {
    /// What a column, by its number in the plan, refers to.
    pub(super) fn reference(&self, number: usize) -> Option<&String> {
        self.references.iter().find(|(column, _)| *column == number).map(|(_, to)| to)
    }
}

/// Reads a row; every fault of it at once.
pub(super) fn read(plan: &Plan<'_>, locale: &Locale, record: &CsvRecord) -> Result<Row, Vec<Finding>> {
    let line = record.line;
    if record.len() != plan.width {
        let reason = format!("The row has {} fields, the header has {}.", record.len(), plan.width);
        return Err(vec![rejected(line, None, reason)]);
    }
    let mut faults = Vec::new();
    let key = key(plan, locale, record)
        .map_err(|reason| faults.push(rejected(line, Some(key_names(plan)), reason)));
    let (mut data, mut references) = (Map::new(), Vec::new());
    for (number, column) in plan.columns.iter().enumerate() {
        let text = record.get(column.place).unwrap_or_default();
        match cell(plan, column, locale, text) {
            Ok(Cell::Value(value)) => drop(data.insert(column.stored.field.key.clone(), value)),
            Ok(Cell::Reference(value, to)) => {
                data.extend(value.map(|value| (column.stored.field.key.clone(), value)));
                references.push((number, to));
            }
            Err(reject) => faults.push(rejected(line, Some(column.name.to_owned()), reject.message)),
        }
    }
    match key {
        Ok((key, unique)) if faults.is_empty() => {
            Ok(Row { line, key, unique, data, references, way: way::read(plan, record) })
        }
        _ => Err(faults),
    }
}

/// A finding for which a row is left out.
pub(super) fn rejected(line: u64, column: Option<String>, reason: String) -> Finding {
    Finding { line, column, outcome: Outcome::Rejected, reason }
}

/// The key's columns, to name them in a finding.
pub(super) fn key_names(plan: &Plan<'_>) -> String {
    plan.key.iter().map(|(_, name)| *name).collect::<Vec<_>>().join("+")
}

/// The key as it is stored and as it is compared. One column gives its text; several are joined by `|`, which is
/// written `\|` inside a part, so that different parts never give the same key.
fn key(plan: &Plan<'_>, locale: &Locale, record: &CsvRecord) -> Result<(String, String), String> {
    let parts: Vec<&str> =
        plan.key.iter().map(|(place, _)| record.get(*place).unwrap_or_default().trim()).collect();
    if parts.iter().all(|part| part.is_empty()) {
        return Err("The row has no key.".to_owned());
    }
    let text = match parts.as_slice() {
        [one] => (*one).to_owned(),
        parts => parts
            .iter()
            .map(|part| part.replace('\\', "\\\\").replace('|', "\\|"))
            .collect::<Vec<_>>()
            .join("|"),
    };
    let stored = normal(plan.key_field, locale, &text).map_err(|reject| reject.message)?;
    let unique = unique_key(plan.key_field, &stored).ok_or("The key is too long.")?;
    Ok((stored, unique))
}

/// A text as a text field stores it.
fn normal(stored: &StoredField, locale: &Locale, text: &str) -> Result<String, Reject> {
    let value = stored.field.kind.normalise(stored.field.kind.parse(&[text])?, locale)?;
    Ok(value.as_str().map(str::to_owned).unwrap_or_default())
}

enum Cell {
    Value(Value),
    /// What is referred to, with the value where that is kept whatever becomes of the reference.
    Reference(Option<Value>, String),
}

fn cell(plan: &Plan<'_>, column: &ColumnPlan<'_>, locale: &Locale, text: &str) -> Result<Cell, Reject> {
    let trimmed = text.trim();
    let text = column.rule.values.get(trimmed).map_or(trimmed, String::as_str).trim();
    let is_empty = |texts: &[String]| texts.iter().any(|empty| empty == trimmed);
    let kind = &column.stored.field.kind;
    if text.is_empty() || is_empty(plan.empty) || is_empty(&column.rule.empty) || kind.is_blank(&[text]) {
        return Ok(Cell::Value(Value::Null));
    }
    if let Reference::Relation(target) = &column.reference {
        return Ok(Cell::Reference(None, reference(target, locale, text)?));
    }
    let written = written(plan, column, text)?;
    let value = match &column.rule.split {
        Some(split) => {
            let parts: Vec<&str> =
                written.split(&split.value).map(str::trim).filter(|part| !part.is_empty()).collect();
            kind.parse(&parts)?
        }
        None => kind.parse(&[&written])?,
    };
    let value = kind.normalise(value, locale)?;
    match &column.reference {
        Reference::Text(_, target) => {
            let to = target.as_ref().map(|target| reference(target, locale, text)).transpose()?;
            Ok(Cell::Reference(Some(value), to.unwrap_or_default()))
        }
        _ => Ok(Cell::Value(value)),
    }
}

/// What a cell refers to, as the other module's unique field compares it.
fn reference(target: &Target<'_>, locale: &Locale, text: &str) -> Result<String, Reject> {
    let stored = normal(target.by, locale, text)?;
    unique_key(target.by, &stored).ok_or_else(|| Reject::new("length", "The reference is too long."))
}

/// A date or time in the form that fields read, where the mapping says how it is written.
fn written(plan: &Plan<'_>, column: &ColumnPlan<'_>, text: &str) -> Result<String, Reject> {
    let mut formats = column.rule.formats.iter().map(|format| format.value.as_str()).peekable();
    if formats.peek().is_none() {
        return Ok(text.to_owned());
    }
    let is_date = matches!(column.stored.field.kind, FieldKind::Date(_));
    let read = |format| match is_date {
        true => NaiveDate::parse_from_str(text, format).ok().map(|day| day.to_string()),
        false => instant(plan, text, format),
    };
    let refused = || {
        let asked: Vec<&str> = column.rule.formats.iter().map(|format| format.value.as_str()).collect();
        Reject::new("format", format!("This is not written as {}.", asked.join(" or ")))
    };
    formats.find_map(read).ok_or_else(refused)
}

/// A time; without an offset of its own it is one of the workspace's time zone.
fn instant(plan: &Plan<'_>, text: &str, format: &str) -> Option<String> {
    if let Ok(instant) = chrono::DateTime::parse_from_str(text, format) {
        return Some(instant.to_rfc3339());
    }
    let local = NaiveDateTime::parse_from_str(text, format).ok()?;
    plan.timezone.from_local_datetime(&local).earliest().map(|instant| instant.to_rfc3339())
}

//! Tables of records: columns with their widths and sort links, rows with their cells.

use serde::Serialize;
use serde_json::{Map, Value};

use super::link::ListAddress;
use super::{ViewContext, face, system};
use crate::field::{Face, FaceContext, Field, FieldKind};
use crate::record::Record;
use crate::schema::Module;
use crate::schema::definition::View;

/// A column.
#[derive(Clone, Debug, Serialize)]
pub struct Column {
    /// The field's key.
    pub key: String,
    /// Its heading.
    pub label: String,
    /// How wide it is: a class of the stylesheet.
    pub width: &'static str,
    /// Its values stand at the right.
    pub numeric: bool,
    /// Where the heading leads, which sorts by it; "" where it cannot be sorted by.
    pub sort_href: String,
    /// `ascending`, `descending` or "".
    pub sorted: &'static str,
    /// Its cells are not edited in place.
    pub locked: bool,
    /// Class of its cells on phones: `k1` the chip, `k2` and `k3` the second line; "" for the others.
    pub place: &'static str,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The record's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Its cells are not edited in place.
    pub locked: bool,
    /// Its cells, without the title's.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// Classes of the stylesheet.
    pub class: String,
    /// What is drawn.
    pub face: FaceContext,
}

/// The columns of a view, or of a module without views; the title leads.
pub(super) fn keys(module: &Module, view: Option<&View>) -> Vec<String> {
    let named: Vec<String> = match view {
        Some(view) => view.columns.clone(),
        None => module.fields.iter().take(6).map(|stored| stored.field.key.clone()).collect(),
    };
    let known = named.into_iter().filter(|key| key != "title" && system::field(module, key).is_some());
    std::iter::once("title".to_owned()).chain(known).collect()
}

impl ViewContext<'_> {
    /// The columns with these keys. `sort` is what the list is sorted by now.
    pub(super) fn columns(
        &self,
        module: &Module,
        keys: &[String],
        address: &ListAddress,
        sort: &str,
    ) -> Vec<Column> {
        let mut places = Places::default();
        let column = |key: &String| {
            let field = system::field(module, key)?;
            let sorted = direction(sort, key);
            let next = if sorted == "ascending" { format!("-{key}") } else { key.clone() };
            let sortable = field.kind.cast().is_sorted() && module.is_askable(key);
            Some(Column {
                key: key.clone(),
                label: field.label.clone(),
                width: if key == "title" { "w-l" } else { face::width(&field) },
                numeric: face::is_numeric(&field),
                sort_href: if sortable { address.sorted(next).href() } else { String::new() },
                sorted,
                locked: !is_editable(module, &field),
                place: if key == "title" { "" } else { places.next(&field) },
            })
        };
        keys.iter().filter_map(column).collect()
    }

    /// A record in these columns.
    pub(super) fn row(&self, module: &Module, columns: &[Column], record: &Record) -> Row {
        let values = record.values();
        let cell = |column: &Column| self.cell(module, column, record, &values);
        Row {
            id: record.id.to_string(),
            title: record.title.clone(),
            href: self.links.record(module.key(), record.id),
            locked: !record.can.update,
            cells: columns.iter().filter(|column| column.key != "title").filter_map(cell).collect(),
        }
    }

    fn cell(
        &self,
        module: &Module,
        column: &Column,
        record: &Record,
        values: &Map<String, Value>,
    ) -> Option<Cell> {
        let field = system::field(module, &column.key)?;
        let value = system::value(record, values, module, &column.key);
        let numeric = if column.numeric { "num" } else { "" };
        let class =
            [numeric, column.place].iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>();
        Some(Cell { class: class.join(" "), face: self.face(&field, Face::Cell, value.as_deref()) })
    }
}

/// Whether people may write the field in a cell: their own fields, stage and owner.
pub(super) fn is_editable(module: &Module, field: &Field) -> bool {
    match module.field(&field.key) {
        Some(stored) => !stored.field.is_read_only(),
        None => field.key == "stage" || field.key == "owner",
    }
}

/// Which cells a phone shows: one chip, and two more.
#[derive(Default)]
struct Places {
    chip: bool,
    line: usize,
}

impl Places {
    fn next(&mut self, field: &Field) -> &'static str {
        let chip = matches!(field.kind, FieldKind::Choice(_));
        if chip && !self.chip {
            self.chip = true;
            return "k1";
        }
        self.line += 1;
        match self.line {
            1 => "k2",
            2 => "k3",
            _ => "",
        }
    }
}

/// Which way a list is sorted by a field, if it leads the sort.
fn direction(sort: &str, key: &str) -> &'static str {
    let first = sort.split(',').next().unwrap_or_default().trim();
    match first.strip_prefix('-') {
        Some(name) if name == key => "descending",
        None if first == key => "ascending",
        _ => "",
    }
}

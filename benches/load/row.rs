//! A record as the table keeps it: title, search text and slots, worked out by the engine's own field types from the
//! module's stored definition.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Map, Value};
use tokio_postgres::Client;
use tokio_postgres::types::Json;
use trellis::expr::fold;
use trellis::field::{Field, FieldKind, Key};
use trellis::schema::Slot;
use uuid::Uuid;

use super::layout::Kind;

/// What can go wrong while the benchmark runs; all of it ends the run.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A module of the workspace that all others are copies of.
#[derive(Debug)]
pub struct Module {
    /// The word of its address.
    pub key: String,
    /// What records carry.
    pub number: i16,
    fields: Vec<(i16, Option<Slot>, Field)>,
}

/// What a record's columns hold besides ids, times and people.
#[derive(Debug, PartialEq)]
pub struct Row {
    /// Its title.
    pub title: String,
    /// What contains-search looks at.
    pub search: String,
    /// All of [`Slot::all`], as PostgreSQL prints them.
    pub slots: Vec<Option<String>>,
    /// Its data.
    pub data: Map<String, Value>,
}

impl Module {
    /// Reads a module of a workspace.
    pub async fn read(client: &Client, tenant: Uuid, kind: Kind) -> Fallible<Self> {
        let key = match kind {
            Kind::Organization => "organizations",
            Kind::Contact => "contacts",
            _ => "deals",
        };
        let rows = client
            .query(
                "select m.number, f.number, f.slot, f.definition
                 from modules m join module_fields f on f.tenant_id = m.tenant_id and f.module_id = m.id
                 where m.tenant_id = $1 and m.key = $2 order by f.position",
                &[&tenant, &key],
            )
            .await?;
        let number = rows.first().ok_or(format!("the template has no module {key}"))?.get(0);
        let field = |row: &tokio_postgres::Row| {
            let slot = row.get::<_, Option<&str>>(2).and_then(Slot::named);
            (row.get(1), slot, row.get::<_, Json<Field>>(3).0)
        };
        Ok(Self { key: key.to_owned(), number, fields: rows.iter().map(field).collect() })
    }

    /// The number of a field.
    pub fn field(&self, key: &str) -> Fallible<i16> {
        let found = self.fields.iter().find(|(_, _, field)| field.key == key);
        Ok(found.ok_or(format!("the template has no field {}.{key}", self.key))?.0)
    }

    /// The row of a record's data.
    pub fn row(&self, data: Map<String, Value>) -> Row {
        let text = |key: &str| data.get(key).and_then(Value::as_str).unwrap_or_default();
        let title = match data.contains_key("name") {
            true => text("name").to_owned(),
            false => format!("{} {}", text("first_name"), text("last_name")),
        };
        let search = self.search(&data, &title);
        let slots = Slot::all().map(|slot| self.slot(slot, &data, &title)).collect();
        Row { title, search, slots, data }
    }

    fn search(&self, data: &Map<String, Value>, title: &str) -> String {
        let mut words = vec![fold(title)];
        for (_, _, field) in self.fields.iter().filter(|(_, _, field)| field.is_searchable()) {
            let text = data.get(&field.key).and_then(|value| field.kind.search_text(value));
            let text = text.map(|text| fold(&text));
            words.extend(text.filter(|text| !words[0].contains(text.as_str())));
        }
        words.join("\n")
    }

    fn slot(&self, slot: Slot, data: &Map<String, Value>, title: &str) -> Option<String> {
        let key = match slot == Slot::TITLE {
            true => Key::text(&fold(title)),
            false => {
                let (_, _, field) = self.fields.iter().find(|(_, own, _)| *own == Some(slot))?;
                field.kind.key(data.get(&field.key)?)?
            }
        };
        Some(match key {
            Key::Text(text) => text,
            Key::Number(number) => number.to_string(),
            Key::Instant(at) => printed(at),
        })
    }

    /// The relations that a record's data stands for: field number and record.
    pub fn links<'a>(&'a self, data: &'a Map<String, Value>) -> impl Iterator<Item = (i16, &'a str)> {
        let relations =
            self.fields.iter().filter(|(_, _, field)| matches!(field.kind, FieldKind::Relation(_)));
        relations.filter_map(|(number, _, field)| Some((*number, data.get(&field.key)?.as_str()?)))
    }
}

/// An instant as PostgreSQL prints it in UTC.
pub fn printed(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true).replace('T', " ").replace('Z', "+00")
}

/// Stops the run unless a record that Trellis stored is what the filling makes of the same entries.
pub async fn assert_same(
    client: &Client,
    module: &Module,
    record: Uuid,
    data: Map<String, Value>,
) -> Fallible<()> {
    let slots: Vec<String> = Slot::all().map(|slot| format!("{}::text", slot.column())).collect();
    let sql = format!("select title, search, data, {} from records where id = $1", slots.join(", "));
    let row = client.query_one(&sql, &[&record]).await?;
    let stored = Row {
        title: row.get(0),
        search: row.get(1),
        data: row.get::<_, Json<Map<String, Value>>>(2).0,
        slots: (3..3 + slots.len()).map(|column| row.get(column)).collect(),
    };
    let made = module.row(data);
    match made == stored {
        true => Ok(()),
        false => {
            Err(format!("the filling would not store what Trellis stores:\n{made:?}\n{stored:?}").into())
        }
    }
}

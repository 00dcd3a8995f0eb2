//! A request that does the same to many records, as a script of pgbench. It sends thousands of statements of a few texts,
//! so each text is prepared once, as Trellis does it, and then executed with the captured values.

use std::collections::HashMap;
use std::fmt::Write;

use regex::{Captures, Regex};
use uuid::Uuid;

use super::capture::Statement;
use super::layout::{BEGINNING, Kind, Tenant, deal_sql, digits, is_shared};
use super::pgbench::{SESSION_SQL, Specimen};
use super::row::Fallible;
use super::work::BULK;

/// The script behind the drawing of `:i`, the number of the first record; what is drawn besides is as in other scripts.
pub fn script(statements: &[Statement], specimen: &Specimen) -> Fallible<String> {
    let mut names: HashMap<&str, usize> = HashMap::new();
    let (mut prepared, mut body) = (String::new(), String::new());
    let mut values = Values::new(specimen, statements)?;
    for statement in statements {
        if statement.values.is_empty() {
            writeln!(body, "{};", statement.sql)?;
            continue;
        }
        let (known, next) = (names.get(statement.sql.as_str()).copied(), names.len());
        let name = known.unwrap_or(next);
        if known.is_none() {
            names.insert(&statement.sql, name);
            writeln!(prepared, "prepare b{name} as {};", statement.sql)?;
        }
        let list: Vec<String> =
            statement.values.iter().map(|value| values.literal(value.as_deref())).collect();
        writeln!(body, "execute b{name} ({});", list.join(", "))?;
    }
    Ok(format!("\\if :n = 1\n{prepared}\\endif\n{}{body}", ids(&specimen.tenant)?))
}

/// One statement that works out all ids that the others name.
fn ids(tenant: &Tenant) -> Fallible<String> {
    let step = Tenant::made(Kind::Deal, 1, tenant.deals) - BEGINNING;
    let mut text =
        "select left(t.hex, 8) as ca, right(t.hex, 4) as cb, left(md5(random()::text), 12) as cc".to_owned();
    for number in 0..BULK {
        let id = deal_sql(&format!("(:ms + {number} * {step})"), &format!("(:deal + {number})"));
        write!(text, ", {id} as d{number}")?;
    }
    text += " from (select lpad(to_hex(:clock::bigint), 12, '0') as hex) t \\gset\n";
    Ok(text)
}

/// Writes captured values as literals.
struct Values<'a> {
    specimen: &'a Specimen,
    /// The number of the first record that was captured.
    first: u64,
    id: Regex,
    novelty: Regex,
    fresh: HashMap<Uuid, usize>,
}

impl<'a> Values<'a> {
    fn new(specimen: &'a Specimen, statements: &[Statement]) -> Fallible<Self> {
        let id = Regex::new("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")?;
        let texts = statements.iter().flat_map(|statement| statement.values.iter().flatten());
        let found = texts.flat_map(|text| id.find_iter(text)).filter_map(|id| id.as_str().parse().ok());
        let first = found.filter_map(|id| specimen.tenant.number_of(id)).min();
        let novelty = Regex::new(r"point \d+")?;
        Ok(Self {
            specimen,
            first: first.ok_or("the bulk names no record")?,
            id,
            novelty,
            fresh: HashMap::new(),
        })
    }

    fn literal(&mut self, value: Option<&str>) -> String {
        let Some(value) = value else { return "null".to_owned() };
        if value == self.specimen.session {
            let number = digits(self.specimen.tenant.number);
            return SESSION_SQL.replace(":session", &format!("'{number}'"));
        }
        // pgbench reads :name everywhere, in texts as well.
        let text = value.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\x3a");
        let text = self.novelty.clone().replace_all(&text, "point :noise").into_owned();
        let id = self.id.clone();
        format!("E'{}'", id.replace_all(&text, |found: &Captures<'_>| self.named(&found[0])))
    }

    /// What stands for an id of the captured request: a record of the same place, or an id that is new each time.
    fn named(&mut self, text: &str) -> String {
        let Ok(id) = text.parse::<Uuid>() else { return text.to_owned() };
        let tenant = &self.specimen.tenant;
        if let Some(number) = tenant.number_of(id) {
            return format!(":d{}", number - self.first);
        }
        if is_shared(id) || id == tenant.id() || id == tenant.owner() {
            return text.to_owned();
        }
        let next = self.fresh.len();
        let number = *self.fresh.entry(id).or_insert(next);
        format!(":ca-:cb-7{:03x}-8{:03x}-:cc", number >> 12, number & 0xfff)
    }
}

//! Records and what hangs on them, in bulk: by COPY, as the owner of the tables.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write;
use std::pin::pin;

use bytes::Bytes;
use chrono::DateTime;
use futures_util::SinkExt;
use tokio_postgres::Client;
use uuid::Uuid;

use super::content;
use super::derived::{self, Sums};
use super::fill::Modules;
use super::layout::{BEGINNING, Kind, MEMBERS, Tenant, id, stage};
use super::progress::say;
use super::row::{Fallible, Row, printed};

/// Bytes that go to PostgreSQL in one message.
const CHUNK: usize = 256 * 1024;

/// Fills in all records, oldest first over all workspaces, as they would have come in. Foreign keys are not checked and
/// indexes are built in the end, which is what makes it fast.
pub async fn records(client: &Client, modules: &Modules, tenants: &[Tenant]) -> Fallible<()> {
    let indexes = client
        .query(
            "select indexname::text, indexdef from pg_indexes
             where schemaname = 'trellis' and tablename = 'records' and indexname <> 'records_pkey'",
            &[],
        )
        .await?;
    for index in &indexes {
        client.batch_execute(&format!("drop index {}", index.get::<_, &str>(0))).await?;
    }
    let sums = Sums::of(tenants);
    copy_records(client, modules, tenants, &sums).await?;
    say("copying what hangs on them");
    copy_links(client, modules, tenants).await?;
    copy_stays(client, modules, tenants).await?;
    insert_sums(client, modules, tenants, &sums).await?;
    say(&format!("building {} indexes", indexes.len()));
    for index in &indexes {
        client.batch_execute(index.get(1)).await?;
    }
    Ok(())
}

/// Sends what `write` makes of every record.
async fn copy(
    client: &Client,
    statement: &str,
    tenants: &[Tenant],
    mut write: impl FnMut(&mut String, &Place<'_>) -> Fallible<()>,
) -> Fallible<()> {
    let mut sink = pin!(client.copy_in::<_, Bytes>(statement).await?);
    let mut buffer = String::with_capacity(CHUNK + 8_192);
    for place in in_time(tenants) {
        write(&mut buffer, &place)?;
        if buffer.len() >= CHUNK {
            sink.send(Bytes::from(std::mem::take(&mut buffer))).await?;
        }
    }
    sink.send(Bytes::from(buffer)).await?;
    sink.finish().await?;
    Ok(())
}

async fn copy_records(client: &Client, modules: &Modules, tenants: &[Tenant], sums: &Sums) -> Fallible<()> {
    let slots: Vec<&str> = trellis::schema::Slot::all().map(|slot| slot.column()).collect();
    let statement = format!(
        "copy records (tenant_id, id, module, stage, stage_entered_at, owner_id, created_at, created_by, updated_at,
           updated_by, source, title, search, data, {}) from stdin",
        slots.join(", ")
    );
    let mut count = 0_u64;
    copy(client, &statement, tenants, |buffer, place| {
        count += 1;
        if count.is_multiple_of(100_000) {
            say(&format!("{count} records"));
        }
        let module = modules.of(place.kind);
        let row = module.row(derived::stored(place.kind, place.tenant, place.number, Some(sums)));
        write_record(buffer, place, module.number, &row)
    })
    .await
}

/// Links of contacts and deals to their organizations.
async fn copy_links(client: &Client, modules: &Modules, tenants: &[Tenant]) -> Fallible<()> {
    let statement = "copy record_links (tenant_id, from_id, field, to_id) from stdin";
    copy(client, statement, tenants, |buffer, place| {
        let data = content::data(place.kind, place.tenant, place.number);
        for (field, to) in modules.of(place.kind).links(&data) {
            writeln!(buffer, "{}\t{}\t{field}\t{to}", place.tenant.id(), place.id())?;
        }
        Ok(())
    })
    .await
}

/// Stays of deals in their stages.
async fn copy_stays(client: &Client, modules: &Modules, tenants: &[Tenant]) -> Fallible<()> {
    let statement =
        "copy stage_history (tenant_id, record_id, id, entered_at, entered_by, stage, pipeline_key,
        pipeline_label, stage_key, stage_label, category) from stdin";
    let stages: Vec<String> = modules.stages.iter().map(|stage| stage.join("\t")).collect();
    copy(client, statement, tenants, |buffer, place| {
        if place.kind != Kind::Deal {
            return Ok(());
        }
        let stage = stage(place.number);
        let names = usize::try_from(stage - 1).ok().and_then(|at| stages.get(at));
        writeln!(
            buffer,
            "{}\t{}\t{}\t{}\t{}\t{stage}\t{}",
            place.tenant.id(),
            place.id(),
            id(Kind::Stay, place.at, place.number),
            place.time(),
            place.member(),
            names.ok_or("the default pipeline has fewer stages than the filling")?,
        )?;
        Ok(())
    })
    .await
}

/// Tallies of roll-ups and totals of stages.
async fn insert_sums(client: &Client, modules: &Modules, tenants: &[Tenant], sums: &Sums) -> Fallible<()> {
    let mut sink = pin!(
        client
            .copy_in::<_, Bytes>(
                "copy rollup_tallies (tenant_id, record_id, field, unit, count, total) from stdin"
            )
            .await?
    );
    for tenant in tenants {
        let mut buffer = String::new();
        for number in 0..tenant.customers() {
            let organization = id(Kind::Organization, BEGINNING, number);
            for (field, unit, (count, total)) in sums.of_customer(tenant, number) {
                let field = modules.organizations.field(field)?;
                writeln!(buffer, "{}\t{organization}\t{field}\t{unit}\t{count}\t{total}", tenant.id())?;
            }
        }
        sink.send(Bytes::from(buffer)).await?;
    }
    sink.finish().await?;
    for tenant in tenants {
        let mut rows = String::new();
        for ((_, stage), (count, total)) in sums.stages.range((tenant.number, 0)..=(tenant.number, i16::MAX))
        {
            let comma = if rows.is_empty() { "" } else { ", " };
            let (tenant, module) = (tenant.id(), modules.deals.number);
            write!(
                rows,
                "{comma}('{tenant}', {module}, gen_random_uuid(), {stage}, 'USD', {count}, {total})"
            )?;
        }
        let into =
            "insert into stage_totals (tenant_id, module, id, stage, currency, records, amount) values";
        client.batch_execute(&format!("{into} {rows}")).await?;
    }
    Ok(())
}

/// Every record of every workspace in the order of its time.
fn in_time(tenants: &[Tenant]) -> impl Iterator<Item = Place<'_>> {
    let mut heads = BinaryHeap::new();
    for at in 0..tenants.len() {
        for kind in 0..3_usize {
            heads.push(Reverse((BEGINNING, 0_u64, kind, at)));
        }
    }
    std::iter::from_fn(move || {
        let Reverse((ms, number, kind, at)) = heads.pop()?;
        let tenant = &tenants[at];
        let (word, count) = [
            (Kind::Organization, tenant.organizations),
            (Kind::Contact, tenant.contacts),
            (Kind::Deal, tenant.deals),
        ][kind];
        if number + 1 < count {
            heads.push(Reverse((Tenant::made(word, number + 1, count), number + 1, kind, at)));
        }
        Some(Place { at: ms, kind: word, tenant, number })
    })
}

/// Which record, and where it belongs.
struct Place<'a> {
    at: i64,
    kind: Kind,
    tenant: &'a Tenant,
    number: u64,
}

impl Place<'_> {
    fn id(&self) -> Uuid {
        id(self.kind, self.at, self.number)
    }

    /// When it was made.
    fn time(&self) -> String {
        printed(DateTime::from_timestamp_millis(self.at).unwrap_or_default())
    }

    /// Whose it is.
    fn member(&self) -> Uuid {
        id(Kind::Member, BEGINNING, self.number % MEMBERS)
    }
}

fn write_record(buffer: &mut String, place: &Place<'_>, module: i16, row: &Row) -> Fallible<()> {
    let (tenant, member, at) = (place.tenant.id(), place.member(), place.time());
    let (stage, entered) = match place.kind {
        Kind::Deal => (stage(place.number), at.as_str()),
        _ => (0, "\\N"),
    };
    write!(
        buffer,
        "{tenant}\t{}\t{module}\t{stage}\t{entered}\t{member}\t{at}\t{member}\t{at}\t{member}\timport",
        place.id(),
    )?;
    let data = serde_json::to_string(&row.data)?;
    for text in [&row.title, &row.search, &data] {
        write_text(buffer, Some(text));
    }
    for slot in &row.slots {
        write_text(buffer, slot.as_deref());
    }
    buffer.push('\n');
    Ok(())
}

/// A tab and a text in COPY's form.
fn write_text(buffer: &mut String, text: Option<&str>) {
    buffer.push('\t');
    let Some(text) = text else {
        buffer.push_str("\\N");
        return;
    };
    for character in text.chars() {
        match character {
            '\\' => buffer.push_str("\\\\"),
            '\n' => buffer.push_str("\\n"),
            '\t' => buffer.push_str("\\t"),
            '\r' => buffer.push_str("\\r"),
            other => buffer.push(other),
        }
    }
}

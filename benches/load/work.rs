//! The kinds of requests, and how one of each is put together.

use serde_json::{Value, json};

use super::client::{Connection, request};
use super::content;
use super::layout::{Kind, SKEW, Tenant, draw};
use super::random::Random;
use super::row::Fallible;

/// A kind of request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Work {
    /// One record.
    Get,
    /// The first page of a list, newest first.
    Newest,
    /// A page filtered by two slots and sorted by one.
    Filter,
    /// A page of records with a word in their text.
    Search,
    /// A new record.
    Create,
    /// A record is read, then changed.
    Update,
}

impl Work {
    /// All kinds: reading comes before writing, which changes what is read.
    pub const ALL: [Self; 6] =
        [Self::Get, Self::Newest, Self::Filter, Self::Search, Self::Create, Self::Update];

    /// What the table says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Newest => "list newest 25",
            Self::Filter => "list filter + sort",
            Self::Search => "search",
            Self::Create => "create",
            Self::Update => "update (get + patch)",
        }
    }

    /// Whether it writes.
    pub fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update)
    }
}

/// Workspaces that requests go to, with an access token for each.
#[derive(Debug, Clone)]
pub struct Doors {
    /// The workspaces, the likeliest first.
    pub tenants: Vec<Tenant>,
    /// Their owners' access tokens.
    pub tokens: Vec<String>,
    /// How many customers each of the workspaces has at least.
    pub customers: u64,
}

/// The word that searches look for.
fn searched() -> String {
    content::word(777).to_lowercase()
}

/// The address of a module's records.
pub fn records(tenant: &Tenant) -> String {
    format!("/t/{}/api/v1/records/deals", tenant.slug())
}

impl Doors {
    /// The door to the first workspace alone.
    pub fn only_first(&self) -> Self {
        let (tenants, tokens) = (self.tenants[..1].to_vec(), self.tokens[..1].to_vec());
        Self { tenants, tokens, customers: self.customers }
    }

    /// Carries out one request (for a change, two) of a kind somewhere; false if another change came in between.
    pub fn carry_out(&self, work: Work, connection: &mut Connection, random: &mut Random) -> Fallible<bool> {
        let (at, tenant) = draw(&self.tenants, random);
        let (token, records) = (Some(self.tokens[at].as_str()), records(tenant));
        let path = match work {
            Work::Get => {
                let number = tenant.deals - random.zipf(tenant.deals, SKEW);
                format!("{records}/{}", tenant.deal(number))
            }
            Work::Newest => format!("{records}?count=none"),
            Work::Filter => format!(
                "{records}?count=none&sort=-amount&filter=deal_type%20%3D%3D%20%22expansion%22%20and%20amount%20%3E%201000"
            ),
            Work::Search => format!("{records}?count=none&q={}", searched()),
            Work::Create => return self.create(connection, tenant, token, random),
            Work::Update => return update(connection, tenant, token, random),
        };
        let answer = connection.get(&path, token)?;
        match answer.status {
            200 => Ok(true),
            _ => answer.json().map(|_| true),
        }
    }

    fn create(
        &self,
        connection: &mut Connection,
        tenant: &Tenant,
        token: Option<&str>,
        random: &mut Random,
    ) -> Fallible<bool> {
        // One of those customers whom all workspaces have, because pgbench names the same one everywhere.
        let mut data = content::data(Kind::Deal, tenant, random.below(1 << 40));
        data.insert("organization".into(), content::customer(random, self.customers));
        let answer =
            connection.post(&records(tenant), token, &json!({"data": data, "stage": "qualified"}))?;
        match answer.status {
            201 => Ok(true),
            _ => answer.json().map(|_| true),
        }
    }
}

fn update(
    connection: &mut Connection,
    tenant: &Tenant,
    token: Option<&str>,
    random: &mut Random,
) -> Fallible<bool> {
    // Not by Zipf's law: changes of the same few records would wait for each other on both sides.
    let path = format!("{}/{}", records(tenant), tenant.deal(random.below(tenant.deals)));
    let answer = connection.get(&path, token)?;
    let Some(etag) = answer.etag.clone() else { return answer.json().map(|_| false) };
    let body: Value =
        json!({"data": {"next_step": format!("Call again about point {}", random.below(1_000_000))}});
    let request = request("PATCH", &path, token, &format!("If-Match: {etag}\r\n"), &body.to_string());
    let answer = connection.send(&request)?;
    match answer.status {
        200 => Ok(true),
        412 => Ok(false),
        _ => answer.json().map(|_| true),
    }
}

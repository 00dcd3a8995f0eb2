//! The kinds of requests, and how one of each is put together.

use serde_json::{Value, json};

use super::client::{Connection, request};
use super::content;
use super::layout::{Kind, OPEN_STAGES, SKEW, STAGES, Tenant, draw};
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
    /// [`Self::Filter`] in the big workspace.
    BigFilter,
    /// The big workspace's board.
    Board,
    /// The first page of a list in the big workspace, by somebody who sees what a team owns.
    Team,
    /// [`Self::Search`] in the big workspace.
    BigSearch,
    /// A deal of the big workspace is read, then changed in what its organization adds up of thousands.
    RollUp,
    /// Many deals of the big workspace are changed in one request.
    Bulk,
}

impl Work {
    /// All kinds: reading comes before writing, which changes what is read.
    pub const ALL: [Self; 12] = [
        Self::Get,
        Self::Newest,
        Self::Filter,
        Self::Search,
        Self::BigFilter,
        Self::Board,
        Self::Team,
        Self::BigSearch,
        Self::Create,
        Self::Update,
        Self::RollUp,
        Self::Bulk,
    ];

    /// What the table says.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Newest => "list newest 25",
            Self::Filter => "list filter + sort",
            Self::Search => "search",
            Self::Create => "create",
            Self::Update => "update (get + patch)",
            Self::BigFilter => "big: list filter + sort",
            Self::Board => "big: board",
            Self::Team => "big: list of a team",
            Self::BigSearch => "big: search",
            Self::RollUp => "big: update of a roll-up (get + patch)",
            Self::Bulk => "big: bulk of 500",
        }
    }

    /// Over how many connections it is measured. Of many bulks at once, those that meet would wait for each other.
    pub fn connections(self) -> &'static [u64] {
        match self {
            Self::Bulk => &[1],
            _ => &[1, 16],
        }
    }

    /// Whether it writes.
    pub fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::RollUp | Self::Bulk)
    }
}

/// Who sends requests where.
#[derive(Debug, Clone)]
pub struct House {
    /// Owners, to many workspaces.
    pub many: Doors,
    /// The owner of the big workspace.
    pub big: Doors,
    /// The lead of the big workspace's team.
    pub lead: Doors,
}

impl House {
    /// The doors that a kind of request goes through.
    pub fn doors(&self, work: Work) -> &Doors {
        match work {
            Work::Get | Work::Newest | Work::Filter | Work::Search | Work::Create | Work::Update => {
                &self.many
            }
            Work::BigFilter | Work::Board | Work::BigSearch | Work::RollUp | Work::Bulk => &self.big,
            Work::Team => &self.lead,
        }
    }
}

/// Workspaces that requests go to, with an access token for each.
#[derive(Debug, Clone)]
pub struct Doors {
    /// The workspaces, the likeliest first.
    pub tenants: Vec<Tenant>,
    /// An access token for each.
    pub tokens: Vec<String>,
    /// How many customers each of the workspaces has at least.
    pub customers: u64,
}

/// Deals that a bulk request changes: the most that are changed at once.
pub const BULK: u64 = 500;

/// The word that searches look for.
fn searched() -> String {
    content::word(777).to_lowercase()
}

/// The address of a module's records.
pub fn records(tenant: &Tenant) -> String {
    format!("/t/{}/api/v1/records/deals", tenant.slug())
}

impl Doors {
    /// Those to workspaces, with a token for each.
    pub fn new(tenants: Vec<Tenant>, tokens: Vec<String>) -> Self {
        let customers = tenants.iter().map(Tenant::customers).min().unwrap_or(1);
        Self { tenants, tokens, customers }
    }

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
            Work::Newest | Work::Team => format!("{records}?count=none"),
            Work::Filter | Work::BigFilter => format!(
                "{records}?count=none&sort=-amount&filter=deal_type%20%3D%3D%20%22expansion%22%20and%20amount%20%3E%201000"
            ),
            Work::Board => format!("{records}/board"),
            Work::Search | Work::BigSearch => format!("{records}?count=none&q={}", searched()),
            Work::Create => return self.create(connection, tenant, token, random),
            Work::Update => {
                // Not by Zipf's law: changes of the same few records would wait for each other on both sides.
                let deal = tenant.deal(random.below(tenant.deals));
                let step = format!("Call again about point {}", random.below(1_000_000));
                return update(connection, &format!("{records}/{deal}"), token, &json!({"next_step": step}));
            }
            Work::RollUp => {
                let deal = tenant.deal(open_deal(tenant, random));
                let amount = format!("{}.{:02}", 1 + random.below(400_000), random.below(100));
                let data = json!({"amount": {"amount": amount, "currency": "USD"}});
                return update(connection, &format!("{records}/{deal}"), token, &data);
            }
            Work::Bulk => return bulk(connection, tenant, token, BULK, random).map(|_| true),
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
        data.insert("organization".into(), content::customer(random.below(self.customers)));
        let answer =
            connection.post(&records(tenant), token, &json!({"data": data, "stage": "qualified"}))?;
        match answer.status {
            201 => Ok(true),
            _ => answer.json().map(|_| true),
        }
    }
}

/// A deal in an open stage.
fn open_deal(tenant: &Tenant, random: &mut Random) -> u64 {
    random.below(tenant.deals / STAGES) * STAGES + random.below(OPEN_STAGES)
}

/// Changes so many deals that follow each other; gives the answer.
pub fn bulk(
    connection: &mut Connection,
    tenant: &Tenant,
    token: Option<&str>,
    count: u64,
    random: &mut Random,
) -> Fallible<Value> {
    let first = random.below(tenant.deals - count);
    let items: Vec<Value> = (first..first + count).map(|deal| json!({"id": tenant.deal(deal)})).collect();
    let step = format!("Call again about point {}", random.below(1_000_000));
    let body = json!({"action": "update", "items": items, "patch": {"data": {"next_step": step}}});
    let answer = connection.post(&format!("{}/bulk", records(tenant)), token, &body)?.json()?;
    match &answer["failed"] {
        failed if failed.as_u64().unwrap_or_default() > 0 => Err(format!("a bulk failed: {answer}").into()),
        _ => Ok(answer),
    }
}

fn update(connection: &mut Connection, path: &str, token: Option<&str>, data: &Value) -> Fallible<bool> {
    let answer = connection.get(path, token)?;
    let Some(etag) = answer.etag.clone() else { return answer.json().map(|_| false) };
    let body = json!({"data": data}).to_string();
    let request = request("PATCH", path, token, &format!("If-Match: {etag}\r\n"), &body);
    let answer = connection.send(&request)?;
    match answer.status {
        200 => Ok(true),
        412 => Ok(false),
        _ => answer.json().map(|_| true),
    }
}

//! Who is there: workspaces by size, and ids that can be worked out from numbers, here and in pgbench alike.

use uuid::Uuid;

use super::random::Random;

/// Zipf's exponent of requests over workspaces and over records.
pub const SKEW: f64 = 1.1;

/// People of every workspace, besides its owner. They own the records, in turn.
pub const MEMBERS: u64 = 20;

/// How many of them are the team of the big workspace's lead, who owns nothing.
pub const TEAM: u64 = 5;

/// Stages of the default pipeline, in which deals are in turn.
pub const STAGES: u64 = 6;

/// How many of them are open; they come first.
pub const OPEN_STAGES: u64 = 4;

/// How many organizations of a workspace have contacts and deals: its customers.
pub const CUSTOMERS: u64 = 100;

/// Workspaces that requests go to.
const VISITED: usize = 50;

/// When the oldest record was made: 1 January 2026, in milliseconds since 1970.
pub const BEGINNING: i64 = 1_767_225_600_000;

/// How long records were made for, in milliseconds: 300 days.
const SPAN: i64 = 300 * 86_400_000;

/// What an id stands for; it is written into the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A workspace.
    Tenant = 1,
    /// The owner of a workspace.
    Owner = 2,
    /// A person who is in every workspace.
    Member = 3,
    /// A record of the module organizations.
    Organization = 4,
    /// A record of the module contacts.
    Contact = 5,
    /// A record of the module deals.
    Deal = 6,
    /// A deal's stay in its stage.
    Stay = 7,
}

/// Added to a number, it has twelve digits.
const TWELVE_DIGITS: u64 = 100_000_000_000;

/// The id of the `number`th thing of a kind, a UUIDv7 of the time `ms`. The number's decimal digits stand in the place
/// of hexadecimal ones, because those pgbench can write.
pub fn id(kind: Kind, ms: i64, number: u64) -> Uuid {
    let number = digits(number).bytes().fold(0, |id: u128, digit| id << 4 | u128::from(digit - b'0'));
    let high = (u128::from(ms.unsigned_abs()) << 80) | (0x7000_u128 | kind as u128) << 64;
    Uuid::from_u128(high | (0x8000_u128 << 48) | number)
}

/// A number as it stands in ids.
pub fn digits(number: u64) -> String {
    (TWELVE_DIGITS + number).to_string()
}

/// The id of a thing that was there from the beginning as an SQL expression; `digits` is a variable of pgbench with its
/// number and [`TWELVE_DIGITS`].
pub fn id_sql(kind: Kind, digits: &str) -> String {
    format!("('{BEGINNING:012x}700{}8000' || {digits})::uuid", kind as u8)
}

/// The same for a deal that was made at the time of the variable `ms`.
pub fn deal_sql(ms: &str, digits: &str) -> String {
    format!("(lpad(to_hex({ms}::bigint), 12, '0') || '700{}8000' || {digits})::uuid", Kind::Deal as u8)
}

/// The variable's expression for the number in another variable.
pub fn digits_expression(number: &str) -> String {
    format!("{number} + {TWELVE_DIGITS}")
}

/// Whether an id was worked out here, and is the same in all workspaces.
pub fn is_shared(id: Uuid) -> bool {
    let members = (0..=MEMBERS).any(|number| id == self::id(Kind::Member, BEGINNING, number));
    let customers = id.as_u128() & !0xffff == self::id(Kind::Organization, BEGINNING, 0).as_u128() & !0xffff;
    members || customers
}

/// A workspace.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its number; 1 is the biggest.
    pub number: u64,
    /// Organizations in it.
    pub organizations: u64,
    /// Contacts in it.
    pub contacts: u64,
    /// Deals in it.
    pub deals: u64,
}

impl Tenant {
    fn new(number: u64, records: u64) -> Self {
        let organizations = (records / 5).max(2);
        let contacts = (records * 3 / 10).max(1);
        Self {
            number,
            organizations,
            contacts,
            deals: records.saturating_sub(organizations + contacts).max(5),
        }
    }

    /// One with so many deals of few organizations.
    pub fn big(number: u64, deals: u64) -> Self {
        Self { number, organizations: CUSTOMERS, contacts: 1, deals }
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        id(Kind::Tenant, BEGINNING, self.number)
    }

    /// Its part of the address.
    pub fn slug(&self) -> String {
        format!("bench-{:06}", self.number)
    }

    /// Its owner's id.
    pub fn owner(&self) -> Uuid {
        id(Kind::Owner, BEGINNING, self.number)
    }

    /// All its records.
    pub fn records(&self) -> u64 {
        self.organizations + self.contacts + self.deals
    }

    /// How many organizations have contacts and deals.
    pub fn customers(&self) -> u64 {
        self.organizations.min(CUSTOMERS)
    }

    /// When the `number`th deal or contact of `count` was made, in milliseconds since 1970. Organizations come first,
    /// all at once, so that their ids are the same everywhere.
    pub fn made(kind: Kind, number: u64, count: u64) -> i64 {
        match kind {
            Kind::Contact | Kind::Deal => {
                BEGINNING + number.cast_signed() * (SPAN / count.max(1).cast_signed())
            }
            _ => BEGINNING,
        }
    }

    /// The id of its `number`th deal, from 0.
    pub fn deal(&self, number: u64) -> Uuid {
        id(Kind::Deal, Self::made(Kind::Deal, number, self.deals), number)
    }

    /// The number of a deal of the filling.
    pub fn number_of(&self, deal: Uuid) -> Option<u64> {
        let digits = format!("{:x}", deal.as_u128() & 0xffff_ffff_ffff);
        let number = digits.parse::<u64>().ok()?.checked_sub(TWELVE_DIGITS)?;
        (number < self.deals && self.deal(number) == deal).then_some(number)
    }

    /// The number of the customer whose its `number`th deal or contact is.
    pub fn customer_of(&self, number: u64) -> u64 {
        number / EACH % self.customers()
    }
}

/// So many deals that follow each other are of one customer: one of every stage, of two owners each.
const EACH: u64 = 12;

/// The same of the deal `:i`, as a pgbench expression.
pub fn customer_expression() -> String {
    format!(":i / {EACH} % :customers")
}

/// The id of the person who leads the team in the big workspace.
pub fn lead() -> Uuid {
    id(Kind::Member, BEGINNING, MEMBERS)
}

/// The digits of the lead's session, for a workspace's.
pub fn lead_digits(tenant: u64) -> u64 {
    TWELVE_DIGITS / 2 + tenant
}

/// The stage that the `number`th deal is in.
pub fn stage(number: u64) -> i16 {
    i16::try_from(1 + number % STAGES).unwrap_or(i16::MAX)
}

/// The time of the deal `:i` of `:count`, as a pgbench expression.
pub fn deal_time_expression() -> String {
    format!("{BEGINNING} + :i * ({SPAN} / :count)")
}

/// All workspaces, biggest first: sizes by Zipf's law, the biggest with a fifth of all records.
pub fn tenants(count: u32, records: u64) -> Vec<Tenant> {
    let share = |s: f64| 1.0 / (1..=count).map(|rank| f64::from(rank).powf(-s)).sum::<f64>();
    let (mut low, mut high) = (0.0, 4.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if share(middle) < 0.2 {
            low = middle;
        } else {
            high = middle;
        }
    }
    let biggest = share(low) * records as f64;
    let size = |rank: u32| (biggest * f64::from(rank).powf(-low)).round() as u64;
    (1..=count).map(|rank| Tenant::new(u64::from(rank), size(rank))).collect()
}

/// The workspaces that requests go to, the likeliest first: the biggest, and others ever farther apart down to the
/// middle of the field.
pub fn visited(tenants: &[Tenant]) -> Vec<Tenant> {
    let last = (tenants.len() / 2).max(VISITED) as f64;
    let mut chosen: Vec<Tenant> = Vec::new();
    for step in 0..VISITED {
        let wanted = last.powf(step as f64 / (VISITED - 1) as f64).round() as usize;
        let next = chosen.last().map_or(1, |tenant| tenant.number as usize + 1);
        chosen.extend(tenants.get(wanted.max(next) - 1).cloned());
    }
    chosen
}

/// Which of the visited workspaces a request goes to.
pub fn draw<'a>(visited: &'a [Tenant], random: &mut Random) -> (usize, &'a Tenant) {
    let at = random.zipf(visited.len() as u64, SKEW) as usize - 1;
    (at, &visited[at])
}

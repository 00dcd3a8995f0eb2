//! What stands in the records: values that look like a sales team's, in the form that the API takes and the table
//! keeps.

use serde_json::{Map, Value, json};

use super::layout::{BEGINNING, Kind, Tenant, id};
use super::random::Random;

const SYLLABLES: [&str; 20] = [
    "bar", "cor", "del", "fen", "gal", "hol", "jas", "kel", "lor", "mar", "nor", "pel", "quin", "ros", "sil",
    "tor", "ul", "ver", "wes", "zan",
];
const FIRST_NAMES: [&str; 16] = [
    "Amara", "Björn", "Chloé", "Dmitri", "Elena", "Farid", "Grace", "Hiro", "Inês", "Jamal", "Katya", "Liam",
    "Mei", "Nadia", "Omar", "Priya",
];
const TRADES: [&str; 8] =
    ["Foods", "Metals", "Logistics", "Plastics", "Pharma", "Energy", "Machining", "Packaging"];
const CITIES: [&str; 10] = [
    "Milwaukee",
    "Chicago",
    "Detroit",
    "Cleveland",
    "Toledo",
    "Madison",
    "Dayton",
    "Omaha",
    "Gary",
    "Duluth",
];
const OFFERS: [&str; 8] = [
    "line monitoring",
    "sensor retrofit",
    "plant roll-out",
    "gateway renewal",
    "pilot",
    "cold store alarm",
    "energy audit",
    "spare parts",
];
const STEPS: [&str; 6] = [
    "Call the plant manager",
    "Send the offer",
    "Visit the line",
    "Wait for the board",
    "Sign",
    "Ask for a reference",
];
const SENTENCES: [&str; 6] = [
    "They have three lines that stop twice a week and nobody knows why.",
    "The plant manager wants it before the summer shutdown; the board meets every second month.",
    "A competitor offered a cheaper gateway, but without support at night.",
    "Purchasing asks for two references of the same trade.",
    "The pilot ran for six weeks and found the bearing a day before it failed.",
    "Payment after acceptance, 30 days net.",
];

/// How many different words [`word`] makes.
pub const WORDS: u64 = 20 * 20 * 5;

/// A made-up word, such as a family or company is called by. One record in [`WORDS`] has a given one.
pub fn word(number: u64) -> String {
    const ENDINGS: [&str; 5] = ["son", "mann", "ski", "ford", "ley"];
    let at = |divisor: u64, length: u64| ((number / divisor) % length) as usize;
    let mut text = [SYLLABLES[at(1, 20)], SYLLABLES[at(20, 20)], ENDINGS[at(400, 5)]].concat();
    text[..1].make_ascii_uppercase();
    text
}

/// A day after the beginning.
fn day(random: &mut Random, days: u64) -> String {
    let ms = BEGINNING + random.below(days).cast_signed() * 86_400_000;
    chrono::DateTime::from_timestamp_millis(ms).map(|at| at.date_naive().to_string()).unwrap_or_default()
}

fn money(random: &mut Random, most: u64) -> Value {
    json!({"amount": format!("{}.{:02}", random.below(most), random.below(100)), "currency": "USD"})
}

fn text(random: &mut Random) -> String {
    let sentences: Vec<&str> = (0..1 + random.below(3)).map(|_| *random.pick(&SENTENCES)).collect();
    sentences.join(" ")
}

fn phone(random: &mut Random) -> String {
    format!("+1414555{:04}", 100 + random.below(100))
}

/// A customer's id.
pub fn customer(number: u64) -> Value {
    json!(id(Kind::Organization, BEGINNING, number))
}

/// The data of the `number`th record of a module in a workspace, as people enter it.
pub fn data(kind: Kind, tenant: &Tenant, number: u64) -> Map<String, Value> {
    let mut random = Random::new(tenant.number << 32 ^ number << 4 ^ kind as u64);
    let value = match kind {
        Kind::Organization => organization(&mut random),
        Kind::Contact => contact(&mut random, tenant, number),
        _ => deal(&mut random, tenant, number),
    };
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

fn organization(random: &mut Random) -> Value {
    let name = word(random.below(WORDS));
    json!({
        "name": format!("{name} {}", random.pick(&TRADES)),
        "relationship": random.pick(&["prospect", "customer", "partner", "former"]),
        "industry": random.pick(&["food", "metals", "plastics", "pharma", "logistics"]),
        "size": random.pick(&["s1", "s2", "s3", "s4"]),
        "tier": random.pick(&["strategic", "key", "standard"]),
        "city": random.pick(&CITIES),
        "state": "Wisconsin",
        "phone": phone(random),
        "annual_revenue": money(random, 900_000_000),
        "employees": random.below(9_000),
        "customer_since": day(random, 300),
        "last_contact": day(random, 300),
        "website": format!("https://{}.example.com/", name.to_lowercase()),
        "country": "United States",
        "description": text(random),
    })
}

fn contact(random: &mut Random, tenant: &Tenant, number: u64) -> Value {
    let (first, last) = (random.pick(&FIRST_NAMES), word(random.below(WORDS)));
    json!({
        "first_name": first,
        "last_name": last,
        "organization": customer(tenant.customer_of(number)),
        "job_title": random.pick(&["Plant manager", "Head of maintenance", "Buyer", "Director of quality"]),
        "email": format!("{}.{number}@example.com", last.to_lowercase()),
        "mobile": phone(random),
        "department": random.pick(&["operations", "maintenance", "quality", "procurement"]),
        "buying_role": random.pick(&["decision_maker", "champion", "influencer", "user"]),
        "preferred_channel": random.pick(&["email", "phone", "message", "meeting"]),
        "do_not_contact": random.below(20) == 0,
        "newsletter": random.below(2) == 0,
        "last_contact": day(random, 300),
        "notes": text(random),
    })
}

fn deal(random: &mut Random, tenant: &Tenant, number: u64) -> Value {
    json!({
        "name": format!("{} {}: {}", word(random.below(WORDS)), random.pick(&CITIES), random.pick(&OFFERS)),
        "organization": customer(tenant.customer_of(number)),
        "deal_type": random.pick(&["new_business", "expansion", "renewal", "pilot"]),
        "lead_source": random.pick(&["website", "referral", "trade_show", "partner"]),
        "forecast": random.pick(&["pipeline", "best_case", "commit", "omitted"]),
        "next_step": random.pick(&STEPS),
        "amount": money(random, 400_000),
        "recurring": money(random, 90_000),
        "quantity": 1 + random.below(80),
        "discount": format!("{}.00", random.below(30)),
        "close_date": day(random, 600),
        "next_step_on": day(random, 330),
        "description": text(random),
    })
}

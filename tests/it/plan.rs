//! The plan gate: every shape of list that the API offers is answered from an index, in a workspace that is big enough
//! for a wrong plan to hurt. PostgreSQL itself tells the plans (auto_explain), of the statements as the application sent
//! them, in its role and under row-level security.

use serde_json::{Value, json};

use crate::kit::{App, Client, Database};

/// Records of the big workspace.
const BIG: usize = 20_000;
/// Records of each small one.
const SMALL: usize = 40;
/// Pages that may be read for one row of the answer, and for the answer as a whole.
const BUFFERS_PER_ROW: u64 = 20;
const BUFFERS_BESIDES: u64 = 60;
/// From the sixth execution on a prepared statement may get a plan for any value.
const REPEATS: usize = 8;

/// The lists of the owner, who sees all records.
const SHAPES: &[(&str, &str)] = &[
    ("newest first", ""),
    ("by a text slot", "sort=city"),
    ("by a text slot, backwards", "sort=-city"),
    ("by a number slot", "sort=annual_revenue"),
    ("by a number slot, backwards", "sort=-annual_revenue"),
    ("by a date slot", "sort=customer_since"),
    ("by title", "sort=title"),
    ("a text slot's value, newest first", "filter=tier == \"strategic\""),
    ("a text slot's value, by a number slot", "filter=tier == \"strategic\"&sort=-annual_revenue"),
    ("a rare value of a text slot", "filter=city == \"Rareville\""),
    ("a range of a number slot", "filter=employees > 19000&sort=employees"),
    ("the beginning of a text slot", "filter=name starts_with \"company 19\""),
    ("the beginning of a title", "q=co"),
    ("a word anywhere", "q=needle"),
    ("a part of a text slot", "filter=city contains \"ilwauk\""),
    ("a part of a text slot, by a number slot", "filter=city contains \"ilwauk\"&sort=-annual_revenue"),
];

/// The lists of a module with stages.
const STAGED: &[(&str, &str)] = &[
    ("a stage's newest", "filter=stage == \"won\""),
    ("a rare stage's newest", "filter=stage == \"lost\""),
    ("those of some stages, by a number slot", "filter=stage in [\"proposal\", \"won\"]&sort=-amount"),
    ("those of some stages, by a date slot", "filter=stage in [\"prospect\", \"won\"]&sort=close_date"),
];

/// A statement's plan, as auto_explain tells it.
#[derive(Debug)]
pub struct Plan(Value);

impl Plan {
    fn is_of_a_list(&self) -> bool {
        let text = self.0["Query Text"].as_str().unwrap_or_default();
        text.contains("from records r where") && text.contains("order by")
    }

    fn root(&self) -> &Value {
        &self.0["Plan"]
    }

    fn rows(&self) -> u64 {
        self.root()["Actual Rows"].as_f64().unwrap_or_default() as u64
    }

    pub fn buffers(&self) -> u64 {
        ["Shared Hit Blocks", "Shared Read Blocks"].iter().filter_map(|key| self.root()[*key].as_u64()).sum()
    }

    fn nodes(&self) -> Vec<&str> {
        fn collect<'p>(plan: &'p Value, nodes: &mut Vec<&'p str>) {
            nodes.extend(plan["Node Type"].as_str());
            plan["Plans"].as_array().into_iter().flatten().for_each(|plan| collect(plan, nodes));
        }
        let mut nodes = Vec::new();
        collect(self.root(), &mut nodes);
        nodes
    }

    /// What is wrong with it.
    fn faults(&self) -> Vec<String> {
        let nodes = self.nodes();
        let allowed = BUFFERS_BESIDES + BUFFERS_PER_ROW * self.rows();
        let mut faults = Vec::new();
        if nodes.contains(&"Seq Scan") {
            faults.push("it reads the whole table".to_owned());
        }
        if !nodes.iter().any(|node| node.contains("Index")) {
            faults.push("it uses no index".to_owned());
        }
        if self.buffers() > allowed {
            faults.push(format!("it reads {} pages for {} rows: {:#}", self.buffers(), self.rows(), self.0));
        }
        faults
    }
}

/// The server's log; plans are taken from what is new in it.
pub struct Log<'a> {
    database: &'a Database,
    seen: usize,
}

impl<'a> Log<'a> {
    /// Makes the application's connections to come explain what they do, and ends those that are there.
    pub async fn explain(database: &'a Database) -> Self {
        for setting in [
            "session_preload_libraries = auto_explain",
            "auto_explain.log_min_duration = 0",
            "auto_explain.log_analyze = on",
            "auto_explain.log_buffers = on",
            "auto_explain.log_timing = off",
            "auto_explain.log_format = json",
        ] {
            let sql = format!(
                "do $$ begin execute format('alter database %I set {setting}', current_database()); end $$"
            );
            database.as_superuser(&sql).await;
        }
        let end = "select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and usename = 'trellis_app'";
        database.as_superuser(end).await;
        let mut log = Self { database, seen: 0 };
        log.plans().await;
        log
    }

    /// Plans that came since the last look.
    pub async fn plans(&mut self) -> Vec<Plan> {
        // The private server writes beside its data; a server with a collector knows its file.
        let sql = "select pg_read_file(coalesce(pg_current_logfile(), '../server.log'))";
        let rows = self.database.as_superuser(sql).await;
        let text = rows.first().and_then(|row| row[0].clone()).expect("the server's log can be read");
        let new = text.get(self.seen..).expect("the log only grows").to_owned();
        self.seen = text.len();
        let texts = new.split("plan:\n").skip(1);
        texts.map(|text| Plan(json_of(text))).collect()
    }
}

/// The indented lines at the beginning of a text, as JSON.
fn json_of(text: &str) -> Value {
    let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('\t')).collect();
    serde_json::from_str(&lines.join("\n")).expect("auto_explain writes JSON")
}

/// Fills the module organizations of a workspace by multiplying one record.
async fn fill(owner: &Client, records: usize, members: &[&str]) {
    let data = json!({"name": "Company 0", "relationship": "customer", "tier": "standard", "city": "Milwaukee",
        "annual_revenue": "1.00", "employees": 1, "customer_since": "2020-01-01"});
    let created =
        owner.post("/api/v1/records/organizations", &json!({"data": data})).await.expect(201).json();
    let database = owner.app().database();
    let id = created["id"].as_str().expect("an id");
    let sql = format!(
        "select f.key, f.slot from module_fields f join records r on r.tenant_id = f.tenant_id
           join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id and m.number = r.module
         where r.id = '{id}' and f.slot is not null"
    );
    let slots = database.as_superuser(&sql).await;
    let slot = |wanted: &str| {
        let row = slots.iter().find(|row| row[0].as_deref() == Some(wanted));
        row.and_then(|row| row[1].clone()).unwrap_or_else(|| panic!("{wanted} has no slot"))
    };
    let members: Vec<String> = members.iter().map(|id| format!("'{id}'")).collect();
    let sql = format!(
        "insert into records select (jsonb_populate_record(r, jsonb_build_object(
           'id', gen_random_uuid(), 'created_at', r.created_at - n * interval '1 minute',
           'owner_id', (array[{members}])[case when n % 50 = 0 then {member_count} else 1 end],
           'title', 'Company ' || n, 't1', 'company ' || n, '{name}', 'company ' || n,
           '{city}', case when n % 1000 = 0 then 'rareville' else 'city ' || n % 97 end,
           '{tier}', case when n % 20 = 0 then '000 strategic' else '002 standard' end,
           '{revenue}', n * 7919 % 1000003, '{employees}', n,
           '{since}', timestamptz '2020-01-01' + n % 2000 * interval '1 day',
           'search', 'company ' || n || case when n % 500 = 0 then ' with a needle' else ' with hay' end))).*
         from records r, generate_series(1, {records}) n where r.id = '{id}'",
        members = members.join(", "),
        member_count = members.len(),
        name = slot("name"),
        city = slot("city"),
        tier = slot("tier"),
        revenue = slot("annual_revenue"),
        employees = slot("employees"),
        since = slot("customer_since"),
    );
    database.as_superuser(&sql).await;
}

/// Asks for a list several times over; gives what is wrong with the plans.
async fn faults(log: &mut Log<'_>, client: &Client, name: &str, query: &str) -> Vec<String> {
    faults_in(log, client, "organizations", (name, query)).await
}

async fn faults_in(
    log: &mut Log<'_>,
    client: &Client,
    module: &str,
    (name, query): (&str, &str),
) -> Vec<String> {
    let query: String = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| {
            format!(
                "&{key}={}",
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
            )
        })
        .collect();
    let path = format!("/api/v1/records/{module}?count=none{query}");
    for _ in 0..REPEATS {
        let page = client.get(&path).await.expect(200).json();
        assert_ne!(page["data"], json!([]), "{name} finds records");
    }
    let plans: Vec<Plan> = log.plans().await.into_iter().filter(Plan::is_of_a_list).collect();
    assert!(plans.len() >= REPEATS, "{name}: every list left its plan in the log, {} did", plans.len());
    let faults = plans.iter().flat_map(|plan| {
        plan.faults().into_iter().map(move |fault| format!("{name}: {fault}: {:?}", plan.nodes()))
    });
    faults.collect()
}

/// Gives every record of the big module its keys, of which some are very common.
async fn key(database: &Database) {
    let sql = "insert into duplicate_keys select tenant_id, module, '1s:' || (array['CM+CMD', 'BrM+Mr'])[1 + n % 2], id
        from (select tenant_id, module, id, row_number() over () as n from records) r;
        insert into duplicate_keys select tenant_id, module, '2n:city' || n % 97, id
        from (select tenant_id, module, id, row_number() over () as n from records) r;
        vacuum (analyze) duplicate_keys";
    for statement in sql.split(';') {
        database.as_superuser(statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_for_duplicates_reads_no_more_than_the_candidates_of_each_key() {
    let app = App::start().await;
    let owner = app.sign_up_with("big", "corporate", false).await;
    fill(&owner, BIG, &[owner.user()]).await;
    let rules = json!({"duplicates": [{"match": [{"field": "name", "method": "similar"}, {"field": "city", "method": "normalised"}]}]});
    let sql = format!("update modules set definition = definition || '{rules}' where key = 'organizations'");
    app.database().as_superuser(&sql).await;
    app.database().as_superuser("update schema_versions set version = version + 1").await;
    key(app.database()).await;
    let number =
        "update duplicate_keys set key = f.number || substr(duplicate_keys.key, 2) from module_fields f
        join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id and m.key = 'organizations'
        where f.key = case left(duplicate_keys.key, 1) when '1' then 'name' else 'city' end";
    app.database().as_superuser(number).await;
    app.database().as_superuser("vacuum (analyze) duplicate_keys").await;
    let mut log = Log::explain(app.database()).await;
    for _ in 0..REPEATS {
        let asked = json!({"data": {"name": "Smith Johann", "city": "City 7"}});
        owner.post("/api/v1/records/organizations/duplicates", &asked).await.expect(200);
    }
    let plans = log.plans().await;
    let of = |table: &str| -> Vec<&Plan> {
        let text = |plan: &&Plan| plan.0["Query Text"].as_str().unwrap_or_default().contains(table);
        plans.iter().filter(text).collect()
    };
    let holders = of("from duplicate_keys");
    assert!(holders.len() >= REPEATS, "{} plans", holders.len());
    assert!(holders.iter().any(|plan| plan.rows() > 100), "the keys are those of many records");
    let faults: Vec<String> = holders.iter().flat_map(|plan| plan.faults()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let candidates = of("select id, title, owner_id, data from records");
    let faults: Vec<String> = candidates.iter().flat_map(|plan| plan.faults()).collect();
    assert!(candidates.len() >= REPEATS && faults.is_empty(), "{faults:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_read_little_more_than_they_show() {
    let app = App::start().await;
    let owner = app.sign_up_with("big", "corporate", false).await;
    let worker = app.member(&owner, "worker").await;
    fill(&owner, BIG, &[owner.user(), worker.user()]).await;
    for slug in ["small-1", "small-2", "small-3"] {
        let other = app.sign_up_with(slug, "corporate", false).await;
        fill(&other, SMALL, &[other.user()]).await;
    }
    app.database().as_superuser("vacuum (analyze) records").await;
    let mut log = Log::explain(app.database()).await;
    let mut found = Vec::new();
    for (name, query) in SHAPES {
        found.extend(faults(&mut log, &owner, name, query).await);
    }
    // Not by a slot: no index holds owner and slot together, so that walks one of them.
    found.extend(faults(&mut log, &worker, "own records", "").await);
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "plans that read too much:\n{}", found.join("\n"));
}

/// Gives the records of a workspace to its owner and 19 others, in turn; gives the others' ids.
async fn spread(database: &Database, slug: &str) -> Vec<String> {
    let tenant = format!("(select id from tenants where slug = '{slug}')");
    let sql = format!(
        "with people as (
           insert into users (id, email, name, password_hash, created_at)
           select gen_random_uuid(), 'person' || n || '@{slug}.example', 'Person ' || n, '', now()
           from generate_series(1, 19) n returning id, email, name)
         insert into memberships (tenant_id, user_id, name, email, role, created_at)
         select {tenant}, id, name, email, 'worker', now() from people returning user_id"
    );
    let people: Vec<String> =
        database.as_superuser(&sql).await.into_iter().filter_map(|row| row[0].clone()).collect();
    let owners: Vec<String> = people.iter().map(|id| format!("'{id}'::uuid")).collect();
    let sql = format!(
        "update records r set owner_id = coalesce((array[{}])[n.n % 20 + 1], r.owner_id)
         from (select id, row_number() over (order by id) as n from records where tenant_id = {tenant}) n
         where r.tenant_id = {tenant} and r.id = n.id",
        owners.join(", ")
    );
    database.as_superuser(&sql).await;
    people
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_s_lists_cost_a_few_short_walks() {
    let app = App::start().await;
    let owner = app.sign_up_with("big", "corporate", false).await;
    fill(&owner, BIG, &[owner.user()]).await;
    let people = spread(app.database(), "big").await;
    let lead = app.member(&owner, "team_lead").await;
    owner
        .post("/api/v1/teams", &json!({"key": "north", "name": "North", "manager": lead.user()}))
        .await
        .expect(201);
    for person in &people[..5] {
        owner.change(&format!("/api/v1/members/{person}"), &json!({"team": "north"})).await.expect(200);
    }
    let first = owner.get("/api/v1/records/organizations?limit=1").await.expect(200).json();
    let path =
        format!("/api/v1/records/organizations/{}/shares", first["data"][0]["id"].as_str().expect("one"));
    let with = json!({"with": {"user": lead.user()}});
    // Shares of others, so that the table of shares is worth an index.
    let others = "insert into record_shares (tenant_id, id, record_id, module, grantee, level, created_at)
        select tenant_id, gen_random_uuid(), id, module, 'user:' || gen_random_uuid(), 'read', now() from records";
    app.database().as_superuser(others).await;
    app.database().as_superuser("vacuum (analyze)").await;
    let mut log = Log::explain(app.database()).await;
    let mut found = Vec::new();
    for shared in [false, true] {
        if shared {
            owner.post(&path, &with).await.expect(201);
        }
        for (name, query) in [
            ("a team's newest", ""),
            ("a team's oldest", "sort=created_at"),
            ("a team's by a number slot", "sort=-annual_revenue"),
            ("a team's by title", "sort=title"),
            ("a team's with a word", "q=needle"),
        ] {
            found.extend(faults(&mut log, &lead, &format!("{name}, shares: {shared}"), query).await);
        }
    }
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "plans that read too much:\n{}", found.join("\n"));
}

/// Deals beside the organizations of the big workspace, in the stages 1 to 5 in turn and a few in the sixth; with the
/// totals that the writers of so many would have kept.
async fn fill_deals(owner: &Client, deals: usize) {
    let database = owner.app().database();
    let organization = owner.get("/api/v1/records/organizations?limit=1").await.expect(200).json();
    let data = json!({"name": "Deal 0", "deal_type": "renewal", "amount": "1.00", "close_date": "2026-01-01",
        "organization": organization["data"][0]["id"]});
    let body = json!({"data": data, "stage": "prospect"});
    let deal = owner.post("/api/v1/records/deals", &body).await.expect(201).json();
    let id = deal["id"].as_str().expect("an id");
    let slots = format!(
        "select f.key, f.slot from module_fields f join modules m on m.tenant_id = f.tenant_id and m.id = f.module_id
         where m.key = 'deals' and f.slot is not null and m.tenant_id = (select tenant_id from records where id = '{id}')"
    );
    let slots = database.as_superuser(&slots).await;
    let slot = |wanted: &str| {
        let row = slots.iter().find(|row| row[0].as_deref() == Some(wanted));
        row.and_then(|row| row[1].clone()).unwrap_or_else(|| panic!("{wanted} has no slot"))
    };
    let (amount, close) = (slot("amount"), slot("close_date"));
    let sql = format!(
        "insert into records select (jsonb_populate_record(r, jsonb_build_object(
           'id', gen_random_uuid(), 'created_at', r.created_at - n * interval '1 minute',
           'stage', case when n % 1000 = 0 then 6 else 1 + n % 5 end, 'title', 'Deal ' || n, 't1', 'deal ' || n,
           '{amount}', n * 7919 % 1000003, '{close}', timestamptz '2026-01-01' + n % 500 * interval '1 day'))).*
         from records r, generate_series(1, {deals}) n where r.id = '{id}';
         delete from stage_totals;
         insert into stage_totals
           select tenant_id, module, gen_random_uuid(), stage, 'USD', count(*), sum((data -> 'amount' ->> 'amount')::numeric)
           from records where stage <> 0 group by tenant_id, module, stage"
    );
    for statement in sql.split(';') {
        database.as_superuser(statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn boards_and_lists_by_stage_read_little_more_than_they_show() {
    let app = App::start().await;
    let owner = app.sign_up_with("big", "corporate", false).await;
    fill(&owner, BIG / 10, &[owner.user()]).await;
    fill_deals(&owner, BIG).await;
    app.database().as_superuser("vacuum (analyze)").await;
    let mut log = Log::explain(app.database()).await;
    let mut found = Vec::new();
    for shape in STAGED {
        found.extend(faults_in(&mut log, &owner, "deals", *shape).await);
    }
    for _ in 0..REPEATS {
        let board = owner.get("/api/v1/records/deals/board").await.expect(200).json();
        assert_eq!(board["stages"][0]["count"], json!({"value": BIG / 5 - BIG / 1_000 + 1, "exact": true}));
        assert_eq!(board["stages"][4]["cards"].as_array().map(Vec::len), Some(20));
    }
    let plans = log.plans().await;
    let of_records: Vec<&Plan> = plans.iter().filter(|plan| plan.is_of_a_list()).collect();
    assert_eq!(of_records.len(), 6 * REPEATS, "one list a stage");
    let (pages, counts): (u64, u64) =
        (of_records.iter().map(|plan| plan.buffers()).sum(), plans.iter().map(Plan::buffers).sum());
    found.extend(of_records.iter().flat_map(|plan| plan.faults()));
    let besides = REPEATS as u64 * BUFFERS_BESIDES;
    assert!(
        counts - pages <= besides,
        "a board reads {} pages besides its cards",
        (counts - pages) / REPEATS as u64
    );
    found.sort();
    found.dedup();
    assert!(found.is_empty(), "plans that read too much:\n{}", found.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_read_the_records_of_their_module_once_and_no_others() {
    let app = App::start().await;
    let owner = app.sign_up_with("big", "corporate", false).await;
    fill(&owner, BIG, &[owner.user()]).await;
    let deals = BIG / 10;
    fill_deals(&owner, deals).await;
    app.database().as_superuser("vacuum (analyze)").await;
    let mut log = Log::explain(app.database()).await;
    for query in [
        "group_by=stage",
        "group_by=deal_type&measure=count,filled:amount",
        "filter=stage%20%3D%3D%20%22won%22",
    ] {
        for _ in 0..REPEATS {
            let path = format!("/api/v1/records/deals/aggregate?{query}");
            assert_ne!(owner.get(&path).await.expect(200).json()["data"], json!([]));
        }
        let plans = log.plans().await;
        let of_groups = |plan: &&Plan| {
            let text = plan.0["Query Text"].as_str().unwrap_or_default();
            text.contains("from records r where") && text.contains("count(*)::text")
        };
        let plans: Vec<&Plan> = plans.iter().filter(of_groups).collect();
        assert!(plans.len() >= REPEATS, "{query}: {} plans", plans.len());
        for plan in plans {
            assert!(!plan.nodes().contains(&"Seq Scan"), "{query}: {:#}", plan.0);
            assert!(plan.buffers() <= deals as u64 + BUFFERS_BESIDES, "{query}: {} pages", plan.buffers());
        }
    }
}

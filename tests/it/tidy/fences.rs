//! What may be written in few places, or nowhere.

use super::tree::{Fault, File, Rust, line_of, pattern};

/// Files that hold SQL though they are no `store.rs` and not in `db/`, with the reason. An entry without SQL is a fault.
const SQL_PLACES: &[(&str, &str)] = &[
    ("src/record/sql.rs", "the query planner: the one place that puts SQL together"),
    ("src/record/translate/reach.rs", "the planner's other half: to which records a permit extends"),
    ("src/record/translate/search.rs", "the planner's other half: contains-search"),
    ("src/record/translate/call.rs", "the planner's other half: functions of the expression language"),
    ("src/record/translate/aggregate.rs", "the planner's statements for groups and their results"),
    ("src/record/translate/path.rs", "the planner's other half: records that relations lead to"),
    ("src/record/output.rs", "the planner's columns, beside the code that reads them"),
    ("src/record/read.rs", "looks one record up by its id"),
    ("src/record/link.rs", "looks up what relations point to"),
    ("src/work.rs", "the statement that admits, checks and locks in one message"),
];

/// What SQL looks like in this house: lower-case, and in literals alone.
const SQL: &str = concat!(
    r"(?s)\b(?:select\b.*\b(?:from|where|app_\w+\()|insert into \w+|update \w+\s+set\b|delete from \w+)",
    r"|\b(?:create|alter|drop) (?:table|role|database|schema|index|policy|function)\b",
    r"|\br\.(?:tenant_id|data|id|module)\b|\btenant_id = ",
);

fn is_sql(text: &str) -> bool {
    pattern(SQL).is_match(text)
}

fn may_hold_sql(path: &str) -> bool {
    path.ends_with("/store.rs")
        || path.starts_with("src/db/")
        || SQL_PLACES.iter().any(|(place, _)| *place == path)
}

/// SQL outside the places for it.
pub fn sql(rust: &Rust) -> Vec<Fault> {
    if !rust.is_program() || may_hold_sql(&rust.file.path) {
        return Vec::new();
    }
    let guilty = rust.literals.iter().filter(|literal| is_sql(&literal.text));
    guilty.map(|literal| rust.file.fault(literal.line, "SQL belongs into a store.rs")).collect()
}

/// Exceptions that nothing needs any more.
pub fn idle_sql_places(program: &[&Rust]) -> Vec<String> {
    let holds = |place: &str| {
        let file = program.iter().find(|rust| rust.file.path == place);
        file.is_some_and(|rust| rust.literals.iter().any(|literal| is_sql(&literal.text)))
    };
    SQL_PLACES.iter().filter(|(place, _)| !holds(place)).map(|(place, _)| (*place).to_owned()).collect()
}

/// SQL put together at run time, outside the planner.
pub fn planned_sql(rust: &Rust) -> Vec<Fault> {
    let allowed = ["src/db/sql.rs", "src/record/sql.rs", "src/record/translate/aggregate.rs"]
        .contains(&rust.file.path.as_str());
    let marked = pattern(r"\bDynamicSql\s*(?:::\s*planned\b|\{)");
    let found = marked.find_iter(&rust.code).filter(|_| !allowed);
    found
        .map(|place| {
            rust.file
                .fault(line_of(&rust.code, place.start()), "only the planner puts SQL together at run time")
        })
        .collect()
}

/// Ways to set the tenant for longer than a transaction, or around `app_set_tenant`.
pub fn tenant_settings(path: &str, text: &str, line: usize) -> Vec<Fault> {
    let settings = pattern(r"(?i)\bset_config\s*\(|\bset\s+(?:session\s+)?app\.|\bset\s+local\s+app\.");
    let found = settings.find_iter(text).filter(|found| !in_app_set_tenant(&text[..found.start()]));
    found
        .map(|found| {
            let message = "the tenant is set by app_set_tenant, for one transaction";
            File::new(path, "").fault(line + line_of(text, found.start()) - 1, message)
        })
        .collect()
}

/// Whether a text ends inside the body of the one function that sets the tenant.
fn in_app_set_tenant(before: &str) -> bool {
    before.rfind("create function app_set_tenant(").is_some_and(|at| before[at..].matches("$$").count() == 1)
}

/// Words that put work off or look away, in code of any language.
pub fn put_off(file: &File) -> Vec<Fault> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX"), concat!("HA", "CK")];
    let has = |line: &str| {
        words.iter().any(|word| line.split(|c: char| !c.is_alphanumeric()).any(|found| found == *word))
    };
    file.lines_where(has, "do it now, or open an issue")
}

/// Attributes and macros that look away.
pub fn looks_away(rust: &Rust) -> Vec<Fault> {
    let rules = [
        (r"#!?\[\s*allow\s*\(", "write #[expect(lint, reason = \"…\")]"),
        (r"#\[\s*ignore\b", "a test that does not run proves nothing: assert what happens instead"),
        (r"#\[\s*should_panic\b", "assert the error instead of any panic"),
        (r"\b(?:todo|unimplemented)!", "there are no stubs"),
        (r"\bunsafe\b\s*(?:\{|fn|impl|trait|extern)", "there is no unsafe code"),
    ];
    let mut faults = Vec::new();
    for (forbidden, message) in rules {
        let forbidden = pattern(forbidden);
        let places = forbidden.find_iter(&rust.code).map(|found| line_of(&rust.code, found.start()));
        faults.extend(places.map(|line| rust.file.fault(line, message)));
    }
    faults
}

/// Folders of one person's machine.
pub fn machine_paths(file: &File) -> Vec<Fault> {
    // Homebrew's place on Linux is the same on every machine.
    let homes = pattern(r"(?:^|[^\w.~-])/(?:home/(?:[\w.-]+)|Users/\w+|root/\w+|work/\w+)");
    let has = |line: &str| homes.find_iter(line).any(|found| !found.as_str().ends_with("/home/linuxbrew"));
    file.lines_where(has, "this folder is on one machine only")
}

mod samples {
    use super::*;

    fn rust(path: &str, text: &str) -> Rust {
        Rust::new(File::new(path, text))
    }

    #[test]
    fn sql_outside_its_places_is_found() {
        for text in [
            "let a = \"select id\n from users\";",
            "let a = \"insert into users (id)\";",
            "let a = r#\"update users set x = 1\"#;",
            "let a = \"delete from users\";",
            "let a = \"drop table users\";",
            "let a = format!(\"and r.data is null\");",
        ] {
            assert_eq!(sql(&rust("src/api/me.rs", text)).len(), 1, "{text}");
            assert!(sql(&rust("src/identity/store.rs", text)).is_empty());
        }
        assert!(
            sql(&rust("src/api/me.rs", "// select a from b\nlet a = \"Select a field to sort by\";"))
                .is_empty()
        );
    }

    #[test]
    fn an_idle_exception_is_found() {
        assert_eq!(idle_sql_places(&[&rust("src/work.rs", "let a = \"no\";")]).len(), SQL_PLACES.len());
        let place = rust("src/work.rs", "let a = \"select 1 from t\";");
        assert_eq!(idle_sql_places(&[&place]).len(), SQL_PLACES.len() - 1);
    }

    #[test]
    fn planned_sql_outside_the_planner_is_found() {
        for text in ["DynamicSql::planned(a, true)", "db::DynamicSql { text, reusable }"] {
            assert_eq!(planned_sql(&rust("src/view/list.rs", text)).len(), 1, "{text}");
            assert!(planned_sql(&rust("src/record/sql.rs", text)).is_empty());
        }
    }

    #[test]
    fn a_tenant_set_by_other_means_is_found() {
        for text in [
            "select set_config('app.tenant_id', $1, true)",
            "SET app.tenant_id = 1",
            "set session app.x = 1",
            "set local app.tenant_id",
        ] {
            assert_eq!(tenant_settings("a.sql", text, 1).len(), 1, "{text}");
        }
        let function = "create function app_set_tenant(t uuid) as $$\n set local app.tenant_id = 1 $$;";
        assert!(tenant_settings("a.sql", function, 1).is_empty());
        let after = format!("{function}\nset local app.tenant_id = 2;");
        assert_eq!(tenant_settings("a.sql", &after, 1)[0].line, 3);
        assert!(tenant_settings("a.sql", "set local citus.x = on; select app_set_tenant($1)", 1).is_empty());
    }

    #[test]
    fn work_put_off_is_found() {
        let late = concat!("fn a() {} // TO", "DO: all");
        assert_eq!(put_off(&File::new("src/a.rs", late)).len(), 1);
        assert!(put_off(&File::new("src/a.rs", "// a todo list; HACKS")).is_empty());
    }

    #[test]
    fn looking_away_is_found() {
        for text in [
            "#[allow(dead_code)]",
            "#![ allow (x)]",
            "#[ignore = \"slow\"]",
            "#[should_panic]",
            "{ todo!() }",
            "unsafe { a }",
        ] {
            assert_eq!(looks_away(&rust("src/a.rs", text)).len(), 1, "{text}");
        }
        assert!(
            looks_away(&rust("src/a.rs", "#[expect(x)] // #[allow(x)]\nlet a = \"unsafe {\";")).is_empty()
        );
    }

    #[test]
    fn a_folder_of_one_machine_is_found() {
        for text in [concat!("see /ro", "ot/x"), concat!("/ho", "me/ann/a"), concat!("\"/Us", "ers/ann\"")] {
            assert_eq!(machine_paths(&File::new("docs/a.md", text)).len(), 1, "{text}");
        }
        for text in
            ["below `/root` usually", concat!("/ho", "me/linuxbrew/bin"), "src/work/x", "https://a.b/work"]
        {
            assert!(machine_paths(&File::new("docs/a.md", text)).is_empty(), "{text}");
        }
    }
}

//! Migrations, templates and documents: what must stand beside what.

use std::collections::BTreeSet;

use super::tree::{Fault, File, line_of, pattern};

/// Names of migrations: a moment and a topic, each moment once; and a first line that says why.
pub fn migration_names(migrations: &[File]) -> Vec<Fault> {
    let right = pattern(r"^\d{14}_[a-z0-9]+(?:_[a-z0-9]+)*\.sql$");
    let (mut faults, mut moments) = (Vec::new(), BTreeSet::new());
    for file in migrations {
        if !right.is_match(file.name()) {
            faults.push(file.fault(1, "a migration is named YYYYMMDDhhmmss_topic.sql"));
        }
        if !moments.insert(file.name().split('_').next().unwrap_or_default()) {
            faults.push(file.fault(1, "another migration has this moment"));
        }
        if !file.text.starts_with("-- ") {
            faults.push(file.fault(1, "a migration opens with a comment that says what it is for"));
        }
    }
    faults
}

/// Tables of tenants that are not protected, keys that forget the tenant, tables that do not say what they hold.
pub fn tables(migrations: &[File]) -> Vec<Fault> {
    let all: String = migrations.iter().map(|file| without_comments(&file.text)).collect();
    let table = pattern(r"(?s)\bcreate table (\w+) \((.*?)\n\)");
    let mut faults = Vec::new();
    for file in migrations {
        let text = without_comments(&file.text);
        for captures in table.captures_iter(&text) {
            let (Some(whole), name, body) = (captures.get(0), &captures[1], &captures[2]) else { continue };
            let line = line_of(&text, whole.start());
            faults
                .extend(table_faults(name, body, &all).into_iter().map(|message| file.fault(line, message)));
        }
    }
    faults
}

fn table_faults(name: &str, body: &str, all: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !all.contains(&format!("comment on table {name} is '")) {
        faults.push(format!("{name} has no comment"));
    }
    if !pattern(r"(?m)^\s*tenant_id uuid\b").is_match(body) {
        return faults;
    }
    if !is_protected(name, all) {
        faults.push(format!("{name} has a tenant_id and no row security: select app_protect('{name}', …)"));
    }
    if all.contains(&format!("app_protect('{name}'")) {
        faults.extend(loose_keys(name, body, all));
    }
    faults
}

fn is_protected(name: &str, all: &str) -> bool {
    all.contains(&format!("app_protect('{name}'"))
        || all.contains(&format!("alter table {name} enable row level security"))
}

/// Keys of a tenant's table that do not begin with the tenant: they would tell of other tenants' rows.
fn loose_keys(name: &str, body: &str, all: &str) -> Vec<String> {
    let inline = pattern(r"(?m)^\s*(\w+) [^\n(]*?\b(primary key|unique)\b");
    let listed = pattern(r"\b(primary key|unique|foreign key) \((\w+)");
    let index = pattern(&format!(r"\b(create unique index) \w+ on {name} \((\w+)"));
    let inline = inline.captures_iter(body).map(|found| (found[2].to_owned(), found[1].to_owned()));
    let inline = inline.filter(|(_, column)| !["primary", "unique", "foreign"].contains(&column.as_str()));
    let listed = listed.captures_iter(body).chain(index.captures_iter(all));
    let listed = listed.map(|found| (found[1].to_owned(), found[2].to_owned()));
    inline
        .chain(listed)
        .filter(|(_, column)| column != "tenant_id")
        .map(|(key, column)| format!("{name}: {key} ({column} …) does not begin with tenant_id"))
        .collect()
}

/// What the runtime role is granted without row security, and words that have no place in a migration.
pub fn grants(migrations: &[File]) -> Vec<Fault> {
    let all: String = migrations.iter().map(|file| without_comments(&file.text)).collect();
    let grant = pattern(r"\bgrant ([\w, ]+) on (\w+) to trellis_app\b");
    let never =
        pattern(r"\bforce row level security\b|\bon delete set null\b|\bsecurity definer\b|\bbypassrls\b");
    let mut faults = Vec::new();
    for file in migrations {
        let text = without_comments(&file.text);
        for found in grant.captures_iter(&text) {
            let line = found.get(0).map_or(1, |whole| line_of(&text, whole.start()));
            if !is_protected(&found[2], &all) && !is_tenant_view(&found[2], &all) {
                faults.push(file.fault(line, format!("{} is granted without row security", &found[2])));
            }
        }
        let banned = never.find_iter(&text);
        faults.extend(banned.map(|found| {
            file.fault(
                line_of(&text, found.start()),
                format!("no \"{}\" here: see the README", found.as_str()),
            )
        }));
    }
    faults
}

/// Whether it is a view with the tenant in its condition.
fn is_tenant_view(name: &str, all: &str) -> bool {
    let Some(at) = all.find(&format!("create view {name} as")) else { return false };
    let body = all[at..].split(';').next().unwrap_or_default();
    body.contains("tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid")
}

fn without_comments(sql: &str) -> String {
    let lines = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Folders of templates in which a person finds nothing to read.
pub fn template_readmes(paths: &[String]) -> Vec<Fault> {
    let templates: BTreeSet<&str> = paths
        .iter()
        .filter_map(|path| path.strip_prefix("templates/")?.split_once('/').map(|(folder, _)| folder))
        .collect();
    let lacks = |folder: &&str| !paths.contains(&format!("templates/{folder}/README.md"));
    let faults = templates.into_iter().filter(lacks);
    faults
        .map(|folder| {
            File::new(&format!("templates/{folder}"), "").fault(1, "no README.md for who chooses it")
        })
        .collect()
}

/// Links of documents that lead to no file.
pub fn dead_links(document: &File, paths: &[String]) -> Vec<Fault> {
    let link = pattern(r"\]\(([^)#\s]+)[^)]*\)");
    let links = link.captures_iter(&document.text).filter_map(|captures| captures.get(1));
    let local = links.filter(|target| !target.as_str().contains(':'));
    local
        .filter(|target| {
            let path = resolve(&document.path, target.as_str());
            !paths.iter().any(|known| *known == path || known.starts_with(&format!("{path}/")))
        })
        .map(|target| {
            let line = line_of(&document.text, target.start());
            document.fault(line, format!("{} leads nowhere", target.as_str()))
        })
        .collect()
}

/// A link's target, from the project's root.
fn resolve(document: &str, target: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Names without a page, and pages without a name.
pub fn unpaired(names: &[&str], folder: &str, paths: &[String]) -> Vec<String> {
    let page = |name: &str| format!("{folder}/{name}.md");
    let lacking = names.iter().filter(|name| !paths.contains(&page(name)));
    let known: BTreeSet<String> = names.iter().map(|name| page(name)).chain([page("README")]).collect();
    let stray = paths.iter().filter(|path| path.starts_with(&format!("{folder}/")) && !known.contains(*path));
    lacking
        .map(|name| format!("{} is missing", page(name)))
        .chain(stray.map(|path| format!("{path} belongs to nothing")))
        .collect()
}

mod samples {
    use super::*;

    const NAME: &str = "migrations/20260101120000_notes.sql";

    fn messages(faults: Vec<Fault>) -> Vec<String> {
        faults.into_iter().map(|fault| format!("{} {}", fault.line, fault.message)).collect()
    }

    fn owned(paths: &[&str]) -> Vec<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_wrongly_named_migration_is_found() {
        let sound = || File::new(NAME, "-- Notes.\n");
        for name in
            ["migrations/1_notes.sql", "migrations/20260101120001_Notes.sql", "migrations/20260101120001.sql"]
        {
            assert_eq!(migration_names(&[sound(), File::new(name, "-- Notes.\n")]).len(), 1, "{name}");
        }
        let twin = File::new("migrations/20260101120000_other.sql", "-- Other.\n");
        assert_eq!(messages(migration_names(&[sound(), twin])), ["1 another migration has this moment"]);
        assert_eq!(migration_names(&[File::new(NAME, "create table a ();\n")]).len(), 1);
    }

    #[test]
    fn an_unprotected_table_is_found() {
        let table = "\ncreate table notes (\n  tenant_id uuid not null,\n  id uuid not null,\n  primary key (tenant_id, id)\n);\n";
        let comment = "comment on table notes is 'Notes.';\n";
        let protect = "select app_protect('notes', 'select');\n";
        let found = |text: String| messages(tables(&[File::new(NAME, &text)]));
        assert!(found(format!("{table}{comment}{protect}")).is_empty());
        assert_eq!(found(format!("{table}{comment}-- {protect}")).len(), 1);
        assert_eq!(found(format!("{table}{protect}")), ["2 notes has no comment"]);
    }

    #[test]
    fn a_key_without_the_tenant_is_found() {
        let rest = "comment on table notes is 'Notes.';\nselect app_protect('notes', 'select');\n";
        for key in [
            "id uuid primary key",
            "key text not null unique",
            "unique (key)",
            "foreign key (other) references others (id)",
        ] {
            let table = format!("create table notes (\n  tenant_id uuid not null,\n  {key}\n);\n{rest}");
            assert_eq!(tables(&[File::new(NAME, &table)]).len(), 1, "{key}");
        }
        let index = format!(
            "create table notes (\n  tenant_id uuid primary key\n);\n{rest}create unique index a on notes (key);"
        );
        assert_eq!(tables(&[File::new(NAME, &index)]).len(), 1);
    }

    #[test]
    fn a_grant_past_row_security_is_found() {
        let found = |text: &str| grants(&[File::new(NAME, text)]).len();
        assert_eq!(found("grant select, insert on notes to trellis_app;"), 1);
        assert_eq!(found("create view notes as select 1;\ngrant select on notes to trellis_app;"), 1);
        assert_eq!(
            found("alter table notes enable row level security;\ngrant select on notes to trellis_app;"),
            0
        );
        assert_eq!(found("alter table notes force row level security;"), 1);
        assert_eq!(found("foreign key (a) references b on delete set null"), 1);
    }

    #[test]
    fn a_template_without_a_readme_is_found() {
        let paths =
            owned(&["templates/a/template.yaml", "templates/b/template.yaml", "templates/b/README.md"]);
        assert_eq!(template_readmes(&paths).len(), 1);
    }

    #[test]
    fn a_dead_link_is_found() {
        let paths = owned(&["docs/guides/a.md", "docs/STYLE.md", "src/lib.rs"]);
        let dead = |text| dead_links(&File::new("docs/guides/a.md", text), &paths).len();
        assert_eq!(dead("[a](b.md) [b](../guides/) [c](/x.md)"), 2);
        assert_eq!(dead("[a](../STYLE.md#x) [b](https://a.b/c) [c](#d) [d](../../src/lib.rs)"), 0);
    }

    #[test]
    fn a_page_without_its_pair_is_found() {
        let paths = owned(&["docs/problems/a.md", "docs/problems/c.md"]);
        assert_eq!(unpaired(&["a", "b"], "docs/problems", &paths).len(), 2);
        assert!(unpaired(&["a", "c"], "docs/problems", &paths).is_empty());
    }
}

//! Which room may use which: downwards by the tiers of `lib.rs`, sideways only as listed here.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Fault, File, Rust, line_of, pattern};

/// The arrows inside a tier, each with its reason. They form no circle.
pub const SIDEWAYS: &[(&str, &str, &str)] = &[
    ("blob", "id", "each tenant's contents are kept apart"),
    ("db", "id", "a transaction is bound to a tenant's id"),
    ("expr", "limits", "the parser bounds depth and size"),
    ("field", "line", "line items are added up"),
    ("pipeline", "field", "stages have the hues of choices"),
    ("schema", "field", "modules are made of fields"),
    ("schema", "pipeline", "a module has a pipeline"),
    ("tenancy", "identity", "members are users, and signing up makes both"),
    ("work", "access", "work carries an actor"),
    ("work", "tenancy", "work carries its workspace"),
    ("customize", "record", "a derived field is computed for the records that are there"),
    ("intake", "record", "an import writes records by the ordinary path"),
    ("intake", "customize", "an import adds the fields that a module lacks, as its tenant would"),
    ("customize", "record", "records of a stage that goes away move on"),
    ("around", "record", "a record says who may see what stands around it"),
    ("saved_view", "record", "a view is checked as the lists that show it are"),
    ("view", "saved_view", "lists offer saved views"),
    ("view", "around", "a record's page shows what stands around it"),
    ("customize", "record", "values and slots follow a field that changes"),
    ("view", "record", "views show records"),
    ("view", "customize", "a list offers to add a field"),
    ("api", "http", "resources stand on the edge"),
    ("web", "http", "pages stand on the edge"),
    ("worker", "http", "what a job was refused is told as the API would have told it"),
    ("cli", "app", "commands start the application"),
    ("cli", "config", "commands have settings"),
];

/// The tier of every room, by the comments of `lib.rs`: `// Tier 1, …`, and `// Root: …` beneath them all.
pub fn tiers(lib: &File) -> BTreeMap<String, usize> {
    let (mut tier, mut tiers) = (0, BTreeMap::new());
    for line in lib.text.lines() {
        if line.starts_with("// Tier ") || line.starts_with("// Root") {
            tier += 1;
        } else if let Some(room) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) {
            tiers.insert(room.to_owned(), tier);
        }
    }
    tiers
}

/// Uses of rooms that a file's own room must not know.
pub fn arrows(rust: &Rust, tiers: &BTreeMap<String, usize>) -> Vec<Fault> {
    let Some(from) = room_of(&rust.file.path) else { return Vec::new() };
    let Some(own) = tiers.get(from) else {
        return vec![rust.file.fault(1, format!("the room {from} is not on the map, src/lib.rs"))];
    };
    let mut faults = Vec::new();
    for (at, to) in used_rooms(&rust.code) {
        let sideways = SIDEWAYS.iter().any(|(a, b, _)| *a == from && *b == to);
        let allowed = match tiers.get(&to) {
            Some(tier) => tier < own || to == from || (tier == own && sideways),
            None => false,
        };
        if !allowed {
            faults.push(rust.file.fault(line_of(&rust.code, at), format!("{from} must not use {to}")));
        }
    }
    faults
}

/// The room of a file of the program; the map and the entrance are none.
fn room_of(path: &str) -> Option<&str> {
    let path = path.strip_prefix("src/")?;
    let room = path.split('/').next().unwrap_or(path);
    Some(room.strip_suffix(".rs").unwrap_or(room)).filter(|room| !["lib", "main"].contains(room))
}

/// What follows `crate::` anywhere in a code, groups taken apart: `crate::{a::B, c}` uses a and c.
fn used_rooms(code: &str) -> Vec<(usize, String)> {
    let path = pattern(r"\bcrate::(?:(\w+)|\{)");
    let mut used = Vec::new();
    for captures in path.captures_iter(code) {
        let Some(all) = captures.get(0) else { continue };
        match captures.get(1) {
            Some(room) => used.push((all.start(), room.as_str().to_owned())),
            None => used.extend(heads(&code[all.end()..]).into_iter().map(|room| (all.start(), room))),
        }
    }
    used
}

/// The first word of each path of a group, up to its closing brace.
fn heads(group: &str) -> Vec<String> {
    let (mut depth, mut head, mut heads, mut reading) = (0, String::new(), Vec::new(), true);
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads.push(std::mem::take(&mut head));
                reading = true;
            }
            c if depth == 0 && reading && (c.is_alphanumeric() || c == '_') => head.push(c),
            ':' => reading = false,
            _ => {}
        }
    }
    heads.push(head);
    heads.retain(|head| !head.is_empty());
    heads
}

/// Paths that leave their room by `super::`, where the arrow would not be seen.
pub fn hidden_arrows(rust: &Rust) -> Vec<Fault> {
    let Some(room) = room_of(&rust.file.path) else { return Vec::new() };
    let inner = rust.file.path["src/".len()..].trim_end_matches("/mod.rs").trim_end_matches(".rs");
    let depth = inner.split('/').count() - 1;
    let climbs = pattern(r"(?:\bsuper::)+");
    let leaves = climbs.find_iter(&rust.code).filter(|climb| climb.as_str().matches("super").count() > depth);
    leaves
        .filter(|climb| !in_inner_module(&rust.code[..climb.start()]))
        .map(|climb| {
            let message = format!("leaves {room} by super::, write crate:: so that the arrow is seen");
            rust.file.fault(line_of(&rust.code, climb.start()), message)
        })
        .collect()
}

/// Whether a text ends inside a `mod name { … }`.
fn in_inner_module(before: &str) -> bool {
    let opened = pattern(r"\bmod\s+\w+\s*\{");
    opened.find_iter(before).any(|module| {
        let inside = &before[module.end()..];
        inside.matches('{').count() >= inside.matches('}').count()
    })
}

/// Circles among the listed arrows, and arrows that leave their tier.
pub fn list_faults(sideways: &[(&str, &str, &str)], tiers: &BTreeMap<String, usize>) -> Vec<String> {
    let across = sideways.iter().filter(|(from, to, _)| tiers.get(*from) != tiers.get(*to));
    let mut faults: Vec<String> =
        across.map(|(from, to, _)| format!("{from} → {to} is not inside one tier")).collect();
    let rooms: BTreeSet<&str> = sideways.iter().map(|(from, ..)| *from).collect();
    let circles = rooms.into_iter().filter(|room| reachable(sideways, room).contains(room));
    faults.extend(circles.map(|room| format!("{room} is on a circle")));
    faults
}

fn reachable<'a>(arrows: &[(&'a str, &'a str, &str)], start: &'a str) -> BTreeSet<&'a str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut next = vec![start];
    while let Some(room) = next.pop() {
        let onward = arrows.iter().filter(|(from, ..)| *from == room).map(|(_, to, _)| *to);
        next.extend(onward.filter(|to| found.insert(to)));
    }
    found
}

mod samples {
    use super::*;

    fn map() -> BTreeMap<String, usize> {
        let lib = "// Tier 1, ground.\npub mod db;\npub mod id;\n// Tier 2.\npub mod field;\n// Root: all.\npub mod app;\n";
        tiers(&File::new("src/lib.rs", lib))
    }

    fn used_in(path: &str, text: &str) -> Vec<String> {
        let rust = Rust::new(File::new(path, text));
        arrows(&rust, &map()).into_iter().map(|fault| format!("{} {}", fault.line, fault.message)).collect()
    }

    #[test]
    fn an_arrow_upwards_is_found_in_every_spelling() {
        for text in [
            "use crate::field::Field;",
            "use crate::{id::TenantId, field::{self, Kind}};",
            "use crate::{id, field};",
            "fn a() -> crate::field::Kind { b }",
        ] {
            assert_eq!(used_in("src/db/mod.rs", text), ["1 db must not use field"], "{text}");
        }
        assert_eq!(used_in("src/field/kind/text.rs", "\nuse crate::app::App;"), ["2 field must not use app"]);
    }

    #[test]
    fn an_arrow_sideways_needs_to_be_listed() {
        assert_eq!(used_in("src/id.rs", "use crate::db::Db;"), ["1 id must not use db"]);
        assert!(used_in("src/db/tenant.rs", "use crate::id::TenantId;").is_empty());
    }

    #[test]
    fn arrows_downwards_and_mere_words_are_fine() {
        assert!(used_in("src/field/mod.rs", "use crate::{db::{Db, Tx}, id};").is_empty());
        assert!(used_in("src/db/mod.rs", "// see crate::field\nlet a = \"crate::app\";").is_empty());
        assert!(used_in("tests/it/a.rs", "use crate::app;").is_empty());
    }

    #[test]
    fn a_room_that_is_not_on_the_map_is_found() {
        assert_eq!(
            used_in("src/attic/mod.rs", "//! Old things."),
            ["1 the room attic is not on the map, src/lib.rs"]
        );
    }

    #[test]
    fn an_arrow_hidden_behind_super_is_found() {
        let hidden = |path, text| hidden_arrows(&Rust::new(File::new(path, text))).len();
        assert_eq!(hidden("src/work.rs", "use super::db::Db;"), 1);
        assert_eq!(hidden("src/db/mod.rs", "use super::field;"), 1);
        assert_eq!(hidden("src/db/tenant.rs", "use super::super::field;"), 1);
        assert_eq!(hidden("src/db/tenant.rs", "use super::Db;"), 0);
        assert_eq!(hidden("src/work.rs", "mod sealed { use super::Work; }"), 0);
    }

    #[test]
    fn circles_and_arrows_between_tiers_are_found_in_the_list() {
        assert_eq!(
            list_faults(&[("id", "db", ""), ("db", "id", "")], &map()),
            ["db is on a circle", "id is on a circle"]
        );
        assert_eq!(list_faults(&[("app", "db", "")], &map()), ["app → db is not inside one tier"]);
    }
}

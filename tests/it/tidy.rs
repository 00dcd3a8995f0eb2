//! The rules of the house that a machine can check: arrows between rooms, sizes, names, fences, documents. Each check
//! is tried on bad samples beside it; `docs/STYLE.md` tells the rules in words.

mod arrows;
mod fences;
mod lexer;
mod limits;
mod pages;
mod paper;
mod shape;
mod tree;

use tree::{Fault, File, Rust};

/// Fails with every fault that was found, one a line.
fn assert_tidy(faults: impl IntoIterator<Item = Fault>) {
    let mut lines: Vec<String> = faults.into_iter().map(|fault| fault.to_string()).collect();
    lines.sort();
    assert!(lines.is_empty(), "{} faults:\n{}", lines.len(), lines.join("\n"));
}

fn paths() -> Vec<String> {
    tree::sizes().into_iter().map(|(path, _)| path).collect()
}

fn program() -> Vec<&'static Rust> {
    tree::rust().iter().filter(|rust| rust.is_program()).collect()
}

fn migrations() -> Vec<File> {
    let files = tree::files(&[".sql"]);
    files.into_iter().filter(|file| file.path.starts_with("migrations/")).collect()
}

fn lib() -> File {
    let found = tree::files(&["src/lib.rs"]).into_iter().next();
    found.expect("the map of rooms")
}

#[test]
fn every_room_uses_only_what_is_below_it() {
    let tiers = arrows::tiers(&lib());
    let program = program();
    assert_tidy(program.iter().copied().flat_map(|rust| arrows::arrows(rust, &tiers)));
    assert_tidy(program.iter().copied().flat_map(arrows::hidden_arrows));
    assert_eq!(arrows::list_faults(arrows::SIDEWAYS, &tiers), [""; 0]);
}

#[test]
fn every_room_of_the_map_has_its_sentence() {
    let lib = lib();
    let lines: Vec<&str> = lib.text.lines().collect();
    let bare =
        lines.windows(2).filter(|pair| pair[1].starts_with("pub mod ") && !pair[0].starts_with("/// "));
    assert_eq!(bare.map(|pair| pair[1]).collect::<Vec<_>>(), [""; 0]);
    let drawn = tree::files(&["docs/ARCHITECTURE.md"]).into_iter().next().expect("the map for people");
    let rooms = arrows::tiers(&lib).into_keys();
    let missing: Vec<String> = rooms.filter(|room| !drawn.text.contains(&format!("`{room}`"))).collect();
    assert_eq!(missing, [""; 0], "docs/ARCHITECTURE.md does not draw these rooms");
}

#[test]
fn files_and_functions_stay_small() {
    let rust = tree::rust();
    assert_tidy(
        rust.iter().flat_map(|rust| [shape::file_length(rust), shape::function_length(rust)]).flatten(),
    );
    assert_tidy(tree::sizes().iter().flat_map(|(path, bytes)| shape::weight(path, *bytes)));
}

#[test]
fn every_file_says_first_what_it_is_for() {
    assert_tidy(tree::rust().iter().flat_map(shape::opening_line));
}

#[test]
fn names_say_what_is_inside() {
    assert_tidy(paths().iter().flat_map(|path| shape::empty_names(path)));
    assert_tidy(tree::rust().iter().flat_map(shape::empty_type_names));
}

#[test]
fn sql_stays_in_its_places() {
    let program = program();
    assert_tidy(program.iter().copied().flat_map(fences::sql));
    assert_tidy(program.iter().copied().flat_map(fences::planned_sql));
    assert_eq!(fences::idle_sql_places(&program), [""; 0], "these exceptions are not needed");
}

#[test]
fn the_tenant_is_set_in_one_way() {
    let in_files = tree::files(&[".sql", ".sh"]);
    assert_tidy(in_files.iter().flat_map(|file| fences::tenant_settings(&file.path, &file.text, 1)));
    for rust in program() {
        let literals = rust.literals.iter();
        assert_tidy(
            literals.flat_map(|found| fences::tenant_settings(&rust.file.path, &found.text, found.line)),
        );
    }
}

#[test]
fn nothing_is_put_off_and_nobody_looks_away() {
    let sources = tree::files(&[".rs", ".hbs", ".ts", ".mjs", ".css", ".sql", ".sh", ".yaml", ".toml"]);
    assert_tidy(sources.iter().flat_map(fences::put_off));
    assert_tidy(tree::rust().iter().flat_map(fences::looks_away));
}

#[test]
fn no_path_is_of_one_machine() {
    let endings =
        [".rs", ".hbs", ".ts", ".mjs", ".css", ".sql", ".sh", ".yaml", ".toml", ".md", ".json", "/run"];
    let scripts = paths().into_iter().filter(|path| path.starts_with("script/"));
    let scripts: Vec<String> = scripts.collect();
    let endings: Vec<&str> = endings.into_iter().chain(scripts.iter().map(String::as_str)).collect();
    assert_tidy(tree::files(&endings).iter().flat_map(fences::machine_paths));
}

#[test]
fn pages_escape_everything_and_carry_no_style_or_script() {
    let pages = tree::files(&[".hbs"]);
    assert_tidy(pages.iter().flat_map(|page| [pages::markup(page), pages::scripts(page)]).flatten());
}

#[test]
fn every_table_of_a_tenant_is_protected() {
    let migrations = migrations();
    assert_tidy(paper::migration_names(&migrations));
    assert_tidy(paper::tables(&migrations));
    assert_tidy(paper::grants(&migrations));
}

#[test]
fn every_template_tells_who_chooses_it() {
    assert_tidy(paper::template_readmes(&paths()));
}

#[test]
fn every_problem_has_its_page() {
    let slugs: Vec<&str> = trellis::http::ProblemType::ALL.iter().map(|kind| kind.slug()).collect();
    assert_eq!(paper::unpaired(&slugs, "docs/problems", &paths()), [""; 0]);
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let paths = paths();
    assert_tidy(tree::files(&[".md"]).iter().flat_map(|document| paper::dead_links(document, &paths)));
}

#[test]
fn operators_read_the_limits_that_hold() {
    const PAGE: &str = "docs/reference/limits.md";
    let source = tree::files(&["src/limits.rs"]).into_iter().next().expect("the table of limits");
    let page = limits::page(&source.text).expect("limits with words and numbers");
    if std::env::var_os("TRELLIS_BLESS").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
        std::fs::write(path, &page).expect("a page that can be written");
    }
    let kept = tree::files(&[PAGE]).into_iter().next().map(|file| file.text);
    assert_eq!(kept.unwrap_or_default(), page, "TRELLIS_BLESS=1 writes {PAGE} anew");
}

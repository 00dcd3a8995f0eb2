//! Templates: the five that come with Trellis, one with forty faults, and files that nobody wrote with care.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use trellis::access::RoleDefinition;
use trellis::pipeline::{PipelineDefinition, Stage};
use trellis::schema::definition::{Layout, ModuleDefinition, ModuleLabel, Section, View};
use trellis::template::{
    self, Catalogue, Change, FileKind, Manifest, Problem, SampleRecord, SampleSet, Source,
};

const FAULTS: &str = "tests/it/template_faults";

/// Compares with a file that is kept in the repository; `TRELLIS_BLESS=1` writes it anew.
fn expect_file(path: &str, found: &str) {
    if std::env::var_os("TRELLIS_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, found).expect("the repository can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == found, "{path} is stale; TRELLIS_BLESS=1 writes it anew. Found:\n{found}");
}

fn problems_of(source: &Source) -> Vec<Problem> {
    template::load(source).expect_err("the template has faults")
}

#[test]
fn every_fault_is_reported_once_with_its_place() {
    let source = Source::folder(Path::new(&format!("{FAULTS}/clinic"))).expect("the folder is there");
    let problems = problems_of(&source);
    let report = problems.iter().fold(String::new(), |mut report, problem| {
        let _ = writeln!(report, "{problem}");
        report
    });
    expect_file(&format!("{FAULTS}/expected.txt"), &report);
    let unique: BTreeSet<&str> = report.lines().collect();
    assert_eq!(unique.len(), problems.len(), "no fault is said twice");
    assert!(problems.len() >= 40, "{} faults", problems.len());
    assert!(problems.is_sorted());
}

#[test]
fn every_line_that_is_marked_as_a_fault_is_reported_and_no_other() {
    let source = Source::folder(Path::new(&format!("{FAULTS}/clinic"))).expect("the folder is there");
    let reported: BTreeSet<(String, usize)> =
        problems_of(&source).into_iter().map(|problem| (problem.path, problem.at.line as usize)).collect();
    for (path, bytes) in source.files() {
        let Ok(text) = std::str::from_utf8(bytes) else { continue };
        // A file that is not YAML, or not of this format, is refused whole.
        if !text.contains("# fault") {
            continue;
        }
        let marked: BTreeSet<usize> = (1..)
            .zip(text.lines())
            .filter(|(_, line)| line.contains("# fault"))
            .map(|(line, _)| line)
            .collect();
        let path = source.path_of(path);
        let found = reported.iter().filter(|(of, _)| *of == path).map(|(_, line)| *line).collect();
        assert_eq!(marked, found, "{path}");
    }
}

#[test]
fn the_templates_in_the_repository_are_sound() {
    let folders = template::sources(Path::new("templates")).expect("the folder is there");
    for source in &folders {
        if let Err(problems) = template::load(source) {
            let report: Vec<String> = problems.iter().map(ToString::to_string).collect();
            panic!("{}", report.join("\n"));
        }
    }
    let keys: Vec<String> =
        Catalogue::new(&[]).list().map(|template| template.manifest.key.clone()).collect();
    assert_eq!(keys, ["blank", "corporate", "hospital", "jewellery", "real-estate"]);
}

#[test]
fn a_broken_folder_is_left_out_of_the_catalogue_and_its_problems_are_kept() {
    let catalogue = Catalogue::new(&[FAULTS.into(), "no/such/folder".into()]);
    assert!(catalogue.get("clinic").is_none());
    let paths: BTreeSet<&str> = catalogue.rejected().iter().map(|problem| problem.path.as_str()).collect();
    assert!(paths.contains("no/such/folder"));
    assert!(paths.iter().any(|path| path.ends_with("clinic/roles.yaml")));
}

#[test]
fn two_sources_with_the_same_files_have_the_same_hash() {
    let files = |text: &str| BTreeMap::from([("template.yaml".to_owned(), text.as_bytes().to_vec())]);
    let hash = |name: &str, text: &str| Source::new(name, files(text)).content_hash();
    assert_eq!(hash("one", "key: a"), hash("two", "key: a"));
    assert_ne!(hash("one", "key: a"), hash("one", "key: b"));
}

#[test]
fn the_published_schemas_are_those_of_the_engine() {
    for kind in FileKind::ALL {
        let schema = kind.schema();
        jsonschema::draft202012::new(&schema).expect("the schema compiles");
        let text = serde_json::to_string_pretty(&schema).expect("JSON can be written") + "\n";
        expect_file(&format!("docs/reference/template/{}.schema.json", kind.name()), &text);
    }
}

/// A small template that is sound.
fn sound() -> BTreeMap<String, Vec<u8>> {
    let guide = std::fs::read_to_string("docs/guides/add-a-template.md").expect("the guide is there");
    files_in(&guide)
}

/// The files that a guide shows: a line `` `path`: `` and the fenced block that follows.
fn files_in(guide: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut lines = guide.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(path) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:")) else { continue };
        let block = lines.by_ref().skip_while(|line| !line.starts_with("```")).skip(1);
        let text: Vec<&str> = block.take_while(|line| !line.starts_with("```")).collect();
        files.insert(path.to_owned(), (text.join("\n") + "\n").into_bytes());
    }
    files
}

fn faults_of(path: &str, text: impl Into<Vec<u8>>) -> Vec<String> {
    let mut files = sound();
    files.insert(path.to_owned(), text.into());
    match template::load(&Source::new("t", files)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_template_that_the_guide_builds_is_sound() {
    let template = template::load(&Source::new("studio", sound())).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let summary = template.summary();
    assert_eq!((summary.modules.len(), summary.pipelines, summary.samples), (2, 1, 4));
    assert_eq!(summary.modules.first().map(|module| module.key.as_str()), Some("commissions"));
}

#[test]
fn hostile_files_are_refused_where_they_are() {
    let bomb = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |mut text, n| {
        let before = n - 1;
        let _ = writeln!(text, "a{n}: &a{n} [*a{before}, *a{before}, *a{before}, *a{before}]");
        text
    });
    let chain = (1..400).fold("a0: &a0 [x]\n".to_owned(), |mut text, n| {
        let _ = writeln!(text, "a{n}: &a{n} [*a{}]", n - 1);
        text
    });
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("roles.yaml", chain.into(), "nested deeper than 32 levels"),
        ("roles.yaml", "[".repeat(100_000).into(), "recursion limit exceeded"),
        ("roles.yaml", "- ".repeat(40).into(), "nested deeper than 32 levels"),
        ("roles.yaml", bomb.into(), "too many values or aliases"),
        ("roles.yaml", vec![b'a'; 1024 * 1024 + 1], "larger than 1024 KiB"),
        ("roles.yaml", b"roles:\n  - \xff".to_vec(), "t/roles.yaml:2:5: not valid UTF-8"),
        ("roles.yaml", "a: 1\n---\nb: 2\n".into(), "a second document"),
        ("roles.yaml", "roles: !!python/object x\n".into(), "unsupported tag"),
        ("roles.yaml", "roles: 1e999\n".into(), "not a finite number"),
        ("roles.yaml", "roles: [\"a\\u0000\", \"\\ud800\"]\n".into(), "not valid YAML"),
    ];
    for (path, bytes, expected) in cases {
        let faults = faults_of(path, bytes);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
    }
}

#[test]
fn a_hundred_thousand_fields_are_refused_in_bearable_time() {
    let head = "key: clients\nlabel: { one: Client, many: Clients }\ntitle: name\nfields:\n";
    let text = head.to_owned() + &"- {}\n".repeat(100_000);
    let faults = faults_of("modules/clients.yaml", text);
    assert!(faults.iter().any(|fault| fault.contains("more than 300")), "{:?}", faults.first());
}

/// The keys that a type reads, as its refusal of an unknown one lists them.
fn keys_of<T: DeserializeOwned>() -> BTreeSet<String> {
    let refusal =
        serde_json::from_value::<T>(json!({ "no such key": 0 })).err().expect("an unknown key is refused");
    let refusal = refusal.to_string();
    let (_, known) = refusal.split_once("expected ").expect("the refusal lists the known keys");
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The keys that a schema allows at a pointer.
fn keys_in(kind: FileKind, pointer: &str) -> BTreeSet<String> {
    let schema = kind.schema();
    let part = schema.pointer(pointer).expect("the schema has this part");
    assert_eq!(part.get("additionalProperties"), Some(&Value::Bool(false)), "{pointer} is closed");
    part["properties"].as_object().expect("an object").keys().cloned().collect()
}

#[test]
fn schemas_and_types_agree_on_the_keys() {
    let module = |pointer| keys_in(FileKind::Module, pointer);
    assert_eq!(keys_in(FileKind::Template, ""), keys_of::<Manifest>());
    assert_eq!(keys_in(FileKind::Template, "/properties/changelog/items"), keys_of::<Change>());
    assert_eq!(module(""), keys_of::<ModuleDefinition>());
    assert_eq!(module("/properties/label"), keys_of::<ModuleLabel>());
    assert_eq!(module("/properties/layouts/items"), keys_of::<Layout>());
    assert_eq!(module("/properties/layouts/items/properties/sections/items"), keys_of::<Section>());
    assert_eq!(module("/properties/views/items"), keys_of::<View>());
    assert_eq!(keys_in(FileKind::Pipeline, ""), keys_of::<PipelineDefinition>());
    let mut stage = keys_in(FileKind::Pipeline, "/properties/stages/items");
    stage.insert("number".to_owned());
    assert_eq!(stage, keys_of::<Stage>(), "numbers are given at install, never by an author");
    assert_eq!(keys_in(FileKind::Options, "/properties/sets/items"), keys_of::<trellis::field::OptionSet>());
    assert_eq!(keys_in(FileKind::Roles, "/properties/roles/items"), keys_of::<RoleDefinition>());
    assert_eq!(keys_in(FileKind::Samples, ""), keys_of::<SampleSet>());
    assert_eq!(keys_in(FileKind::Samples, "/properties/records/items"), keys_of::<SampleRecord>());
}

fn mutated() -> impl Strategy<Value = (String, Vec<u8>)> {
    let files: Vec<(String, Vec<u8>)> = sound().into_iter().collect();
    let pieces = prop::sample::select(vec![
        "", "- ", ": ", "{", "}", "[", "]", "\"", "'", "&a ", "*a ", "\n", "\t", "key: ", "!!int ", "<<: ",
        "null", "-1", "|\n", "?", "# ", "é", "\u{0}",
    ]);
    (prop::sample::select(files), any::<prop::sample::Index>(), 0_usize..12, pieces).prop_map(
        |((path, mut bytes), index, cut, piece)| {
            let start = index.index(bytes.len().max(1)).min(bytes.len());
            let end = (start + cut).min(bytes.len());
            bytes.splice(start..end, piece.bytes());
            (path, bytes)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_never_make_the_loader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for path in ["template.yaml", "modules/clients.yaml", "samples/clients.yaml"] {
            let _ = faults_of(path, bytes.clone());
        }
    }

    #[test]
    fn mutated_files_never_make_the_loader_panic((path, bytes) in mutated()) {
        let _ = faults_of(&path, bytes);
    }
}

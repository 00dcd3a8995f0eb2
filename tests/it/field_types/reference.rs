//! The reference page of field types is made from what the types say of themselves.

use std::fmt::Write;
use std::path::Path;

use serde_json::Value;
use trellis::field::{FIELD_TYPES, TypeInfo};

const HEAD: &str = "# Field types

<!-- Made by tests/it/field_types/reference.rs; TRELLIS_BLESS=1 makes it again. -->

Every field has `key`, `label` and `type`, and may have `help`, `required`, `unique`, `default`, `searchable`,
`sortable` and `read_only`. Each type adds options of its own; a key that is neither is an error. Numbers among the
options may be written as numbers or as texts (`0.5` or `\"0.5\"`).

A value that is refused gives a code and a sentence. The codes: `type` (another kind of JSON), `format`, `empty`,
`length`, `pattern`, `min`, `max`, `precision` (more digits after the point than are kept; nothing is rounded),
`option`, `currency`, `read_only`.
";

/// JSON in code spans, cut where it is long, with control characters visible.
fn code(value: &Value) -> String {
    let text = value.to_string().replace('|', "\\|");
    let cut: String = text.chars().take(60).collect();
    if cut.len() < text.len() { format!("`{cut}…`") } else { format!("`{text}`") }
}

fn section(info: &TypeInfo) -> String {
    let mut out = format!("\n## `{}`\n\n{}\n", info.key, info.summary);
    let schema = (info.options_schema)();
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let options = schema["properties"].as_object().into_iter().flatten();
    for (index, (key, option)) in options.enumerate() {
        let lead = if index == 0 { "\nOptions:\n\n" } else { "" };
        let must = if required.contains(&key.as_str()) { " (must be given)" } else { "" };
        let _ =
            writeln!(out, "{lead}- `{key}`{must}: {}", option["description"].as_str().unwrap_or_default());
    }
    for sample in (info.samples)() {
        let _ = write!(out, "\nWith `{}`:\n\n| typed | stored | shown |\n|---|---|---|\n", sample.options);
        for accepted in &sample.accepted {
            let typed: Vec<String> = accepted.texts.iter().map(|text| code(&Value::from(*text))).collect();
            let shown = accepted.display.replace('\n', " ⏎ ");
            let _ = writeln!(out, "| {} | {} | {shown} |", typed.join(", "), code(&accepted.stored));
        }
        let refused: Vec<String> = sample
            .refused
            .iter()
            .map(|(value, code_word)| format!("{} ({code_word})", code(value)))
            .collect();
        let _ = writeln!(out, "\nRefused: {}.", refused.join(", "));
    }
    out
}

#[test]
fn the_reference_page_is_current() {
    let page: String = std::iter::once(HEAD.to_owned()).chain(FIELD_TYPES.iter().map(section)).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/field-types.md");
    if std::env::var_os("TRELLIS_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let present = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(present == page, "docs/reference/field-types.md is stale; TRELLIS_BLESS=1 makes it again");
}

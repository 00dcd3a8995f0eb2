//! Sizes, opening lines, names.

use super::tree::{Fault, File, Rust, line_of, pattern};

/// The longest file, in lines.
const FILE: usize = 500;
/// The longest `mod.rs`: types, registries and re-exports, the rest has files of its own.
const MOD: usize = 150;
/// The longest function of the program, signature and braces included.
const FUNCTION: usize = 40;
/// The longest function of the tests: one that tells a story may take longer, not for ever.
const TEST: usize = 60;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] =
    &["base", "common", "commons", "helper", "helpers", "manager", "misc", "util", "utils"];

/// Files that are longer than a person reads at once.
pub fn file_length(rust: &Rust) -> Vec<Fault> {
    let limit = if rust.file.name() == "mod.rs" { MOD } else { FILE };
    let lines = rust.file.text.lines().count();
    let message = format!("{lines} lines, at most {limit}: draw a room for part of it");
    if lines > limit { vec![rust.file.fault(limit + 1, message)] } else { Vec::new() }
}

/// Files that do not say first what they are for, in a sentence.
pub fn opening_line(rust: &Rust) -> Vec<Fault> {
    let opening: Vec<&str> = rust.file.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
    let sentence = opening.join(" ");
    match sentence.trim() {
        "" => vec![rust.file.fault(1, "opens without a `//!` sentence that says what it is for")],
        text if !text.contains(' ') => vec![rust.file.fault(1, "one word does not say what a file is for")],
        text if !text.contains(['.', '?']) => vec![rust.file.fault(1, "the opening sentence has no end")],
        _ => Vec::new(),
    }
}

/// Functions that are longer than a screen.
pub fn function_length(rust: &Rust) -> Vec<Fault> {
    let limit = if rust.is_program() { FUNCTION } else { TEST };
    let long = functions(&rust.code).into_iter().filter(|function| function.lines > limit);
    long.map(|function| {
        let message = format!("fn {} has {} lines, at most {limit}", function.name, function.lines);
        rust.file.fault(function.line, message)
    })
    .collect()
}

struct Function<'a> {
    name: &'a str,
    line: usize,
    lines: usize,
}

/// The functions of a code that have bodies, from `fn` to the closing brace.
fn functions(code: &str) -> Vec<Function<'_>> {
    let declared = pattern(r"\bfn\s+([A-Za-z_]\w*)");
    let mut found = Vec::new();
    for captures in declared.captures_iter(code) {
        let (Some(all), Some(name)) = (captures.get(0), captures.get(1)) else { continue };
        if let Some(end) = body_end(&code[all.end()..]) {
            let (line, last) = (line_of(code, all.start()), line_of(code, all.end() + end));
            found.push(Function { name: name.as_str(), line, lines: last - line + 1 });
        }
    }
    found
}

/// Where a function's body ends, from the end of its name; None for a declaration without one.
fn body_end(code: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0, 0);
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if brackets == 0 && braces == 0 => return None,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// Sources, and folders of sources, with empty names. Style sheets are left out: `base` is a word of their trade.
pub fn empty_names(path: &str) -> Vec<Fault> {
    let is_source = [".rs", ".hbs", ".ts", ".mjs"].iter().any(|ending| path.ends_with(ending));
    let guilty = path.split('/').filter(|_| is_source).find(|part| {
        let stem = part.split('.').next().unwrap_or(part);
        stem.rsplit(['_', '-']).next().is_some_and(|noun| EMPTY_NAMES.contains(&noun))
    });
    let message =
        guilty.map(|part| format!("{part} says nothing: what does the CRM field call what is inside?"));
    message.map(|message| File::new(path, "").fault(1, message)).into_iter().collect()
}

/// Types with empty names.
pub fn empty_type_names(rust: &Rust) -> Vec<Fault> {
    let named = pattern(r"\b(?:struct|enum|trait|mod|type)\s+(\w*(?i:helper|manager|utils?|misc|common)\w*)");
    let found = named.captures_iter(&rust.code).filter_map(|captures| captures.get(1));
    found
        .map(|name| {
            rust.file.fault(line_of(&rust.code, name.start()), format!("{} says nothing", name.as_str()))
        })
        .collect()
}

/// Files that belong into a package registry or a build folder, not beside sources.
pub fn weight(path: &str, bytes: u64) -> Vec<Fault> {
    const KILOBYTES: u64 = 512;
    let message =
        format!("{} kB, at most {KILOBYTES}: is this something that is fetched or made?", bytes / 1024);
    if bytes > KILOBYTES * 1024 { vec![File::new(path, "").fault(1, message)] } else { Vec::new() }
}

mod samples {
    use super::*;

    fn rust(path: &str, text: &str) -> Rust {
        Rust::new(File::new(path, text))
    }

    #[test]
    fn a_long_file_is_found() {
        assert_eq!(file_length(&rust("src/a.rs", &"\n".repeat(FILE + 1))).len(), 1);
        assert_eq!(file_length(&rust("src/a/mod.rs", &"\n".repeat(MOD + 1))).len(), 1);
        assert!(file_length(&rust("src/a.rs", &"\n".repeat(FILE))).is_empty());
    }

    #[test]
    fn a_file_that_does_not_say_what_it_is_for_is_found() {
        for text in ["use x;", "// Ids.", "//!\n\nuse x;", "//! Room.", "//! Ids of things"] {
            assert_eq!(opening_line(&rust("src/a.rs", text)).len(), 1, "{text}");
        }
        assert!(opening_line(&rust("src/a.rs", "//! Ids of\n//! things.\n")).is_empty());
    }

    #[test]
    fn a_long_function_is_found_whatever_its_strings_and_types_hold() {
        let long = |lines: usize| {
            format!("fn a(x: [u8; 2]) -> [u8; 3] {{\n{}}}\n", "let x = \"}\"; // }\n".repeat(lines))
        };
        let faults = function_length(&rust("src/a.rs", &format!("trait T {{ fn b(); }}\n\n{}", long(39))));
        assert_eq!(faults.len(), 1);
        assert_eq!((faults[0].line, faults[0].message.contains("fn a has 41 lines")), (3, true));
        assert!(function_length(&rust("src/a.rs", &long(38))).is_empty());
        assert!(function_length(&rust("tests/it/a.rs", &long(58))).is_empty());
    }

    #[test]
    fn an_empty_name_is_found() {
        for path in
            ["src/utils/mod.rs", "src/field/helpers.rs", "src/tenant_manager.rs", "tests/it/common.rs"]
        {
            assert_eq!(empty_names(path).len(), 1, "{path}");
        }
        for path in ["src/database.rs", "src/identity/common_passwords.rs", "ui/css/base.css"] {
            assert!(empty_names(path).is_empty(), "{path}");
        }
        assert_eq!(empty_type_names(&rust("src/a.rs", "struct FieldManager; // enum Helper")).len(), 1);
    }

    #[test]
    fn a_heavy_file_is_found() {
        assert_eq!(weight("ui/fonts.whl", 5_000_000).len(), 1);
        assert!(weight("Cargo.lock", 120_000).is_empty());
    }
}

//! The project's files as the rules see them.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use regex::Regex;

use super::lexer::{self, Literal};

/// A fault against a rule, at a place.
#[derive(Debug)]
pub struct Fault {
    pub path: String,
    pub line: usize,
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// A text file: its path from the project's root, with `/`, and what is in it.
pub struct File {
    pub path: String,
    pub text: String,
}

impl File {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub fn fault(&self, line: usize, message: impl Into<String>) -> Fault {
        Fault { path: self.path.clone(), line, message: message.into() }
    }

    /// A fault at every line that a test finds guilty.
    pub fn lines_where(&self, guilty: impl Fn(&str) -> bool, message: &str) -> Vec<Fault> {
        let lines = (1..).zip(self.text.lines()).filter(|(_, line)| guilty(line));
        lines.map(|(line, _)| self.fault(line, message)).collect()
    }

    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// A Rust file, taken apart.
pub struct Rust {
    pub file: File,
    /// The text with blanks for comments and literals.
    pub code: String,
    pub literals: Vec<Literal>,
}

impl Rust {
    pub fn new(file: File) -> Self {
        let lexed = lexer::lex(&file.text);
        Self { file, code: lexed.code, literals: lexed.literals }
    }

    /// Whether it is part of the program, not of its tests.
    pub fn is_program(&self) -> bool {
        self.file.path.starts_with("src/")
    }
}

/// A pattern of a rule, compiled once.
pub fn pattern(text: &str) -> Regex {
    static COMPILED: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut compiled = COMPILED.lock().expect("no rule panics while it compiles");
    let known = compiled.entry(text.to_owned());
    known.or_insert_with(|| Regex::new(text).expect("a pattern that compiles")).clone()
}

/// The line (from 1) of a byte of a text.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Folders that hold what is made or fetched, not written.
const NOT_OURS: &[&str] = &[".git", "target", "node_modules", "dist", ".data"];

/// Every file of the project, by path: its size in bytes too, since some are no text.
pub fn sizes() -> Vec<(String, u64)> {
    let mut found = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut found);
    found.sort();
    found
}

/// Every file whose path ends so, as text: what is no UTF-8 (some samples of tests) is read as well as it goes.
pub fn files(endings: &[&str]) -> Vec<File> {
    let paths = sizes().into_iter().map(|(path, _)| path);
    let wanted = paths.filter(|path| endings.iter().any(|ending| path.ends_with(ending)));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| fs::read(root.join(path)).expect("a file of the project");
    wanted.map(|path| File::new(&path, &String::from_utf8_lossy(&text(&path)))).collect()
}

/// Every Rust file.
pub fn rust() -> &'static [Rust] {
    static FILES: LazyLock<Vec<Rust>> =
        LazyLock::new(|| files(&[".rs"]).into_iter().map(Rust::new).collect());
    &FILES
}

fn collect(folder: &Path, prefix: &str, found: &mut Vec<(String, u64)>) {
    for entry in fs::read_dir(folder).expect("a folder of the project") {
        let entry = entry.expect("an entry of a folder of the project");
        let name = entry.file_name().into_string().expect("a file name in UTF-8");
        let kind = entry.file_type().expect("the kind of a file");
        if kind.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            collect(&entry.path(), &format!("{prefix}{name}/"), found);
        } else if kind.is_file() {
            let size = entry.metadata().expect("the size of a file").len();
            found.push((format!("{prefix}{name}"), size));
        }
    }
}

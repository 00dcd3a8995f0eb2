//! What cannot even be written: each program below must be refused by the compiler, for the reason that it names, and
//! its honest twin must compile. The compiler is called on its own against the library that this test is linked with,
//! so that nothing is built twice.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// Begins the line of a refused program that names the error: `//@ error[E0624]: method `query` is private`.
const EXPECT: &str = "//@ ";

/// The folder of the programs.
fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/proofs");
    let entries = std::fs::read_dir(&folder).expect("the folder of programs");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files
}

/// The folder where cargo put this test and everything that it is linked with.
fn artifacts() -> PathBuf {
    let test = std::env::current_exe().expect("the test knows where it is");
    test.parent().expect("it lies in a folder").to_owned()
}

/// The newest build of a library in the folder.
fn library(folder: &Path, name: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder).expect("the folder of artifacts");
    let files = entries.map(|entry| entry.expect("an entry").path());
    let prefix = format!("lib{name}-");
    let fits = |file: &PathBuf| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(&prefix) && name.ends_with(".rlib")
    };
    let built = |file: &PathBuf| {
        std::fs::metadata(file).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
    };
    files.filter(fits).max_by_key(built).unwrap_or_else(|| panic!("there is a library {name}"))
}

/// What the compiler says about a program; empty when it has nothing against it.
fn complaint(program: &Path, out: &Path) -> String {
    let folder = artifacts();
    let mut compiler = Command::new("rustc");
    compiler.args([
        "--edition",
        "2024",
        "--crate-type",
        "lib",
        "--emit",
        "metadata",
        "--error-format",
        "short",
    ]);
    compiler.arg("-L").arg(format!("dependency={}", folder.display())).arg("--out-dir").arg(out);
    for name in ["trellis", "serde_json"] {
        compiler.arg("--extern").arg(format!("{name}={}", library(&folder, name).display()));
    }
    let done = compiler.arg(program).output().expect("the compiler runs");
    match done.status.success() {
        true => String::new(),
        false => String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

#[test]
fn what_would_break_the_walls_does_not_compile() {
    let out = tempfile::tempdir().expect("a folder for what the compiler writes");
    let (mut refused, mut accepted) = (0, 0);
    for program in programs() {
        let text = std::fs::read_to_string(&program).expect("a program");
        let expected = text.lines().find_map(|line| line.strip_prefix(EXPECT));
        let complaint = complaint(&program, out.path());
        let name = program.display();
        match expected {
            Some(expected) => {
                assert!(
                    complaint.contains(expected),
                    "{name}: expected {expected:?}, the compiler said {complaint:?}"
                );
                assert_eq!(
                    complaint.matches(": error[").count(),
                    1,
                    "{name} is refused for one reason: {complaint}"
                );
                refused += 1;
            }
            None => {
                assert_eq!(complaint, "", "{name} must compile");
                accepted += 1;
            }
        }
    }
    assert!(refused >= 10 && accepted >= 1, "{refused} programs were refused, {accepted} accepted");
}

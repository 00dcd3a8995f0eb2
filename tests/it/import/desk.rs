//! A desk for import tests: a hospital workspace, a folder for files, and the command run as a person would.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;
use trellis::cli::import::{self, ImportCommand};

use crate::kit::{App, Client};

/// The mapping of Synthea's export that the project brings along.
pub const SYNTHEA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/import/synthea.yaml");
/// A small export in its shape.
pub const CLINIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/import/clinic");

/// A workspace and a folder.
pub struct Desk {
    pub app: App,
    pub owner: Client,
    folder: tempfile::TempDir,
}

/// How a run of the command ended.
pub struct Run {
    pub code: Result<ExitCode, String>,
    pub text: String,
}

impl Run {
    /// Passes the output on if every row is in.
    pub fn all_in(self) -> String {
        assert_eq!(self.code, Ok(ExitCode::SUCCESS), "{}", self.text);
        self.text
    }

    /// Passes the output on if some rows were rejected.
    pub fn some_rejected(self) -> String {
        assert_eq!(self.code, Ok(ExitCode::from(3)), "{}", self.text);
        self.text
    }

    /// Passes the output on if everything was refused.
    pub fn refused(self) -> String {
        assert_eq!(self.code, Ok(ExitCode::FAILURE), "{}", self.text);
        assert!(self.text.ends_with("nothing was imported\n"), "{}", self.text);
        self.text
    }

    /// Passes the error on if it ended in one.
    pub fn error(self) -> String {
        self.code.expect_err(&self.text)
    }
}

impl Desk {
    /// An empty hospital.
    pub async fn hospital() -> Self {
        Self::of("hospital").await
    }

    /// An empty workspace of some template.
    pub async fn of(template: &str) -> Self {
        let app = App::start().await;
        let owner = app.sign_up_with("clinic", template, false).await;
        Self { app, owner, folder: tempfile::tempdir().expect("a folder") }
    }

    /// Writes a file.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("the file is written");
        path
    }

    /// Where a file of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Reads a file.
    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there")
    }

    /// Imports in the owner's name.
    pub async fn import(&self, mapping: impl AsRef<Path>, paths: &[&Path]) -> Run {
        self.run(&self.command(mapping, paths)).await
    }

    /// The command, to be changed.
    pub fn command(&self, mapping: impl AsRef<Path>, paths: &[&Path]) -> ImportCommand {
        ImportCommand {
            tenant: "clinic".into(),
            mapping: mapping.as_ref().to_owned(),
            member: None,
            dry_run: false,
            report: None,
            paths: paths.iter().map(|path| path.to_path_buf()).collect(),
        }
    }

    /// Runs a command.
    pub async fn run(&self, command: &ImportCommand) -> Run {
        let state = self.app.state();
        let mut text = Vec::new();
        let code = import::run(&state.db, &state.caches, &state.clock, command, &mut text).await;
        let text = String::from_utf8(text).expect("text");
        Run { code: code.map_err(|error| format!("{error:#}")), text }
    }

    /// Records of a module, newest last.
    pub async fn records(&self, module: &str) -> Vec<Value> {
        let path = format!("/api/v1/records/{module}?sort=created_at&limit=100");
        let page = self.owner.get(&path).await.expect(200).json();
        page["data"].as_array().expect("records").clone()
    }

    /// How many records a module has.
    pub async fn count(&self, module: &str) -> usize {
        self.records(module).await.len()
    }
}

/// A mapping of one file of people into the hospital's patients.
pub fn people(columns: &str) -> String {
    format!("files:\n  - name: people.csv\n    module: patients\n    key: [ID]\n    columns:\n{columns}")
}

/// The least columns that make a patient.
pub const NAMES: &str = "      FIRST: first_name\n      LAST: last_name\n      BORN: birth_date\n";

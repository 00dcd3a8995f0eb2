//! The files of one template, from a folder or from the binary, so that both are loaded by the same code.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use crate::limits;

/// Files in a template's folder at most; the next one is an error, not a slow start.
const FILES: usize = 1_000;
/// Folders inside folders: `modules/patients.yaml` is at depth two.
const FOLDER_DEPTH: usize = 4;

/// The templates that are part of the binary (read from `templates/` when built for development).
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/templates"]
#[allow_missing = true]
struct Embedded;

/// The files of one template, unread.
#[derive(Clone, Debug, Default)]
pub struct Source {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
    /// Paths that are neither files nor folders: links, pipes, devices.
    irregular: Vec<String>,
}

impl Source {
    /// Files by their path inside the template (`modules/patients.yaml`); `name` goes in front of them in problems.
    pub fn new(name: impl Into<String>, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self { name: name.into(), files, irregular: Vec::new() }
    }

    /// The files of a folder. Of a file that is too large only so much is read as shows that it is.
    pub fn folder(path: &Path) -> io::Result<Self> {
        let mut source = Self::new(path.display().to_string().trim_end_matches('/'), BTreeMap::new());
        source.read_folder(path, "", FOLDER_DEPTH)?;
        Ok(source)
    }

    /// Every template in the binary, by folder name.
    pub fn embedded() -> Vec<Self> {
        let mut folders: BTreeMap<String, BTreeMap<String, Vec<u8>>> = BTreeMap::new();
        for path in Embedded::iter() {
            let Some((folder, inner)) = path.split_once('/') else { continue };
            if let Some(file) = Embedded::get(&path) {
                folders
                    .entry(folder.to_owned())
                    .or_default()
                    .insert(inner.to_owned(), file.data.into_owned());
            }
        }
        let sources = folders.into_iter();
        sources.map(|(folder, files)| Self::new(format!("templates/{folder}"), files)).collect()
    }

    /// What stands in front of every path in problems, such as `templates/hospital`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The files in order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Paths that are neither files nor folders and were not read.
    pub fn irregular(&self) -> &[String] {
        &self.irregular
    }

    /// How a file is named in problems.
    pub fn path_of(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if depth == 0 || self.files.len() >= FILES {
                let message = format!("more than {FILES} files or {FOLDER_DEPTH} levels of folders");
                return Err(io::Error::other(message));
            }
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.read_folder(&entry.path(), &format!("{path}/"), depth - 1)?;
            } else if kind.is_file() {
                self.files.insert(path, read_file(&entry.path())?);
            } else {
                self.irregular.push(path);
            }
        }
        Ok(())
    }

    /// SHA-256 over paths and contents, in hex: two sources with the same hash are the same template.
    pub fn content_hash(&self) -> String {
        let mut hash = Sha256::new();
        for (path, bytes) in &self.files {
            for part in [path.as_bytes(), bytes] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = limits::TEMPLATE_FILE_BYTES as u64 + 1;
    std::fs::File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

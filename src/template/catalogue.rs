//! The templates that this server offers: those in the binary, and those in folders that the operator adds.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::document::Template;
use super::load::load;
use super::node::Position;
use super::problem::Problem;
use super::source::Source;
use crate::schema::definition::Hue;

/// Every template that loaded, and why the others did not.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    templates: BTreeMap<String, Arc<Template>>,
    rejected: Vec<Problem>,
}

impl Catalogue {
    /// Loads the templates in the binary and those in `folders`, each a template or a folder of templates. A broken
    /// one is left out and its problems are kept in [`Self::rejected`], for the operator to see at start.
    pub fn new(folders: &[PathBuf]) -> Self {
        let mut catalogue = Self::default();
        for source in Source::embedded() {
            catalogue.add(&source);
        }
        for folder in folders {
            match sources(folder) {
                Ok(sources) => sources.iter().for_each(|source| catalogue.add(source)),
                Err(error) => {
                    let path = folder.display().to_string();
                    let message = format!("the folder cannot be read: {error}");
                    catalogue.rejected.push(Problem::new(path, Position::START, message));
                }
            }
        }
        catalogue
    }

    fn add(&mut self, source: &Source) {
        let template = match load(source) {
            Ok(template) => template,
            Err(problems) => return self.rejected.extend(problems),
        };
        let key = template.manifest.key.clone();
        if self.templates.contains_key(&key) {
            let message = format!("template '{key}' is in the catalogue already; give this one another key");
            self.rejected.push(Problem::new(source.path_of("template.yaml"), Position::START, message));
            return;
        }
        self.templates.insert(key, Arc::new(template));
    }

    /// Every template, by key.
    pub fn list(&self) -> impl Iterator<Item = &Arc<Template>> {
        self.templates.values()
    }

    /// One template.
    pub fn get(&self, key: &str) -> Option<&Arc<Template>> {
        self.templates.get(key)
    }

    /// The problems of the templates that are not offered.
    pub fn rejected(&self) -> &[Problem] {
        &self.rejected
    }
}

/// The template in a folder, or the templates in the folders inside it.
pub fn sources(folder: &Path) -> io::Result<Vec<Source>> {
    if is_template(folder) {
        return Ok(vec![Source::folder(folder)?]);
    }
    let mut inner = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if is_template(&path) {
            inner.push(path);
        }
    }
    if inner.is_empty() {
        return Err(io::Error::other("there is no template in it"));
    }
    inner.sort();
    inner.iter().map(|path| Source::folder(path)).collect()
}

/// Half of a template counts: loading it says which files are missing.
fn is_template(folder: &Path) -> bool {
    folder.join("template.yaml").exists() || folder.join("modules").is_dir()
}

/// What the gallery shows of a template.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// See [`super::Manifest::key`].
    pub key: String,
    /// What people read.
    pub name: String,
    /// One sentence: whom it is for.
    pub summary: String,
    /// `major.minor.patch`
    pub version: String,
    /// What trade it belongs to.
    pub category: String,
    /// A Lucide icon name.
    pub icon: String,
    /// Its hue.
    pub hue: Hue,
    /// Three to six short lines.
    pub highlights: Vec<String>,
    /// Its modules in the order of the sidebar.
    pub modules: Vec<ModuleSummary>,
    /// How many fields all modules have.
    pub fields: usize,
    /// How many pipelines it has.
    pub pipelines: usize,
    /// How many roles it has.
    pub roles: usize,
    /// How many demo records it brings.
    pub samples: usize,
}

/// What the gallery shows of a module.
#[derive(Clone, Debug, Serialize)]
pub struct ModuleSummary {
    /// The module's key.
    pub key: String,
    /// "Patients"
    pub label: String,
    /// A Lucide icon name.
    pub icon: String,
    /// Its hue.
    pub hue: Hue,
    /// How many fields it has.
    pub fields: usize,
}

impl Template {
    /// What the gallery shows.
    pub fn summary(&self) -> Summary {
        let manifest = &self.manifest;
        Summary {
            key: manifest.key.clone(),
            name: manifest.name.clone(),
            summary: manifest.summary.clone(),
            version: manifest.version.clone(),
            category: manifest.category.clone(),
            icon: manifest.icon.clone(),
            hue: manifest.hue,
            highlights: manifest.highlights.clone(),
            modules: self.modules.iter().map(ModuleSummary::of).collect(),
            fields: self.modules.iter().map(|module| module.fields.len()).sum(),
            pipelines: self.pipelines.len(),
            roles: self.roles.len(),
            samples: self.samples.iter().map(|set| set.records.len()).sum(),
        }
    }
}

impl ModuleSummary {
    fn of(module: &crate::schema::definition::ModuleDefinition) -> Self {
        Self {
            key: module.key.clone(),
            label: module.label.many.clone(),
            icon: module.icon.clone(),
            hue: module.hue,
            fields: module.fields.len(),
        }
    }
}

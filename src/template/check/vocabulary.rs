//! What a template's files define: modules with their fields, stages, roles. References are looked up here.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, Report};
use crate::field::{ChoiceOption, Field};
use crate::limits;
use crate::schema::SystemField;
use crate::template::format::FileKind;
use crate::template::node::{Node, Position};
use crate::template::problem::suggestion;

/// All that can be referred to.
pub(super) struct Vocabulary<'f> {
    modules: BTreeMap<&'f str, KnownModule<'f>>,
    /// Keys of roles, where their file can be read.
    pub roles: Option<BTreeSet<&'f str>>,
    option_sets: BTreeMap<&'f str, Vec<ChoiceOption>>,
    unreadable: BTreeSet<(FileKind, &'f str)>,
}

/// A module and what is in it.
pub(super) struct KnownModule<'f> {
    /// Its file.
    pub file: &'f File,
    /// Its fields by key, in the order of the file for the first of each key.
    pub fields: BTreeMap<&'f str, KnownField<'f>>,
    /// The keys of its pipelines, each with those of its stages.
    pub pipelines: BTreeMap<&'f str, Vec<&'f str>>,
    /// The files of its pipelines.
    pub pipeline_files: Vec<&'f File>,
}

/// A field of a module.
pub(super) struct KnownField<'f> {
    /// Its definition in the file.
    pub node: &'f Node,
    /// The definition, if it has no fault.
    pub field: Option<Field>,
}

impl KnownField<'_> {
    /// The word after `type:`.
    pub(super) fn type_key(&self) -> &str {
        self.node.text_of("type").unwrap_or_default()
    }
}

/// What a look-up finds.
pub(super) enum Lookup<'v, 'f> {
    /// It is there.
    Known(&'v KnownModule<'f>),
    /// Its file cannot be read, so nothing can be said of it.
    Unreadable,
    /// It is not there; the text says which name is meant, perhaps.
    Missing(String),
}

impl<'f> Vocabulary<'f> {
    /// Collects it, and reports faults of field definitions on the way.
    pub(super) fn gather(
        files: &'f [File],
        unreadable: &'f [(FileKind, String)],
        report: &mut Report,
    ) -> Self {
        let mut known = Self {
            modules: BTreeMap::new(),
            roles: None,
            option_sets: BTreeMap::new(),
            unreadable: unreadable.iter().map(|(kind, stem)| (*kind, stem.as_str())).collect(),
        };
        for file in files.iter().filter(|file| file.kind == FileKind::Options) {
            known.option_sets = super::options::read(file);
        }
        for file in files {
            match file.kind {
                FileKind::Module => known.add_module(file, report),
                FileKind::Roles => known.add_roles(file),
                _ => {}
            }
        }
        for file in files.iter().filter(|file| file.kind == FileKind::Pipeline) {
            known.add_pipeline(file);
        }
        known
    }

    fn add_module(&mut self, file: &'f File, report: &mut Report) {
        let key = file.root.text_of("key").unwrap_or(&file.stem);
        if key != file.stem {
            self.unreadable.insert((FileKind::Module, &file.stem));
        }
        let mut fields = BTreeMap::new();
        for node in file.root.list("fields").iter().take(limits::FIELDS_PER_MODULE) {
            let field = read_field(file, node, report);
            let field = field.and_then(|field| self.resolved(file, node, field, report));
            if let Some(key) = node.text_of("key") {
                fields.entry(key).or_insert(KnownField { node, field });
            }
        }
        self.modules.entry(key).or_insert(KnownModule {
            file,
            fields,
            pipelines: BTreeMap::new(),
            pipeline_files: Vec::new(),
        });
    }

    /// The field with the options of the set that it names.
    fn resolved(&self, file: &File, node: &Node, field: Field, report: &mut Report) -> Option<Field> {
        let Some(key) = field.option_set() else { return Some(field) };
        let Some(options) = self.option_sets.get(key) else {
            if !self.is_unreadable(FileKind::Options, "options") {
                let like = suggestion(key, self.option_sets.keys().copied());
                let at = node.get("option_set").map_or(node.at, |named| named.at);
                report.at(file, at, format!("option set '{key}' does not exist{like}"));
            }
            return None;
        };
        let field = field.with_options(options.clone());
        let faults = field.check_options();
        for fault in &faults {
            report.at(file, node.nearest(&fault.pointer).at, fault.message.clone());
        }
        faults.is_empty().then_some(field)
    }

    fn add_roles(&mut self, file: &'f File) {
        let roles = file.root.list("roles").iter();
        self.roles = Some(roles.filter_map(|role| role.text_of("key")).collect());
    }

    fn add_pipeline(&mut self, file: &'f File) {
        let module = file.root.text_of("module").and_then(|key| self.modules.get_mut(key));
        let Some(module) = module else { return };
        let stages = file.root.list("stages").iter().filter_map(|stage| stage.text_of("key"));
        module.pipelines.insert(file.root.text_of("key").unwrap_or(&file.stem), stages.collect());
        module.pipeline_files.push(file);
    }

    /// The keys of roles; None where their file cannot be read.
    pub(super) fn roles(&self) -> Option<&BTreeSet<&'f str>> {
        self.roles.as_ref()
    }

    /// Every module.
    pub(super) fn modules(&self) -> impl Iterator<Item = (&'f str, &KnownModule<'f>)> {
        self.modules.iter().map(|(key, module)| (*key, module))
    }

    /// Looks a module up.
    pub(super) fn module(&self, key: &str) -> Lookup<'_, 'f> {
        match self.modules.get(key) {
            Some(module) => Lookup::Known(module),
            None if self.is_unreadable(FileKind::Module, key) => Lookup::Unreadable,
            None => Lookup::Missing(suggestion(key, self.modules.keys().copied())),
        }
    }

    /// A file exists but cannot be read, so nothing can be said of what it defines.
    pub(super) fn is_unreadable(&self, kind: FileKind, stem: &str) -> bool {
        self.unreadable.contains(&(kind, stem))
    }

    /// Reports a module key that names no module.
    pub(super) fn expect_module(&self, file: &File, at: Position, key: &str, report: &mut Report) {
        if report.is_full() {
            return;
        }
        if let Lookup::Missing(like) = self.module(key) {
            report.at(file, at, format!("module '{key}' does not exist{like}"));
        }
    }

    /// Reports a role key that names no role.
    pub(super) fn expect_role(&self, file: &File, node: &Node, report: &mut Report) {
        let (Some(role), Some(roles)) = (node.text(), &self.roles) else { return };
        if !roles.contains(role) && !report.is_full() {
            let like = suggestion(role, roles.iter().copied());
            report.at(file, node.at, format!("role '{role}' does not exist{like}"));
        }
    }
}

impl KnownModule<'_> {
    /// Its fields without faults, in the order of the file.
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Field> {
        let keys = self.file.root.list("fields").iter().filter_map(|node| node.text_of("key"));
        keys.filter_map(|key| self.fields.get(key)?.field.as_ref())
    }

    /// Reports a name that is no field of the module, nor, where `place` shows those too, a system field.
    pub(super) fn expect_field(
        &self,
        node: &Node,
        name: &str,
        system: bool,
        place: &str,
        report: &mut Report,
    ) {
        if self.fields.contains_key(name) || report.is_full() {
            return;
        }
        let message = match SystemField::named(name) {
            Some(SystemField::Pipeline | SystemField::Stage | SystemField::StageEnteredAt)
                if system && self.pipelines.is_empty() =>
            {
                format!("'{name}' in {place}, but the module has no pipeline")
            }
            Some(_) if system => return,
            Some(_) => format!("'{name}' in {place} is a system field, which is not typed in forms"),
            None => {
                let system = SystemField::ALL.iter().filter(|_| system).map(|field| field.key());
                let like = suggestion(name, self.fields.keys().copied().chain(system));
                let module = self.file.root.text_of("key").unwrap_or(&self.file.stem);
                format!("field '{name}' in {place} does not exist in module '{module}'{like}")
            }
        };
        report.at(self.file, node.at, message);
    }
}

fn read_field(file: &File, node: &Node, report: &mut Report) -> Option<Field> {
    match Field::from_json(&node.to_json()) {
        Ok(field) => Some(field),
        Err(faults) => {
            for fault in faults {
                let unknown_key = fault.message.starts_with("unknown key");
                let at = match unknown_key {
                    true => node.key_position(&fault.pointer),
                    false => node.nearest(&fault.pointer).at,
                };
                report.at(file, at, fault.message);
            }
            None
        }
    }
}

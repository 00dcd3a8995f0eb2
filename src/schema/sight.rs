//! What a role sees of a schema. A module seen so has no field that the role may not know of, so whatever is made from
//! it (lists, filters, forms, descriptions) cannot tell of one; the write path goes on with the whole module.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::definition::{Layout, ModuleDefinition, View};
use super::{Module, Schema, StoredField, SystemField};
use crate::expr;
use crate::field::Field;
use crate::pipeline::PipelineDefinition;

/// What a role may do with a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldAccess {
    /// Not even know of it.
    Hidden,
    /// Tell values apart by their last characters.
    Masked,
    /// Read it.
    Read,
    /// Read and write it.
    #[default]
    Write,
}

impl FieldAccess {
    /// From the least to the most.
    pub const ALL: [Self; 4] = [Self::Hidden, Self::Masked, Self::Read, Self::Write];
}

/// What is kept from the role of the module that it is a part of.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    whole: Arc<Module>,
    hidden: Vec<String>,
    masked: Vec<String>,
    locked: Vec<String>,
    title: bool,
    search: bool,
}

impl Schema {
    /// The schema as a role with these field rights (`module.field`) sees it; itself where it sees everything.
    pub fn seen_with(self: &Arc<Self>, rights: &BTreeMap<String, FieldAccess>) -> Arc<Self> {
        if rights.is_empty() {
            return self.clone();
        }
        let see = |module: &Arc<Module>| {
            let prefix = format!("{}.", module.key());
            let own: BTreeMap<&str, FieldAccess> = rights
                .iter()
                .filter_map(|(path, access)| Some((path.strip_prefix(&prefix)?, *access)))
                .filter(|(key, access)| *access != FieldAccess::Write && module.field(key).is_some())
                .collect();
            let seen = if own.is_empty() { module.clone() } else { Arc::new(see_module(module, &own)) };
            (module.key().to_owned(), seen)
        };
        let mut seen = Self { modules: self.modules.values().map(see).collect(), ..Self::clone(self) };
        seen.leave_out_views();
        Arc::new(seen)
    }

    /// Leaves out views whose conditions would tell of what is kept, in their own module or where relations lead.
    fn leave_out_views(&mut self) {
        let tells = |module: &Module, view: &View| {
            let asked = |filter: &str| module.sight.is_some() || filter.contains('.');
            let filter = view.filter.as_deref().filter(|filter| asked(filter));
            filter.is_some_and(|filter| !self.holds_view(module, filter))
        };
        let gone = |module: &Arc<Module>| {
            let views = module.definition.views.iter().filter(|view| tells(module, view));
            (module.key().to_owned(), views.map(|view| view.key.clone()).collect::<Vec<_>>())
        };
        let gone: Vec<_> = self.modules.values().map(gone).filter(|(_, views)| !views.is_empty()).collect();
        for (key, views) in gone {
            let Some(module) = self.modules.get_mut(&key) else { continue };
            let whole = module.clone();
            let module = Arc::make_mut(module);
            module.definition.views.retain(|view| !views.contains(&view.key));
            module.sight.get_or_insert_with(|| Sight::of_all(whole));
        }
    }
}

impl Sight {
    /// Nothing of the module itself is kept.
    fn of_all(whole: Arc<Module>) -> Self {
        let (hidden, masked, locked) = (Vec::new(), Vec::new(), Vec::new());
        Self { whole, hidden, masked, locked, title: false, search: false }
    }
}

fn see_module(whole: &Arc<Module>, rights: &BTreeMap<&str, FieldAccess>) -> Module {
    let keys = |wanted: FieldAccess| -> Vec<String> {
        rights.iter().filter(|(_, access)| **access == wanted).map(|(key, _)| (*key).to_owned()).collect()
    };
    let (hidden, masked, locked) =
        (keys(FieldAccess::Hidden), keys(FieldAccess::Masked), keys(FieldAccess::Read));
    let is_kept = |key: &String| hidden.contains(key) || masked.contains(key);
    let searched = |key: &String| whole.field(key).is_some_and(|stored| stored.field.is_searchable());
    let title = whole.title.fields().iter().any(is_kept);
    let search = title || hidden.iter().chain(&masked).any(searched);
    let fields = whole.fields.iter().filter_map(|stored| see_field(stored, rights)).collect();
    let mut module = Module { fields, ..Module::clone(whole) };
    module.sight = Some(Sight { whole: whole.clone(), hidden, masked, locked, title, search });
    module.definition = see_definition(&module);
    module
}

/// The field as a role sees it. A masked one is a text: whatever it holds, no more than a text of it is shown.
fn see_field(stored: &StoredField, rights: &BTreeMap<&str, FieldAccess>) -> Option<StoredField> {
    let field = match rights.get(stored.field.key.as_str()).copied().unwrap_or_default() {
        FieldAccess::Hidden => return None,
        FieldAccess::Write => return Some(stored.clone()),
        FieldAccess::Read => Field { read_only: true, ..stored.field.clone() },
        FieldAccess::Masked => Field::from_json(&json!({
            "key": stored.field.key, "label": stored.field.label, "type": "text",
            "read_only": true, "searchable": false, "sortable": false,
        }))
        .ok()?,
    };
    let slot = stored.slot.filter(|_| rights.get(field.key.as_str()) != Some(&FieldAccess::Masked));
    Some(StoredField { slot, field, ..stored.clone() })
}

/// The definition without a word of what is kept, but for views, which are looked at when all modules are there.
fn see_definition(module: &Module) -> ModuleDefinition {
    let mut definition = module.definition.clone();
    if module.conceals_title() {
        definition.title = String::new();
    }
    let shown = |key: &String| module.field(key).is_some() || SystemField::named(key).is_some();
    for layout in &mut definition.layouts {
        see_layout(layout, &shown);
    }
    definition.unique.retain(|keys| keys.iter().all(shown));
    definition.duplicates.retain(|rule| rule.traits.iter().all(|own| shown(&own.field)));
    for view in &mut definition.views {
        view.columns.retain(shown);
        view.sort.retain(|key| module.is_askable(key.strip_prefix('-').unwrap_or(key)));
    }
    definition
}

fn see_layout(layout: &mut Layout, shown: &dyn Fn(&String) -> bool) {
    layout.highlights.retain(shown);
    for section in &mut layout.sections {
        section.fields.retain(shown);
    }
    layout.sections.retain(|section| !section.fields.is_empty());
}

impl Module {
    /// The module with every field that it has, whoever looks. What the engine itself derives (titles, search texts,
    /// checks of a whole record) is made from this one; what is answered to somebody never is.
    pub fn whole(&self) -> &Self {
        self.sight.as_ref().map_or(self, |sight| &sight.whole)
    }

    /// Keys whose values are not shown.
    pub fn hidden(&self) -> &[String] {
        self.sight.as_ref().map_or(&[], |sight| &sight.hidden)
    }

    /// Keys of which only a mask is shown.
    pub fn masked(&self) -> &[String] {
        self.sight.as_ref().map_or(&[], |sight| &sight.masked)
    }

    /// A field that the role sees as it is, and whose definition it may so change.
    pub fn unaltered(&self, key: &str) -> Option<&StoredField> {
        self.field(key).filter(|_| !self.is_locked(key))
    }

    /// Whether the role may see the field, and not write it.
    pub fn is_locked(&self, key: &str) -> bool {
        let locked = |sight: &Sight| sight.locked.iter().chain(&sight.masked).any(|own| own == key);
        self.sight.as_ref().is_some_and(locked)
    }

    /// Whether titles are made of fields that are kept from the role: it gets titles made of the rest.
    pub fn conceals_title(&self) -> bool {
        self.sight.as_ref().is_some_and(|sight| sight.title)
    }

    /// Whether the text that searches look at has words that are kept from the role.
    pub fn conceals_words(&self) -> bool {
        self.sight.as_ref().is_some_and(|sight| sight.search)
    }

    /// Whether the role may filter and sort by a field or a system field.
    pub fn is_askable(&self, key: &str) -> bool {
        if self.masked().iter().any(|own| own == key) {
            return false;
        }
        match SystemField::named(key) {
            Some(SystemField::Title) if self.field(key).is_none() => !self.conceals_title(),
            Some(_) => true,
            None => self.field(key).is_some(),
        }
    }

    /// The pipelines without a word of what is kept: a gate that would tell of it stays, unsaid.
    pub fn shown_pipelines(&self) -> Vec<PipelineDefinition> {
        let mut pipelines = self.pipelines.clone();
        if self.sight.is_none() {
            return pipelines;
        }
        let told = |text: &String| expr::condition(text, self).is_ok();
        for pipeline in &mut pipelines {
            pipeline.amount = pipeline.amount.take().filter(|key| self.is_askable(key));
            for stage in &mut pipeline.stages {
                stage.required.retain(|key| self.field(key).is_some());
                stage.enter_when = stage.enter_when.take().filter(told);
                stage.leave_when = stage.leave_when.take().filter(told);
            }
        }
        pipelines
    }

    /// What is shown of a masked value: the last characters of texts that are long enough, and of all else that there
    /// is one.
    pub fn mask(&self, key: &str, value: &Value) -> Value {
        const MASK: &str = "•••";
        let stored = self.whole().field(key).filter(|stored| stored.field.kind.is_searched());
        let tail = match (stored, value) {
            (_, Value::Null) => return Value::Null,
            (Some(_), Value::String(text)) => tail(text),
            _ => String::new(),
        };
        Value::String(format!("{MASK}{tail}"))
    }

    /// What of some changes (`{"field": {"from": …, "to": …}}`) is shown.
    pub fn shown_changes(&self, changes: &mut Map<String, Value>) {
        let gone: HashSet<&String> = self.retired.iter().chain(self.hidden()).collect();
        changes.retain(|key, _| !gone.contains(key));
        for key in self.masked() {
            if let Some(Value::Object(sides)) = changes.get_mut(key) {
                sides.iter_mut().for_each(|(_, side)| *side = self.mask(key, side));
            }
        }
    }
}

/// Four characters of a text of at least twelve, two of at least six.
fn tail(text: &str) -> String {
    let length = text.chars().count();
    let shown = match length {
        12.. => 4,
        6.. => 2,
        _ => 0,
    };
    text.chars().skip(length - shown).collect()
}

#[cfg(test)]
mod tests {
    use super::tail;

    #[test]
    fn a_mask_shows_less_than_half() {
        assert_eq!(
            ["", "12345", "123456", "12345678901", "123456789012"].map(tail),
            ["", "", "56", "01", "9012"]
        );
    }
}

//! What of each record an answer shows: some of its fields only, and related records whole (`fields`, `expand`).

use std::collections::{BTreeMap, HashMap};

use futures_util::future::{BoxFuture, FutureExt};
use indexmap::IndexMap;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::error::{Error, Fault, Invalid};
use super::output::Record;
use super::{link, read};
use crate::access::Read;
use crate::id::RecordId;
use crate::limits;
use crate::schema::Module;
use crate::work::Work;

/// Relations that `expand` follows one after another.
const STEPS: usize = 2;

/// What is shown; everything of the records themselves, and nothing of others, where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    fields: Option<Vec<String>>,
    expand: Expand,
}

/// Relations by key, with those that are followed beyond them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Expand(BTreeMap<String, Expand>);

impl Shape {
    /// Checks `name,amount` and `organization,contact.organization` against the module; all faults at once.
    pub fn parse(
        work: &Work,
        module: &Module,
        fields: Option<&str>,
        expand: Option<&str>,
    ) -> Result<Self, Invalid> {
        let mut faults = Vec::new();
        let shape = Self {
            fields: keys(fields).map(|keys| known(module, keys, &mut faults)),
            expand: tree(work, module, keys(expand).unwrap_or_default(), &mut faults),
        };
        Invalid::unless_empty(faults)?;
        Ok(shape)
    }

    /// Whether other records are shown too, which change without these.
    pub fn shows_others(&self) -> bool {
        !self.expand.0.is_empty()
    }

    /// Brings records into the shape.
    pub async fn apply(&self, work: &Work, records: &mut [Record]) -> Result<(), Error> {
        embed(work, records, &self.expand).await?;
        let Some(fields) = &self.fields else { return Ok(()) };
        for record in records {
            let mut data = entries(record)?;
            data.retain(|key, _| fields.contains(key) || self.expand.0.contains_key(key));
            record.data = raw(&data)?;
        }
        Ok(())
    }
}

/// The names of a list with commas; None where it is blank.
fn keys(text: Option<&str>) -> Option<Vec<&str>> {
    let keys: Vec<&str> = text?.split(',').map(str::trim).filter(|key| !key.is_empty()).collect();
    (!keys.is_empty()).then_some(keys)
}

fn known(module: &Module, keys: Vec<&str>, faults: &mut Vec<Fault>) -> Vec<String> {
    let unknown = keys.iter().filter(|key| module.field(key).is_none()).take(limits::JSON_DEPTH);
    faults.extend(unknown.map(|key| {
        let message = format!("There is no field {}.", short(key));
        Fault::new("/query/fields", "unknown_field", message)
    }));
    keys.into_iter().map(str::to_owned).collect()
}

fn tree(work: &Work, module: &Module, paths: Vec<&str>, faults: &mut Vec<Fault>) -> Expand {
    let mut tree = Expand::default();
    for path in paths.into_iter().take(limits::FIELDS_PER_MODULE) {
        let steps: Vec<&str> = path.split('.').collect();
        let message = if steps.len() > STEPS {
            Some(format!("{} leads through more than {STEPS} relations.", short(path)))
        } else {
            (!leads(work, &[module], &steps)).then(|| format!("There is no relation {}.", short(path)))
        };
        if let Some(message) = message {
            faults.push(Fault::new("/query/expand", "unknown_field", message));
            continue;
        }
        let mut branch = &mut tree;
        for step in steps {
            branch = branch.0.entry(step.to_owned()).or_default();
        }
    }
    tree
}

/// Whether relations lead on from one of some modules, through modules that the actor may read.
fn leads(work: &Work, modules: &[&Module], steps: &[&str]) -> bool {
    let [step, rest @ ..] = steps else { return true };
    let links: Vec<_> = modules.iter().filter_map(|module| module.field(step)?.link()).collect();
    let readable = |target: &&str| work.actor.permit::<Read>(target).is_ok();
    let targets = links.iter().flat_map(|link| &link.targets).copied().filter(readable);
    let next: Vec<&Module> = targets.filter_map(|target| Some(&**work.schema.module(target)?)).collect();
    !links.is_empty() && (rest.is_empty() || leads(work, &next, rest))
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Puts related records into the faces that name them, as `record`; null where the actor may not read one.
fn embed<'a>(
    work: &'a Work,
    records: &'a mut [Record],
    expand: &'a Expand,
) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        if expand.0.is_empty() || records.is_empty() {
            return Ok(());
        }
        let mut data = records.iter().map(entries).collect::<Result<Vec<_>, _>>()?;
        for (key, beyond) in &expand.0 {
            let mut faces: Vec<(usize, Value)> = Vec::new();
            for (at, entries) in data.iter().enumerate() {
                if let Some(face) = entries.get(key) {
                    faces.push((at, parsed(face)?));
                }
            }
            let related = load(work, &faces, beyond).await?;
            for (at, mut face) in faces {
                fill(&mut face, &related);
                data[at].insert(key.clone(), to_raw_value(&face).map_err(|error| read::broken(&error))?);
            }
        }
        for (record, entries) in records.iter_mut().zip(&data) {
            record.data = raw(entries)?;
        }
        Ok(())
    }
    .boxed()
}

/// The records that faces name, as JSON, with those beyond them.
async fn load(
    work: &Work,
    faces: &[(usize, Value)],
    beyond: &Expand,
) -> Result<HashMap<RecordId, Value>, Error> {
    let mut ids: Vec<RecordId> = faces.iter().flat_map(|(_, face)| each(face)).filter_map(id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > limits::EXPANDED {
        let message = format!(
            "This would embed more than {} records at once; ask for fewer on a page.",
            limits::EXPANDED
        );
        return Err(Fault::new("/query/expand", "max", message).into());
    }
    let mut related = read::readable(work, &ids).await?;
    embed(work, &mut related, beyond).await?;
    let json = |record: &Record| {
        let value = serde_json::to_value(record).map_err(|error| read::broken(&error))?;
        Ok((record.id, value))
    };
    related.iter().map(json).collect()
}

/// A face or the faces of a list.
fn each(face: &Value) -> &[Value] {
    match face {
        Value::Array(faces) => faces,
        one => std::slice::from_ref(one),
    }
}

fn id(face: &Value) -> Option<RecordId> {
    link::record_ids(face.get("id")?).pop()
}

fn fill(face: &mut Value, related: &HashMap<RecordId, Value>) {
    match face {
        Value::Array(faces) => faces.iter_mut().for_each(|face| fill(face, related)),
        face => {
            let record = id(face).and_then(|id| related.get(&id)).cloned().unwrap_or_default();
            if let Value::Object(face) = face {
                face.insert("record".into(), record);
            }
        }
    }
}

fn entries(record: &Record) -> Result<IndexMap<String, Box<RawValue>>, Error> {
    serde_json::from_str(record.data.get()).map_err(|error| read::broken(&error))
}

fn parsed(face: &RawValue) -> Result<Value, Error> {
    serde_json::from_str(face.get()).map_err(|error| read::broken(&error))
}

fn raw(data: &IndexMap<String, Box<RawValue>>) -> Result<Box<RawValue>, Error> {
    to_raw_value(data).map_err(|error| read::broken(&error))
}

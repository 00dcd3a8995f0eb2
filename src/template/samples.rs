//! Writes the demo records of a template, through the same function as everybody's records.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::document::{SampleRecord, SampleRef, SampleValue, Template, line_products, with_line_products};
use super::order::{Needs, order};
use super::store;
use crate::clock::Clock;
use crate::db::DbError;
use crate::expr::{self, Problem};
use crate::id::{RecordId, UserId};
use crate::record::{self, Input, Patch};
use crate::schema::Module;
use crate::work::Work;

/// Why a demo record could not be written. The template has passed its check, so this is rare: a unique value that
/// the day of the install makes double, or a failing database.
#[derive(Debug, thiserror::Error)]
pub enum SampleFault {
    /// The record was refused.
    #[error("the sample {name} could not be written: {source}")]
    Record {
        /// `module/ref`
        name: String,
        /// Why.
        #[source]
        source: record::Error,
    },
    /// A value cannot be computed.
    #[error("the sample {name} has an expression that gives no value: {reason}")]
    Expression {
        /// `module/ref`
        name: String,
        /// Why.
        reason: String,
    },
    /// The samples point at each other so that none can be written first, or at what does not exist.
    #[error("the samples of the template do not fit together at {0}")]
    Unordered(String),
    /// The database failed.
    #[error("the samples could not be written")]
    Database(#[from] DbError),
}

/// Writes all of them and says how many. `work` has the template's schema.
pub(super) async fn write(work: &mut Work, template: &Template) -> Result<usize, SampleFault> {
    let samples = Samples::of(template);
    let mut writing = Writing {
        now: work.clock.now(),
        members: store::members_by_role(&work.tx).await?,
        written: HashMap::new(),
        late: Vec::new(),
    };
    let clock = work.clock.clone();
    for index in samples.order()? {
        let sample = &samples.all[index];
        let created = writing.create(work, sample).await;
        work.clock = clock.clone();
        created?;
    }
    for late in std::mem::take(&mut writing.late) {
        writing.complete(work, &late).await?;
    }
    Ok(samples.all.len())
}

/// The demo records of a template with their addresses.
struct Samples<'t> {
    template: &'t Template,
    all: Vec<Sample<'t>>,
}

#[derive(Clone, Copy)]
struct Sample<'t> {
    name: SampleRef<'t>,
    record: &'t SampleRecord,
}

impl<'t> Samples<'t> {
    fn of(template: &'t Template) -> Self {
        let all = template.samples.iter().flat_map(|set| {
            set.records.iter().map(|record| {
                let name = SampleRef { module: &set.module, name: &record.reference };
                Sample { name, record }
            })
        });
        Self { template, all: all.collect() }
    }

    fn order(&self) -> Result<Vec<usize>, SampleFault> {
        let places: HashMap<SampleRef<'_>, usize> =
            self.all.iter().enumerate().map(|(place, sample)| (sample.name, place)).collect();
        let needs: Vec<Needs> = self.all.iter().map(|sample| self.needs(sample, &places)).collect();
        order(&needs).map_err(|circle| {
            let first = circle.first().and_then(|index| self.all.get(*index));
            SampleFault::Unordered(first.map(|sample| sample.name.to_string()).unwrap_or_default())
        })
    }

    /// Whether the stage in which a record starts asks for a field.
    fn is_asked(&self, sample: &Sample<'_>, field: &str) -> bool {
        let own = self.template.pipelines.iter().filter(|pipeline| pipeline.module == sample.name.module);
        let named = own.filter(|own| sample.record.pipeline.as_ref().is_none_or(|key| *key == own.key));
        let mut stages = named.flat_map(|pipeline| &pipeline.stages);
        stages.any(|stage| {
            sample.record.stage.as_ref() == Some(&stage.key) && stage.required.iter().any(|key| key == field)
        })
    }

    fn needs(&self, sample: &Sample<'_>, places: &HashMap<SampleRef<'_>, usize>) -> Needs {
        let module = self.template.modules.iter().find(|module| module.key == sample.name.module);
        let mut needs = Needs::default();
        for (key, value) in &sample.record.data {
            needs.required.extend(line_products(value).filter_map(|target| places.get(&target)));
            let targets = match SampleValue::of(value) {
                SampleValue::Sample(target) => vec![target],
                SampleValue::Samples(targets) => targets,
                _ => continue,
            };
            let found = targets.iter().filter_map(|target| places.get(target)).copied();
            let field = module.and_then(|module| module.fields.iter().find(|field| field.key == *key));
            let required = field.is_some_and(|field| field.required) || self.is_asked(sample, key);
            let list = if required { &mut needs.required } else { &mut needs.optional };
            list.extend(found);
        }
        needs
    }
}

struct Writing<'t> {
    now: DateTime<Utc>,
    members: BTreeMap<String, UserId>,
    written: HashMap<SampleRef<'t>, RecordId>,
    /// Relations at records that were not there yet.
    late: Vec<Late<'t>>,
}

struct Late<'t> {
    of: SampleRef<'t>,
    field: &'t str,
    targets: Vec<SampleRef<'t>>,
    /// Whether the field holds a list.
    many: bool,
}

impl<'t> Writing<'t> {
    async fn create(&mut self, work: &mut Work, sample: &Sample<'t>) -> Result<(), SampleFault> {
        let Sample { name, record } = *sample;
        let module = module(work, name)?;
        let data = self.data(work, sample)?;
        let owner = record.owner.as_ref().and_then(|role| self.members.get(role)).copied();
        if let Some(expression) = &record.created {
            // History, numbers and dates of the record are those of the day on which it is said to be made.
            work.clock = Clock::fixed(self.instant(work, name, &expression.expr)?);
        }
        let (pipeline, stage, reason) =
            (record.pipeline.clone(), record.stage.clone(), record.reason.clone());
        let input = Input { data, owner, pipeline, stage, reason, ..Input::default() };
        let created = record::create(work, &module, input).await;
        let created = created.map_err(|source| SampleFault::Record { name: name.to_string(), source })?;
        self.written.insert(name, created.id);
        Ok(())
    }

    /// Fills in a relation whose target has been written meanwhile.
    async fn complete(&self, work: &Work, late: &Late<'t>) -> Result<(), SampleFault> {
        let module = module(work, late.of)?;
        let lost = |name: &SampleRef<'_>| SampleFault::Unordered(name.to_string());
        let id = self.written.get(&late.of).ok_or_else(|| lost(&late.of))?;
        let mut targets = Vec::new();
        for target in &late.targets {
            let id = self.written.get(target).ok_or_else(|| lost(target))?;
            targets.push(Value::String(id.to_string()));
        }
        let value = if late.many { Some(targets.into()) } else { targets.pop() };
        let data = Map::from_iter([(late.field.to_owned(), value.unwrap_or_default())]);
        let patch = Patch { data, ..Patch::default() };
        let updated = record::update(work, &module, *id, None, patch).await;
        updated.map_err(|source| SampleFault::Record { name: late.of.to_string(), source })?;
        Ok(())
    }

    fn data(&mut self, work: &Work, sample: &Sample<'t>) -> Result<Map<String, Value>, SampleFault> {
        let mut data = Map::new();
        for (key, value) in &sample.record.data {
            let value = match SampleValue::of(value) {
                SampleValue::Plain(value) => {
                    Some(with_line_products(value, |target| Some(self.written.get(&target)?.to_string())))
                }
                SampleValue::Member(role) => {
                    let member = self.members.get(role).copied().unwrap_or(work.actor.user);
                    Some(Value::String(member.to_string()))
                }
                SampleValue::Expression(source) => plain(self.evaluate(work, sample.name, source)?),
                SampleValue::Sample(target) => self.relation(sample, key, vec![target], false),
                SampleValue::Samples(targets) => self.relation(sample, key, targets, true),
            };
            data.extend(value.map(|value| (key.clone(), value)));
        }
        Ok(data)
    }

    /// The value of a relation; none yet where a target is not there yet.
    fn relation(
        &mut self,
        sample: &Sample<'t>,
        field: &'t str,
        targets: Vec<SampleRef<'t>>,
        many: bool,
    ) -> Option<Value> {
        let id = |target: &SampleRef<'_>| Some(Value::String(self.written.get(target)?.to_string()));
        match targets.iter().map(id).collect::<Option<Vec<Value>>>() {
            Some(ids) if many => Some(ids.into()),
            Some(mut ids) => ids.pop(),
            None => {
                self.late.push(Late { of: sample.name, field, targets, many });
                None
            }
        }
    }

    fn evaluate(&self, work: &Work, name: SampleRef<'_>, source: &str) -> Result<expr::Value, SampleFault> {
        let fault = |reason: String| SampleFault::Expression { name: name.to_string(), reason };
        let said = |problems: Vec<Problem>| {
            fault(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        };
        let checked =
            expr::parse(source).and_then(|parsed| expr::check(&parsed, &expr::NoFields)).map_err(said)?;
        let nothing = |_: &str| expr::Value::Null;
        let timezone = work.workspace.locale.timezone;
        let env = expr::Env { fields: &nothing, now: self.now, timezone, user: None };
        expr::evaluate(&checked, &env).map_err(|_| fault("it takes too many steps".to_owned()))
    }

    /// A moment; a date is its midnight in the workspace's time zone.
    fn instant(&self, work: &Work, name: SampleRef<'_>, source: &str) -> Result<DateTime<Utc>, SampleFault> {
        let none =
            || SampleFault::Expression { name: name.to_string(), reason: "it is no moment".to_owned() };
        match self.evaluate(work, name, source)? {
            expr::Value::Instant(at) => Ok(at),
            expr::Value::Date(date) => {
                let midnight = date.and_hms_opt(0, 0, 0).ok_or_else(none)?;
                let local = midnight.and_local_timezone(work.workspace.locale.timezone);
                Ok(local.earliest().ok_or_else(none)?.to_utc())
            }
            _ => Err(none()),
        }
    }
}

fn module(work: &Work, name: SampleRef<'_>) -> Result<std::sync::Arc<Module>, SampleFault> {
    work.schema.module(name.module).cloned().ok_or_else(|| SampleFault::Unordered(name.to_string()))
}

/// A computed value in the API's form.
fn plain(value: expr::Value) -> Option<Value> {
    Some(match value {
        expr::Value::Null => return None,
        expr::Value::Text(text) => Value::String(text),
        expr::Value::Number(number) => Value::String(number.normalize().to_string()),
        expr::Value::Boolean(flag) => Value::Bool(flag),
        expr::Value::Date(date) => Value::String(date.to_string()),
        expr::Value::Instant(at) => Value::String(at.to_rfc3339()),
        expr::Value::List(items) => items.into(),
    })
}

//! What a list is asked for: texts as they arrive, and the query that is made of them and of the module.

use super::cursor::{self, Cursor, CursorQuery};
use super::error::{Fault, Invalid};
use super::scope::{Reachable, Resolved};
use super::shape::Shape;
use crate::expr::{self, Checked};
use crate::field::Cast;
use crate::id::RecordId;
use crate::identity::SigningKeys;
use crate::limits;
use crate::schema::definition::View;
use crate::schema::{Module, Slot, StoredField, SystemField};
use crate::work::Work;

/// Query parameters as they arrive.
#[derive(Clone, Debug, Default)]
pub struct RawListQuery {
    /// A condition in the expression language.
    pub filter: Option<String>,
    /// Words to find.
    pub q: Option<String>,
    /// `-amount,name`
    pub sort: Option<String>,
    /// The key of a declared view, whose filter holds as well, and whose sort where none is given.
    pub view: Option<String>,
    /// Records on the page.
    pub limit: Option<String>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// `exact`, `capped` or `none`
    pub count: Option<String>,
    /// Records of the trash instead.
    pub trash: bool,
    /// `name,amount`: only these of the module's fields.
    pub fields: Option<String>,
    /// `organization,contact.organization`: related records that are shown whole.
    pub expand: Option<String>,
}

/// A list's query, checked against the module.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Conditions that all must hold.
    pub filters: Vec<Checked>,
    /// Words to find.
    pub q: Option<String>,
    /// Sort keys; newest first where there are none.
    pub sort: Vec<SortKey>,
    /// Records on the page.
    pub limit: usize,
    /// How to count.
    pub count: CountMode,
    /// Records of the trash instead.
    pub trash: bool,
    /// Only those that are linked with another record.
    pub related: Option<Related>,
    /// What of each record is shown.
    pub shape: Shape,
    /// In this stage only, by its number.
    pub(super) stage: Option<i16>,
    pub(super) cursor: Option<Cursor>,
    pub(super) texts: CursorQuery,
}

/// A relation between the records of a list and one other record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Related {
    /// The other record.
    pub(super) record: RecordId,
    /// The relation's number, in the module whose records point.
    pub(super) field: i16,
    /// Whether the records of the list point to the other one.
    pub(super) inward: bool,
}

impl Related {
    /// The records that point to one by a relation of theirs.
    pub fn pointing_to(record: RecordId, relation: &StoredField) -> Self {
        Self { record, field: relation.number, inward: true }
    }
}

/// How the records of a list are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CountMode {
    /// All of them, however long that takes (up to the statement's time limit).
    Exact,
    /// Up to a cap ([`limits::COUNT_CAP`]).
    Capped,
    /// Not at all.
    #[default]
    None,
}

/// What is sorted by, and which way.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// Keys of the relations that lead to the record whose field it is; none for the record itself.
    pub(super) via: Vec<String>,
    pub(super) operand: Operand,
    /// Greatest first.
    pub descending: bool,
}

/// A field as the planner sees it.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    /// A column of every record.
    System(SystemField),
    /// A field whose key is kept in a slot.
    Slot {
        slot: Slot,
        /// The field's key, for exact comparisons on `data`.
        key: String,
        cast: Cast,
    },
    /// A field that is read from `data`.
    Data { key: String, cast: Cast },
}

impl Operand {
    pub(super) fn of(stored: &StoredField) -> Self {
        let (key, cast) = (stored.field.key.clone(), stored.field.kind.cast());
        match stored.slot.filter(|slot| slot.compares(cast)) {
            Some(slot) => Self::Slot { slot, key, cast },
            None => Self::Data { key, cast },
        }
    }

    /// The field's key; None for a column of every record.
    pub(super) fn key(&self) -> Option<&str> {
        match self {
            Self::System(_) => None,
            Self::Slot { key, .. } | Self::Data { key, .. } => Some(key),
        }
    }

    /// How SQL compares it.
    pub(super) fn cast(&self) -> Cast {
        match self {
            Self::System(field) => field.cast(),
            Self::Slot { cast, .. } | Self::Data { cast, .. } => *cast,
        }
    }

    pub(super) fn named(module: &Module, key: &str) -> Option<Self> {
        if !module.is_askable(key) {
            return None;
        }
        match module.field(key) {
            Some(stored) => Some(Self::of(stored)),
            None => SystemField::named(key).map(Self::System),
        }
    }
}

impl SortKey {
    /// Sorted by a system field, least first.
    pub fn system(field: SystemField) -> Self {
        Self { via: Vec::new(), operand: Operand::System(field), descending: false }
    }

    /// `-amount`, `name` or `doctor.name`
    fn parse(work: &Work, module: &Module, text: &str) -> Result<Self, String> {
        let (descending, key) = match text.strip_prefix('-') {
            Some(key) => (true, key),
            None => (false, text),
        };
        let resolved = Reachable::by_actor(work, module).resolve(key);
        let Resolved { via, operand } =
            resolved.ok_or_else(|| format!("There is no field {key} to sort by."))?;
        match operand {
            Operand::Data { cast, .. } if !cast.is_sorted() => {
                Err(format!("{key} holds several values and cannot be sorted by."))
            }
            operand => Ok(Self { via, operand, descending }),
        }
    }
}

impl ListQuery {
    /// Checks the texts against the module; all faults at once, each at its parameter.
    pub fn parse(
        work: &Work,
        module: &Module,
        raw: &RawListQuery,
        keys: &SigningKeys,
    ) -> Result<Self, Invalid> {
        let mut faults = Vec::new();
        let cursor = raw.cursor.as_deref().filter(|text| !text.is_empty()).and_then(|text| {
            let cursor = cursor::open(keys, work.tx.tenant(), module.key(), text);
            if cursor.is_none() {
                faults.push(fault("cursor", "cursor", "This cursor does not belong to this list."));
            }
            cursor
        });
        let texts = texts(raw, cursor.as_ref(), &mut faults);
        let view = view(module, texts.view.as_deref(), &mut faults);
        let query = Self {
            filters: filters(work, module, texts.filter.as_deref(), view, &mut faults),
            q: texts.q.as_deref().map(str::trim).map(str::to_owned),
            sort: sort(work, module, texts.sort.as_deref(), view, &mut faults),
            limit: limit(raw.limit.as_deref(), &mut faults),
            count: count(raw.count.as_deref(), &mut faults),
            trash: raw.trash,
            related: None,
            shape: shape(work, module, &texts, &mut faults),
            stage: None,
            cursor,
            texts,
        };
        if query.q.as_ref().is_some_and(|q| q.len() > 200 || q.contains('\0')) {
            faults.push(fault("q", "length", "Search for at most 200 characters."));
        }
        Invalid::unless_empty(faults)?;
        Ok(query)
    }

    /// All records that a condition holds for.
    pub(super) fn matching(work: &Work, module: &Module, filter: &str, trash: bool) -> Result<Self, Invalid> {
        let mut faults = Vec::new();
        let filters = filters(work, module, Some(filter), None, &mut faults);
        Invalid::unless_empty(faults)?;
        Ok(Self { filters, trash, ..Self::default() })
    }

    /// Fields of the filter and the sort whose keys no slot keeps: to judge them, records are walked one by one.
    pub fn unindexed(&self, module: &Module) -> Vec<String> {
        let own = self.sort.iter().filter(|key| key.via.is_empty());
        let sorted = own.filter_map(|key| match &key.operand {
            Operand::Data { key, .. } => Some(key),
            _ => None,
        });
        let read = self.filters.iter().flat_map(|filter| filter.fields());
        let mut keys: Vec<String> = sorted.chain(read).cloned().collect();
        keys.retain(|key| module.field(key).is_some_and(|stored| stored.slot.is_none()));
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

pub(super) fn fault(parameter: &str, code: &str, message: impl Into<String>) -> Fault {
    Fault::new(format!("/query/{parameter}"), code, message)
}

fn shape(work: &Work, module: &Module, texts: &CursorQuery, faults: &mut Vec<Fault>) -> Shape {
    match Shape::parse(work, module, texts.fields.as_deref(), texts.expand.as_deref()) {
        Ok(shape) => shape,
        Err(invalid) => {
            faults.extend(invalid.errors);
            Shape::default()
        }
    }
}

/// The query's texts: the cursor's, which what is given beside it must not contradict.
fn texts(raw: &RawListQuery, cursor: Option<&Cursor>, faults: &mut Vec<Fault>) -> CursorQuery {
    let given = CursorQuery::of(raw);
    match cursor {
        Some(cursor) if given == CursorQuery::default() || given == cursor.query => cursor.query.clone(),
        Some(_) => {
            faults.push(fault("cursor", "cursor", "This cursor belongs to another filter, sort or search."));
            given
        }
        None => given,
    }
}

pub(super) fn view<'m>(module: &'m Module, key: Option<&str>, faults: &mut Vec<Fault>) -> Option<&'m View> {
    let key = key?;
    let view = module.definition.views.iter().find(|view| view.key == key);
    if view.is_none() {
        faults.push(fault("view", "option", format!("There is no view {key}.")));
    }
    view
}

pub(super) fn filters(
    work: &Work,
    module: &Module,
    filter: Option<&str>,
    view: Option<&View>,
    faults: &mut Vec<Fault>,
) -> Vec<Checked> {
    let declared = view.and_then(|view| view.filter.as_deref());
    let mut conditions = Vec::new();
    let declared = declared.map(|source| (source, Reachable::declared(work, module)));
    let asked = filter.map(|source| (source, Reachable::by_actor(work, module)));
    for (source, scope) in [declared, asked].into_iter().flatten() {
        match expr::condition(source, &scope) {
            Ok(condition) => conditions.push(condition),
            Err(problems) => {
                faults.extend(
                    problems.iter().map(|problem| fault("filter", "expression", problem.to_string())),
                );
            }
        }
    }
    conditions
}

fn sort(
    work: &Work,
    module: &Module,
    sort: Option<&str>,
    view: Option<&View>,
    faults: &mut Vec<Fault>,
) -> Vec<SortKey> {
    let given: Vec<&str> = match (sort, view) {
        (Some(sort), _) => sort.split(',').map(str::trim).filter(|key| !key.is_empty()).collect(),
        (None, Some(view)) => view.sort.iter().map(String::as_str).collect(),
        (None, None) => Vec::new(),
    };
    if given.len() > limits::SORT_KEYS {
        faults.push(fault("sort", "length", format!("Sort by at most {} fields.", limits::SORT_KEYS)));
    }
    let mut keys = Vec::new();
    for text in given {
        match SortKey::parse(work, module, text) {
            Ok(key) => keys.push(key),
            Err(message) => faults.push(fault("sort", "unknown_field", message)),
        }
    }
    keys
}

fn limit(text: Option<&str>, faults: &mut Vec<Fault>) -> usize {
    let Some(text) = text else { return limits::PAGE_DEFAULT };
    match text.parse() {
        Ok(limit) if (1..=limits::PAGE_MAX).contains(&limit) => limit,
        _ => {
            faults.push(fault("limit", "max", format!("Ask for 1 to {} records.", limits::PAGE_MAX)));
            limits::PAGE_DEFAULT
        }
    }
}

fn count(text: Option<&str>, faults: &mut Vec<Fault>) -> CountMode {
    match text {
        Some("exact") => CountMode::Exact,
        None | Some("capped") => CountMode::Capped,
        Some("none") => CountMode::None,
        Some(_) => {
            faults.push(fault("count", "option", "Choose exact, capped or none."));
            CountMode::None
        }
    }
}

/// The condition under which records of a module may be chosen in a relation. One that no longer checks, because the
/// module has changed since, allows nothing rather than everything.
pub(super) fn eligibility(work: &Work, stored: &StoredField, module: &Module) -> Vec<Checked> {
    let link = stored.link();
    let Some(source) = link.as_ref().and_then(|link| link.filter) else { return Vec::new() };
    let scope = Reachable::declared(work, module);
    let checked = expr::condition(source, &scope).or_else(|_| {
        tracing::warn!(field = stored.field.key, "a relation's condition no longer checks");
        expr::condition("false", &scope)
    });
    checked.into_iter().collect()
}

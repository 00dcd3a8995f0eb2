//! Views that people save: of a module, for themselves, for a role or for everyone. They are checked against the module
//! when they are saved, and say so when a field that they name is gone. Nothing here reads records.

mod store;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::{Capability, Forbidden};
use crate::db::DbError;
use crate::id::{UserId, ViewId};
use crate::identity::SigningKeys;
use crate::limits;
use crate::record::{self, Fault, RawListQuery};
use crate::schema::definition::{View, ViewKind};
use crate::schema::{Module, SystemField};
use crate::work::Work;

/// Who sees a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Who made it.
    #[default]
    Private,
    /// Members with a role.
    Role,
    /// Everyone who may read the module.
    Everyone,
}

impl Visibility {
    /// Every visibility, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Private, Self::Role, Self::Everyone];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Role => "role",
            Self::Everyone => "everyone",
        }
    }

    /// The visibility of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.word() == word)
    }
}

/// What a view shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Field keys in order; those of the module's first view where there are none.
    #[serde(default)]
    pub columns: Vec<String>,
    /// A condition in the expression language.
    #[serde(default)]
    pub filter: Option<String>,
    /// Field keys, `-` in front for descending.
    #[serde(default)]
    pub sort: Vec<String>,
    /// What records are grouped by, as `group_by` of an aggregate says it: `stage`, `close_date:month`.
    #[serde(default)]
    pub group_by: Option<String>,
}

/// A view about to be saved.
#[derive(Clone, Debug, Default)]
pub struct NewView {
    /// What people read.
    pub label: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// For [`Visibility::Role`]: which role.
    pub role: Option<String>,
    /// The role whose list opens with it.
    pub default_for: Option<String>,
    /// What it shows.
    pub shown: Shown,
}

/// A saved view.
#[derive(Clone, Debug, Serialize)]
pub struct SavedView {
    /// Its id, by which lists are asked for it: `?view=`.
    pub id: ViewId,
    /// Grows by one with every change.
    pub version: i32,
    /// Its module's key.
    pub module: String,
    /// What people read.
    pub label: String,
    /// Who made it.
    pub owner: UserId,
    /// `private`, `role` or `everyone`
    pub visibility: Visibility,
    /// Which role sees it.
    pub role: Option<String>,
    /// The role whose list opens with it.
    pub default_for: Option<String>,
    /// What it shows.
    #[serde(flatten)]
    pub shown: Shown,
    /// What of it no longer fits the module.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Fault>,
    /// Whether the actor may change it.
    pub can_edit: bool,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// Why a view could not be read or saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such view, as far as the actor may know.
    #[error("there is no such view")]
    NotFound,
    /// Sharing needs a right that the actor's role lacks.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// Values are refused; every fault with its place.
    #[error("the view is not valid")]
    Invalid(Vec<Fault>),
    /// Somebody else has changed it meanwhile.
    #[error("the view is at version {current} by now")]
    Stale {
        /// The version now.
        current: i32,
    },
    /// The database failed.
    #[error("the view could not be read or written")]
    Database(#[from] DbError),
}

impl SavedView {
    /// As the read planner and the pages know views; its key is its id.
    pub fn as_view(&self, module: &Module) -> View {
        let columns = match (self.shown.columns.is_empty(), module.definition.views.first()) {
            (true, Some(first)) => first.columns.clone(),
            _ => self.shown.columns.clone(),
        };
        View {
            key: self.id.to_string(),
            label: self.label.clone(),
            kind: ViewKind::Table,
            columns,
            filter: self.shown.filter.clone(),
            sort: self.shown.sort.clone(),
        }
    }
}

/// The saved views of a module that the actor may use, in the order in which they were made.
pub async fn list(work: &Work, module: &Module) -> Result<Vec<SavedView>, DbError> {
    store::list(work, module, None).await
}

/// Gives a list's query the saved view that it asks for, if it asks for one.
pub async fn join(
    work: &Work,
    module: &Module,
    raw: &mut RawListQuery,
    keys: &SigningKeys,
) -> Result<(), DbError> {
    let key = raw.undeclared_view(work, module, keys);
    raw.saved = wanted(work, module, key.as_deref()).await?;
    Ok(())
}

/// The saved view with this key, if it is one and the actor may use it.
pub async fn wanted(work: &Work, module: &Module, key: Option<&str>) -> Result<Vec<View>, DbError> {
    let Some(id) = key.and_then(|key| key.parse::<ViewId>().ok()) else { return Ok(Vec::new()) };
    let found = store::list(work, module, Some(id)).await?;
    Ok(found.iter().map(|view| view.as_view(module)).collect())
}

/// A view that the actor may use.
pub async fn get(work: &Work, id: ViewId) -> Result<SavedView, Error> {
    let number = store::module(work, id).await?.ok_or(Error::NotFound)?;
    let module = readable(work, number)?;
    store::list(work, &module, Some(id)).await?.pop().ok_or(Error::NotFound)
}

/// Saves a view. Sharing it, or making a list open with it, takes the right to manage the schema.
pub async fn create(work: &Work, module: &Module, new: NewView) -> Result<SavedView, Error> {
    let new = checked(work, module, new).await?;
    if store::count_own(work, module.number).await? >= limits::VIEWS_PER_MEMBER {
        let message =
            format!("You have {} views of this module; delete one first.", limits::VIEWS_PER_MEMBER);
        return Err(Error::Invalid(vec![Fault::new("", "max", message)]));
    }
    let id = ViewId::new();
    store::make_way(work, module.number, id, new.default_for.as_deref()).await?;
    store::insert(work, id, module.number, &new).await?;
    get(work, id).await
}

/// Changes a view: one's own, or with the right to manage the schema a shared one.
pub async fn update(
    work: &Work,
    id: ViewId,
    expected: Option<i32>,
    change: impl FnOnce(&mut NewView),
) -> Result<SavedView, Error> {
    let (module, view) = editable(work, id, expected).await?;
    let mut new = NewView {
        label: view.label,
        visibility: view.visibility,
        role: view.role,
        default_for: view.default_for,
        shown: view.shown,
    };
    let seen = new.shown.clone();
    change(&mut new);
    let is_shown_as_before = new.shown == seen;
    let mut new = checked(work, &module, new).await?;
    if is_shown_as_before {
        // Also what of it is kept from the actor.
        new.shown = store::shown(work, id).await?.unwrap_or(seen);
    }
    store::make_way(work, module.number, id, new.default_for.as_deref()).await?;
    store::update(work, id, &new).await?;
    get(work, id).await
}

/// Deletes a view; who may change it may.
pub async fn delete(work: &Work, id: ViewId, expected: Option<i32>) -> Result<(), Error> {
    editable(work, id, expected).await?;
    store::delete(work, id).await?;
    Ok(())
}

fn readable(work: &Work, number: i16) -> Result<Arc<Module>, Error> {
    let module = work.schema.by_number(number).ok_or(Error::NotFound)?;
    match work.actor.permit::<crate::access::Read>(module.key()) {
        Ok(_) => Ok(module.clone()),
        Err(_) => Err(Error::NotFound),
    }
}

async fn editable(work: &Work, id: ViewId, expected: Option<i32>) -> Result<(Arc<Module>, SavedView), Error> {
    let module = readable(work, store::lock(work, id).await?.ok_or(Error::NotFound)?)?;
    let view = store::list(work, &module, Some(id)).await?.pop().ok_or(Error::NotFound)?;
    if !view.can_edit {
        work.actor.require(Capability::ManageSchema)?;
    }
    match expected {
        Some(version) if version != view.version => Err(Error::Stale { current: view.version }),
        _ => Ok((module, view)),
    }
}

async fn checked(work: &Work, module: &Module, mut new: NewView) -> Result<NewView, Error> {
    let mut faults = problems(work, module, &new.shown);
    new.label = new.label.trim().to_owned();
    if new.label.is_empty() || new.label.chars().count() > 60 {
        faults.push(Fault::new("/label", "length", "Give the view a name of at most 60 characters."));
    }
    match (new.visibility, &new.role) {
        (Visibility::Role, None) => {
            faults.push(Fault::new("/role", "required", "Say which role sees the view."));
        }
        (Visibility::Private | Visibility::Everyone, Some(_)) => {
            faults.push(Fault::new("/role", "conflict", "A role goes with the visibility role alone."));
        }
        _ => {}
    }
    if new.default_for.is_some() && new.visibility == Visibility::Private {
        let message = "A list opens with a shared view only.";
        faults.push(Fault::new("/default_for", "conflict", message));
    }
    for (pointer, role) in [("/role", &new.role), ("/default_for", &new.default_for)] {
        if let Some(role) = role
            && !store::has_role(&work.tx, role).await?
        {
            faults.push(Fault::new(pointer, "unknown", "There is no such role."));
        }
    }
    if !faults.is_empty() {
        return Err(Error::Invalid(faults));
    }
    if new.visibility != Visibility::Private {
        work.actor.require(Capability::ManageSchema)?;
    }
    Ok(new)
}

/// What of a view does not fit its module, each at its place.
fn problems(work: &Work, module: &Module, shown: &Shown) -> Vec<Fault> {
    let known = |key: &str| module.field(key).is_some() || SystemField::named(key).is_some();
    let group_by = shown.group_by.as_deref();
    let mut faults = record::check_view(work, module, shown.filter.as_deref(), &shown.sort, group_by);
    if shown.columns.len() > limits::VIEW_COLUMNS {
        let message = format!("Choose at most {} columns.", limits::VIEW_COLUMNS);
        faults.push(Fault::new("/columns", "max", message));
    }
    for (at, key) in shown.columns.iter().enumerate().filter(|(_, key)| !known(key)) {
        faults.push(Fault::new(
            format!("/columns/{at}"),
            "unknown_field",
            format!("There is no field {key}."),
        ));
    }
    faults
}

/// What of somebody else's view the actor may know: no column, order or grouping by what is kept from them; None where
/// the condition speaks of such a thing. Owners see everything, and so what no longer fits.
fn told(work: &Work, module: &Module, mut shown: Shown) -> Option<Shown> {
    if work.actor.is_owner() {
        return Some(shown);
    }
    let fits = |filter: Option<&str>, sort: &[String], group_by: Option<&str>| {
        record::check_view(work, module, filter, sort, group_by).is_empty()
    };
    if !fits(shown.filter.as_deref(), &[], None) {
        return None;
    }
    shown.columns.retain(|key| module.field(key).is_some() || SystemField::named(key).is_some());
    shown.sort.retain(|key| fits(None, std::slice::from_ref(key), None));
    shown.group_by.take_if(|key| !fits(None, &[], Some(key)));
    Some(shown)
}

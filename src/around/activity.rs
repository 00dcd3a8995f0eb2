//! Calls, e-mails, meetings and notes of a record. An entry is never changed: a correction is an entry of its own.

mod store;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::Faults;
use super::{Error, Listed, PAGE, Person, switched_on};
use crate::id::{ActivityId, RecordId};
use crate::limits;
use crate::record;
use crate::schema::Module;
use crate::schema::definition::Feature;
use crate::work::Work;

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words are the field's own")]
pub enum Kind {
    Call,
    Email,
    Meeting,
    Note,
}

impl Kind {
    /// Every kind, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::Call, Self::Email, Self::Meeting, Self::Note];

    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Call => "call",
            Self::Email => "email",
            Self::Meeting => "meeting",
            Self::Note => "note",
        }
    }

    /// The kind of a word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// An activity about to be written.
#[derive(Clone, Debug)]
pub struct NewActivity {
    /// What kind of thing happened.
    pub kind: Kind,
    /// What it was about.
    pub subject: String,
    /// What was said.
    pub body: String,
    /// When it happened; now where nothing is said.
    pub at: Option<DateTime<Utc>>,
    /// How long it took.
    pub minutes: Option<i32>,
    /// Names or addresses of those who took part.
    pub participants: Vec<String>,
    /// The entry that this one corrects.
    pub corrects: Option<ActivityId>,
}

/// An activity.
#[derive(Clone, Debug, Serialize)]
#[expect(missing_docs, reason = "as in NewActivity")]
pub struct Activity {
    pub id: ActivityId,
    pub kind: String,
    pub subject: String,
    pub body: String,
    pub at: DateTime<Utc>,
    pub minutes: Option<i32>,
    pub participants: Vec<String>,
    /// The entry that this one corrects.
    pub corrects: Option<ActivityId>,
    /// The newest entry that corrects this one.
    pub corrected_by: Option<ActivityId>,
    /// Who wrote it.
    pub by: Person,
    /// When it was written.
    pub created_at: DateTime<Utc>,
}

/// The activities of a record, latest first, after an entry of an earlier page.
pub async fn list(
    work: &Work,
    module: &Module,
    record: RecordId,
    after: Option<Uuid>,
) -> Result<Listed<Activity>, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Activities)?;
    let rows = store::list(&work.tx, record, after, PAGE as i64 + 1).await?;
    Ok(Listed::cut(rows, |activity| activity.id.0))
}

/// Writes an activity down; who may change the record may.
pub async fn add(
    work: &Work,
    module: &Module,
    record: RecordId,
    new: NewActivity,
) -> Result<Activity, Error> {
    record::assert_readable(work, module, record).await?;
    switched_on(module, Feature::Activities)?;
    record::assert_updatable(work, module, record).await?;
    let new = checked(work, record, new).await?;
    let id = ActivityId::new();
    store::insert(work, id, record, &new).await?;
    store::find(&work.tx, id).await?.ok_or_else(Error::not_found)
}

async fn checked(work: &Work, record: RecordId, mut new: NewActivity) -> Result<NewActivity, Error> {
    let mut faults = Faults::default();
    new.subject = faults.needed("/subject", &new.subject, limits::SUBJECT_CHARS);
    new.body = faults.text("/body", &new.body, limits::WORDS_CHARS);
    new.at.get_or_insert(work.clock.now());
    if new.at.is_some_and(|at| at > work.clock.now() + TimeDelta::days(1)) {
        faults.add("/at", "max", "An activity has happened already; plan a task instead.");
    }
    if new.minutes.is_some_and(|minutes| !(0..=7 * 24 * 60).contains(&minutes)) {
        faults.add("/minutes", "max", "Enter 0 to 10,080 minutes.");
    }
    if new.participants.len() > limits::PARTICIPANTS {
        faults.add("/participants", "max", format!("Name at most {} people.", limits::PARTICIPANTS));
    }
    for (at, name) in new.participants.iter_mut().enumerate() {
        *name = faults.needed(&format!("/participants/{at}"), name, limits::SUBJECT_CHARS);
    }
    if let Some(corrected) = new.corrects
        && !store::is_of_record(&work.tx, corrected, record).await?
    {
        faults.add("/corrects", "unknown", "This record has no such activity.");
    }
    faults.end()?;
    Ok(new)
}

//! Making and changing tasks.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Priority, Task, concerns, get, store};
use crate::around::check::Faults;
use crate::around::notice::{self, NewNotice};
use crate::around::{Error, Person};
use crate::id::{RecordId, TaskId, UserId};
use crate::limits;
use crate::record;
use crate::work::Work;

/// What is given for a task; of a change, what is to be other than it is.
#[derive(Clone, Debug, Default)]
pub struct TaskInput {
    /// What is to be done.
    pub title: Option<String>,
    /// More about it.
    pub body: Option<String>,
    /// How much it matters.
    pub priority: Option<Priority>,
    /// Until when; `Some(None)` for no time.
    pub due_at: Option<Option<DateTime<Utc>>>,
    /// When the assignee is reminded; `Some(None)` for never.
    pub reminder_at: Option<Option<DateTime<Utc>>>,
    /// Who is to do it; the actor where nobody is named.
    pub assignee: Option<UserId>,
    /// The record that it belongs to; only for a new task.
    pub record: Option<RecordId>,
    /// Whether it is done.
    pub done: Option<bool>,
}

/// Makes a task. It may be given to any active member who may read its record, and then they are told.
pub async fn add(work: &Work, input: TaskInput) -> Result<Task, Error> {
    let mut faults = Faults::default();
    let now = work.clock.now();
    let mut task = Task {
        id: TaskId::new(),
        version: 1,
        title: String::new(),
        body: String::new(),
        priority: Priority::default().word().to_owned(),
        due_at: None,
        reminder_at: None,
        done_at: None,
        overdue: false,
        assignee: Person { id: work.actor.user, name: None },
        record: None,
        created_by: Person { id: work.actor.user, name: None },
        created_at: now,
        updated_at: now,
        of: input.record,
    };
    let given = input.assignee.unwrap_or(work.actor.user);
    apply(work, &mut task, input, &mut faults);
    faults.needed("/title", &task.title, limits::SUBJECT_CHARS);
    check_record(work, &task, given, &mut faults).await?;
    faults.end()?;
    store::insert(work, &task).await?;
    tell(work, &task).await?;
    get(work, task.id).await
}

/// Changes a task: its assignee may, who gave it may, and who may change its record.
pub async fn update(work: &Work, id: TaskId, expected: Option<i32>, input: TaskInput) -> Result<Task, Error> {
    let seen = get(work, id).await?;
    if !concerns(work, &seen) {
        assert_record_updatable(work, &seen).await?;
    }
    let mut task = store::lock(work, id).await?.ok_or_else(Error::not_found)?;
    if expected.is_some_and(|version| version != task.version) {
        return Err(Error::Stale { current: task.version });
    }
    let mut faults = Faults::default();
    let (before, reminder) = (task.assignee.id, task.reminder_at);
    apply(work, &mut task, input, &mut faults);
    faults.needed("/title", &task.title, limits::SUBJECT_CHARS);
    if task.assignee.id != before {
        check_record(work, &task, task.assignee.id, &mut faults).await?;
    }
    faults.end()?;
    store::update(work, &task, reminder != task.reminder_at).await?;
    if task.assignee.id != before {
        tell(work, &task).await?;
    }
    get_after(work, id).await
}

/// The task as it is now; who has just given it away altogether sees it once more.
async fn get_after(work: &Work, id: TaskId) -> Result<Task, Error> {
    let row = store::find(work, id).await?.ok_or_else(Error::not_found)?;
    store::faced(work, vec![row]).await?.pop().ok_or_else(Error::not_found)
}

fn apply(work: &Work, task: &mut Task, input: TaskInput, faults: &mut Faults) {
    if let Some(title) = input.title {
        task.title = faults.text("/title", &title, limits::SUBJECT_CHARS);
    }
    if let Some(body) = input.body {
        task.body = faults.text("/body", &body, limits::WORDS_CHARS);
    }
    if let Some(priority) = input.priority {
        task.priority = priority.word().to_owned();
    }
    let far = work.clock.now() + TimeDelta::days(365 * 100);
    for (pointer, given, kept) in [
        ("/due_at", input.due_at, &mut task.due_at),
        ("/reminder_at", input.reminder_at, &mut task.reminder_at),
    ] {
        let Some(at) = given else { continue };
        if at.is_some_and(|at| at > far) {
            faults.add(pointer, "max", "Choose a time within the next hundred years.");
        }
        *kept = at;
    }
    if let Some(user) = input.assignee {
        task.assignee.id = user;
    }
    match input.done {
        Some(true) if task.done_at.is_none() => task.done_at = Some(work.clock.now()),
        Some(false) => task.done_at = None,
        _ => {}
    }
}

/// The record must be there for the actor and for the assignee, who must be a member.
async fn check_record(work: &Work, task: &Task, assignee: UserId, faults: &mut Faults) -> Result<(), Error> {
    let Some(id) = task.of else {
        if assignee != work.actor.user && work.members(&[assignee]).await?.is_empty() {
            faults.add("/assignee", "member", "Choose an active member of the workspace.");
        }
        return Ok(());
    };
    let faces = record::places(work, &[id]).await?;
    let Some(module) = faces.get(&id).and_then(|face| work.schema.module(&face.module)) else {
        faults.add("/record", "unknown", "There is no such record.");
        return Ok(());
    };
    if assignee == work.actor.user {
        return Ok(());
    }
    let known = record::readers(work, module, id, &[assignee]).await?;
    if !known.members.contains(&assignee) {
        faults.add("/assignee", "member", "Choose an active member of the workspace.");
    } else if !known.readers.contains(&assignee) {
        faults.add("/assignee", "denied", "This person may not read the record of the task.");
    }
    Ok(())
}

async fn assert_record_updatable(work: &Work, task: &Task) -> Result<(), Error> {
    let record = task.record.as_ref().ok_or_else(Error::not_found)?;
    let module = work.schema.module(&record.module).ok_or_else(Error::not_found)?;
    record::assert_updatable(work, module, record.id).await?;
    Ok(())
}

/// Tells who is to do a task that somebody else gave it to them.
async fn tell(work: &Work, task: &Task) -> Result<(), Error> {
    if task.assignee.id == work.actor.user || task.done_at.is_some() {
        return Ok(());
    }
    let notice = NewNotice {
        user: task.assignee.id,
        kind: notice::Kind::Task,
        what: "assigned",
        record: task.of,
        source: task.id.0,
        by: Some(work.actor.user),
    };
    notice::tell(&work.tx, work.clock.now(), &[notice]).await?;
    Ok(())
}

//! What stands around a record, as its page shows it: tasks, activities, comments, files and who follows.

use serde::Serialize;
use uuid::Uuid;

use super::{ViewContext, history};
use crate::around::activity::{self, Activity};
use crate::around::comment::{self, Comment};
use crate::around::file::{self, FileFace};
use crate::around::task::{self, Task};
use crate::around::{Error, Listed, follow};
use crate::record::Record;
use crate::schema::Module;
use crate::schema::definition::Feature;

/// Which page of each list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pages {
    /// The activity to go on after.
    pub activities: Option<Uuid>,
    /// The comment to go on after.
    pub comments: Option<Uuid>,
}

/// Everything around a record. What the module does not have is not there.
#[derive(Clone, Debug, Serialize)]
pub struct AroundModel {
    /// Open and done tasks.
    pub tasks: TaskList,
    /// Calls, e-mails, meetings and notes.
    pub activities: Option<ActivityList>,
    /// What members say.
    pub comments: Option<CommentList>,
    /// Attached files.
    pub files: Option<FileList>,
    /// Whether the actor follows the record.
    pub follow: Option<FollowModel>,
}

/// Tasks with what makes them.
#[derive(Clone, Debug, Serialize)]
pub struct TaskList {
    /// The tasks.
    pub rows: Vec<TaskRow>,
    /// Where one is added.
    pub add_href: String,
    /// The record of a new task; "" for none.
    pub record: String,
    /// Whom it may be given to.
    pub members: Vec<MemberRow>,
}

/// A member to choose.
#[derive(Clone, Debug, Serialize)]
pub struct MemberRow {
    /// The user's id.
    pub id: String,
    /// What people read.
    pub name: String,
    /// It is the actor.
    pub me: bool,
}

/// A task in a list.
#[derive(Clone, Debug, Serialize)]
pub struct TaskRow {
    /// What is to be done.
    pub title: String,
    /// More about it.
    pub body: String,
    /// Who is to do it.
    pub assignee: String,
    /// "Due 16 Jan 2026, 12:00"; "" for no time.
    pub due: String,
    /// It is done.
    pub done: bool,
    /// It is due and not done.
    pub overdue: bool,
    /// Where it is marked as done.
    pub done_href: String,
    /// Its version, for that.
    pub version: i32,
    /// Its record's page; "" for none.
    pub record_href: String,
    /// Its record's title.
    pub record_title: String,
}

/// Activities with what adds one.
#[derive(Clone, Debug, Serialize)]
pub struct ActivityList {
    /// The activities, latest first.
    pub rows: Vec<ActivityRow>,
    /// Where one is added; "" where the actor may not.
    pub add_href: String,
    /// Earlier ones; "" for none.
    pub next_href: String,
}

/// An activity.
#[derive(Clone, Debug, Serialize)]
pub struct ActivityRow {
    /// An icon of the sprite.
    pub icon: &'static str,
    /// Who wrote it.
    pub who: String,
    /// What it was about.
    pub subject: String,
    /// What was said.
    pub body: String,
    /// "12 minutes · Mara Sen"; "" for neither.
    pub facts: String,
    /// It corrects another one.
    pub corrects: bool,
    /// Another one corrects it.
    pub corrected: bool,
    /// When, for programs.
    pub at: String,
    /// When, for people.
    pub at_text: String,
}

/// Comments with what adds one.
#[derive(Clone, Debug, Serialize)]
pub struct CommentList {
    /// The comments, newest first.
    pub rows: Vec<CommentRow>,
    /// Where one is added; "" where the record is in the trash.
    pub add_href: String,
    /// Earlier ones; "" for none.
    pub next_href: String,
    /// Whom it may mention.
    pub members: Vec<MemberRow>,
}

/// A comment.
#[derive(Clone, Debug, Serialize)]
pub struct CommentRow {
    /// Who wrote it.
    pub who: String,
    /// Its words, with names for mentions.
    pub body: String,
    /// It was deleted.
    pub deleted: bool,
    /// It was changed.
    pub edited: bool,
    /// Where it is deleted; "" where the actor may not.
    pub delete_href: String,
    /// When, for programs.
    pub at: String,
    /// When, for people.
    pub at_text: String,
}

/// Attached files with what adds one.
#[derive(Clone, Debug, Serialize)]
pub struct FileList {
    /// The files.
    pub rows: Vec<FileRow>,
    /// Where one is added; "" where the actor may not.
    pub add_href: String,
    /// Where one is taken away; "" where the actor may not.
    pub detach_href: String,
}

/// A file.
#[derive(Clone, Debug, Serialize)]
pub struct FileRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// "application/pdf · 12 KiB"
    pub facts: String,
    /// Where it is downloaded.
    pub href: String,
}

/// Whether the actor follows the record.
#[derive(Clone, Debug, Serialize)]
pub struct FollowModel {
    /// They do.
    pub following: bool,
    /// How many do.
    pub count: usize,
    /// Where it is changed.
    pub href: String,
}

/// What stands around a record.
pub async fn around(
    ctx: ViewContext<'_>,
    module: &Module,
    record: &Record,
    pages: Pages,
) -> Result<AroundModel, Error> {
    let around =
        Around { ctx, module, record, to: |what| ctx.links.of_record(module.key(), record.id, what) };
    let members = member_rows(ctx).await?;
    Ok(AroundModel {
        activities: around.activities(pages).await?,
        comments: around.comments(pages, &members).await?,
        files: around.files().await?,
        follow: around.follow().await?,
        tasks: around.tasks(members).await?,
    })
}

/// Whom a task may be given to.
pub async fn member_rows(ctx: ViewContext<'_>) -> Result<Vec<MemberRow>, Error> {
    let me = ctx.work.actor.user;
    let members = super::members(ctx.work, "").await?;
    let row = |member: crate::tenancy::Member| MemberRow {
        id: member.user.to_string(),
        name: member.name,
        me: member.user == me,
    };
    Ok(members.into_iter().map(row).collect())
}

/// A task as a row.
pub fn task_row(ctx: ViewContext<'_>, task: &Task) -> TaskRow {
    let record = task.record.as_ref();
    TaskRow {
        title: task.title.clone(),
        body: task.body.clone(),
        assignee: task.assignee.name.clone().unwrap_or_default(),
        due: task.due_at.map(|at| format!("Due {}", history::when(ctx, at))).unwrap_or_default(),
        done: task.done_at.is_some(),
        overdue: task.overdue,
        done_href: ctx.links.of_task(task.id, "done"),
        version: task.version,
        record_href: record.map(|of| ctx.links.record(&of.module, of.id)).unwrap_or_default(),
        record_title: record.map(|of| of.title.clone()).unwrap_or_default(),
    }
}

/// A file as a row.
pub fn file_row(ctx: ViewContext<'_>, face: &FileFace) -> FileRow {
    let size = match face.size {
        bytes if bytes < 1024 => format!("{bytes} bytes"),
        bytes if bytes < 1024 * 1024 => format!("{} KiB", bytes / 1024),
        bytes => format!("{} MiB", bytes / 1024 / 1024),
    };
    FileRow {
        id: face.id.to_string(),
        name: face.name.clone(),
        facts: format!("{} · {size}", face.media_type),
        href: ctx.links.file(face.id),
    }
}

/// A record whose surroundings are drawn.
struct Around<'a, F: Fn(&str) -> String> {
    ctx: ViewContext<'a>,
    module: &'a Module,
    record: &'a Record,
    to: F,
}

impl<F: Fn(&str) -> String> Around<'_, F> {
    /// The address of an action, where the actor may change the record.
    fn action(&self, what: &str) -> String {
        let may = self.record.can.update && self.record.deleted_at.is_none();
        if may { (self.to)(what) } else { String::new() }
    }

    fn next<T>(&self, list: &Listed<T>, name: &str) -> String {
        let here = self.ctx.links.record(self.module.key(), self.record.id);
        list.next.map(|id| format!("{here}?{name}={id}#{name}")).unwrap_or_default()
    }

    async fn tasks(&self, members: Vec<MemberRow>) -> Result<TaskList, Error> {
        let list = task::of_record(self.ctx.work, self.module, self.record.id, None).await?;
        let there = self.record.deleted_at.is_none();
        Ok(TaskList {
            rows: list.data.iter().map(|task| task_row(self.ctx, task)).collect(),
            add_href: if there { self.ctx.links.tasks() } else { String::new() },
            record: self.record.id.to_string(),
            members,
        })
    }

    async fn activities(&self, pages: Pages) -> Result<Option<ActivityList>, Error> {
        if !self.module.has(Feature::Activities) {
            return Ok(None);
        }
        let list = activity::list(self.ctx.work, self.module, self.record.id, pages.activities).await?;
        let next_href = self.next(&list, "activities");
        let rows = list.data.iter().map(|activity| activity_row(self.ctx, activity)).collect();
        Ok(Some(ActivityList { rows, add_href: self.action("activities"), next_href }))
    }

    async fn comments(&self, pages: Pages, members: &[MemberRow]) -> Result<Option<CommentList>, Error> {
        if !self.module.has(Feature::Comments) {
            return Ok(None);
        }
        let list = comment::list(self.ctx.work, self.module, self.record.id, pages.comments).await?;
        let there = self.record.deleted_at.is_none();
        Ok(Some(CommentList {
            rows: list.data.iter().map(|comment| comment_row(self.ctx, comment)).collect(),
            add_href: if there { (self.to)("comments") } else { String::new() },
            next_href: self.next(&list, "comments"),
            members: members.iter().filter(|member| !member.me).cloned().collect(),
        }))
    }

    async fn files(&self) -> Result<Option<FileList>, Error> {
        if !self.module.has(Feature::Files) {
            return Ok(None);
        }
        let files = file::attached(self.ctx.work, self.module, self.record.id).await?;
        let rows = files.iter().map(|face| file_row(self.ctx, face)).collect();
        let (add_href, detach_href) = (self.action("files"), self.action("detach"));
        Ok(Some(FileList { rows, add_href, detach_href }))
    }

    async fn follow(&self) -> Result<Option<FollowModel>, Error> {
        if !self.module.has(Feature::Follow) {
            return Ok(None);
        }
        let followers = follow::list(self.ctx.work, self.module, self.record.id).await?;
        let count = followers.data.len();
        Ok(Some(FollowModel { following: followers.following, count, href: (self.to)("follow") }))
    }
}

fn activity_row(ctx: ViewContext<'_>, activity: &Activity) -> ActivityRow {
    let minutes = activity.minutes.map(|minutes| format!("{minutes} minutes"));
    let people = Some(activity.participants.join(", ")).filter(|people| !people.is_empty());
    ActivityRow {
        icon: match activity.kind.as_str() {
            "call" => "phone",
            "email" => "mail",
            "meeting" => "users",
            _ => "notebook-pen",
        },
        who: activity.by.name.clone().unwrap_or_default(),
        subject: activity.subject.clone(),
        body: activity.body.clone(),
        facts: [minutes, people].into_iter().flatten().collect::<Vec<_>>().join(" · "),
        corrects: activity.corrects.is_some(),
        corrected: activity.corrected_by.is_some(),
        at: activity.at.to_rfc3339(),
        at_text: history::when(ctx, activity.at),
    }
}

fn comment_row(ctx: ViewContext<'_>, comment: &Comment) -> CommentRow {
    let named = comment.mentions.iter().fold(comment.body.clone(), |body, person| {
        body.replace(
            &format!("@[{}]", person.id),
            &format!("@{}", person.name.as_deref().unwrap_or("somebody")),
        )
    });
    CommentRow {
        who: comment.by.name.clone().unwrap_or_default(),
        body: named,
        deleted: comment.deleted_at.is_some(),
        edited: comment.edited_at.is_some(),
        delete_href: match comment.can_delete {
            true => ctx.links.of_comment(comment.id, "delete"),
            false => String::new(),
        },
        at: comment.created_at.to_rfc3339(),
        at_text: history::when(ctx, comment.created_at),
    }
}

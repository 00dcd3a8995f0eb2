//! Notifications as people read them.

use serde::Serialize;

use super::{ViewContext, history};
use crate::around::notice::Notification;

/// A notification in a list.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeRow {
    /// An icon of the sprite.
    pub icon: &'static str,
    /// "Asha Rao mentioned you in a comment"
    pub text: String,
    /// What it is about; "" for nothing that can be opened.
    pub title: String,
    /// Where it leads; "" for nowhere.
    pub href: String,
    /// It was not read yet.
    pub unread: bool,
    /// When, for programs.
    pub at: String,
    /// When, for people.
    pub at_text: String,
}

/// A notification as a row.
pub fn notice_row(ctx: ViewContext<'_>, notice: &Notification) -> NoticeRow {
    let who = notice.by.as_ref().and_then(|by| by.name.clone()).unwrap_or_else(|| "Somebody".to_owned());
    let (icon, text, section) = match (notice.kind.as_str(), notice.what.as_str()) {
        ("mention", _) => ("at-sign", format!("{who} mentioned you in a comment"), "#comments"),
        ("task", _) => ("list-checks", format!("{who} gave you a task"), "#tasks"),
        ("reminder", _) => ("bell", "A task is due".to_owned(), ""),
        (_, "deleted") => ("trash-2", format!("{who} moved a record that you follow to the trash"), ""),
        (_, "restored") => ("rotate-ccw", format!("{who} restored a record that you follow"), ""),
        _ => ("pencil", format!("{who} changed a record that you follow"), "#timeline"),
    };
    let (title, href) = match &notice.record {
        Some(record) => {
            let page = ctx.links.record(&record.module, record.id);
            (record.title.clone(), format!("{page}{section}"))
        }
        None if ["task", "reminder"].contains(&notice.kind.as_str()) => {
            ("Your tasks".into(), ctx.links.tasks())
        }
        None => (String::new(), String::new()),
    };
    NoticeRow {
        icon,
        text,
        title,
        href,
        unread: notice.read_at.is_none(),
        at: notice.at.to_rfc3339(),
        at_text: history::when(ctx, notice.at),
    }
}

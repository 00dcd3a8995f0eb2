//! Where a request of a workspace stands: its links, the module and record that its path names, the frame around it.

use std::sync::Arc;

use serde::Deserialize;
use uuid::Uuid;

use super::page::Frame;
use super::shell::{Shell, Standing};
use crate::access::Read;
use crate::http::{Caller, Problem};
use crate::id::RecordId;
use crate::schema::Module;
use crate::view::{Links, ViewContext};
use crate::work::{Intent, Work};

/// `/m/{module}`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ModulePath {
    pub(super) module: String,
}

/// `/m/{module}/r/{id}`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RecordPath {
    pub(super) module: String,
    pub(super) id: Uuid,
}

/// `/m/{module}/r/{id}/cell/{field}`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CellPath {
    pub(super) module: String,
    pub(super) id: Uuid,
    pub(super) field: String,
}

/// `/settings/members/{id}`
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct MemberPath {
    pub(super) id: Uuid,
}

impl RecordPath {
    pub(super) fn id(&self) -> RecordId {
        RecordId(self.id)
    }
}

/// A transaction with the links of the address through which it was reached.
pub(super) struct Place {
    pub(super) work: Work,
    pub(super) links: Links,
}

impl Place {
    /// Opens the caller's workspace.
    pub(super) async fn open(caller: &Caller, intent: Intent) -> Result<Self, Problem> {
        Ok(Self { work: caller.begin(intent).await?, links: Links::new(caller.base()) })
    }

    /// What view models are made from.
    pub(super) fn view(&self) -> ViewContext<'_> {
        ViewContext { work: &self.work, links: &self.links }
    }

    /// The module of a key, if the actor may read it; what may not be read does not exist.
    pub(super) fn module(&self, key: &str) -> Result<Arc<Module>, Problem> {
        self.work.actor.permit::<Read>(key)?;
        self.work.schema.module(key).cloned().ok_or_else(Problem::not_found)
    }

    /// The workspace around a page.
    pub(super) fn frame(&self, standing: Standing<'_>) -> Frame {
        Frame::Workspace(Box::new(Shell::new(&self.work, &self.links, standing)))
    }
}

//! Path parameters, and what they name.

use std::sync::Arc;

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::access::Read;
use crate::http::Problem;
use crate::schema::Module;
use crate::work::Work;

/// `…/{module}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ModulePath {
    /// The module's key.
    pub module: String,
}

/// `…/{module}/{id}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RecordPath {
    /// The module's key.
    pub module: String,
    /// The record's id.
    pub id: Uuid,
}

/// The module of a key, if the actor may read it; what may not be read does not exist.
pub fn module(work: &Work, key: &str) -> Result<Arc<Module>, Problem> {
    work.actor.permit::<Read>(key)?;
    work.schema.module(key).cloned().ok_or_else(Problem::not_found)
}

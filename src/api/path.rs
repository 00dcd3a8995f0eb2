//! Path parameters, and what they name.

use std::sync::Arc;

use serde::{Deserialize, Deserializer};
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

/// `…/{module}/{id}/related/{relation}`
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RelatedPath {
    /// The module's key.
    pub module: String,
    /// The record's id.
    pub id: Uuid,
    /// The key of a relation of the record's module, or `module.relation` of one that points to it.
    pub relation: String,
}

/// Tells null from absent: for values of a change that can be taken away.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The module of a key, if the actor may read it; what may not be read does not exist.
pub fn module(work: &Work, key: &str) -> Result<Arc<Module>, Problem> {
    work.actor.permit::<Read>(key)?;
    work.schema.module(key).cloned().ok_or_else(Problem::not_found)
}

//! SQL that is put together at run time, and its bound values.

use tokio_postgres::types::{ToSql, Type};

/// SQL text that was put together at run time. Only the query planner (`record/sql.rs`) makes one, and it never puts
/// a value into the text; a tidy test holds that line.
#[derive(Debug)]
pub struct DynamicSql(String);

impl DynamicSql {
    /// Marks a text as made by the planner, from constants and parameter numbers only.
    pub(crate) fn planned(sql: String) -> Self {
        Self(sql)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A value to bind, with its PostgreSQL type, so that a statement needs no round trip to learn its types.
pub struct Param {
    /// The value.
    pub value: Box<dyn ToSql + Sync + Send>,
    /// Its type.
    pub ty: Type,
}

impl Param {
    /// Binds `value` as `ty`.
    pub fn new(value: impl ToSql + Sync + Send + 'static, ty: Type) -> Self {
        Self { value: Box::new(value), ty }
    }
}

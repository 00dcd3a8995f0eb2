//! SQL that is put together at run time, and its bound values.

use tokio_postgres::types::{ToSql, Type};

/// SQL text that was put together at run time. Only the query planner (`record/sql.rs`) makes one, and it never puts
/// a value into the text; a tidy test holds that line.
#[derive(Debug)]
pub struct DynamicSql {
    text: String,
    reusable: bool,
}

impl DynamicSql {
    /// Marks a text as made by the planner, from constants and parameter numbers only. `reusable` says that it is one
    /// of few hundred such texts, worth preparing; a text with a caller's filter in it is not.
    pub(crate) fn planned(text: String, reusable: bool) -> Self {
        Self { text, reusable }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is worth preparing.
    pub fn is_reusable(&self) -> bool {
        self.reusable
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

//! The expression language: pure, typed, total, bounded. Conditions, filters and titles are written in it.
//! This room never does I/O; translation to SQL lives with the query planner (`record/sql.rs`).

mod fold;
mod value;

pub use fold::fold;
pub use value::{Type, Value};

pub struct Problem {
    pub start: usize,
    pub end: usize,
    pub message: String,
}
impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}
pub trait Scope {
    fn field(&self, path: &[&str]) -> Option<Type>;
    fn names(&self) -> Vec<String>;
}
#[derive(Debug, Clone)]
pub struct Checked;
#[derive(Debug)]
pub struct OutOfFuel;
pub fn text(_: &str, _: &dyn Scope) -> Result<Checked, Vec<Problem>> {
    Ok(Checked)
}
pub struct Env<'a> {
    pub fields: &'a dyn Fn(&str) -> Value,
    pub now: chrono::DateTime<chrono::Utc>,
    pub timezone: chrono_tz::Tz,
    pub user: Option<&'a str>,
}
pub fn evaluate(_: &Checked, _: &Env) -> Result<Value, OutOfFuel> {
    Ok(Value::Null)
}

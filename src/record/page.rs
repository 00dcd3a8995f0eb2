//! One page of a list.

use serde::Serialize;

use super::output::Record;

/// Records of one page, and how to go on.
#[derive(Debug, Serialize)]
pub struct Page {
    /// The records.
    #[serde(rename = "data")]
    pub records: Vec<Record>,
    /// The cursor of the page after this one.
    pub next: Option<String>,
    /// The cursor of the page before this one.
    pub previous: Option<String>,
    /// Fields of the filter or the sort that no slot keeps: for them records are walked one by one, which takes its time
    /// in a large module. Such a field can be made quick.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unindexed: Vec<String>,
    /// How many records there are in all, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
}

/// How many records match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The number.
    pub value: i64,
    /// Whether it is exact; where it is not, there are at least as many.
    pub exact: bool,
}

//! Records of any module: create, read, list, update, trash and restore. There is one write path and one read
//! planner; API, pages, command line, import and template install all come through here. Nothing in this room
//! touches a record without a permit, and nothing in it knows HTTP.

mod aggregate;
mod batch;
mod board;
pub mod bulk;
mod change;
pub mod convert;
mod cursor;
mod departure;
mod derive;
mod duplicate;
mod effects;
mod error;
mod history;
mod link;
mod lookup;
mod number;
mod output;
mod page;
mod product;
mod purge;
mod query;
mod reach;
mod read;
mod related;
mod rules;
mod scope;
mod shape;
mod share;
pub mod slots;
mod sql;
mod stage;
mod store;
mod translate;
mod unique;
mod values;
mod write;

pub use aggregate::{AggregateQuery, Aggregates, Group, RawAggregateQuery, aggregate};
pub use batch::{Outcome, create_many};
pub use board::{Board, Card, Column, board};
pub use derive::{Difference, Repaired, bring_up, recompute_module, repair};
pub use duplicate::{Candidate, of_data as duplicates_of_data, of_record as duplicates_of_record};
pub use error::{Error, Fault, Invalid};
pub use history::{HistoryEntry, history};
pub use link::{Choice, RelatedFace, choices, choices_for, faces, names, titles};
pub use lookup::{Found, by_unique, unique_key};
pub use output::{Can, Named, Record};
pub use page::{Count, Page};
pub use product::{Price, PriceEntry, prices};
pub use purge::{purge, retained};
pub use query::{CountMode, ListQuery, RawListQuery, Related, SortKey};
pub use read::{get, list};
pub use related::related;
pub use shape::Shape;
pub use share::{Grantee, Level, ShareFace, add as add_share, list as shares, remove as remove_share};
pub use stage::{
    Course, Difference as TotalsDifference, Passage, Possible, Sum, check as check_totals, course, held,
    relocate, repair as repair_totals,
};
pub use write::{Input, Patch, create, delete, restore, update};

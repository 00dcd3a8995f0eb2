//! Bringing data in from files, every row accounted for: a mapping says what becomes of each column, a file is
//! surveyed as a whole before anything is written, and rows go through the ordinary write path in batches.

mod account;
mod batch;
mod csv;
mod file;
mod mapping;
mod plan;
mod prepare;
mod row;
mod run;
mod text;
mod way;

pub use account::{Account, Finding, Outcome, Watch};
pub use csv::{CsvError, CsvFault, CsvReader, CsvRecord};
pub use file::{CsvFile, Dialect, FileError, Survey};
pub use mapping::{ColumnMapping, ColumnRule, FileMapping, Mapping, MappingFault};
pub use prepare::PrepareError;
pub use run::{GivenFile, Import, ImportError};

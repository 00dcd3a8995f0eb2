//! Bringing data in from files, every row accounted for: a mapping says what becomes of each column, a file is
//! surveyed as a whole before anything is written, and rows go through the ordinary write path in batches.

mod csv;
mod file;
mod text;

pub use csv::{CsvError, CsvFault, CsvReader, CsvRecord};
pub use file::{CsvFile, Dialect, FileError, Survey};

//! A CSV file: opened with its encoding and delimiter found out or given, surveyed once from end to end, then read.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};

use encoding_rs::Encoding;

use super::csv::{CsvFault, CsvReader, CsvRecord};
use super::text::{self, HEAD_BYTES, Utf8Reader};
use crate::limits;

/// How a file is written, as far as the mapping says so; what it leaves open is found out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Dialect {
    /// The encoding.
    pub encoding: Option<&'static Encoding>,
    /// The delimiter, an ASCII character.
    pub delimiter: Option<u8>,
}

/// Why a whole file is refused.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system does not give it.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// It is not a plain file.
    #[error("this is not a plain file")]
    Irregular,
    /// It is something else than text.
    #[error("this is not a CSV file: it is {0}")]
    NotText(&'static str),
    /// It is beyond the limits.
    #[error("{0}")]
    TooBig(String),
    /// It has nothing in it, not even a header.
    #[error("the file is empty; its first line must name the columns")]
    Empty,
    /// The header names columns in a way that cannot be told apart.
    #[error("line {line}: {message}")]
    Header {
        /// The line of the header.
        line: u64,
        /// What is wrong with it.
        message: String,
    },
    /// It is not well-formed CSV.
    #[error(transparent)]
    Csv(#[from] CsvFault),
}

/// What a file is like, found by reading it once from end to end.
#[derive(Clone, Debug)]
pub struct Survey {
    /// Where it lies.
    pub path: PathBuf,
    /// The encoding that was given or found.
    pub encoding: &'static Encoding,
    /// The delimiter that was given or found.
    pub delimiter: u8,
    /// The names of its columns.
    pub header: Vec<String>,
    /// How many rows follow the header.
    pub rows: u64,
}

type Source = Utf8Reader<io::Chain<Cursor<Vec<u8>>, File>>;

/// A file's rows.
pub struct CsvFile {
    reader: CsvReader<Source>,
}

impl Survey {
    /// Reads a file to its end: what is wrong with it as a whole is known before anything is written.
    pub fn of(path: &Path, dialect: Dialect) -> Result<Self, FileError> {
        let (head, file) = open(path)?;
        let whole = head.len() < HEAD_BYTES;
        let encoding = dialect.encoding.unwrap_or_else(|| text::detect(&head, whole));
        let delimiter = dialect.delimiter.unwrap_or_else(|| delimiter(&head, encoding));
        let mut reader = reader(head, file, encoding, delimiter);
        let header = reader.read()?.ok_or(FileError::Empty)?;
        let header = names(&header)?;
        let mut rows = 0;
        while reader.read()?.is_some() {
            rows += 1;
            if rows > limits::IMPORT_ROWS {
                let message = format!("a file has at most {} rows; divide it", limits::IMPORT_ROWS);
                return Err(FileError::TooBig(message));
            }
        }
        Ok(Self { path: path.to_owned(), encoding, delimiter, header, rows })
    }

    /// Opens the file again, at its first row.
    pub fn rows(&self) -> Result<CsvFile, FileError> {
        let (head, file) = open(&self.path)?;
        let mut reader = reader(head, file, self.encoding, self.delimiter);
        reader.read()?;
        Ok(CsvFile { reader })
    }
}

impl CsvFile {
    /// The next rows, at most `count` and, but for the last of them, at most `bytes` of text; none at the end.
    pub fn next(&mut self, count: usize, bytes: usize) -> Result<Vec<CsvRecord>, CsvFault> {
        let (mut rows, mut read) = (Vec::new(), 0);
        while rows.len() < count
            && read < bytes
            && let Some(row) = self.reader.read()?
        {
            read += row.bytes();
            rows.push(row);
        }
        Ok(rows)
    }
}

fn open(path: &Path) -> Result<(Vec<u8>, File), FileError> {
    let kind = std::fs::metadata(path)?;
    if !kind.is_file() {
        return Err(FileError::Irregular);
    }
    if kind.len() > limits::IMPORT_FILE_BYTES {
        let most = limits::IMPORT_FILE_BYTES / 1024 / 1024;
        return Err(FileError::TooBig(format!("a file has at most {most} MiB; divide it")));
    }
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    match text::not_text(&head) {
        Some(what) => Err(FileError::NotText(what)),
        None => Ok((head, file)),
    }
}

fn reader(head: Vec<u8>, file: File, encoding: &'static Encoding, delimiter: u8) -> CsvReader<Source> {
    CsvReader::new(Utf8Reader::new(Cursor::new(head).chain(file), encoding), delimiter)
}

/// The names in a header, trimmed. Each must be there and be there once, or the mapping could not tell them apart.
fn names(header: &CsvRecord) -> Result<Vec<String>, FileError> {
    let fault = |message| FileError::Header { line: header.line, message };
    let mut seen = HashSet::new();
    for (place, name) in header.fields().map(str::trim).enumerate() {
        if name.is_empty() {
            return Err(fault(format!("column {} of the header has no name", place + 1)));
        }
        if name.chars().any(char::is_control) {
            return Err(fault(format!("the name of column {} has control characters in it", place + 1)));
        }
        if !seen.insert(name) {
            return Err(fault(format!("the header names two columns {name}")));
        }
    }
    Ok(header.fields().map(|name| name.trim().to_owned()).collect())
}

/// The delimiter that divides the first records most evenly: comma, semicolon or tab.
fn delimiter(head: &[u8], encoding: &'static Encoding) -> u8 {
    const RECORDS: usize = 20;
    let evenness = |delimiter: u8| {
        let mut reader = CsvReader::new(Utf8Reader::new(head, encoding), delimiter);
        let records = std::iter::from_fn(|| reader.read().ok().flatten());
        let widths: Vec<usize> = records.take(RECORDS).map(|record| record.len()).collect();
        let width = widths.first().copied().unwrap_or(0);
        let even = widths.iter().filter(|other| **other == width).count();
        if width > 1 { (even, width) } else { (0, 0) }
    };
    // Of equals the last wins.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| evenness(*delimiter)).unwrap_or(b',')
}

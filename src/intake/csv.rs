//! Reads CSV as RFC 4180 has it, strictly and within limits. A quote that is never closed, or text after a closing
//! quote, is a fault at its line, not a field of half a gigabyte; line numbers are those of the file.

use std::io::{self, Read};

use super::text::Malformed;
use crate::limits;

/// One record: its fields, and the line on which it begins.
#[derive(Clone, Debug, Default)]
pub struct CsvRecord {
    /// The line of the file, from 1.
    pub line: u64,
    text: String,
    ends: Vec<usize>,
}

impl CsvRecord {
    /// How many fields it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no field; no record that was read is empty.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of its text.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// A field by its place, from 0.
    pub fn get(&self, place: usize) -> Option<&str> {
        let end = *self.ends.get(place)?;
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// Its fields in order.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

/// Why a file cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// A quoted field does not end before the file does.
    #[error("the quote that opens here is never closed")]
    UnclosedQuote,
    /// Something stands between a closing quote and the delimiter.
    #[error("text stands after a closing quote; write a quote inside a quoted field twice")]
    AfterQuote,
    /// A field or a record is beyond the limits; often a quote that was not closed.
    #[error("{0}")]
    TooLong(String),
    /// The bytes are not of the file's encoding.
    #[error("{0}")]
    Encoding(String),
    /// The system failed.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
}

/// A fault with the line on which it is.
#[derive(Debug, thiserror::Error)]
#[error("line {line}")]
pub struct CsvFault {
    /// The line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    #[source]
    pub error: CsvError,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    AfterQuote,
}

/// What is done with a byte.
enum Step {
    Push(State),
    Skip(State),
    EndField,
    EndRecord,
}

/// Where the reading of a record stands.
struct Place {
    state: State,
    /// Bytes of the record so far.
    read: usize,
    /// The line on which the record begins.
    start: u64,
    /// The line on which the field begins.
    opened: u64,
}

/// Reads records out of UTF-8.
pub struct CsvReader<R> {
    source: R,
    delimiter: u8,
    buffer: Box<[u8]>,
    at: usize,
    filled: usize,
    line: u64,
    /// The last byte ended a record by CR: an LF behind it belongs to it.
    after_cr: bool,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> CsvReader<R> {
    /// A reader of what `source` gives, which is UTF-8. The delimiter is an ASCII character other than quote and line
    /// break.
    pub fn new(source: R, delimiter: u8) -> Self {
        let buffer = vec![0; 64 * 1024].into();
        let (bytes, ends) = Default::default();
        Self { source, delimiter, buffer, at: 0, filled: 0, line: 1, after_cr: false, bytes, ends }
    }

    /// The next record; None at the end. Blank lines are no records. After a fault there is nothing more to read.
    pub fn read(&mut self) -> Result<Option<CsvRecord>, CsvFault> {
        self.bytes.clear();
        self.ends.clear();
        let mut place = Place { state: State::FieldStart, read: 0, start: self.line, opened: self.line };
        loop {
            let Some(byte) = self.byte()? else { return self.end(&place) };
            if std::mem::take(&mut self.after_cr) && byte == b'\n' {
                continue;
            }
            place.read += 1;
            let step = step(place.state, byte, self.delimiter);
            let step = step.map_err(|error| CsvFault { line: self.line, error })?;
            self.line += u64::from(byte == b'\n' || (byte == b'\r' && place.state != State::Quoted));
            if matches!(step, Step::EndRecord) {
                self.after_cr = byte == b'\r';
                if place.read > 1 {
                    return self.finish(place.start).map(Some);
                }
                place = Place { state: State::FieldStart, read: 0, start: self.line, opened: self.line };
                continue;
            }
            self.take(step, byte, &mut place);
            self.bound(&place).map_err(|error| CsvFault { line: place.opened, error })?;
        }
    }

    fn take(&mut self, step: Step, byte: u8, place: &mut Place) {
        match step {
            Step::Push(next) => {
                self.bytes.push(byte);
                place.state = next;
            }
            Step::Skip(next) => place.state = next,
            Step::EndField | Step::EndRecord => {
                self.ends.push(self.bytes.len());
                place.state = State::FieldStart;
                place.opened = self.line;
            }
        }
    }

    /// Refuses a field or a record that grows beyond the limits.
    fn bound(&self, place: &Place) -> Result<(), CsvError> {
        const HINT: &str = "is a quote not closed?";
        let field = self.bytes.len() - self.ends.last().copied().unwrap_or(0);
        if field > limits::IMPORT_FIELD_BYTES {
            let most = limits::IMPORT_FIELD_BYTES / 1024;
            return Err(CsvError::TooLong(format!(
                "the field that begins here is longer than {most} KiB; {HINT}"
            )));
        }
        if place.read > limits::IMPORT_RECORD_BYTES {
            let most = limits::IMPORT_RECORD_BYTES / 1024;
            return Err(CsvError::TooLong(format!("a record is longer than {most} KiB; {HINT}")));
        }
        if self.ends.len() >= limits::IMPORT_COLUMNS {
            let most = limits::IMPORT_COLUMNS;
            return Err(CsvError::TooLong(format!(
                "a record has more than {most} fields; is the delimiter right?"
            )));
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<Option<u8>, CsvFault> {
        if self.at == self.filled {
            (self.at, self.filled) = (0, self.fill()?);
            if self.filled == 0 {
                return Ok(None);
            }
        }
        self.at += 1;
        Ok(self.buffer.get(self.at - 1).copied())
    }

    fn fill(&mut self) -> Result<usize, CsvFault> {
        loop {
            match self.source.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(CsvFault { line: self.line, error: unreadable(error) }),
                Ok(read) => return Ok(read),
            }
        }
    }

    /// The end of the file; the last record need not end in a line break.
    fn end(&mut self, place: &Place) -> Result<Option<CsvRecord>, CsvFault> {
        match place.state {
            State::Quoted => Err(CsvFault { line: place.opened, error: CsvError::UnclosedQuote }),
            _ if place.read == 0 => Ok(None),
            _ => self.finish(place.start).map(Some),
        }
    }

    fn finish(&mut self, line: u64) -> Result<CsvRecord, CsvFault> {
        self.ends.push(self.bytes.len());
        let ends = self.ends.clone();
        let text = String::from_utf8(std::mem::take(&mut self.bytes)).map_err(|_| {
            let error = CsvError::Encoding("this record is not UTF-8".to_owned());
            CsvFault { line, error }
        })?;
        Ok(CsvRecord { line, text, ends })
    }
}

/// What a byte means in a state.
fn step(state: State, byte: u8, delimiter: u8) -> Result<Step, CsvError> {
    Ok(match (state, byte) {
        (State::Quoted, b'"') => Step::Skip(State::AfterQuote),
        (State::Quoted, _) => Step::Push(State::Quoted),
        (State::FieldStart, b'"') => Step::Skip(State::Quoted),
        (State::AfterQuote, b'"') => Step::Push(State::Quoted),
        (_, byte) if byte == delimiter => Step::EndField,
        (_, b'\n' | b'\r') => Step::EndRecord,
        (State::AfterQuote, _) => return Err(CsvError::AfterQuote),
        (State::FieldStart | State::Plain, _) => Step::Push(State::Plain),
    })
}

fn unreadable(error: io::Error) -> CsvError {
    let malformed = error.get_ref().and_then(|inner| inner.downcast_ref::<Malformed>());
    match malformed.map(ToString::to_string) {
        Some(message) => CsvError::Encoding(message),
        None => CsvError::Read(error),
    }
}

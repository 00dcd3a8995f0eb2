//! Checks of what people write around a record; all faults at once.

use super::Error;
use crate::record::Fault;

/// Faults found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub(super) fn add(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.0.push(Fault::new(pointer, code, message));
    }

    /// A text without blanks around it, which must not be longer than `most` characters.
    pub(super) fn text(&mut self, pointer: &str, text: &str, most: usize) -> String {
        let text = text.trim();
        if text.chars().count() > most {
            self.add(pointer, "length", format!("Write at most {most} characters."));
        }
        text.to_owned()
    }

    /// The same, and something must be written.
    pub(super) fn needed(&mut self, pointer: &str, text: &str, most: usize) -> String {
        if text.trim().is_empty() {
            self.add(pointer, "required", "Write something here.");
        }
        self.text(pointer, text, most)
    }

    /// Ok where nothing was found.
    pub(super) fn end(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

//! Types and values of the expression language.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

/// The type of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text; compared with case and accents folded ([`super::fold`]).
    Text,
    /// An exact text out of a known list (options of a choice).
    Choice(Vec<String>),
    /// An exact id: a related record, a member. Literals are uuid texts; `user` is the acting user's id.
    Reference,
    /// A decimal number. Money counts by its amount.
    Number,
    /// true or false.
    Boolean,
    /// A calendar date.
    Date,
    /// An instant in time.
    Instant,
    /// A list of exact texts out of a known list (multi_choice).
    ChoiceList(Vec<String>),
    /// A list of exact ids (relations).
    ReferenceList,
    /// A list of exact texts that nobody lists: tags, ids of people.
    List,
    /// An object or list of any shape, such as a point on the map; all that can be asked is whether it is there.
    Structure,
    /// Only the literal `null` has it.
    Null,
}

/// A value of the expression language.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// Text, an option key, or an id.
    Text(String),
    /// A number.
    Number(Decimal),
    /// true or false.
    Boolean(bool),
    /// A calendar date.
    Date(NaiveDate),
    /// An instant in time.
    Instant(DateTime<Utc>),
    /// A list of texts.
    List(Vec<String>),
}

impl Value {
    /// Whether it counts as no value: null, the empty text, the empty list.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            _ => false,
        }
    }
}

impl Type {
    /// Whether concat() makes a text of it.
    pub(super) fn has_text(&self) -> bool {
        !matches!(
            self,
            Self::Null
                | Self::Reference
                | Self::ReferenceList
                | Self::ChoiceList(_)
                | Self::List
                | Self::Structure
        )
    }
}

impl fmt::Display for Type {
    /// The type as messages name it.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text => "text",
            Self::Choice(_) => "choice",
            Self::Reference => "reference",
            Self::Number => "number",
            Self::Boolean => "true/false",
            Self::Date => "date",
            Self::Instant => "date and time",
            Self::ChoiceList(_) => "list of choices",
            Self::ReferenceList => "list of references",
            Self::List => "list of texts",
            Self::Structure => "structured value",
            Self::Null => "null",
        })
    }
}

//! Slots: the typed columns of `records` that keep sort and compare keys.

use crate::field::Cast;

/// A slot column. Names come from a fixed list, so a slot's name may stand in SQL text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot(&'static str);

/// What a slot column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// float8
    Number,
    /// timestamptz
    Instant,
    /// text collate "C"
    Text,
    /// text collate "C" under a unique index
    Unique,
}

const NUMBER: &[&str] = &["n1", "n2", "n3", "n4", "n5", "n6"];
const INSTANT: &[&str] = &["d1", "d2", "d3", "d4"];
const TEXT: &[&str] = &["t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10"];
const UNIQUE: &[&str] = &["u1", "u2"];

impl Slot {
    /// Every slot column, in the order in which the write statement binds them.
    pub fn all() -> impl Iterator<Item = Self> {
        [NUMBER, INSTANT, TEXT, UNIQUE].into_iter().flatten().copied().map(Self)
    }

    /// The slot that every record fills with its folded title.
    pub const TITLE: Self = Self("t1");

    /// The slot of a stored name; None for a name that no slot has.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|slot| slot.0 == name)
    }

    /// Its column.
    pub fn column(self) -> &'static str {
        self.0
    }

    /// What it holds.
    pub fn family(self) -> Family {
        match self.0.as_bytes()[0] {
            b'n' => Family::Number,
            b'd' => Family::Instant,
            b'u' => Family::Unique,
            _ => Family::Text,
        }
    }

    /// Whether the column's order is that of the values. A unique slot keeps every value as a text.
    pub fn compares(self, cast: Cast) -> bool {
        self.family() != Family::Unique || matches!(cast, Cast::Text | Cast::Exact)
    }

    /// The first slot for a cast that is not in `taken`; None when the cast has none or they are used up.
    pub fn free(cast: Cast, unique: bool, taken: &[Self]) -> Option<Self> {
        let family = match (unique, cast) {
            (_, Cast::List | Cast::Whole) => return None,
            (true, _) => UNIQUE,
            (false, Cast::Number | Cast::Amount | Cast::Boolean) => NUMBER,
            (false, Cast::Date | Cast::Instant) => INSTANT,
            (false, Cast::Text | Cast::Exact | Cast::Option | Cast::Place) => &TEXT[1..],
        };
        family.iter().copied().map(Self).find(|slot| !taken.contains(slot))
    }
}

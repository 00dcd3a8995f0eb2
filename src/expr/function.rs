//! The closed table of functions: the one place where a function is added.

/// A function that stays a call in a checked expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// The present instant.
    Now,
    /// Today's date in the tenant's zone.
    Today,
    /// A date out of a text.
    Date,
    /// An instant out of a text, or the beginning of a date in the tenant's zone.
    DateTime,
    /// Its arguments as one text; empty ones are left out.
    Concat,
    /// A text in lower case.
    Lower,
    /// A text in upper case.
    Upper,
    /// A text without white space at its ends.
    Trim,
    /// Characters of a text.
    Length,
    /// A text with every occurrence of a part replaced.
    Replace,
    /// Characters of a text, from one on, as many as are asked for.
    Substring,
    /// The beginning of the period that a date or an instant is in.
    StartOf,
    /// The last day of that period, or its last microsecond.
    EndOf,
    /// Full years from one date to another.
    Age,
    /// The first argument that is not empty.
    Coalesce,
    /// The second argument where the condition is true, else the third.
    If,
    /// A number rounded to so many decimals, halves away from zero.
    Round,
    /// The largest whole number that is not above a number.
    Floor,
    /// The smallest whole number that is not below a number.
    Ceil,
    /// A number without its sign.
    Abs,
    /// The smallest argument; empty when one is empty.
    Min,
    /// The largest argument; empty when one is empty.
    Max,
}

/// A unit by which dates and instants are moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Hours of sixty minutes; only instants are moved by them.
    Hours,
    /// Calendar days in the tenant's zone.
    Days,
    /// Calendar months; a day that the month lacks becomes its last.
    Months,
    /// Twelve calendar months.
    Years,
}

/// A stretch of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    Day,
    /// From Monday on.
    Week,
    Month,
    Quarter,
    Year,
}

/// All periods, by the words that expressions call them by.
pub(super) const PERIODS: [(&str, Period); 5] = [
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
    ("quarter", Period::Quarter),
    ("year", Period::Year),
];

impl Period {
    /// The period called `word`.
    pub(super) fn of(word: &str) -> Option<Self> {
        PERIODS.iter().find(|(known, _)| *known == word).map(|(_, period)| *period)
    }
}

/// What a function's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Call(Function),
    /// A duration: something to add to a date or an instant.
    Duration(Unit),
    IsEmpty,
    Contains,
    StartsWith,
    EndsWith,
    /// Whether a field is not as it was before the write.
    Changed,
    /// Whether the acting user has a role.
    HasRole,
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    /// The name that expressions call it by.
    pub name: &'static str,
    /// How it is written, for messages and for the reference.
    pub usage: &'static str,
    /// Fewest and most arguments.
    pub(super) arguments: (usize, usize),
    pub(super) meaning: Meaning,
}

const MANY: usize = usize::MAX;

const FUNCTIONS: [Definition; 32] = [
    row("now", "now()", (0, 0), Meaning::Call(Function::Now)),
    row("today", "today()", (0, 0), Meaning::Call(Function::Today)),
    row("date", "date(\"2026-01-31\")", (1, 1), Meaning::Call(Function::Date)),
    row("date_time", "date_time(\"2026-01-31T09:30\")", (1, 1), Meaning::Call(Function::DateTime)),
    row("hours", "hours(n)", (1, 1), Meaning::Duration(Unit::Hours)),
    row("days", "days(n)", (1, 1), Meaning::Duration(Unit::Days)),
    row("months", "months(n)", (1, 1), Meaning::Duration(Unit::Months)),
    row("years", "years(n)", (1, 1), Meaning::Duration(Unit::Years)),
    row("start_of", "start_of(date, \"month\")", (2, 2), Meaning::Call(Function::StartOf)),
    row("end_of", "end_of(date, \"month\")", (2, 2), Meaning::Call(Function::EndOf)),
    row("age", "age(date, on)", (1, 2), Meaning::Call(Function::Age)),
    row("concat", "concat(a, b, …)", (1, MANY), Meaning::Call(Function::Concat)),
    row("lower", "lower(text)", (1, 1), Meaning::Call(Function::Lower)),
    row("upper", "upper(text)", (1, 1), Meaning::Call(Function::Upper)),
    row("trim", "trim(text)", (1, 1), Meaning::Call(Function::Trim)),
    row("length", "length(text)", (1, 1), Meaning::Call(Function::Length)),
    row("replace", "replace(text, part, with)", (3, 3), Meaning::Call(Function::Replace)),
    row("substring", "substring(text, from, count)", (2, 3), Meaning::Call(Function::Substring)),
    row("contains", "contains(text, part)", (2, 2), Meaning::Contains),
    row("starts_with", "starts_with(text, part)", (2, 2), Meaning::StartsWith),
    row("ends_with", "ends_with(text, part)", (2, 2), Meaning::EndsWith),
    row("is_empty", "is_empty(value)", (1, 1), Meaning::IsEmpty),
    row("coalesce", "coalesce(a, b, …)", (1, MANY), Meaning::Call(Function::Coalesce)),
    row("if", "if(condition, then, else)", (3, 3), Meaning::Call(Function::If)),
    row("round", "round(number, decimals)", (1, 2), Meaning::Call(Function::Round)),
    row("floor", "floor(number)", (1, 1), Meaning::Call(Function::Floor)),
    row("ceil", "ceil(number)", (1, 1), Meaning::Call(Function::Ceil)),
    row("abs", "abs(number)", (1, 1), Meaning::Call(Function::Abs)),
    row("min", "min(a, b, …)", (1, MANY), Meaning::Call(Function::Min)),
    row("max", "max(a, b, …)", (1, MANY), Meaning::Call(Function::Max)),
    row("changed", "changed(field)", (1, 1), Meaning::Changed),
    row("has_role", "has_role(\"manager\")", (1, 1), Meaning::HasRole),
];

const fn row(
    name: &'static str,
    usage: &'static str,
    arguments: (usize, usize),
    meaning: Meaning,
) -> Definition {
    Definition { name, usage, arguments, meaning }
}

/// All functions of the language, related ones together.
pub fn functions() -> &'static [Definition] {
    &FUNCTIONS
}

/// The function called `name`.
pub(super) fn function(name: &str) -> Option<&'static Definition> {
    FUNCTIONS.iter().find(|row| row.name == name)
}

//! The tree of a parsed expression, before it knows any field or type.

use rust_decimal::Decimal;

/// A parsed expression. Two are equal when their trees are, however they were spaced and bracketed; shown, it is
/// its canonical source.
#[derive(Clone, Debug)]
pub struct Expr {
    pub(super) source: Box<str>,
    pub(super) root: Syntax,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
    }
}

/// A node of the tree and the bytes of the source that it stands at.
#[derive(Clone, Debug)]
pub(super) struct Syntax {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

impl PartialEq for Syntax {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a node is. A chain of one precedence is one node, so depth grows with brackets only.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Null,
    Boolean(bool),
    Number(Decimal),
    Text(String),
    List(Vec<Syntax>),
    /// A field, without `record.` before it.
    Path(Vec<String>),
    User,
    Or(Vec<Syntax>),
    And(Vec<Syntax>),
    Not(Box<Syntax>),
    Compare(Box<Syntax>, Operator, Box<Syntax>),
    IsEmpty {
        of: Box<Syntax>,
        negated: bool,
    },
    /// A first term, and what is added to it or taken from it.
    Sum(Box<Syntax>, Vec<(Sign, Syntax)>),
    /// A first factor, and what it is multiplied with or divided by.
    Product(Box<Syntax>, Vec<(Factor, Syntax)>),
    Negate(Box<Syntax>),
    Call(String, Vec<Syntax>),
}

/// An operator between two sides that stands at most once in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::NotIn => "not in",
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
        }
    }
}

/// Whether a term is added or taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Added.
    Plus,
    /// Taken away.
    Minus,
}

/// What a factor does to the product so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// Multiplies it.
    Times,
    /// Divides it.
    Over,
    /// Leaves the remainder of dividing it; the remainder has the sign of what is divided.
    Remainder,
}

/// Words that cannot be a field's bare name; such a field is written `record.in`.
const RESERVED: [&str; 11] =
    ["and", "or", "not", "in", "is", "contains", "starts_with", "ends_with", "true", "false", "null"];

/// Whether `word` has a meaning of its own in front of a value.
pub(super) fn reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

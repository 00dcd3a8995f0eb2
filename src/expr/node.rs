//! The tree of a checked expression: every field known, every type settled.

use std::collections::BTreeSet;

use super::function::{Function, Unit};
use super::syntax::{Factor, Sign};
use super::value::{Type, Value};

/// An expression that has passed the checker; it can be evaluated, and translated.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    pub(super) root: Node,
    pub(super) ty: Type,
    pub(super) fields: BTreeSet<String>,
}

impl Checked {
    /// The type of its value; a value of any type may be null.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// Its tree.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Whether its value depends on nothing but fields: not on the time, nor on who asks.
    pub fn is_timeless(&self) -> bool {
        !self.root.any(&|node| {
            let clock = |function: &Function| matches!(function, Function::Now | Function::Today);
            matches!(node, Node::User) || matches!(node, Node::Call { function, .. } if clock(function))
        })
    }

    /// The paths of the fields that it reads, such as `status` and `doctor.department`.
    pub fn fields(&self) -> &BTreeSet<String> {
        &self.fields
    }
}

/// How two values are compared. `!=` is the negation of `Equal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// The same.
    Equal,
    /// Before.
    Less,
    /// Before or the same.
    LessOrEqual,
    /// After.
    Greater,
    /// After or the same.
    GreaterOrEqual,
}

/// A node of a checked expression. A comparison or test with an empty side is false; a boolean that is null
/// counts as false wherever a condition stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A fixed value.
    Literal(Value),
    /// A field of the record, or of a record that it leads to.
    Field {
        /// Names joined by points: `status`, `doctor.department`.
        path: String,
        /// As the scope told it.
        ty: Type,
    },
    /// The acting user's id.
    User,
    /// True when every condition is.
    All(Vec<Node>),
    /// True when a condition is.
    Any(Vec<Node>),
    /// True when the condition is not.
    Not(Box<Node>),
    /// Two values of one type against each other; texts folded, all else exact.
    Compare {
        /// The left side.
        left: Box<Node>,
        /// What must hold.
        op: Comparison,
        /// The right side, of the same type.
        right: Box<Node>,
        /// The type of both sides.
        ty: Type,
    },
    /// A value is one of several; texts folded, all else exact.
    In {
        /// What is looked for.
        needle: Box<Node>,
        /// Where; may be empty.
        values: Vec<Node>,
        /// The type of them all.
        ty: Type,
    },
    /// A text holds another, both folded.
    Contains {
        /// The text.
        text: Box<Node>,
        /// The part.
        part: Box<Node>,
    },
    /// A list of options holds an option.
    ListContains {
        /// The list.
        list: Box<Node>,
        /// The option.
        option: Box<Node>,
    },
    /// A text begins with another, both folded.
    StartsWith {
        /// The text.
        text: Box<Node>,
        /// The part.
        part: Box<Node>,
    },
    /// A text ends with another, both folded.
    EndsWith {
        /// The text.
        text: Box<Node>,
        /// The part.
        part: Box<Node>,
    },
    /// Null, the empty text or the empty list.
    IsEmpty(Box<Node>),
    /// Numbers added up from left to right; the first is `Plus`.
    Sum(Vec<(Sign, Node)>),
    /// Numbers multiplied and divided from left to right; the first is `Times`.
    Product(Vec<(Factor, Node)>),
    /// A number with the opposite sign.
    Negate(Box<Node>),
    /// A date or an instant moved step by step, from left to right.
    Shift {
        /// Where it starts.
        base: Box<Node>,
        /// The steps; never `Hours` from a date.
        steps: Vec<Step>,
        /// [`Type::Date`] or [`Type::Instant`].
        ty: Type,
    },
    /// A function of its arguments.
    Call {
        /// The function.
        function: Function,
        /// As many as the function takes.
        args: Vec<Node>,
        /// The type of the result.
        ty: Type,
    },
}

/// One step of a [`Node::Shift`].
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Later or earlier.
    pub sign: Sign,
    /// By which unit.
    pub unit: Unit,
    /// By how many; a fraction is cut off.
    pub count: Node,
}

impl Node {
    /// Whether the node reads no field.
    pub fn is_constant(&self) -> bool {
        !self.any(&|node| matches!(node, Self::Field { .. }))
    }

    /// Whether something holds for the node or for one below it.
    fn any(&self, holds: &dyn Fn(&Self) -> bool) -> bool {
        holds(self) || self.parts().into_iter().any(|part| part.any(holds))
    }

    /// The nodes right below it.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Literal(_) | Self::User | Self::Field { .. } => Vec::new(),
            Self::Not(of) | Self::IsEmpty(of) | Self::Negate(of) => vec![of],
            Self::All(nodes) | Self::Any(nodes) | Self::Call { args: nodes, .. } => nodes.iter().collect(),
            Self::Compare { left: a, right: b, .. }
            | Self::Contains { text: a, part: b }
            | Self::ListContains { list: a, option: b }
            | Self::StartsWith { text: a, part: b }
            | Self::EndsWith { text: a, part: b } => vec![a, b],
            Self::In { needle, values, .. } => std::iter::once(&**needle).chain(values).collect(),
            Self::Sum(terms) => terms.iter().map(|(_, term)| term).collect(),
            Self::Product(factors) => factors.iter().map(|(_, factor)| factor).collect(),
            Self::Shift { base, steps, .. } => {
                std::iter::once(&**base).chain(steps.iter().map(|step| &step.count)).collect()
            }
        }
    }
}

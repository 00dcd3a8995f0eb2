//! Writes a tree as canonical source: the same tree comes out when it is parsed.

use std::fmt::{self, Formatter, Write as _};

use super::syntax::{Expr, Factor, Kind, Sign, Syntax, reserved};

/// How tightly a node binds; a child that binds less tightly than its place asks for gets brackets.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Unary,
    Primary,
}

impl fmt::Display for Expr {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write_at(out, &self.root, Level::Or)
    }
}

impl Expr {
    /// The conditions that must all hold: the parts of the outermost `and`, or the expression itself. Joined with
    /// `and` again they mean the same.
    pub fn conjuncts(&self) -> Vec<String> {
        struct Part<'e>(&'e Syntax);
        impl fmt::Display for Part<'_> {
            fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
                write_at(out, self.0, Level::Not)
            }
        }
        match &self.root.kind {
            Kind::And(parts) => parts.iter().map(|part| Part(part).to_string()).collect(),
            _ => vec![Part(&self.root).to_string()],
        }
    }
}

fn level(kind: &Kind) -> Level {
    match kind {
        Kind::Or(_) => Level::Or,
        Kind::And(_) => Level::And,
        Kind::Not(_) => Level::Not,
        Kind::Compare(..) | Kind::IsEmpty { .. } => Level::Compare,
        Kind::Sum(..) => Level::Sum,
        Kind::Product(..) => Level::Product,
        Kind::Negate(_) => Level::Unary,
        _ => Level::Primary,
    }
}

/// Writes `node` where at least `least` is asked for.
fn write_at(out: &mut Formatter<'_>, node: &Syntax, least: Level) -> fmt::Result {
    if level(&node.kind) >= least {
        return write_node(out, node);
    }
    out.write_char('(')?;
    write_node(out, node)?;
    out.write_char(')')
}

fn write_node(out: &mut Formatter<'_>, node: &Syntax) -> fmt::Result {
    match &node.kind {
        Kind::Null => out.write_str("null"),
        Kind::Boolean(value) => write!(out, "{value}"),
        Kind::Number(value) => write!(out, "{value}"),
        Kind::Text(value) => write_text(out, value),
        Kind::List(items) => write_items(out, "[", items, "]"),
        Kind::Path(names) => write_path(out, names),
        Kind::User => out.write_str("user"),
        Kind::Or(parts) => write_joined(out, parts, " or ", Level::And),
        Kind::And(parts) => write_joined(out, parts, " and ", Level::Not),
        Kind::Not(of) => {
            out.write_str("not ")?;
            write_at(out, of, Level::Not)
        }
        Kind::Compare(left, operator, right) => {
            write_at(out, left, Level::Sum)?;
            write!(out, " {} ", operator.symbol())?;
            write_at(out, right, Level::Sum)
        }
        Kind::IsEmpty { of, negated } => {
            write_at(out, of, Level::Sum)?;
            out.write_str(if *negated { " is not empty" } else { " is empty" })
        }
        Kind::Sum(first, rest) => write_sum(out, first, rest),
        Kind::Product(first, rest) => write_product(out, first, rest),
        Kind::Negate(of) => {
            out.write_char('-')?;
            write_at(out, of, Level::Unary)
        }
        Kind::Call(name, arguments) => {
            out.write_str(name)?;
            write_items(out, "(", arguments, ")")
        }
    }
}

fn write_sum(out: &mut Formatter<'_>, first: &Syntax, rest: &[(Sign, Syntax)]) -> fmt::Result {
    write_at(out, first, Level::Product)?;
    rest.iter().try_for_each(|(sign, term)| {
        out.write_str(if *sign == Sign::Plus { " + " } else { " - " })?;
        write_at(out, term, Level::Product)
    })
}

fn write_product(out: &mut Formatter<'_>, first: &Syntax, rest: &[(Factor, Syntax)]) -> fmt::Result {
    write_at(out, first, Level::Unary)?;
    rest.iter().try_for_each(|(factor, term)| {
        out.write_str(match factor {
            Factor::Times => " * ",
            Factor::Over => " / ",
            Factor::Remainder => " % ",
        })?;
        write_at(out, term, Level::Unary)
    })
}

fn write_joined(out: &mut Formatter<'_>, parts: &[Syntax], joint: &str, least: Level) -> fmt::Result {
    parts.iter().enumerate().try_for_each(|(at, part)| {
        out.write_str(if at == 0 { "" } else { joint })?;
        write_at(out, part, least)
    })
}

fn write_items(out: &mut Formatter<'_>, open: &str, items: &[Syntax], close: &str) -> fmt::Result {
    out.write_str(open)?;
    write_joined(out, items, ", ", Level::Or)?;
    out.write_str(close)
}

fn write_path(out: &mut Formatter<'_>, names: &[String]) -> fmt::Result {
    let is_role = names.len() == 2 && names[0] == "user" && names[1] == "role";
    if !is_role && names.first().is_some_and(|first| reserved(first) || first == "record" || first == "user")
    {
        out.write_str("record.")?;
    }
    out.write_str(&names.join("."))
}

fn write_text(out: &mut Formatter<'_>, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(out, "\\{c}")?,
            '\n' => out.write_str("\\n")?,
            '\t' => out.write_str("\\t")?,
            // Control characters end at U+009F, so four digits always hold them.
            c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

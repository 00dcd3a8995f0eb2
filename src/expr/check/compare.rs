//! Checks comparisons and tests.

use super::agree::Purpose;
use super::{Checker, Typed};
use crate::expr::node::{Comparison, Node};
use crate::expr::syntax::{Kind, Operator, Syntax};
use crate::expr::value::Type;

impl<'e> Checker<'e> {
    pub(super) fn compare(
        &mut self,
        at: &'e Syntax,
        left: &'e Syntax,
        operator: Operator,
        right: &'e Syntax,
    ) -> Option<Node> {
        match operator {
            Operator::Equal => self.equal(at, left, right),
            Operator::NotEqual => Some(Node::Not(Box::new(self.equal(at, left, right)?))),
            Operator::Less => self.order(at, left, Comparison::Less, right),
            Operator::LessOrEqual => self.order(at, left, Comparison::LessOrEqual, right),
            Operator::Greater => self.order(at, left, Comparison::Greater, right),
            Operator::GreaterOrEqual => self.order(at, left, Comparison::GreaterOrEqual, right),
            Operator::In => self.membership(left, right),
            Operator::NotIn => Some(Node::Not(Box::new(self.membership(left, right)?))),
            Operator::Contains => self.contains(left, right),
            Operator::StartsWith => self.starts_with(left, right),
            Operator::EndsWith => self.ends_with(left, right),
        }
    }

    fn sides(&mut self, left: &'e Syntax, right: &'e Syntax) -> Option<(Typed<'e>, Typed<'e>)> {
        let (left, right) = (self.value(left), self.value(right));
        left.zip(right)
    }

    fn equal(&mut self, at: &'e Syntax, left: &'e Syntax, right: &'e Syntax) -> Option<Node> {
        let (left, right) = self.sides(left, right)?;
        if right.is_null() {
            return Some(Node::IsEmpty(Box::new(left.node)));
        }
        if left.is_null() {
            return Some(Node::IsEmpty(Box::new(right.node)));
        }
        let (left, right, ty) = self.agreed(left, right)?;
        if matches!(ty, Type::ChoiceList(_) | Type::ReferenceList | Type::List) {
            return self.problem(at, "lists have no '=='; use 'contains' or 'is empty'");
        }
        if ty == Type::Structure {
            return self.problem(at, "structured values have no '=='; use 'is empty' or 'is not empty'");
        }
        Some(Node::Compare { left, op: Comparison::Equal, right, ty })
    }

    fn order(&mut self, at: &'e Syntax, left: &'e Syntax, op: Comparison, right: &'e Syntax) -> Option<Node> {
        let (left, right) = self.sides(left, right)?;
        if left.is_null() || right.is_null() {
            return self.problem(at, "an empty value has no order; use 'is empty' or 'is not empty'");
        }
        let (left, right, ty) = self.agreed(left, right)?;
        if !matches!(ty, Type::Text | Type::Number | Type::Date | Type::Instant) {
            return self.problem(at, format!("values of type {ty} have no order; use '==' or '!='"));
        }
        Some(Node::Compare { left, op, right, ty })
    }

    fn agreed(&mut self, left: Typed<'e>, right: Typed<'e>) -> Option<(Box<Node>, Box<Node>, Type)> {
        let (nodes, ty) = self.agree(vec![left, right], Purpose::Comparison)?;
        let mut nodes = nodes.into_iter().map(Box::new);
        Some((nodes.next()?, nodes.next()?, ty))
    }

    fn membership(&mut self, needle: &'e Syntax, within: &'e Syntax) -> Option<Node> {
        let Kind::List(items) = &within.kind else { return self.membership_in_field(needle, within) };
        let (needle, items) = (self.value(needle), self.values(items));
        let (needle, items) = needle.zip(items)?;
        if let Some(empty) = items.iter().find(|item| item.is_null()) {
            return self.problem(empty.at, "an empty value is in no list; use 'is empty'");
        }
        let needle_at = needle.at;
        let parts = std::iter::once(needle).chain(items).collect();
        let (mut nodes, ty) = self.agree(parts, Purpose::Comparison)?;
        if matches!(ty, Type::ChoiceList(_) | Type::ReferenceList | Type::List | Type::Structure) {
            return self.problem(needle_at, "a list is in no list; use 'contains'");
        }
        let needle = Box::new(nodes.remove(0));
        Some(Node::In { needle, values: nodes, ty })
    }

    /// `option in list_field` is `list_field contains option`.
    fn membership_in_field(&mut self, needle: &'e Syntax, within: &'e Syntax) -> Option<Node> {
        let (needle, list) = self.sides(needle, within)?;
        match &list.ty {
            Type::ChoiceList(_) | Type::ReferenceList | Type::List => self.list_contains(list, needle),
            other => {
                self.problem(within, format!("expected a list such as [a, b] after 'in', found {other}"))
            }
        }
    }

    pub(super) fn contains(&mut self, whole: &'e Syntax, part: &'e Syntax) -> Option<Node> {
        let (whole, part) = self.sides(whole, part)?;
        if matches!(whole.ty, Type::ChoiceList(_) | Type::ReferenceList | Type::List) {
            return self.list_contains(whole, part);
        }
        let (text, part) = self.texts(whole, "contains", part)?;
        Some(Node::Contains { text, part })
    }

    fn list_contains(&mut self, list: Typed<'e>, option: Typed<'e>) -> Option<Node> {
        let of = match &list.ty {
            Type::ChoiceList(options) => Type::Choice(options.clone()),
            Type::ReferenceList => Type::Reference,
            _ => return self.free_list_contains(list, option),
        };
        let fits = matches!(
            (&of, &option.ty),
            (Type::Choice(_), Type::Choice(_)) | (Type::Reference, Type::Reference)
        );
        if option.literal_text().is_none() && !fits {
            let held = if of == Type::Reference { "ids of records" } else { "options" };
            let message = format!("a {} holds {held}, not {}", list.ty, option.ty);
            return self.problem(option.at, message);
        }
        let option = Box::new(self.convert(option, &of)?);
        Some(Node::ListContains { list: Box::new(list.node), option })
    }

    /// A list that takes any text is compared with texts and ids as they are.
    fn free_list_contains(&mut self, list: Typed<'e>, option: Typed<'e>) -> Option<Node> {
        match option.ty {
            Type::Text | Type::Choice(_) | Type::Reference => {
                Some(Node::ListContains { list: Box::new(list.node), option: Box::new(option.node) })
            }
            other => self.problem(option.at, format!("a list of texts holds texts and ids, not {other}")),
        }
    }

    pub(super) fn starts_with(&mut self, text: &'e Syntax, part: &'e Syntax) -> Option<Node> {
        let (text, part) = self.sides(text, part)?;
        let (text, part) = self.texts(text, "starts_with", part)?;
        Some(Node::StartsWith { text, part })
    }

    pub(super) fn ends_with(&mut self, text: &'e Syntax, part: &'e Syntax) -> Option<Node> {
        let (text, part) = self.sides(text, part)?;
        let (text, part) = self.texts(text, "ends_with", part)?;
        Some(Node::EndsWith { text, part })
    }

    fn texts(&mut self, text: Typed<'e>, operator: &str, part: Typed<'e>) -> Option<(Box<Node>, Box<Node>)> {
        let both = [text, part];
        for side in &both {
            if side.ty != Type::Text {
                self.problem::<()>(side.at, format!("'{operator}' takes text, found {}", side.ty));
            }
        }
        let [text, part] = both;
        let fit = text.ty == Type::Text && part.ty == Type::Text;
        fit.then(|| (Box::new(text.node), Box::new(part.node)))
    }
}

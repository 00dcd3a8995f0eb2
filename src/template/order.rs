//! The order in which records that point at each other are written, and which pointers have to wait.

use std::collections::{HashSet, VecDeque};

/// At which others (by index) a record points.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    /// Through fields that must have a value.
    pub required: Vec<usize>,
    /// Through fields that may be filled later.
    pub optional: Vec<usize>,
}

/// Orders records so that each comes after those it points at. Where they point in a circle, one of them is written
/// first and its optional pointers at later records wait for a second pass. Err holds the records of a circle of
/// required pointers, which no order can satisfy.
pub(super) fn order(needs: &[Needs]) -> Result<Vec<usize>, Vec<usize>> {
    let mut writing = Writing::new(needs);
    while writing.order.len() < needs.len() {
        writing.write_ready();
        if writing.order.len() < needs.len() && !writing.break_circle() {
            return Err(circle(needs, (0..needs.len()).filter(|index| !writing.done(*index)).collect()));
        }
    }
    Ok(writing.order)
}

struct Writing<'n> {
    needs: &'n [Needs],
    /// Who points at a record, so that writing it is told to them.
    followers: Vec<Vec<usize>>,
    /// How many records each one still waits for.
    waiting: Vec<usize>,
    ready: VecDeque<usize>,
    written: Vec<bool>,
    order: Vec<usize>,
}

impl<'n> Writing<'n> {
    fn new(needs: &'n [Needs]) -> Self {
        let mut followers = vec![Vec::new(); needs.len()];
        let mut waiting = vec![0; needs.len()];
        for (index, need) in needs.iter().enumerate() {
            for target in targets(need) {
                if let Some(list) = followers.get_mut(*target) {
                    list.push(index);
                    waiting[index] += 1;
                }
            }
        }
        let ready = (0..needs.len()).filter(|index| waiting[*index] == 0).collect();
        Self { needs, followers, waiting, ready, written: vec![false; needs.len()], order: Vec::new() }
    }

    fn done(&self, index: usize) -> bool {
        self.written.get(index).copied().unwrap_or(true)
    }

    fn write_ready(&mut self) {
        while let Some(index) = self.ready.pop_front() {
            self.write(index);
        }
    }

    fn write(&mut self, index: usize) {
        if std::mem::replace(&mut self.written[index], true) {
            return;
        }
        self.order.push(index);
        for follower in std::mem::take(&mut self.followers[index]) {
            self.waiting[follower] = self.waiting[follower].saturating_sub(1);
            if self.waiting[follower] == 0 {
                self.ready.push_back(follower);
            }
        }
    }

    /// Writes one record whose required pointers are satisfied although optional ones are not.
    fn break_circle(&mut self) -> bool {
        let free = (0..self.needs.len()).find(|index| {
            !self.done(*index) && self.needs[*index].required.iter().all(|target| self.done(*target))
        });
        free.map(|index| self.write(index)).is_some()
    }
}

/// Of the records left over, those that lie on a circle and do not merely point at one.
fn circle(needs: &[Needs], mut left: Vec<usize>) -> Vec<usize> {
    loop {
        let wanted: HashSet<usize> =
            left.iter().flat_map(|index| needs[*index].required.iter().copied()).collect();
        let count = left.len();
        left.retain(|index| wanted.contains(index));
        if left.len() == count {
            return left;
        }
    }
}

fn targets(need: &Needs) -> impl Iterator<Item = &usize> {
    need.required.iter().chain(&need.optional)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(required: &[usize], optional: &[usize]) -> Needs {
        Needs { required: required.to_vec(), optional: optional.to_vec() }
    }

    #[test]
    fn a_record_comes_after_those_it_points_at() {
        let found = order(&[needs(&[1], &[2]), needs(&[2], &[]), needs(&[], &[])]);
        assert_eq!(found, Ok(vec![2, 1, 0]));
    }

    #[test]
    fn a_circle_is_entered_where_an_optional_pointer_can_wait() {
        let found = order(&[needs(&[1], &[]), needs(&[2], &[]), needs(&[], &[0])]);
        assert_eq!(found, Ok(vec![2, 1, 0]));
        assert_eq!(order(&[needs(&[], &[0])]), Ok(vec![0]), "a record may point at itself");
    }

    #[test]
    fn a_circle_of_required_pointers_has_no_order() {
        let found = order(&[needs(&[1], &[]), needs(&[0], &[]), needs(&[], &[]), needs(&[0], &[])]);
        assert_eq!(found, Err(vec![0, 1]));
    }
}

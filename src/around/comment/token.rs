//! Mentions in the words of a comment: `@[user id]`.

use crate::id::UserId;

/// Everybody who is mentioned, each once, in the order of the words.
pub fn mentioned(body: &str) -> Vec<UserId> {
    let mut people: Vec<UserId> = Vec::new();
    for part in body.split("@[").skip(1) {
        let user = part.split_once(']').and_then(|(id, _)| id.parse().ok());
        people.extend(user.filter(|user| !people.contains(user)));
    }
    people
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_are_found_once_and_other_brackets_are_words() {
        let (a, b) = (UserId::new(), UserId::new());
        let body = format!("@[{a}] see @[nobody] and @[{b}], also @[{a}] @[ {b}");
        assert_eq!(mentioned(&body), [a, b]);
        assert!(mentioned("a@[b").is_empty());
    }

    proptest! {
        #[test]
        fn any_words_are_read_and_who_is_written_is_found(before in ".*", after in ".*") {
            let user = UserId::new();
            let body = format!("{before} @[{user}] {after}");
            prop_assert!(mentioned(&body).contains(&user) || before.contains("@["));
        }
    }
}

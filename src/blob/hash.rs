//! The name of contents: their SHA-256 in hexadecimal.

use std::fmt;

/// A SHA-256, 64 hexadecimal digits; nothing else can become a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash(String);

impl Hash {
    /// The hash of a digest.
    pub fn of_digest(digest: &[u8]) -> Self {
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A stored hash; None for anything else.
    pub fn stored(text: &str) -> Option<Self> {
        let hexadecimal = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (text.len() == 64 && text.bytes().all(hexadecimal)).then(|| Self(text.to_owned()))
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_is_a_hash() {
        assert!(Hash::stored(&"0f".repeat(32)).is_some());
        for text in ["", "..", &"0F".repeat(32), &"0f".repeat(33), &format!("../{}", "0".repeat(61))] {
            assert_eq!(Hash::stored(text), None, "{text}");
        }
    }
}

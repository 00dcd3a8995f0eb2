//! Users, and what is accepted as a name, an e-mail address and a password.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::LazyLock;

use email_address::EmailAddress as Syntax;

use crate::id::UserId;

/// A person who can sign in, across tenants.
#[derive(Clone, Debug)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// What people read.
    pub name: String,
    /// May operate the installation: create and list tenants, never read their records.
    pub platform_admin: bool,
}

/// A user about to be added.
#[derive(Clone)]
pub struct NewUser {
    /// Where mail reaches the person; the name with which they sign in.
    pub email: EmailAddress,
    /// What people read; checked by [`check_name`].
    pub name: String,
    /// Made by [`crate::identity::Hasher::hash`].
    pub password_hash: String,
    /// See [`User::platform_admin`].
    pub platform_admin: bool,
}

/// A value of a form or a request that is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct InputFault {
    /// The member's name, such as `email`.
    pub field: &'static str,
    /// A stable word for programs: `required`, `format`, `length`, `common`, `reserved`.
    pub code: &'static str,
    /// One sentence for people.
    pub message: String,
}

impl InputFault {
    /// A refusal of the value of `field`.
    pub fn new(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { field, code, message: message.into() }
    }
}

/// An e-mail address in its one stored form: trimmed and in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The stored form of whatever was typed, without a check; a look-up by it finds a user or nobody.
    pub fn stored_form(text: &str) -> String {
        text.trim().to_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = InputFault;

    fn from_str(text: &str) -> Result<Self, InputFault> {
        let stored = Self::stored_form(text);
        let plain = stored.len() <= 254 && !stored.contains(['"', '<', '>', '\0']) && stored.is_ascii();
        if stored.is_empty() {
            return Err(InputFault::new("email", "required", "Enter an e-mail address."));
        }
        match Syntax::from_str(&stored) {
            Ok(_) if plain => Ok(Self(stored)),
            _ => Err(InputFault::new("email", "format", "Enter an e-mail address such as ana@example.com.")),
        }
    }
}

/// Accepts 1 to 100 characters without control characters, and gives them trimmed.
pub fn check_name(field: &'static str, text: &str) -> Result<String, InputFault> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err(InputFault::new(field, "required", "Enter a name.")),
        101.. => Err(InputFault::new(field, "length", "Enter at most 100 characters.")),
        _ if name.chars().any(char::is_control) => {
            Err(InputFault::new(field, "format", "Enter a name on one line."))
        }
        _ => Ok(name.to_owned()),
    }
}

static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Accepts 8 to 256 bytes that are not among the commonest passwords, nor the account's own address.
pub fn check_password(password: &str, email: &str) -> Result<(), InputFault> {
    let refuse = |code, message: &str| Err(InputFault::new("password", code, message));
    let folded = password.to_lowercase();
    match password.len() {
        0..8 => refuse("length", "Use at least 8 characters."),
        257.. => refuse("length", "Use at most 256 bytes."),
        _ if COMMON.contains(folded.as_str()) => {
            refuse("common", "This is one of the passwords that are tried first. Choose another one.")
        }
        _ if folded == EmailAddress::stored_form(email) => {
            refuse("common", "The password must not be the e-mail address.")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case_and_without_blanks() {
        let address: EmailAddress = " Ana@Example.COM ".parse().expect("a plain address");
        assert_eq!(address.as_str(), "ana@example.com");
        for refused in ["", "ana", "ana@", "@example.com", "Ana <ana@example.com>", "a\0@example.com"] {
            assert!(refused.parse::<EmailAddress>().is_err(), "{refused:?} must be refused");
        }
    }

    #[test]
    fn common_short_and_endless_passwords_are_refused() {
        assert!(check_password("correct horse battery", "ana@example.com").is_ok());
        assert!(check_password(&"x".repeat(256), "ana@example.com").is_ok());
        for refused in ["seven77", "Password1", "1234567890", "ana@example.com", &"x".repeat(257)] {
            assert!(check_password(refused, "Ana@example.com").is_err(), "{refused:?} must be refused");
        }
    }

    #[test]
    fn every_common_password_is_long_enough_to_matter() {
        for password in COMMON.iter() {
            assert!(password.len() >= 8, "{password:?} is refused by its length already");
            assert_eq!(*password, password.to_lowercase(), "passwords are compared in lower case");
        }
    }
}

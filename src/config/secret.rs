//! Values that must not be printed: passwords, and database addresses that hold one.

use std::fmt;

use serde::Deserialize;
use url::Url;

/// A password. It shows itself as `(hidden)`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// The address of a PostgreSQL database, as a URL or as `key=value` words. It shows itself without password and
/// options.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl Secret {
    /// The password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl DatabaseUrl {
    /// The address with its password, for the connection alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<String> for DatabaseUrl {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(mut url) = Url::parse(&self.0) else {
            return formatter.write_str("(given)");
        };
        if url.cannot_be_a_base() {
            return formatter.write_str("(given)");
        }
        if url.password().is_some() && url.set_password(Some("***")).is_err() {
            return formatter.write_str("(given)");
        }
        // A password may also stand among the options.
        url.set_query(None);
        url.set_fragment(None);
        formatter.write_str(url.as_str())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_form_of_an_address_shows_its_password() {
        let shown = |text: &str| DatabaseUrl(text.to_owned()).to_string();
        assert_eq!(shown("postgres://u:topsecret@db/crm?sslmode=require"), "postgres://u:***@db/crm");
        assert_eq!(shown("postgresql://db/crm?user=u&password=topsecret"), "postgresql://db/crm");
        assert_eq!(shown("host=db user=u password=topsecret"), "(given)");
        assert_eq!(shown("postgres:u:topsecret"), "(given)");
        assert_eq!(format!("{:?}", Secret("topsecret".into())), "(hidden)");
    }
}

//! What work inside a tenant needs to know of the tenant itself.

use tokio_postgres::Row;

use crate::field::Locale;
use crate::id::TenantId;

/// A tenant, seen from inside.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Its id.
    pub tenant: TenantId,
    /// What people call it.
    pub name: String,
    /// Its part of the address.
    pub slug: String,
    /// The template it was made from; None until one is applied.
    pub template: Option<AppliedTemplate>,
    /// Currency, country and time zone.
    pub locale: Locale,
    /// BCP 47 tag of its language.
    pub language: String,
}

/// Which template at which version.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AppliedTemplate {
    /// The template's key.
    pub key: String,
    /// Its version.
    pub version: String,
}

impl Workspace {
    /// Reads the columns that [`crate::work::Work::begin`] selects.
    pub(crate) fn from_row(tenant: TenantId, row: &Row) -> Self {
        let key: Option<String> = row.get("template_key");
        let version: Option<String> = row.get("template_version");
        Self {
            tenant,
            name: row.get("name"),
            slug: row.get("slug"),
            template: key.zip(version).map(|(key, version)| AppliedTemplate { key, version }),
            locale: Self::locale(row),
            language: row.get("locale"),
        }
    }

    /// Reads currency, country and time zone.
    pub(crate) fn locale(row: &Row) -> Locale {
        Locale {
            currency: row.get("currency"),
            country: row.get("country"),
            timezone: row.get::<_, &str>("timezone").parse().unwrap_or(chrono_tz::UTC),
        }
    }
}

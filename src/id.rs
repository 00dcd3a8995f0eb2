//! Typed ids. All are UUIDv7, so they sort by time of creation (RFC 9562 §5.7).

use std::fmt;

use serde::{Deserialize, Serialize};
use tokio_postgres::types::{FromSql, ToSql, Type, accepts, private::BytesMut, to_sql_checked};
use uuid::Uuid;

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, later than every id made before it in this process.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        id_sql!($name);
    };
}

macro_rules! id_sql {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl<'a> FromSql<'a> for $name {
            fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                Uuid::from_sql(ty, raw).map(Self)
            }
            accepts!(UUID);
        }

        impl ToSql for $name {
            fn to_sql(
                &self,
                ty: &Type,
                out: &mut BytesMut,
            ) -> Result<tokio_postgres::types::IsNull, Box<dyn std::error::Error + Sync + Send>> {
                self.0.to_sql(ty, out)
            }
            accepts!(UUID);
            to_sql_checked!();
        }
    };
}

id_type!(
    /// A person who can sign in.
    UserId
);
id_type!(
    /// A record of any module.
    RecordId
);
impl RecordId {
    /// Before every id that is ever given.
    pub const NIL: Self = Self(Uuid::nil());
}

id_type!(
    /// A call, e-mail, meeting or note of a record.
    ActivityId
);
id_type!(
    /// What somebody says about a record.
    CommentId
);
id_type!(
    /// What somebody is to do.
    TaskId
);
id_type!(
    /// What somebody is told.
    NotificationId
);
id_type!(
    /// An uploaded file.
    FileId
);
id_type!(
    /// A view that somebody made.
    ViewId
);
id_type!(
    /// A module of a tenant.
    ModuleId
);
id_type!(
    /// A field of a module.
    FieldId
);
id_type!(
    /// A job in the background.
    JobId
);

id_type!(
    /// A team of a tenant.
    TeamId
);

/// A tenant. There is no public constructor and no `Deserialize`: the only source is a database row, so that a
/// path, a header or a body can never name the tenant whose data is read.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct TenantId(Uuid);

id_sql!(TenantId);

impl TenantId {
    /// A fresh id for a tenant about to be inserted; only the tenant store makes tenants.
    pub(crate) fn for_new_tenant() -> Self {
        Self(Uuid::now_v7())
    }

    /// The uuid, to print or to bind.
    pub fn as_uuid(&self) -> Uuid {
        self.0
    }
}

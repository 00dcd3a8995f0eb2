//! What can go wrong with the database, by SQLSTATE (names of constraints carry suffixes on a cluster).

use deadpool_postgres::PoolError;
use tokio_postgres::error::SqlState;

/// A failed database call.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection could be had in time; worth trying again.
    #[error("the database cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A statement or lock took longer than allowed; worth trying again.
    #[error("the database did not answer in time")]
    Timeout(#[source] tokio_postgres::Error),
    /// Two transactions collided; worth trying again.
    #[error("two changes collided")]
    Collision(#[source] tokio_postgres::Error),
    /// A constraint of the schema refused the change.
    #[error("the constraint {name} refused the change")]
    Constraint {
        /// What kind of constraint.
        kind: Constraint,
        /// Its name, without a shard's suffix.
        name: String,
        /// What PostgreSQL said.
        #[source]
        source: tokio_postgres::Error,
    },
    /// PostgreSQL refused a value (SQLSTATE class 22).
    #[error("the database refused a value")]
    BadValue(#[source] tokio_postgres::Error),
    /// Row-level security or a missing grant refused the statement (42501).
    #[error("the database refused access")]
    Denied(#[source] tokio_postgres::Error),
    /// Settings, roles or migrations are not as they must be; the text says what to do.
    #[error("{0}")]
    Configuration(String),
    /// A statement failed earlier in this transaction, so it cannot be committed.
    #[error("the transaction had already failed")]
    AlreadyFailed,
    /// Anything else: a fault of ours.
    #[error("a database statement failed")]
    Statement(#[source] tokio_postgres::Error),
}

/// Kinds of constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// Unique or primary key.
    Unique,
    /// Foreign key.
    ForeignKey,
    /// Check, not null, exclusion.
    Other,
}

impl DbError {
    /// Whether the same call may succeed a moment later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Timeout(_) | Self::Collision(_))
    }

    /// Whether the unique constraint `name` refused the change.
    pub fn violates_unique(&self, constraint: &str) -> bool {
        matches!(self, Self::Constraint { kind: Constraint::Unique, name, .. } if name == constraint)
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(refusal) = error.as_db_error() else {
            return if connection_lost(&error) {
                Self::Unavailable(Box::new(error))
            } else {
                Self::Statement(error)
            };
        };
        let code = refusal.code().clone();
        let name = bare_name(refusal.constraint().unwrap_or_default());
        match code {
            SqlState::UNIQUE_VIOLATION => Self::Constraint { kind: Constraint::Unique, name, source: error },
            SqlState::FOREIGN_KEY_VIOLATION => {
                Self::Constraint { kind: Constraint::ForeignKey, name, source: error }
            }
            SqlState::INSUFFICIENT_PRIVILEGE => Self::Denied(error),
            SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE => Self::Timeout(error),
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Collision(error),
            _ => match &code.code()[..2] {
                "08" | "53" | "57" => Self::Unavailable(Box::new(error)),
                "22" => Self::BadValue(error),
                "23" => Self::Constraint { kind: Constraint::Other, name, source: error },
                _ => Self::Statement(error),
            },
        }
    }
}

impl From<PoolError> for DbError {
    fn from(error: PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

fn connection_lost(error: &tokio_postgres::Error) -> bool {
    let source = std::error::Error::source(error);
    error.is_closed() || source.is_some_and(|source| source.is::<std::io::Error>())
}

/// Strips the shard number that Citus appends to constraint names.
fn bare_name(name: &str) -> String {
    match name.rsplit_once('_') {
        Some((bare, digits)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            bare.into()
        }
        _ => name.into(),
    }
}

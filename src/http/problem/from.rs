//! How the errors of the rooms below become problems.

use std::time::Duration;

use super::{Fault, Problem, ProblemType};
use crate::access::{Denied, Verb};
use crate::db::{Constraint, DbError};
use crate::identity::{InputFault, PasswordError, RefreshError, SignInError};
use crate::schema::SchemaError;
use crate::tenancy::{CreateTenantError, SignUpError};
use crate::work::WorkError;

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        let problem = match &error {
            DbError::Unavailable(_) | DbError::Timeout(_) => {
                Self::new(ProblemType::Unavailable).retry_after(Duration::from_secs(2))
            }
            DbError::Collision(_) | DbError::Constraint { kind: Constraint::Unique, .. } => {
                Self::new(ProblemType::Conflict)
                    .with_detail("Somebody changed the same thing at the same moment. Try again.")
            }
            DbError::BadValue(_) => Self::new(ProblemType::InvalidInput),
            _ => Self::new(ProblemType::Internal),
        };
        problem.caused_by(error)
    }
}

impl From<Denied> for Problem {
    /// Who may not read a module does not learn that it exists; who may, learns what the role lacks.
    fn from(denied: Denied) -> Self {
        if denied.verb == Verb::Read {
            return Self::not_found();
        }
        let text = denied.to_string();
        let sentence = text.replacen("your", "Your", 1) + ".";
        Self::new(ProblemType::Forbidden).with_detail(sentence)
    }
}

impl From<SchemaError> for Problem {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::Invalid(faults) => {
                let fault =
                    |fault: crate::field::FieldError| Fault::at(fault.pointer, "definition", fault.message);
                Self::invalid(ProblemType::InvalidDefinition, faults.into_iter().map(fault).collect())
            }
            SchemaError::Exists { .. } => {
                let message = format!("{error}.");
                Self::invalid(ProblemType::Conflict, vec![Fault::at("/key", "exists", message)])
            }
            SchemaError::Limit(text) => Self::new(ProblemType::LimitReached).with_detail(text),
            SchemaError::Database(error) => error.into(),
            SchemaError::Corrupt { .. } => Self::internal(error),
        }
    }
}

impl From<WorkError> for Problem {
    fn from(error: WorkError) -> Self {
        match error {
            // Whoever is no longer a member learns no more than a stranger does.
            WorkError::NotAdmitted => Self::not_found(),
            WorkError::Inactive => Self::new(ProblemType::WorkspaceInactive),
            WorkError::Schema(error) => error.into(),
            WorkError::Database(error) => error.into(),
        }
    }
}

impl From<InputFault> for Fault {
    fn from(fault: InputFault) -> Self {
        Self::at(format!("/{}", fault.field), fault.code, fault.message)
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::new(ProblemType::Unavailable).retry_after(Duration::from_secs(3)),
            PasswordError::Failed(_) => Self::internal(error),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Refused => Self::new(ProblemType::SignInRefused),
            SignInError::Throttled(wait) => too_many_attempts(wait),
            SignInError::NotAMember => Self::not_found(),
            SignInError::Password(error) => error.into(),
            SignInError::Database(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Refused => {
                Self::new(ProblemType::Unauthenticated).with_detail("The session has ended. Sign in again.")
            }
            RefreshError::Database(error) => error.into(),
        }
    }
}

impl From<CreateTenantError> for Problem {
    fn from(error: CreateTenantError) -> Self {
        match error {
            CreateTenantError::Invalid(faults) => {
                Self::invalid(ProblemType::InvalidInput, faults.into_iter().map(Fault::from).collect())
            }
            CreateTenantError::SlugTaken => Self::invalid(
                ProblemType::Conflict,
                vec![Fault::at("/slug", "taken", "This address is taken. Choose another one.")],
            ),
            CreateTenantError::Database(error) => error.into(),
        }
    }
}

impl From<SignUpError> for Problem {
    fn from(error: SignUpError) -> Self {
        match error {
            SignUpError::Refused => Self::new(ProblemType::SignUpRefused).with_detail(
                "The account could not be made with these details. If you have signed up before, sign in instead.",
            ),
            SignUpError::Throttled(wait) => too_many_attempts(wait),
            SignUpError::Password(error) => error.into(),
            SignUpError::Tenant(error) => error.into(),
            SignUpError::Database(error) => error.into(),
        }
    }
}

fn too_many_attempts(wait: Duration) -> Problem {
    Problem::new(ProblemType::TooManyRequests)
        .with_detail("There were too many attempts. Wait a while, then try again.")
        .retry_after(wait)
}

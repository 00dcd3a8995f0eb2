//! How the engine's errors become problems.

use crate::access::Forbidden;
use crate::around;
use crate::customize;
use crate::http::{Fault, Problem, ProblemType};
use crate::limits;
use crate::record;
use crate::roster;
use crate::template::InstallError;

impl From<record::Error> for Problem {
    fn from(error: record::Error) -> Self {
        match error {
            record::Error::Denied(denied) => denied.into(),
            record::Error::NoModule(_) | record::Error::NotFound => Self::not_found(),
            record::Error::Invalid(invalid) => invalid.into(),
            record::Error::Stale { current } => Self::stale(current),
            record::Error::InUse(sentence) => Self::new(ProblemType::InUse).with_detail(sentence),
            record::Error::TooManyDependents => Self::new(ProblemType::LimitReached).with_detail(format!(
                "More than {} records would go or change with this one. Delete some of them first.",
                limits::DEPARTING
            )),
            record::Error::Database(error) => error.into(),
            record::Error::TooMany { .. } => {
                let detail =
                    format!("{error}. Add a new field beside it instead.").replacen("more", "More", 1);
                Self::new(ProblemType::LimitReached).with_detail(detail)
            }
            record::Error::OutOfFuel => Self::new(ProblemType::LimitReached)
                .with_detail("An expression took more steps than one is allowed."),
        }
    }
}

impl From<record::Invalid> for Problem {
    fn from(invalid: record::Invalid) -> Self {
        let in_query = invalid.errors.iter().all(|fault| fault.pointer.starts_with("/query/"));
        let twin = |fault: &record::Fault| ["duplicate", "possible_duplicate"].contains(&fault.code.as_str());
        let kind = match () {
            () if in_query => ProblemType::InvalidQuery,
            () if invalid.errors.iter().all(twin) => ProblemType::Duplicate,
            () => ProblemType::InvalidRecord,
        };
        let fault = |fault: record::Fault| match fault.pointer.strip_prefix("/query/") {
            Some(parameter) => Fault::in_query(parameter, fault.code, fault.message),
            None => {
                let candidate =
                    fault.candidate.and_then(|twin| serde_json::to_value(twin).ok()).map(Box::new);
                Fault { candidate, ..Fault::at(fault.pointer, fault.code, fault.message) }
            }
        };
        Self::invalid(kind, invalid.errors.into_iter().map(fault).collect())
    }
}

impl From<around::Error> for Problem {
    fn from(error: around::Error) -> Self {
        match error {
            around::Error::Record(error) => error.into(),
            around::Error::Invalid(faults) => {
                let fault = |fault: record::Fault| Fault::at(fault.pointer, fault.code, fault.message);
                Self::invalid(ProblemType::InvalidInput, faults.into_iter().map(fault).collect())
            }
            around::Error::Off { .. } => Self::not_found()
                .with_detail("The records of this module do not have this; its template can switch it on."),
            around::Error::NotYours => {
                Self::new(ProblemType::Forbidden).with_detail("Only who wrote this may change it.")
            }
            around::Error::Stale { current } => Self::stale(current),
            around::Error::Blob(error) => error.into(),
            around::Error::Database(error) => error.into(),
        }
    }
}

impl From<InstallError> for Problem {
    fn from(error: InstallError) -> Self {
        match error {
            InstallError::NotOwner => Self::new(ProblemType::Forbidden)
                .with_detail("Only an owner of the workspace may apply a template."),
            InstallError::Applied(key) => Self::new(ProblemType::Conflict)
                .with_detail(format!("The workspace is already made from the template {key}.")),
            InstallError::Schema(error) => error.into(),
            InstallError::Sample(_) => Self::internal(error),
            InstallError::Database(error) => error.into(),
        }
    }
}

impl From<Forbidden> for Problem {
    fn from(forbidden: Forbidden) -> Self {
        let sentence = forbidden.to_string().replacen("your", "Your", 1) + ".";
        Self::new(ProblemType::Forbidden).with_detail(sentence)
    }
}

impl From<customize::Error> for Problem {
    fn from(error: customize::Error) -> Self {
        match error {
            customize::Error::Forbidden(forbidden) => forbidden.into(),
            customize::Error::Schema(error) => error.into(),
            customize::Error::NotFound => Self::not_found(),
            customize::Error::InUse { records, cap } => {
                let records = if records > cap { format!("more than {cap}") } else { records.to_string() };
                Self::new(ProblemType::InUse)
                    .with_detail(format!("Records are in it: {records}. Say with move_to where they go."))
            }
            customize::Error::Record(error) => error.into(),
            customize::Error::UnderWay => Self::new(ProblemType::Conflict)
                .with_detail("A job is at work on this field. Wait until it has ended."),
            customize::Error::Database(error) => error.into(),
        }
    }
}

impl From<roster::Error> for Problem {
    fn from(error: roster::Error) -> Self {
        match error {
            roster::Error::Forbidden(forbidden) => forbidden.into(),
            roster::Error::NotFound => Self::not_found(),
            roster::Error::Invalid(faults) => {
                let fault = |fault: roster::Fault| Fault::at(fault.pointer, fault.code, fault.message);
                Self::invalid(ProblemType::InvalidInput, faults.into_iter().map(fault).collect())
            }
            roster::Error::Conflict(text) => Self::new(ProblemType::Conflict).with_detail(text),
            roster::Error::Database(error) => error.into(),
        }
    }
}

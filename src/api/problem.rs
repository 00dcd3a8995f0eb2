//! How the engine's errors become problems.

use crate::access::Forbidden;
use crate::customize;
use crate::http::{Fault, Problem, ProblemType};
use crate::record;

impl From<record::Error> for Problem {
    fn from(error: record::Error) -> Self {
        match error {
            record::Error::Denied(denied) => denied.into(),
            record::Error::NoModule(_) | record::Error::NotFound => Self::not_found(),
            record::Error::Invalid(invalid) => {
                let kind = match invalid.errors.iter().all(|fault| fault.pointer.starts_with("/query/")) {
                    true => ProblemType::InvalidQuery,
                    false => ProblemType::InvalidRecord,
                };
                let fault = |fault: record::Fault| Fault::at(fault.pointer, fault.code, fault.message);
                Self::invalid(kind, invalid.errors.into_iter().map(fault).collect())
            }
            record::Error::Stale { current } => Self::stale(current),
            record::Error::Database(error) => error.into(),
            record::Error::OutOfFuel => Self::new(ProblemType::LimitReached)
                .with_detail("An expression took more steps than one is allowed."),
        }
    }
}

impl From<record::Invalid> for Problem {
    fn from(invalid: record::Invalid) -> Self {
        record::Error::from(invalid).into()
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
            customize::Error::Database(error) => error.into(),
        }
    }
}

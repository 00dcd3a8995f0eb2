//! Every type of problem that the API and the pages answer with: its address, status and title.

use axum::http::StatusCode;

macro_rules! problem_types {
    ($($(#[$doc:meta])* $variant:ident => $slug:literal, $status:ident, $title:literal;)*) => {
        /// A type of problem. Each has a page in `docs/problems/`, and programs may rely on its slug.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemType {
            $($(#[$doc])* $variant,)*
        }

        impl ProblemType {
            /// Every type, by status.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The last part of its address `/problems/<slug>`.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The status that it is answered with.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// A short sentence that never changes from one occurrence to the next.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

problem_types! {
    /// Not JSON, not UTF-8, or a query that cannot be taken apart.
    MalformedRequest => "malformed-request", BAD_REQUEST, "The request cannot be read.";
    /// No valid session or access token.
    Unauthenticated => "unauthenticated", UNAUTHORIZED, "Sign in first.";
    /// E-mail address and password do not belong together.
    SignInRefused => "sign-in-refused", UNAUTHORIZED, "The e-mail address or the password is wrong.";
    /// Known to exist, but not allowed.
    Forbidden => "forbidden", FORBIDDEN, "You may not do this.";
    /// A form that was sent from another site.
    CrossSite => "cross-site-request", FORBIDDEN, "The request came from another site.";
    /// The workspace is being made, is suspended, or was deleted.
    WorkspaceInactive => "workspace-inactive", FORBIDDEN, "The workspace is not active.";
    /// Nothing there, or nothing that the caller may know of.
    NotFound => "not-found", NOT_FOUND, "There is nothing here.";
    /// The address exists, with other methods.
    MethodNotAllowed => "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not offered here.";
    /// The body did not arrive in time.
    RequestTimeout => "request-timeout", REQUEST_TIMEOUT, "The request took too long to arrive.";
    /// It collides with something that is there already.
    Conflict => "conflict", CONFLICT, "This collides with something that is there already.";
    /// Records depend on what is to go away.
    InUse => "in-use", CONFLICT, "This is in use.";
    /// A new record that is likely there already.
    Duplicate => "duplicate", CONFLICT, "This is likely there already.";
    /// The first request with the same Idempotency-Key has not been answered yet.
    InFlight => "request-in-flight", CONFLICT, "The same request is under way.";
    /// The record was changed since it was read.
    StaleVersion => "stale-version", PRECONDITION_FAILED, "This was changed in the meantime.";
    /// More than one request may carry.
    BodyTooLarge => "body-too-large", PAYLOAD_TOO_LARGE, "The request is too large.";
    /// The body is not of the type that is understood here.
    UnsupportedMediaType => "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body's type is not understood here.";
    /// Readable, but values are missing or not as they must be.
    InvalidInput => "invalid-input", UNPROCESSABLE_ENTITY, "Some values are not right.";
    /// Filter, sort or another parameter of a list does not fit its module.
    InvalidQuery => "invalid-query", UNPROCESSABLE_ENTITY, "The query is not valid.";
    /// A record's values are not as its module wants them.
    InvalidRecord => "invalid-record", UNPROCESSABLE_ENTITY, "The record is not valid.";
    /// A module, field, view or role is not well defined.
    InvalidDefinition => "invalid-definition", UNPROCESSABLE_ENTITY, "The definition is not valid.";
    /// The account could not be made; the answer does not say why.
    SignUpRefused => "sign-up-refused", UNPROCESSABLE_ENTITY, "The account could not be made.";
    /// An Idempotency-Key that was sent with another request before.
    KeyReused => "idempotency-key-reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key belongs to another request.";
    /// One of the limits of the system.
    LimitReached => "limit-reached", UNPROCESSABLE_ENTITY, "A limit is reached.";
    /// `If-Match` is missing.
    PreconditionRequired => "precondition-required", PRECONDITION_REQUIRED, "Say which version you change.";
    /// More requests, or more failed sign-ins, than allowed.
    TooManyRequests => "too-many-requests", TOO_MANY_REQUESTS, "Too many requests.";
    /// A fault of ours.
    Internal => "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side.";
    /// Overloaded, or the database does not answer; worth trying again.
    Unavailable => "unavailable", SERVICE_UNAVAILABLE, "The service cannot answer right now.";
}

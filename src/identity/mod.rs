//! Users, passwords, sign-in and sessions. A session is bound to a user and, once a workspace is chosen, to one
//! tenant; only its token's hash is kept. This room never sees HTTP and reads no tenant's records.

mod account;
mod password;
mod refresh;
mod session;
mod sign_in;
mod store;
mod throttle;
mod token;
mod user;
mod workspaces;

pub use account::{AccountError, change_password, create_user, user_by_email};
pub use password::{Hasher, PasswordError};
pub use refresh::{RefreshError, RefreshToken, refresh};
pub use session::{Session, SessionCache, SessionKind, SessionTenant, SessionToken, TokenHash};
pub use sign_in::{
    Credentials, SignInError, Started, end_all_sessions, session, sign_in, sign_out, switch_tenant,
};
pub use throttle::Attempt;
pub use token::{ACCESS_TOKEN_SECONDS, AccessClaims, SigningKeys};
pub use user::{EmailAddress, InputFault, NewUser, User, check_name, check_password};
pub use workspaces::{UserWorkspace, workspaces_of};

pub(crate) use sign_in::begin;
pub(crate) use store::{WorkspaceRow, add_user};

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Clock;
use crate::db::{Db, DbError};

/// What sign-in and sessions need: the database, the time, the hasher, and what is kept in memory.
#[derive(Clone)]
pub struct Identity {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// Hashes passwords, a few at a time.
    pub hasher: Hasher,
    /// Sessions seen within the last seconds.
    pub sessions: SessionCache,
    /// Keys of access tokens and cursors.
    pub keys: SigningKeys,
}

impl Identity {
    /// Loads the signing keys, making the first one where there is none.
    pub async fn open(db: Db, clock: Clock, hasher: Hasher) -> Result<Self, DbError> {
        let keys = SigningKeys::load(&db, &clock).await?;
        Ok(Self { db, clock, hasher, sessions: SessionCache::default(), keys })
    }

    /// Lets an attempt to prove or make an account through, or says how long to wait.
    pub(crate) async fn admit(
        &self,
        email: &str,
        address: Option<IpAddr>,
    ) -> Result<Result<Attempt, Duration>, DbError> {
        throttle::admit(&self.db, &self.clock, throttle::Subject { email, address }).await
    }
}

//! Passwords at rest: Argon2id, a few at a time, so that a rush of sign-ins costs waiting time and never memory.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

/// OWASP's floor for Argon2id: 19 MiB, 2 passes, 1 lane (about 30 ms on one core of today).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Callers that may wait for a turn; more are told to come back.
const QUEUE: usize = 64;

/// What an unknown account is checked against, so that it takes as long as a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("nobody has this password").ok());

/// Hashes and verifies passwords on threads of their own, at most as many at once as there are cores.
#[derive(Clone)]
pub struct Hasher {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

/// Why a password could not be hashed or verified.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many are waiting; worth trying again in a few seconds.
    #[error("too many passwords are being checked at once")]
    Busy,
    /// A fault of ours: the hash function or its thread.
    #[error("a password could not be hashed: {0}")]
    Failed(String),
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new(std::thread::available_parallelism().map_or(2, usize::from))
    }
}

impl Hasher {
    /// A hasher that works on `cores` passwords at once.
    pub fn new(cores: usize) -> Self {
        Self { running: Arc::new(Semaphore::new(cores)), admitted: Arc::new(Semaphore::new(cores + QUEUE)) }
    }

    /// The hash of a password, with a salt of its own, as a PHC string.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.run(move || hash_now(&password)).await
    }

    /// Whether the password belongs to the hash. Without a hash (an unknown account) the same work is done, and the
    /// answer is no.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, PasswordError> {
        let password = password.to_owned();
        self.run(move || {
            let known = hash.is_some();
            let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return Ok(false) };
            let parsed = PasswordHash::new(&hash).map_err(|e| PasswordError::Failed(e.to_string()))?;
            Ok(argon2()?.verify_password(password.as_bytes(), &parsed).is_ok() && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place: SemaphorePermit<'_> = self.admitted.try_acquire().map_err(|_| PasswordError::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let task = tokio::task::spawn_blocking(move || {
            let result = work();
            // The turn ends with the work, even when the caller has gone away meanwhile.
            drop(turn);
            result
        });
        task.await.map_err(|error| PasswordError::Failed(error.to_string()))?
    }
}

fn argon2() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None);
    let params = params.map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Result<String, PasswordError> {
    let hash = argon2()?.hash_password(password.as_bytes());
    Ok(hash.map_err(|error| PasswordError::Failed(error.to_string()))?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_accepts_its_password_and_no_other() {
        let hasher = Hasher::new(1);
        let hash = hasher.hash("correct horse").await.expect("hashing works");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse", Some(hash.clone())).await.expect("verifying works"));
        assert!(!hasher.verify("battery staple", Some(hash)).await.expect("verifying works"));
        assert!(!hasher.verify("nobody has this password", None).await.expect("verifying works"));
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_to_come_back() {
        let hasher = Hasher::new(1);
        let _everything = hasher.admitted.try_acquire_many(1 + 64).expect("nobody else hashes here");
        assert!(matches!(hasher.hash("correct horse").await, Err(PasswordError::Busy)));
    }
}

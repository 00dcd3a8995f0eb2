//! Passwords at rest: Argon2id, a few at a time, so that a rush of sign-ins costs waiting time and never memory.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{Error as HashError, Result as HashResult};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

/// OWASP's floor for Argon2id: 19 MiB, 2 passes, 1 lane (about 30 ms on one core of today).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Callers that may wait for a turn; more are told to come back.
const QUEUE: usize = 64;

/// What an unknown account is checked against, so that it takes as long as a known one.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| hash_now("nobody has this password", &mut Vec::new()).ok());

/// Hashes and verifies passwords on threads of their own, at most as many at once as there are cores.
#[derive(Clone)]
pub struct Hasher {
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    /// Memory of those who have had their turn, for the next: given back to the allocator, it is not given back to the
    /// system, and each thread that ever hashed would keep some.
    spare: Arc<Mutex<Vec<Memory>>>,
}

/// What one computation fills.
type Memory = Vec<Block>;

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
        Self {
            running: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + QUEUE)),
            spare: Arc::default(),
        }
    }

    /// The hash of a password, with a salt of its own, as a PHC string.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = password.to_owned();
        self.run(move |memory| hash_now(&password, memory)).await
    }

    /// Whether the password belongs to the hash. Without a hash (an unknown account) the same work is done, and the
    /// answer is no.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, PasswordError> {
        let password = password.to_owned();
        self.run(move |memory| {
            let known = hash.is_some();
            let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return Ok(false) };
            let parsed = PasswordHash::new(&hash).map_err(|e| PasswordError::Failed(e.to_string()))?;
            Ok(matches(&password, &parsed, memory).unwrap_or(false) && known)
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place: SemaphorePermit<'_> = self.admitted.try_acquire().map_err(|_| PasswordError::Busy)?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| PasswordError::Busy)?;
        let spare = self.spare.clone();
        let task = tokio::task::spawn_blocking(move || {
            let kept = || spare.lock().unwrap_or_else(PoisonError::into_inner);
            let mut memory = kept().pop().unwrap_or_default();
            let result = work(&mut memory);
            kept().push(memory);
            // The turn ends with the work, even when the caller has gone away meanwhile.
            drop(turn);
            result
        });
        task.await.map_err(|error| PasswordError::Failed(error.to_string()))?
    }
}

fn hash_now(password: &str, memory: &mut Memory) -> Result<String, PasswordError> {
    let hash = new_hash(password, memory).map_err(|error| PasswordError::Failed(error.to_string()))?;
    Ok(hash.to_string())
}

fn new_hash(password: &str, memory: &mut Memory) -> HashResult<PasswordHash> {
    let argon2 =
        Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(MEMORY_KIB, PASSES, LANES, None)?);
    let salt = Salt::generate();
    Ok(PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(argon2.params())?,
        hash: Some(output(&argon2, password, &salt, memory)?),
        salt: Some(salt),
    })
}

/// Whether a password has this hash; the comparison takes the same time for all outputs.
fn matches(password: &str, hash: &PasswordHash, memory: &mut Memory) -> HashResult<bool> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash)?);
    Ok(output(&argon2, password, salt, memory)? == *expected)
}

fn output(argon2: &Argon2<'_>, password: &str, salt: &Salt, memory: &mut Memory) -> HashResult<Output> {
    let params = argon2.params();
    memory.resize(params.block_count(), Block::default());
    let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    let mut bytes = [0; Output::MAX_LENGTH];
    let out = bytes.get_mut(..length).ok_or(HashError::OutputSize)?;
    argon2.hash_password_into_with_memory(password.as_bytes(), salt, out, memory.as_mut_slice())?;
    Ok(Output::new(out)?)
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

    #[test]
    fn hashes_are_those_of_the_library() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let ours = hash_now("correct horse", &mut Vec::new()).expect("hashing works");
        assert!(Argon2::default().verify_password(b"correct horse", ours.as_str()).is_ok());
        let theirs: PasswordHash = Argon2::default().hash_password(b"correct horse").expect("hashing works");
        // Memory in which another password was hashed before changes nothing.
        let mut memory = vec![Block::default(); 7];
        assert!(!matches("battery staple", &theirs, &mut memory).expect("it can be compared"));
        assert!(matches("correct horse", &theirs, &mut memory).expect("it can be compared"));
    }

    #[tokio::test]
    async fn whoever_finds_the_queue_full_is_told_to_come_back() {
        let hasher = Hasher::new(1);
        let _everything = hasher.admitted.try_acquire_many(1 + 64).expect("nobody else hashes here");
        assert!(matches!(hasher.hash("correct horse").await, Err(PasswordError::Busy)));
    }
}

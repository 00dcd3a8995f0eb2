//! Access tokens of the API (JWT, HS256, 15 minutes) and the keys that sign them and the cursors of lists.

use std::sync::{Arc, Once, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result as JwtResult};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::session::{Session, TokenHash, random_bytes};
use super::store;
use crate::clock::Clock;
use crate::db::{Db, DbError, SystemPurpose};
use crate::id::UserId;

/// Seconds that an access token holds.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// A token signed by an unknown key makes a node look for new keys, at most this often.
const RELOAD: TimeDelta = TimeDelta::seconds(10);

/// What an access token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessClaims {
    /// The user.
    pub sub: UserId,
    /// The hash of the session's token; the session is looked up on every request.
    pub sid: String,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// When it stops to hold, in seconds since 1970.
    pub exp: i64,
    /// The slug of the workspace that the session is bound to, for the client to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

impl AccessClaims {
    /// The session that the token speaks for.
    pub fn session(&self) -> Option<TokenHash> {
        URL_SAFE_NO_PAD.decode(&self.sid).ok()?.try_into().ok()
    }
}

struct SigningKey {
    id: Uuid,
    secret: Vec<u8>,
}

/// The signing keys: the newest signs, all verify.
#[derive(Clone)]
pub struct SigningKeys(Arc<RwLock<Loaded>>);

struct Loaded {
    keys: Arc<[SigningKey]>,
    at: DateTime<Utc>,
}

impl SigningKeys {
    /// Reads the keys, making the first one where there is none.
    pub async fn load(db: &Db, clock: &Clock) -> Result<Self, DbError> {
        install_provider();
        let keys = read(db, clock).await?;
        Ok(Self(Arc::new(RwLock::new(Loaded { keys, at: clock.now() }))))
    }

    /// An access token for a session.
    pub fn sign(&self, session: &Session, now: DateTime<Utc>) -> JwtResult<String> {
        let claims = AccessClaims {
            sub: session.user.id,
            sid: URL_SAFE_NO_PAD.encode(session.hash),
            iat: now.timestamp(),
            exp: now.timestamp() + ACCESS_TOKEN_SECONDS,
            tenant: session.tenant.as_ref().map(|tenant| tenant.slug.clone()),
        };
        let keys = self.keys();
        let newest = keys.first().ok_or(ErrorKind::InvalidKeyFormat)?;
        let header = Header { kid: Some(newest.id.to_string()), ..Header::new(Algorithm::HS256) };
        let secret = derive(&newest.secret, "access-token");
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&secret))
    }

    /// What a token says, if one of our keys signed it and it holds now. A token of an unknown key makes this node
    /// look whether another node has made a new one.
    pub async fn verify(&self, token: &str, db: &Db, clock: &Clock) -> Result<Option<AccessClaims>, DbError> {
        let Ok(header) = jsonwebtoken::decode_header(token) else { return Ok(None) };
        let Some(id) = header.kid.and_then(|kid| Uuid::parse_str(&kid).ok()) else { return Ok(None) };
        if !self.knows(id) {
            self.reload(db, clock).await?;
        }
        let keys = self.keys();
        let Some(key) = keys.iter().find(|key| key.id == id) else { return Ok(None) };
        let secret = derive(&key.secret, "access-token");
        let decoded =
            jsonwebtoken::decode::<AccessClaims>(token, &DecodingKey::from_secret(&secret), &validation());
        // The expiry is checked here and not by the library, which would ask the machine's clock.
        let now = clock.now().timestamp();
        Ok(decoded.ok().map(|token| token.claims).filter(|claims| claims.exp > now))
    }

    /// A short text that carries `payload` and cannot be changed by whoever holds it. `purpose` keeps one kind of
    /// sealed text from passing for another.
    pub fn seal(&self, purpose: &str, payload: &[u8]) -> String {
        let keys = self.keys();
        let Some(newest) = keys.first() else { return String::new() };
        let tag = tag(&derive(&newest.secret, purpose), payload);
        format!("{}.{}", URL_SAFE_NO_PAD.encode(payload), URL_SAFE_NO_PAD.encode(tag))
    }

    /// The payload of a sealed text; None when it was changed, or sealed for another purpose.
    pub fn open(&self, purpose: &str, sealed: &str) -> Option<Vec<u8>> {
        let (payload, claimed) = sealed.split_once('.')?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let claimed = URL_SAFE_NO_PAD.decode(claimed).ok()?;
        let fits = |key: &SigningKey| {
            use subtle::ConstantTimeEq;
            bool::from(tag(&derive(&key.secret, purpose), &payload).ct_eq(claimed.as_slice()))
        };
        self.keys().iter().any(fits).then_some(payload)
    }

    fn keys(&self) -> Arc<[SigningKey]> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys.clone()
    }

    fn knows(&self, id: Uuid) -> bool {
        self.keys().iter().any(|key| key.id == id)
    }

    async fn reload(&self, db: &Db, clock: &Clock) -> Result<(), DbError> {
        let now = clock.now();
        {
            let mut loaded = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if now - loaded.at < RELOAD {
                return Ok(());
            }
            loaded.at = now;
        }
        let keys = read(db, clock).await?;
        self.0.write().unwrap_or_else(PoisonError::into_inner).keys = keys;
        Ok(())
    }
}

async fn read(db: &Db, clock: &Clock) -> Result<Arc<[SigningKey]>, DbError> {
    let tx = db.system(SystemPurpose::SignIn).await?;
    let rows = store::signing_keys(&tx, &random_bytes(), clock.now()).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|(id, secret)| SigningKey { id, secret }).collect())
}

fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    validation
}

/// A key for one purpose only.
fn derive(secret: &[u8], purpose: &str) -> [u8; 32] {
    tag(secret, purpose.as_bytes())
}

fn tag(key: &[u8], message: &[u8]) -> [u8; 32] {
    match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac.chain_update(message).finalize().into_bytes().into(),
        Err(error) => unreachable!("HMAC takes keys of any length: {error}"),
    }
}

/// HS256 on the HMAC that the house uses anyway; no other algorithm exists here, whatever a token's header says.
struct Hs256(Vec<u8>);

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(tag(&self.0, message).to_vec())
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| SignatureError::new())?;
        mac.chain_update(message).verify_slice(signature).map_err(|_| SignatureError::new())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(key.as_bytes().to_vec()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match algorithm {
        Algorithm::HS256 => Ok(Box::new(Hs256(key.try_get_as_bytes()?.to_vec()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

/// The library has one provider a process, and panics without one.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if PROVIDER.install_default().is_err() {
            tracing::warn!("another provider for access tokens was installed before");
        }
    });
}

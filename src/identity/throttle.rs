//! Slows down whoever guesses passwords: by account and by address, for known and unknown accounts alike. An attempt
//! counts as failed from before its password is checked until it turns out right, so that a thousand guesses at once
//! are no better than a thousand in a row.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{EmailAddress, store};
use crate::clock::Clock;
use crate::db::{Db, DbError, SystemPurpose, SystemTx};
use crate::limits;

/// Failures count for so long.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// An attempt that was let through.
#[derive(Debug)]
pub struct Attempt {
    id: Uuid,
    account: String,
    address: Option<String>,
}

/// What an attempt counts against.
pub(super) struct Subject<'a> {
    /// Which account is tried, as typed.
    pub email: &'a str,
    /// Where the request comes from, if that is known.
    pub address: Option<IpAddr>,
}

/// Lets an attempt through, or says how long to wait.
pub(super) async fn admit(
    db: &Db,
    clock: &Clock,
    subject: Subject<'_>,
) -> Result<Result<Attempt, Duration>, DbError> {
    let attempt = Attempt {
        id: Uuid::now_v7(),
        account: account_key(subject.email),
        address: subject.address.map(|address| format!("address:{}", prefix(address))),
    };
    let now = clock.now();
    let tx = db.system(SystemPurpose::SignIn).await?;
    // Always account before address, so that two attempts never wait for each other in a circle.
    for (key, limit) in attempt.keys() {
        let failures = store::count_failures(&tx, key, now - WINDOW).await?;
        if failures.count >= limit {
            return Ok(Err(wait(failures.oldest, now)));
        }
    }
    for (key, _) in attempt.keys() {
        store::add_failure(&tx, key, attempt.id, now, WINDOW).await?;
    }
    tx.commit().await?;
    Ok(Ok(attempt))
}

impl Attempt {
    fn keys(&self) -> impl Iterator<Item = (&str, i64)> {
        let address = self.address.as_deref().map(|key| (key, limits::SIGN_IN_FAILURES_PER_ADDRESS));
        std::iter::once((self.account.as_str(), limits::SIGN_IN_FAILURES_PER_ACCOUNT)).chain(address)
    }

    /// The attempt proved nothing, right or wrong: it never was.
    pub(crate) async fn forgotten(&self, tx: &SystemTx) -> Result<(), DbError> {
        for (key, _) in self.keys() {
            store::forget_failures(tx, key, Some(self.id)).await?;
        }
        Ok(())
    }

    /// The password was right: the account starts afresh, and the address is rid of this attempt.
    pub(crate) async fn succeeded(&self, tx: &SystemTx) -> Result<(), DbError> {
        store::forget_failures(tx, &self.account, None).await?;
        match &self.address {
            Some(address) => store::forget_failures(tx, address, Some(self.id)).await,
            None => Ok(()),
        }
    }
}

/// By a hash of the address, because the table should not list who was attacked.
fn account_key(email: &str) -> String {
    let digest = Sha256::digest(EmailAddress::stored_form(email));
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("account:{hex}")
}

/// One customer of an IPv6 provider has at least a /64, so that is what counts there.
fn prefix(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

fn wait(oldest: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    let until = oldest.unwrap_or(now) + WINDOW;
    (until - now).to_std().unwrap_or(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_in_one_ipv6_network_count_together() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(prefix(address("2001:db8:1:2::7")), prefix(address("2001:db8:1:2:ffff::1")));
        assert_ne!(prefix(address("2001:db8:1:2::7")), prefix(address("2001:db8:1:3::7")));
        assert_eq!(prefix(address("::ffff:192.0.2.1")), "192.0.2.1");
    }

    #[test]
    fn an_account_counts_as_one_however_its_address_is_typed() {
        assert_eq!(account_key(" Ana@Example.com"), account_key("ana@example.com"));
    }
}

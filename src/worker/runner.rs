//! The loop that takes jobs and does them step by step. Tenants take turns: whoever has waited longest is served next,
//! and a job that is not done after a while goes to the end of the line.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::Background;
use super::kind::{self, Failure};
use crate::db::{DbError, SystemPurpose};
use crate::id::TenantId;
use crate::job::{self, Ending, Held, holder};
use crate::work::{Entry, Work, WorkError};

/// Jobs that one process does at a time.
pub(super) const AT_ONCE: usize = 2;
/// How often is looked for jobs while there are none.
const POLL: Duration = Duration::from_secs(1);
/// How long a job is held without a sign of life.
const LEASE: TimeDelta = TimeDelta::seconds(10);
/// How often a sign of life is given.
const BEAT: Duration = Duration::from_secs(3);
/// How long a job goes on before others have their turn.
const SLICE: Duration = Duration::from_secs(2);
/// How long a step may take to end once the process stops; then it is rolled back.
const FAREWELL: Duration = Duration::from_secs(8);
/// Tenants that are looked at in one round.
const TENANTS: i64 = 20;

/// Why a job goes no further for now.
enum Pause {
    /// It is done, or the lease is lost to somebody else, or to who called the job off.
    Over,
    /// Others have their turn, or the process stops.
    Turn,
    /// A step failed.
    Failed(Failure),
}

/// Works off jobs until `stop` is cancelled.
pub(super) async fn run(background: &Background, stop: &CancellationToken) {
    let holder = holder();
    while !stop.is_cancelled() {
        match round(background, &holder, stop).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(error) => tracing::warn!(%error, "jobs could not be taken; it is tried again"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Does what is due, until nothing is any more. For tests and for commands that wait.
pub async fn work_off(background: &Background) -> Result<(), DbError> {
    let (holder, stop) = (holder(), CancellationToken::new());
    while round(background, &holder, &stop).await? > 0 {}
    Ok(())
}

/// One job of every tenant that has one waiting; how many there were.
async fn round(background: &Background, holder: &str, stop: &CancellationToken) -> Result<usize, DbError> {
    let tx = background.db.system(SystemPurpose::Operate).await?;
    let tenants = job::due(&tx, background.clock.now(), TENANTS).await?;
    tx.commit().await?;
    let mut taken = 0;
    for tenant in tenants {
        if stop.is_cancelled() {
            break;
        }
        let hold = Hold { background, tenant };
        if let Some(held) = hold.claim(holder).await? {
            taken += 1;
            hold.work(held, stop).await?;
        }
    }
    Ok(taken)
}

/// A tenant whose job is being done.
struct Hold<'b> {
    background: &'b Background,
    tenant: TenantId,
}

impl Hold<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.background.clock.now()
    }

    async fn claim(&self, holder: &str) -> Result<Option<Held>, DbError> {
        let tx = self.background.db.tenant(self.tenant).await?;
        let held = job::claim(&tx, holder, self.now(), self.now() + LEASE).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Does a job until it pauses, and writes down why.
    async fn work(&self, mut held: Held, stop: &CancellationToken) -> Result<(), DbError> {
        let pause = match held.attempts > held.max_attempts {
            true => {
                let reason = "It was begun several times, and each time the process that did it went away.";
                Pause::Failed(Failure::Refused(reason.to_owned()))
            }
            false => self.slice(&mut held, stop).await,
        };
        let (tx, now) = (self.background.db.tenant(self.tenant).await?, self.now());
        match pause {
            Pause::Over => return Ok(()),
            Pause::Turn => job::hand_back(&tx, &held, now).await?,
            Pause::Failed(Failure::Refused(reason)) => {
                job::end(&tx, &held, Ending::Failed, now, &reason).await?;
            }
            Pause::Failed(Failure::Again(error)) => {
                tracing::warn!(job = %held.id, kind = held.kind, %error, "a step of a job failed");
                let reason = "A step failed on our side; the log of the server says more.";
                match held.attempts >= held.max_attempts {
                    true => job::end(&tx, &held, Ending::Failed, now, reason).await?,
                    false => job::postpone(&tx, &held, now + backoff(held.attempts), reason).await?,
                }
            }
        }
        tx.commit().await
    }

    async fn slice(&self, held: &mut Held, stop: &CancellationToken) -> Pause {
        let begun = Instant::now();
        loop {
            match self.guarded(held, stop).await {
                Ok(Some(true)) => {}
                Ok(Some(false) | None) => return Pause::Over,
                Err(pause) => return pause,
            }
            if stop.is_cancelled() || begun.elapsed() > SLICE {
                return Pause::Turn;
            }
        }
    }

    /// A step with signs of life beside it. None when the lease is lost, true when there is more to do.
    async fn guarded(&self, held: &mut Held, stop: &CancellationToken) -> Result<Option<bool>, Pause> {
        let before = held.clone();
        let mut step = std::pin::pin!(self.step(held));
        let farewell = async {
            stop.cancelled().await;
            tokio::time::sleep(FAREWELL).await;
        };
        let mut farewell = std::pin::pin!(farewell);
        loop {
            tokio::select! {
                done = &mut step => return done.map_err(Pause::Failed),
                () = &mut farewell => return Err(Pause::Turn),
                () = tokio::time::sleep(BEAT) => {
                    if matches!(self.beat(&before).await, Ok(false)) {
                        return Ok(None);
                    }
                }
            }
        }
    }

    async fn beat(&self, held: &Held) -> Result<bool, DbError> {
        let tx = self.background.db.tenant(self.tenant).await?;
        let still = job::extend(&tx, held, self.now() + LEASE).await?;
        tx.commit().await?;
        Ok(still)
    }

    /// One step, its effects and the job's new position in one transaction.
    async fn step(&self, held: &mut Held) -> Result<Option<bool>, Failure> {
        let work = self.begin(held).await?;
        let turn = kind::step(&work, held).await?;
        let now = self.now();
        if !job::advance(&work.tx, held, &turn, (now, now + LEASE)).await? {
            return Ok(None);
        }
        work.commit().await?;
        let more = !turn.finished;
        held.position = turn.position;
        held.result = turn.result;
        held.progress = turn.progress;
        held.attempts = 1;
        Ok(Some(more))
    }

    /// Work in the name of who asked, with the rights that they have now.
    async fn begin(&self, held: &Held) -> Result<Work, Failure> {
        let Background { db, caches, clock, .. } = self.background;
        let entry =
            Entry { tenant: self.tenant, user: held.created_by, session: None, channel: held.channel };
        let work = Work::begin(db, caches, clock, &entry, kind::intent(held)).await;
        work.map_err(|error| match error {
            WorkError::NotAdmitted => {
                Failure::Refused("Whoever asked for this is no longer a member of the workspace.".to_owned())
            }
            WorkError::Inactive => Failure::Refused("The workspace is not active.".to_owned()),
            error => Failure::Again(Box::new(error)),
        })
    }
}

/// Two seconds, four, eight… an hour at most.
fn backoff(attempts: i32) -> TimeDelta {
    TimeDelta::seconds(1 << attempts.clamp(1, 12)).min(TimeDelta::hours(1))
}

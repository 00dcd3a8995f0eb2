//! One search over every module that the actor may read.

use futures_util::future::try_join_all;

use super::error::{Error, Fault};
use super::output::Record;
use super::page::Count;
use super::read;
use crate::access::{Scope, Verb};
use crate::limits;
use crate::work::Work;

/// What was found in a module, the best match first.
#[derive(Debug)]
pub struct FoundIn {
    /// The module's key.
    pub module: String,
    /// The best matches.
    pub records: Vec<Record>,
    /// How many records match.
    pub count: Count,
}

/// At most `limit` records of each module that the actor may read; the module with the best match comes first, modules
/// without any are left out.
pub async fn search(work: &Work, words: &str, limit: usize) -> Result<Vec<FoundIn>, Error> {
    let words = words.trim();
    if words.is_empty() || words.len() > 200 || words.contains('\0') {
        return Err(Fault::new("/query/q", "length", "Search for 1 to 200 characters.").into());
    }
    let limit = limit.clamp(1, limits::FOUND_PER_MODULE);
    let readable =
        work.schema.modules().filter(|module| work.actor.scope(module.key(), Verb::Read) != Scope::None);
    let found = try_join_all(readable.map(async |module| {
        let (records, rank, count) = read::best(work, module, words, limit).await?;
        Ok::<_, Error>((rank, FoundIn { module: module.key().to_owned(), records, count }))
    }));
    let mut found = found.await?;
    found.retain(|(_, found)| !found.records.is_empty());
    found.sort_by_key(|(rank, _)| *rank);
    Ok(found.into_iter().map(|(_, found)| found).collect())
}

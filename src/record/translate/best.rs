//! The best matches of a search: which of the candidates come first.

use tokio_postgres::types::Type;

use super::Untranslatable;
use crate::db::DynamicSql;
use crate::limits;
use crate::record::sql::{Binder, Planned, Planner, columns};

impl Planner<'_> {
    /// The best matches of the query's words among so many candidates: titles that begin with them, then titles of which
    /// a word does, then the rest; what was changed last comes first. A title that is kept from the role puts nothing
    /// before anything. Rows carry the columns of a record, `rank` and `found`.
    pub(in crate::record) fn best(&self, words: &str, limit: usize) -> Result<Planned, Untranslatable> {
        let mut binder = Binder::default();
        let conditions = self.conditions(&mut binder)?.join(" and ");
        let columns = columns(self.module, &mut binder);
        let rank = match self.module.conceals_title() {
            true => "2".to_owned(),
            false => {
                let words = binder.text(words);
                format!(
                    "case when r.t1 ^@ {words} then 0 when strpos(' ' || r.t1, ' ' || {words}) > 0 then 1 else 2 end"
                )
            }
        };
        let candidates = binder.bind(limits::SEARCH_CANDIDATES, Type::INT8);
        let limit = binder.bind(limit as i64, Type::INT8);
        let text = format!(
            "select {columns}, {rank} as rank, count(*) over () as found
             from (select r.* from records r where {conditions} limit {candidates}) r
             order by rank, r.updated_at desc, r.id desc limit {limit}"
        );
        Ok(Planned { sql: DynamicSql::planned(text, false), params: binder.0 })
    }
}

//! Roll-ups: what a written record adds and takes away, applied to the records that sum it up.

use std::collections::BTreeMap;

use serde_json::Value;

use super::store::{self, Posting};
use super::tally::{self, Share, Tally};
use super::{Ground, Moved, State, refresh};
use crate::db::DbError;
use crate::expr;
use crate::field::rules::RollupFunction;
use crate::id::RecordId;
use crate::record::error::Error;
use crate::schema::Module;
use crate::schema::rules::RollupPlan;

/// Records that are read in one go.
const PAGE: usize = 500;

/// What comes to a roll-up of one record, and what goes.
#[derive(Default)]
struct Difference {
    entering: Vec<Share>,
    leaving: Vec<Share>,
}

/// Differences by record, and for each by the number of the roll-up's field.
type Differences<'p> = BTreeMap<RecordId, BTreeMap<i16, (&'p RollupPlan, Difference)>>;

/// Applies what some written records add and take away; gives the records whose values it changed. It costs the same
/// however many records are summed up, unless the least or greatest one leaves.
pub(super) async fn sum_up(ground: Ground<'_>, moved: &[Moved]) -> Result<Vec<Moved>, Error> {
    let differences = differences(ground, moved);
    if differences.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<RecordId> = differences.keys().copied().collect();
    let rows = store::lock(ground.tx, &ids).await?;
    store::post(ground.tx, &postings(&differences)).await?;
    let tallies = store::tallies(ground.tx, &ids).await?;
    let mut changed = Vec::new();
    for (id, number, state) in rows {
        let (Some(module), Some(plans)) = (ground.schema.whole_numbered(number), differences.get(&id)) else {
            continue;
        };
        let mut values = Vec::new();
        for (field, (plan, difference)) in plans.iter().filter(|(_, (plan, _))| plan.parent == number) {
            let tally = tallies.get(&(id, *field)).cloned().unwrap_or_default();
            let parent = Parent { id, module, state: &state };
            values.push((plan.field.clone(), parent.value(ground, plan, &tally, difference).await?));
        }
        changed.extend(refresh(ground, module, id, state, values).await?);
    }
    Ok(changed)
}

fn differences<'p>(ground: Ground<'p>, moved: &[Moved]) -> Differences<'p> {
    let mut differences = Differences::new();
    for record in moved {
        for plan in ground.schema.plans.summing(record.module) {
            let old = tally::shares(ground, plan, record.before.as_ref());
            let new = tally::shares(ground, plan, Some(&record.after));
            if old == new {
                continue;
            }
            let mut note = |shares: Option<(Vec<RecordId>, Share)>, entering: bool| {
                for (parent, share) in
                    shares.iter().flat_map(|(to, share)| to.iter().map(move |to| (*to, share)))
                {
                    let of_parent = differences.entry(parent).or_default();
                    let (_, difference) =
                        of_parent.entry(plan.number).or_insert((plan, Difference::default()));
                    let side = if entering { &mut difference.entering } else { &mut difference.leaving };
                    side.push(share.clone());
                }
            };
            note(old, false);
            note(new, true);
        }
    }
    differences
}

fn postings(differences: &Differences<'_>) -> Vec<Posting> {
    let mut postings = Vec::new();
    for (record, plans) in differences {
        for (field, (_, difference)) in plans {
            let mut sum = Tally::default();
            difference.leaving.iter().for_each(|share| sum.add(share, -1));
            difference.entering.iter().for_each(|share| sum.add(share, 1));
            for (unit, (count, total)) in sum.0 {
                postings.push(Posting { record: *record, field: *field, unit, count, total });
            }
        }
    }
    postings
}

/// A record that sums others up, locked.
struct Parent<'a> {
    id: RecordId,
    module: &'a Module,
    state: &'a State,
}

impl Parent<'_> {
    async fn value(
        &self,
        ground: Ground<'_>,
        plan: &RollupPlan,
        tally: &Tally,
        difference: &Difference,
    ) -> Result<Option<Value>, DbError> {
        let Some(stored) = self.module.field(&plan.field) else { return Ok(None) };
        let extreme = match plan.function {
            RollupFunction::Min | RollupFunction::Max => {
                self.extreme(ground, plan, tally, difference).await?
            }
            _ => None,
        };
        Ok(tally.value(ground, plan, &stored.field.kind, extreme.as_ref()))
    }

    /// The least or greatest value. The records are read again only where it may have left.
    async fn extreme(
        &self,
        ground: Ground<'_>,
        plan: &RollupPlan,
        tally: &Tally,
        difference: &Difference,
    ) -> Result<Option<expr::Value>, DbError> {
        let entering = tally::best(plan, difference.entering.iter().map(|share| &share.value));
        let known = self.module.value(&self.state.data, &plan.field);
        let arrived = i64::try_from(difference.entering.len()).unwrap_or(i64::MAX);
        if known == expr::Value::Null {
            return match tally.count() == arrived {
                true => Ok(entering),
                false => read_again(ground, plan, self.id).await,
            };
        }
        let leaves = difference.leaving.iter().any(|share| !tally::is_better(plan, &known, &share.value));
        match entering {
            Some(new) if !tally::is_better(plan, &known, &new) => Ok(Some(new)),
            _ if leaves => read_again(ground, plan, self.id).await,
            _ => Ok(Some(known)),
        }
    }
}

async fn read_again(
    ground: Ground<'_>,
    plan: &RollupPlan,
    id: RecordId,
) -> Result<Option<expr::Value>, DbError> {
    let (_, extreme) = tally_anew(ground, plan, id).await?;
    Ok(extreme)
}

/// What a roll-up of a record adds up, from the records themselves, with the best of their values.
pub(super) async fn tally_anew(
    ground: Ground<'_>,
    plan: &RollupPlan,
    id: RecordId,
) -> Result<(Tally, Option<expr::Value>), DbError> {
    let Some(module) = ground.schema.whole_numbered(plan.child) else { return Ok((Tally::default(), None)) };
    let (mut tally, mut extreme) = (Tally::default(), None::<expr::Value>);
    let mut after = RecordId::NIL;
    loop {
        let page = store::links(ground.tx, plan.link, id, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok((tally, extreme)) };
        after = *last;
        for state in store::live(ground.tx, plan.child, &page).await? {
            if let Some(share) = tally::share(ground, plan, module, &state) {
                tally.add(&share, 1);
                extreme = tally::best(plan, extreme.iter().chain([&share.value]));
            }
        }
    }
}

//! Budgets: filled by the import of the catalogue, and emptied when their promotion is over.

use crate::error::Result;
use crate::promotion;
use crate::world::{StepContext, World};
use domain::actor::Actor;
use domain::catalogue::{Fault, Listed};
use domain::ledger::Posting;
use domain::ledger::bonus::Budget;
use domain::promotion::Promotion;
use domain::time::HOUR_MS;
use store::Tx;
use store::promotion::{Rest, Spent};

const LIMIT: i64 = 200;
/// So long after its end a promotion may still be given to sales whose price was promised before.
const REST_AFTER_MS: i64 = HOUR_MS;

fn of(promotion: &Promotion) -> Budget<'_> {
    Budget { promotion: &promotion.id, market: &promotion.market, unit: promotion.unit() }
}

/// What is wrong with the budgets of a new catalogue, seen against what was given already.
pub(crate) fn check(tx: &mut Tx<'_>, listed: &[Listed]) -> anyhow::Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for Listed { promotion, line } in listed {
        let mut fault = |reason: String| {
            faults.push(Fault { line: *line, reason: format!("promotion {:?}: {reason}", promotion.id) });
        };
        if let Some((market, unit)) = store::promotion::budget_of(tx, &promotion.id)?
            && (market != promotion.market || unit != promotion.unit())
        {
            fault(format!("it was in {market} and gave {unit} before: another promotion needs another id"));
            continue;
        }
        let Spent { given, held, .. } = store::promotion::spent(tx, &promotion.id)?;
        if promotion.budget < given + held {
            let budget = promotion.budget;
            fault(format!(
                "budget {budget} is less than the {} that were given or promised already",
                given + held
            ));
        }
    }
    Ok(faults)
}

/// Brings every budget to what the catalogue says. Returns what the caller posts.
pub(crate) fn fund(
    tx: &mut Tx<'_>,
    context: &StepContext,
    listed: &[Listed],
) -> anyhow::Result<Vec<Posting>> {
    let mut postings = Vec::new();
    for Listed { promotion, .. } in listed.iter().filter(|l| !l.promotion.has_ended(context.now)) {
        let change = promotion.budget - store::promotion::spent(tx, &promotion.id)?.funded;
        if change != 0 {
            let n = store::promotion::change_budget(tx, &of(promotion), change)?;
            postings.push(of(promotion).change(n, change, Actor::Operator));
        }
    }
    Ok(postings)
}

/// What promotions left behind: bonuses of orders that ended, and the rest of budgets whose promotion is over.
pub(crate) async fn sweep(world: &World) -> Result<()> {
    let context = world.step();
    let ended_by = context.now.plus_ms(-REST_AFTER_MS);
    let found = world.db.read(move |tx| {
        let forgotten = store::promotion::list_forgotten(tx, LIMIT)?;
        Ok((forgotten, store::promotion::list_rests(tx, ended_by)?.is_empty()))
    });
    let (forgotten, nothing_left) = found.await?;
    if !forgotten.is_empty() {
        let context = context.clone();
        world
            .db
            .write(move |tx| {
                let mut postings = Vec::new();
                for id in &forgotten {
                    let top_up = store::top_up::load(tx, id)?;
                    postings.extend(promotion::release(tx, &top_up, Actor::System)?);
                }
                context.record(tx, &postings)
            })
            .await?;
    }
    if !nothing_left {
        world.db.write(move |tx| give_rests_back(tx, &context, ended_by)).await?;
    }
    Ok(())
}

fn give_rests_back(
    tx: &mut Tx<'_>,
    context: &StepContext,
    ended_by: domain::time::UnixMs,
) -> anyhow::Result<()> {
    let mut postings = Vec::new();
    for Rest { promotion, market, unit, left } in store::promotion::list_rests(tx, ended_by)? {
        let budget = Budget { promotion: &promotion, market: &market, unit };
        let n = store::promotion::change_budget(tx, &budget, -left)?;
        postings.push(budget.change(n, -left, Actor::System));
    }
    context.record(tx, &postings)
}

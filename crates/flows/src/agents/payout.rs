//! Commission that is paid out: what an agent's shops earned in a month that is over goes to their floats, once for each
//! month. One supervisor asks; above the threshold another one has to agree, as with every float request.

use super::float;
use super::selling::Today;
use super::{By, Outcome, Refused, apply, note};
use crate::care::Colleague;
use crate::error::Result;
use crate::world::World;
use domain::agent::Agent;
use domain::float_request::{FloatRequest, FloatRequestKind};
use domain::id::AgentId;
use domain::ledger::{Posting, PostingKey, Purpose, Transfer, agents};
use domain::money::Money;
use domain::staff::Role;
use domain::time::UnixMs;
use jiff::ToSpan;
use store::Tx;
use store::float_request::Inserted;

/// Outlets that are read at once.
const AT_ONCE: i64 = 500;
/// Months that are over and shown.
const MONTHS: i32 = 6;

/// Names the pay-out of a month: no two requests for it stand at the same time. Never a bank's reference, which has
/// letters and digits alone.
fn reference(agent: &AgentId, month: &str) -> String {
    format!("commission/{agent}/{month}")
}

/// What the outlets of an agent earned in a month and still have to get: never more than the ledger owes them by now.
fn due(tx: &mut Tx<'_>, agent: &Agent, month: &str) -> anyhow::Result<Vec<Transfer>> {
    let zero = Money::zero(agent.terms.credit_line.currency);
    let (mut transfers, mut after) = (Vec::new(), String::new());
    loop {
        let page = store::outlet::list(tx, &agent.id, &after, AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(transfers) };
        after = last.place.to_string();
        for outlet in &page {
            let earned = store::commission::earned_in(tx, &outlet.partner, month)?;
            let owed = store::ledger::balance(tx, &agents::commission_due(&outlet.partner, zero))?.posted;
            let amount = Money::new(earned.min(owed), zero.currency);
            if amount.minor > 0 {
                transfers.push(agents::commission_payment(&outlet.partner, amount));
            }
        }
    }
}

fn sum(transfers: &[Transfer]) -> i64 {
    transfers.iter().map(|transfer| transfer.amount).sum()
}

/// Asks for the pay-out of a month, which is done at once where it is not much.
pub async fn pay(
    world: &World,
    by: &Colleague,
    agent: &AgentId,
    month: &str,
    text: &str,
) -> Result<Outcome<FloatRequest>> {
    if by.role != Role::Supervisor {
        return Ok(Err(Refused::NotSupervisor));
    }
    let text = match note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let id = agent.clone();
    let Some(known) = world.db.read(move |tx| store::agent::find(tx, &id)).await? else {
        return Ok(Err(Refused::Unknown));
    };
    let zone = apply::zone(world, &known.market);
    crate::risk::limits(world).await?;
    let (context, by, id, month) = (world.step(), By::Staff(by.clone()), agent.clone(), month.to_owned());
    let over = domain::history::month(&month, "UTC").is_some() && month < Today::of(&context, &zone).month;
    if !over {
        return Ok(Err(Refused::MonthNotOver));
    }
    let key = hex::encode(world.ids.random());
    let paid = world.db.write(move |tx| {
        let Some(agent) = store::agent::lock(tx, &id)? else { return Ok(Err(Refused::Unknown)) };
        let amount = Money::new(sum(&due(tx, &agent, &month)?), agent.terms.credit_line.currency);
        if amount.minor <= 0 {
            return Ok(Err(Refused::CommissionPaid));
        }
        let kind = (FloatRequestKind::Commission, id.clone());
        let request = FloatRequest {
            reference: Some(reference(&id, &month)),
            ..float::asked(&context, &by, kind, &agent.partner, amount, &text)
        };
        match store::float_request::insert(tx, &request, &key, None)? {
            Inserted::New => float::asked_or_done(tx, &context, &by, request, &text),
            Inserted::Again(_) | Inserted::ReferenceUsed => Ok(Err(Refused::CommissionPaid)),
        }
    });
    Ok(paid.await?)
}

/// The posting of a pay-out that everybody agreed to; not another sum than was agreed to.
pub(super) fn posting(tx: &mut Tx<'_>, request: &FloatRequest, by: &By) -> anyhow::Result<Outcome<Posting>> {
    let month = request.reference.as_deref().and_then(|text| text.rsplit('/').next());
    let Some(month) = month else { anyhow::bail!("{} is of no month", request.id) };
    let Some(agent) = store::agent::lock(tx, &request.agent)? else {
        anyhow::bail!("{} is of no agent", request.id)
    };
    let transfers = due(tx, &agent, month)?;
    if sum(&transfers) != request.amount.minor {
        return Ok(Err(Refused::CommissionChanged));
    }
    let key = PostingKey::new(format!("{}/{month}", agent.id), Purpose::CommissionPay);
    Ok(Ok(Posting::new(key, by.actor(), transfers)))
}

/// The last months that are over, with what an agent's sales earned in them, where nobody asked for the pay-out.
pub fn months(
    tx: &mut Tx<'_>,
    agent: &Agent,
    zone: &str,
    now: UnixMs,
) -> anyhow::Result<Vec<(String, Money)>> {
    let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let first = now.timestamp().to_zoned(zone).date().first_of_month();
    let mut found = Vec::new();
    for back in 1..=MONTHS {
        let month = first.checked_sub(back.months())?.strftime("%Y-%m").to_string();
        let key = store::sold::key(agent.id.as_str(), &month);
        let Some(sold) = store::sold::sums(tx, &[&key])?.pop() else { continue };
        let asked = store::float_request::has_reference(tx, &reference(&agent.id, &month))?;
        if sold.commission.minor > 0 && !asked {
            found.push((month, sold.commission));
        }
    }
    Ok(found)
}

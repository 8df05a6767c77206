//! Outlets: the owner proposes one, staff approves it, and either holds it to limits. What the public sees of it is
//! published with its state ([`super::publish`]).

use super::decide::partner_name;
use super::terms::limits_fit;
use super::{By, Outcome, Refused, is_key, note, publish};
use crate::error::Result;
use crate::office::audit;
use crate::world::{StepContext, World};
use domain::agent::{Agent, AgentState, SaleLimits};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::{AgentId, PartnerId, PlaceId};
use domain::money::{Currency, Money};
use domain::outlet::{Outlet, OutletEvent, OutletFacts, OutletState};
use domain::place::canonical_number;
use store::Tx;
use store::outlet::{self as stored, Inserted};
use store::partner;

/// Outlets of one agent.
pub const OUTLETS_MAX: i64 = 5_000;

/// What the owner says of a shop.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The form's own key.
    pub key: String,
    pub agent: AgentId,
    /// `number`: of its sticker, where the operator's file of places has the shop already; else it is empty, and one is
    /// given out here.
    pub facts: OutletFacts,
}

/// Proposes an outlet. The same form sent twice proposes once.
pub async fn propose(world: &World, by: &By, proposal: Proposal) -> Result<Outcome<Outlet>> {
    if !is_key(&proposal.key) {
        return Ok(Err(Refused::KeyReused));
    }
    if !by.acts_for(&proposal.agent) {
        return Ok(Err(Refused::Unknown));
    }
    let (numbers, facts) = (numbers(world.ids.random()), proposal.facts);
    if let Err(refused) = publish::fit(&facts) {
        return Ok(Err(refused));
    }
    let (context, by, key, agent) = (world.step(), by.clone(), proposal.key, proposal.agent);
    let proposed = world.db.write(move |tx| {
        if let Some(earlier) = stored::find_by_key(tx, &key)? {
            return Ok(if earlier.agent == agent { Ok(earlier) } else { Err(Refused::KeyReused) });
        }
        let Some(agent) = store::agent::lock(tx, &agent)? else { return Ok(Err(Refused::Unknown)) };
        if agent.state != AgentState::Approved {
            return Ok(Err(Refused::NotActive));
        }
        if stored::count(tx, &agent.id)? >= OUTLETS_MAX {
            return Ok(Err(Refused::OutletsTooMany));
        }
        let outlet = if facts.number.is_empty() {
            numbered(tx, &context, &agent, (&facts, &numbers), &key)?
        } else {
            match adopted(tx, &context, &agent, &facts, &key)? {
                Some(outlet) => outlet,
                None => return Ok(Err(Refused::NumberUnfit)),
            }
        };
        let entry = by.entry(AuditAction::OutletProposed, SubjectKind::Outlet, outlet.place.as_str());
        audit::record(tx, &context, &entry)?;
        Ok(Ok(outlet))
    });
    Ok(proposed.await?)
}

/// A new outlet under the first of these numbers that no place and no outlet has.
fn numbered(
    tx: &mut Tx<'_>,
    context: &StepContext,
    agent: &Agent,
    (facts, numbers): (&OutletFacts, &[String]),
    key: &str,
) -> anyhow::Result<Outlet> {
    for number in numbers {
        if store::place::find_by_number(tx, number)?.is_some() {
            continue;
        }
        let outlet = new(context, agent, OutletFacts { number: number.clone(), ..facts.clone() });
        match stored::insert(tx, &outlet, key, agent.terms.credit_line.currency.code())? {
            Inserted::New => return Ok(outlet),
            Inserted::NumberTaken => {}
            Inserted::Again => anyhow::bail!("the form was sent twice at once"),
        }
    }
    anyhow::bail!("{} numbers in a row are taken", numbers.len())
}

/// A place of the operator's file that is this agent's becomes its outlet, under its number and with its id; `None`
/// where there is no such place or it is an outlet already.
fn adopted(
    tx: &mut Tx<'_>,
    context: &StepContext,
    agent: &Agent,
    facts: &OutletFacts,
    key: &str,
) -> anyhow::Result<Option<Outlet>> {
    let Some(number) = canonical_number(&facts.number) else { return Ok(None) };
    let known = store::place::find_by_number(tx, &number)?;
    let Some(known) = known.filter(|known| known.agent.as_deref() == Some(agent.id.as_str())) else {
        return Ok(None);
    };
    let outlet = new(context, agent, OutletFacts { number, ..facts.clone() });
    let outlet = Outlet { place: known.id, ..outlet };
    match stored::insert(tx, &outlet, key, agent.terms.credit_line.currency.code())? {
        Inserted::New => Ok(Some(outlet)),
        Inserted::NumberTaken => Ok(None),
        Inserted::Again => anyhow::bail!("the form was sent twice at once"),
    }
}

/// Changes what the public sees of an outlet, in the same step. Once it is approved its owner changes when it is open,
/// what is done and which languages are spoken there; name and address, which staff looked at, are the staff's.
pub async fn describe(
    world: &World,
    by: &By,
    place: &PlaceId,
    facts: OutletFacts,
) -> Result<Outcome<Outlet>> {
    if let Err(refused) = publish::fit(&facts) {
        return Ok(Err(refused));
    }
    let (context, by, place) = (world.step(), by.clone(), place.clone());
    let changed = world.db.write(move |tx| {
        let Some(outlet) = stored::lock(tx, &place)? else { return Ok(Err(Refused::Unknown)) };
        if !by.acts_for(&outlet.agent) {
            return Ok(Err(Refused::Unknown));
        }
        match outlet.state {
            OutletState::Proposed | OutletState::Open | OutletState::Suspended => {}
            OutletState::Closed | OutletState::Refused => return Ok(Err(Refused::AlreadyDecided)),
        }
        // Its number, country and clock are never typed.
        let given = outlet.facts.clone();
        let facts = OutletFacts {
            number: given.number,
            country: given.country,
            time_zone: given.time_zone,
            ..facts.clone()
        };
        let own = OutletFacts {
            hours: outlet.facts.hours.clone(),
            services: outlet.facts.services.clone(),
            languages: outlet.facts.languages.clone(),
            ..facts.clone()
        };
        let fixed = outlet.state != OutletState::Proposed && !by.is_supervisor();
        if fixed && own != outlet.facts {
            return Ok(Err(Refused::FactsFixed));
        }
        let detail = serde_json::json!({ "before": outlet.facts, "after": facts }).to_string();
        let next = Outlet { facts, ..outlet };
        publish::publish(tx, &context, &next)?;
        let entry = by.entry(AuditAction::OutletDescribed, SubjectKind::Outlet, place.as_str());
        audit::record(tx, &context, &entry.with(detail))?;
        Ok(Ok(next))
    });
    Ok(changed.await?)
}

fn new(context: &StepContext, agent: &Agent, facts: OutletFacts) -> Outlet {
    Outlet {
        place: PlaceId::new(context.ids.as_ref(), context.now),
        agent: agent.id.clone(),
        partner: PartnerId::new(context.ids.as_ref(), context.now),
        market: agent.market.clone(),
        state: OutletState::Proposed,
        reason: None,
        limits: SaleLimits::default(),
        low_float: None,
        facts,
        created_at: context.now,
        state_at: context.now,
    }
}

/// Four times six digits, the first not 0: one that is taken is passed over.
fn numbers(random: [u8; 16]) -> Vec<String> {
    let number = |four: &[u8]| {
        let drawn = four.iter().fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
        (100_000 + drawn % 900_000).to_string()
    };
    random.chunks(4).map(number).collect()
}

/// What staff does to an outlet: approves it, refuses it, or stops it with a reason. The owner closes or suspends an
/// own one.
pub async fn change(
    world: &World,
    by: &By,
    place: &PlaceId,
    event: OutletEvent,
    text: &str,
) -> Result<Outcome<Outlet>> {
    let action = match event {
        OutletEvent::Approve => AuditAction::OutletApproved,
        OutletEvent::Refuse => AuditAction::OutletRefused,
        OutletEvent::Suspend => AuditAction::OutletSuspended,
        OutletEvent::Lift => AuditAction::OutletLifted,
        OutletEvent::Close => AuditAction::OutletClosed,
    };
    let stops = matches!(event, OutletEvent::Suspend | OutletEvent::Close);
    if !stops && !by.is_supervisor() {
        return Ok(Err(Refused::NotSupervisor));
    }
    let text = match if event == OutletEvent::Approve { super::optional_note(text) } else { note(text) } {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let (context, by, place) = (world.step(), by.clone(), place.clone());
    let changed = world.db.write(move |tx| {
        let Some(outlet) = stored::lock(tx, &place)? else { return Ok(Err(Refused::Unknown)) };
        if !by.acts_for(&outlet.agent) {
            return Ok(Err(Refused::Unknown));
        }
        let from = outlet.state;
        let Some(state) = from.on(event) else { return Ok(Err(Refused::AlreadyDecided)) };
        if event == OutletEvent::Approve && !open(tx, &context, &outlet)? {
            return Ok(Err(Refused::NotActive));
        }
        let reason = (state != OutletState::Open).then(|| text.clone());
        let next = Outlet { state, reason, state_at: context.now, ..outlet };
        stored::update(tx, from, &next)?;
        publish::publish(tx, &context, &next)?;
        let entry = by.entry(action, SubjectKind::Outlet, place.as_str()).because(&text);
        audit::record(tx, &context, &entry)?;
        Ok(Ok(next))
    });
    Ok(changed.await?)
}

/// Gives a new outlet its partner; says whether its agent is in order.
fn open(tx: &mut Tx<'_>, context: &StepContext, outlet: &Outlet) -> anyhow::Result<bool> {
    let agent = store::agent::find(tx, &outlet.agent)?;
    if agent.is_none_or(|agent| agent.state != AgentState::Approved) {
        return Ok(false);
    }
    let name = partner_name(&outlet.facts.name, outlet.place.as_str());
    partner::insert(tx, &outlet.partner, &name, context.now)?;
    Ok(true)
}

/// What an outlet is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub limits: SaleLimits,
    pub low_float: Option<Money>,
}

/// Holds an outlet to limits of its own, and says from when on the owner is warned. What the agent's terms say holds
/// as well: looser limits than those allow nothing more.
pub async fn hold(
    world: &World,
    by: &By,
    place: &PlaceId,
    held: Held,
    text: &str,
) -> Result<Outcome<Outlet>> {
    let text = match super::optional_note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let (context, by, place) = (world.step(), by.clone(), place.clone());
    let changed = world.db.write(move |tx| {
        let Some(outlet) = stored::lock(tx, &place)? else { return Ok(Err(Refused::Unknown)) };
        let agent = store::agent::find(tx, &outlet.agent)?;
        let Some(agent) = agent.filter(|agent| by.acts_for(&agent.id)) else {
            return Ok(Err(Refused::Unknown));
        };
        if !fits(&held, agent.terms.credit_line.currency) {
            return Ok(Err(Refused::AmountUnfit));
        }
        let before = serde_json::json!({ "limits": outlet.limits, "low_float": outlet.low_float });
        let next = Outlet { limits: held.limits, low_float: held.low_float, ..outlet };
        stored::set_limits(tx, &next)?;
        let after = serde_json::json!({ "limits": next.limits, "low_float": next.low_float });
        let detail = serde_json::json!({ "before": before, "after": after }).to_string();
        let entry = by.entry(AuditAction::TermsChanged, SubjectKind::Outlet, place.as_str());
        audit::record(tx, &context, &entry.because(&text).with(detail))?;
        Ok(Ok(next))
    });
    Ok(changed.await?)
}

fn fits(held: &Held, currency: Currency) -> bool {
    let low = held.low_float.is_none_or(|low| low.currency == currency && low.minor > 0);
    low && limits_fit(&held.limits, currency)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_four_numbers_has_six_digits_whatever_chance_says() {
        for random in [[0; 16], [255; 16], [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6]] {
            let numbers = numbers(random);
            assert_eq!(numbers.len(), 4);
            for number in numbers {
                assert_eq!(number.len(), 6, "{number}");
                assert!(!number.starts_with('0'));
            }
        }
    }
}

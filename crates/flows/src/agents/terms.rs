//! What is agreed with an agent: its place in the hierarchy, offers, limits, credit line and commission plan. A change
//! is a supervisor's, audited with what it was before and after; an application that changes is agreed to anew.

use super::{Outcome, Refused, note};
use crate::care::{Colleague, audit};
use crate::error::Result;
use crate::world::{StepContext, World};
use domain::agent::{Agent, AgentKind, AgentState, SaleLimits, Terms};
use domain::audit::{AuditAction, SubjectKind};
use domain::commission::CommissionPlan;
use domain::id::AgentId;
use domain::ledger::book;
use domain::money::Currency;
use domain::staff::Role;
use store::agent as stored;
use store::{Tx, commission, ledger};

/// What an agent is to be held to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    pub kind: AgentKind,
    pub parent: Option<AgentId>,
    pub terms: Terms,
}

/// Limits that can be meant: positive, and in the currency.
pub(super) fn limits_fit(limits: &SaleLimits, currency: Currency) -> bool {
    [limits.per_sale, limits.clerk_day, limits.outlet_day]
        .into_iter()
        .flatten()
        .all(|limit| limit.currency == currency && limit.minor >= 0)
}

/// Agrees to other terms.
pub async fn set(
    world: &World,
    by: &Colleague,
    id: &AgentId,
    agreed: Agreed,
    text: &str,
) -> Result<Outcome<Agent>> {
    if by.role != Role::Supervisor {
        return Ok(Err(Refused::NotSupervisor));
    }
    let text = match note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let set = world.db.write(move |tx| {
        let Some(agent) = stored::lock(tx, &id)? else { return Ok(Err(Refused::Unknown)) };
        if let Err(refused) = fit(tx, &agent, &agreed)? {
            return Ok(Err(refused));
        }
        let before = serde_json::json!({ "kind": agent.kind, "parent": agent.parent, "terms": agent.terms });
        let next =
            Agent { kind: agreed.kind, parent: agreed.parent.clone(), terms: agreed.terms.clone(), ..agent };
        stored::set_terms(tx, &next)?;
        super::publish::publish_all(tx, &context, &next)?;
        if next.state == AgentState::Applied {
            stored::clear_approvals(tx, &id)?;
        } else {
            let line = next.terms.credit_line;
            ledger::set_floor(tx, &book::float(&next.partner, line), -line.minor)?;
        }
        let after = serde_json::json!({ "kind": next.kind, "parent": next.parent, "terms": next.terms });
        let detail = serde_json::json!({ "before": before, "after": after }).to_string();
        let entry = by.entry(AuditAction::TermsChanged, SubjectKind::Agent, id.as_str());
        audit(tx, &context, &entry.because(&text).with(detail))?;
        Ok(Ok(next))
    });
    Ok(set.await?)
}

/// Can these terms stand for this agent?
fn fit(tx: &mut Tx<'_>, agent: &Agent, agreed: &Agreed) -> anyhow::Result<Outcome<()>> {
    match agent.state {
        AgentState::Applied | AgentState::Approved | AgentState::Suspended => {}
        AgentState::Closed | AgentState::Refused => return Ok(Err(Refused::AlreadyDecided)),
    }
    let (terms, currency) = (&agreed.terms, agent.terms.credit_line.currency);
    let line = terms.credit_line;
    if line.currency != currency || line.minor < 0 || !limits_fit(&terms.limits, currency) {
        return Ok(Err(Refused::AmountUnfit));
    }
    if !parent_fits(tx, agent, agreed)? {
        return Ok(Err(Refused::ParentUnfit));
    }
    if let Some(plan) = &terms.plan
        && commission::find_plan(tx, plan)?.is_none_or(|plan| plan.currency != currency)
    {
        return Ok(Err(Refused::PlanUnknown));
    }
    let available = ledger::balance(tx, &book::float(&agent.partner, line))?.available;
    Ok(if available < -line.minor { Err(Refused::CreditUsed) } else { Ok(()) })
}

/// A dealer may stand under a distributor of its market; nobody else stands under anybody.
fn parent_fits(tx: &mut Tx<'_>, agent: &Agent, agreed: &Agreed) -> anyhow::Result<bool> {
    let Some(parent) = &agreed.parent else {
        // Who has dealers stays a distributor.
        let stays = agreed.kind == AgentKind::Distributor || agent.kind == AgentKind::Dealer;
        return Ok(stays || stored::list_children(tx, &agent.id, 1)?.is_empty());
    };
    if agreed.kind == AgentKind::Distributor || *parent == agent.id {
        return Ok(false);
    }
    if !stored::list_children(tx, &agent.id, 1)?.is_empty() {
        return Ok(false);
    }
    let found = stored::find(tx, parent)?;
    Ok(found.is_some_and(|parent| {
        parent.kind == AgentKind::Distributor
            && parent.market == agent.market
            && matches!(parent.state, AgentState::Approved | AgentState::Suspended)
    }))
}

/// A new version of a commission plan; from the next sale on it is the one that counts. `plan.version` is ignored.
pub async fn set_plan(
    world: &World,
    by: &Colleague,
    plan: CommissionPlan,
    text: &str,
) -> Result<Outcome<CommissionPlan>> {
    if by.role != Role::Supervisor {
        return Ok(Err(Refused::NotSupervisor));
    }
    let text = match note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    if plan.check().is_err() {
        return Ok(Err(Refused::PlanUnfit));
    }
    let (context, by) = (world.step(), by.clone());
    let set = world.db.write(move |tx| write_plan(tx, &context, &by, &plan, &text));
    Ok(set.await?)
}

fn write_plan(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &Colleague,
    plan: &CommissionPlan,
    text: &str,
) -> anyhow::Result<Outcome<CommissionPlan>> {
    let earlier = commission::find_plan(tx, &plan.id)?;
    if earlier.as_ref().is_some_and(|earlier| earlier.currency != plan.currency) {
        return Ok(Err(Refused::PlanUnfit));
    }
    let version = earlier.as_ref().map_or(1, |earlier| earlier.version + 1);
    let plan = CommissionPlan { version, ..plan.clone() };
    commission::insert_plan(tx, &plan, &by.actor().to_string(), context.now)?;
    let detail = serde_json::json!({ "before": earlier, "after": plan }).to_string();
    let entry = by.entry(AuditAction::TermsChanged, SubjectKind::Setting, &format!("plan.{}", plan.id));
    audit(tx, context, &entry.because(text).with(detail))?;
    Ok(Ok(plan))
}

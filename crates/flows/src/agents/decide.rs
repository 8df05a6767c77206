//! What staff decides about agents. An application needs two people: one agrees, another confirms. A suspension is one
//! person's and holds from the next sale on, because every sale reads the state ([`super::selling`]).

use super::{Outcome, Refused, documents, note, optional_note};
use crate::care::{Colleague, audit};
use crate::error::Result;
use crate::world::{StepContext, World};
use domain::agent::{Agent, AgentEvent, AgentState};
use domain::audit::{AuditAction, SubjectKind};
use domain::id::AgentId;
use domain::ledger::book;
use domain::staff::Role;
use store::Tx;
use store::agent::{self as stored, Approval};
use store::{agent_document, ledger, partner};

/// Agrees to an application. The first who does leaves it as it is; a second one, a supervisor, makes it an agent.
pub async fn approve(world: &World, by: &Colleague, id: &AgentId, text: &str) -> Result<Outcome<Agent>> {
    let text = match optional_note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let decided = world.db.write(move |tx| {
        let Some(agent) = stored::lock(tx, &id)? else { return Ok(Err(Refused::Unknown)) };
        if let Err(refused) = fit(tx, &agent, &context)? {
            return Ok(Err(refused));
        }
        let earlier = stored::list_approvals(tx, &id)?;
        if earlier.iter().any(|approval| approval.by == by.id) {
            return Ok(Err(Refused::SamePerson));
        }
        let confirms = !earlier.is_empty();
        if confirms && by.role != Role::Supervisor {
            return Ok(Err(Refused::NotSupervisor));
        }
        let approval = Approval { by: by.id.clone(), note: text.clone(), at: context.now };
        stored::insert_approval(tx, &id, &approval)?;
        let (agent, action) = if confirms {
            (open(tx, &context, agent)?, AuditAction::AgentApproved)
        } else {
            (agent, AuditAction::AgentAgreed)
        };
        audit(tx, &context, &by.entry(action, SubjectKind::Agent, id.as_str()).because(&text))?;
        Ok(Ok(agent))
    });
    Ok(decided.await?)
}

/// Can the application be agreed to?
fn fit(tx: &mut Tx<'_>, agent: &Agent, context: &StepContext) -> anyhow::Result<Outcome<()>> {
    if agent.state != AgentState::Applied {
        return Ok(Err(Refused::AlreadyDecided));
    }
    let shown = agent_document::list(tx, &agent.id, documents::DOCUMENTS_MAX)?;
    if !documents::missing(&shown, context.now).is_empty() {
        return Ok(Err(Refused::DocumentMissing));
    }
    if let Some(parent) = &agent.parent {
        let parent = stored::find(tx, parent)?;
        if parent.is_none_or(|parent| parent.state != AgentState::Approved) {
            return Ok(Err(Refused::ParentUnfit));
        }
    }
    Ok(Ok(()))
}

/// Makes an application an agent, with a partner of its own and a float as far below zero as was agreed.
fn open(tx: &mut Tx<'_>, context: &StepContext, agent: Agent) -> anyhow::Result<Agent> {
    partner::insert(tx, &agent.partner, &partner_name(&agent.name, agent.id.as_str()), context.now)?;
    let line = agent.terms.credit_line;
    ledger::set_floor(tx, &book::float(&agent.partner, line), -line.minor)?;
    let next = Agent { state: AgentState::Approved, reason: None, state_at: context.now, ..agent };
    stored::update(tx, AgentState::Applied, &next)?;
    Ok(next)
}

/// Partners' names are unique, businesses' names are not.
pub(super) fn partner_name(name: &str, id: &str) -> String {
    let end = id.len().saturating_sub(6);
    format!("{name} ({})", &id[end..])
}

/// What staff does to an agent with a reason.
pub async fn change(
    world: &World,
    by: &Colleague,
    id: &AgentId,
    event: AgentEvent,
    text: &str,
) -> Result<Outcome<Agent>> {
    let action = match event {
        AgentEvent::Approve => return approve(world, by, id, text).await,
        AgentEvent::Refuse => AuditAction::AgentRefused,
        AgentEvent::Suspend => AuditAction::AgentSuspended,
        AgentEvent::Lift => AuditAction::AgentLifted,
        AgentEvent::Close => AuditAction::AgentClosed,
    };
    // Whoever sees something wrong stops it; what cannot be taken back easily is a supervisor's.
    if event != AgentEvent::Suspend && by.role != Role::Supervisor {
        return Ok(Err(Refused::NotSupervisor));
    }
    let text = match note(text) {
        Ok(text) => text,
        Err(refused) => return Ok(Err(refused)),
    };
    let (context, by, id) = (world.step(), by.clone(), id.clone());
    let changed = world.db.write(move |tx| {
        let Some(agent) = stored::lock(tx, &id)? else { return Ok(Err(Refused::Unknown)) };
        let from = agent.state;
        let Some(state) = from.on(event) else { return Ok(Err(Refused::AlreadyDecided)) };
        let reason = (state != AgentState::Approved).then(|| text.clone());
        let next = Agent { state, reason, state_at: context.now, ..agent };
        stored::update(tx, from, &next)?;
        super::publish::publish_all(tx, &context, &next)?;
        audit(tx, &context, &by.entry(action, SubjectKind::Agent, id.as_str()).because(&text))?;
        Ok(Ok(next))
    });
    Ok(changed.await?)
}

//! Writing a campaign, and the decisions about it. A draft is its writer's alone; once asked for it does not change any
//! more, so that what a second person approves is what is sent. Each decision is audited in its own step.

use super::{Outcome, Refused};
use crate::care::Colleague;
use crate::error::Result;
use crate::office::audit;
use crate::world::{StepContext, World};
use domain::actor::Actor;
use domain::audit::{AuditAction, Entry, SubjectKind};
use domain::campaign::{CampaignState, MessageState, Plan};
use domain::id::CampaignId;
use domain::risk::Switch;
use domain::staff::Role;
use domain::support_case::without_card_numbers;
use store::Tx;
use store::campaign::{self as stored, Campaign, Said};
use store::outbox::{self, NewWork, Topic};

/// How long a note may be, in characters.
pub const NOTE_MAX: usize = 300;
/// So many waiting messages are ended in one step.
const END_AT_ONCE: i64 = 1_000;

/// Reads what somebody typed: line ends as they are meant, nothing unseen, no card numbers.
pub fn cleaned(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let seen = |c: &char| !c.is_control() || *c == '\n';
    let text: String = text.trim().chars().filter(seen).collect();
    without_card_numbers(&text)
}

fn note(text: &str, needed: bool) -> Outcome<String> {
    let note = cleaned(text);
    match note.chars().count() {
        0 if needed => Err(Refused::NoteMissing),
        0..=NOTE_MAX => Ok(note),
        _ => Err(Refused::NoteTooLong),
    }
}

/// Does it lead to what there is?
async fn links(world: &World, plan: &Plan) -> Result<bool> {
    let catalogue = world.fresh_catalogue().await?;
    let shown = catalogue.promotions_shown(world.now());
    let promotion = plan.promotion.as_ref();
    let promotion = promotion.is_none_or(|id| shown.iter().any(|promotion| promotion.id == *id));
    Ok(promotion && plan.markets.iter().all(|market| catalogue.market(market).is_some()))
}

async fn checked(world: &World, plan: &Plan) -> Result<Outcome<()>> {
    if let Err(refused) = plan.check(world.now()) {
        return Ok(Err(Refused::Plan(refused)));
    }
    Ok(if links(world, plan).await? { Ok(()) } else { Err(Refused::LinkUnknown) })
}

/// A new draft, or the writer's own draft changed.
pub async fn write(
    world: &World,
    by: &Colleague,
    draft: Option<&CampaignId>,
    plan: Plan,
) -> Result<Outcome<CampaignId>> {
    if let Err(refused) = checked(world, &plan).await? {
        return Ok(Err(refused));
    }
    let (context, by, draft) = (world.step(), by.clone(), draft.cloned());
    let written = world.db.write(move |tx| {
        let Some(id) = &draft else {
            let campaign = Campaign {
                id: CampaignId::new(context.ids.as_ref(), context.now),
                plan: plan.clone(),
                state: CampaignState::Draft,
                written_by: by.id.clone(),
                written_at: context.now,
                decision: None,
                stop: None,
                fed_to: String::new(),
                fed: 0,
                state_at: context.now,
            };
            stored::insert(tx, &campaign)?;
            return Ok(Ok(campaign.id));
        };
        let Some(campaign) = stored::lock(tx, id)? else { return Ok(Err(Refused::Unknown)) };
        if campaign.written_by != by.id {
            return Ok(Err(Refused::NotTheirs));
        }
        if campaign.state != CampaignState::Draft {
            return Ok(Err(Refused::NotNow));
        }
        let next = Campaign { plan: plan.clone(), state_at: context.now, ..campaign };
        stored::update(tx, CampaignState::Draft, &next)?;
        Ok(Ok(next.id))
    });
    Ok(written.await?)
}

/// What somebody decides about a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Its writer asks for a second person.
    Ask,
    Approve,
    Decline,
    /// Its writer takes it back.
    Withdraw,
    /// Anybody of the staff ends it.
    Stop,
}

impl Decision {
    /// From which states, into which one, and what the audit calls it.
    fn leads(self) -> (&'static [CampaignState], CampaignState, AuditAction) {
        use CampaignState as S;
        match self {
            Decision::Ask => (&[S::Draft], S::Asked, AuditAction::CampaignAsked),
            Decision::Approve => (&[S::Asked], S::Approved, AuditAction::CampaignApproved),
            Decision::Decline => (&[S::Asked], S::Declined, AuditAction::CampaignDeclined),
            Decision::Withdraw => (&[S::Draft, S::Asked], S::Withdrawn, AuditAction::CampaignWithdrawn),
            Decision::Stop => (&[S::Approved], S::Stopped, AuditAction::CampaignStopped),
        }
    }

    /// May this person decide so about a campaign?
    fn refuses(self, campaign: &Campaign, by: &Colleague) -> Option<Refused> {
        let own = campaign.written_by == by.id;
        match self {
            Decision::Ask | Decision::Withdraw => (!own).then_some(Refused::NotTheirs),
            Decision::Approve | Decision::Decline if own => Some(Refused::SamePerson),
            Decision::Approve | Decision::Decline => {
                (by.role != Role::Supervisor).then_some(Refused::NotSupervisor)
            }
            Decision::Stop => None,
        }
    }

    /// Must it be said why?
    fn needs_note(self) -> bool {
        match self {
            Decision::Decline | Decision::Stop => true,
            Decision::Ask | Decision::Approve | Decision::Withdraw => false,
        }
    }
}

/// Decides about a campaign. What was approved is sent from the first moment of its window on.
pub async fn decide(
    world: &World,
    by: &Colleague,
    id: &CampaignId,
    decision: Decision,
    why: &str,
) -> Result<Outcome<Campaign>> {
    let why = match note(why, decision.needs_note()) {
        Ok(why) => why,
        Err(refused) => return Ok(Err(refused)),
    };
    let on = crate::risk::limits(world).await?.on(Switch::Marketing);
    if decision == Decision::Approve && !on {
        return Ok(Err(Refused::SwitchedOff));
    }
    if matches!(decision, Decision::Ask | Decision::Approve)
        && let Err(refused) = still_right(world, id).await?
    {
        return Ok(Err(refused));
    }
    let (context, by, wanted) = (world.step(), by.clone(), id.clone());
    let decided = world.db.write(move |tx| step(tx, &context, &by, &wanted, decision, &why)).await?;
    if decided.is_ok() && decision == Decision::Stop {
        end_queued(world, id, MessageState::Stopped).await?;
    }
    world.wake();
    Ok(decided)
}

/// A window can end, and a promotion go, while a campaign waits.
async fn still_right(world: &World, id: &CampaignId) -> Result<Outcome<()>> {
    let id = id.clone();
    match world.db.read(move |tx| stored::find(tx, &id)).await? {
        Some(campaign) => checked(world, &campaign.plan).await,
        None => Ok(Err(Refused::Unknown)),
    }
}

fn step(
    tx: &mut Tx<'_>,
    context: &StepContext,
    by: &Colleague,
    id: &CampaignId,
    decision: Decision,
    why: &str,
) -> anyhow::Result<Outcome<Campaign>> {
    let Some(campaign) = stored::lock(tx, id)? else { return Ok(Err(Refused::Unknown)) };
    let (from, to, action) = decision.leads();
    if let Some(refused) = decision.refuses(&campaign, by) {
        return Ok(Err(refused));
    }
    if !from.contains(&campaign.state) {
        return Ok(Err(Refused::NotNow));
    }
    let was = campaign.state;
    let said = Said { by: by.id.clone(), at: context.now, note: why.to_owned() };
    let mut next = Campaign { state: to, state_at: context.now, ..campaign };
    match decision {
        Decision::Ask => {}
        Decision::Approve | Decision::Decline | Decision::Withdraw => next.decision = Some(said),
        Decision::Stop => next.stop = Some(said),
    }
    stored::update(tx, was, &next)?;
    if decision == Decision::Approve {
        let due = context.now.max(next.plan.starts_at);
        let feed = NewWork::due(Topic::Campaign, id.as_str(), due);
        outbox::push(tx, feed, context.ids.as_ref(), context.now)?;
    }
    let detail = serde_json::json!({
        "name": next.plan.name,
        "channels": next.plan.channels,
        "markets": next.plan.markets,
        "state": next.state,
    });
    let entry = Entry::of(Actor::Staff(by.id.clone()), action, SubjectKind::Campaign, id.as_str());
    let entry = if why.is_empty() { entry } else { entry.because(why) };
    audit::record(tx, context, &entry.with(detail.to_string()))?;
    Ok(Ok(next))
}

/// Messages that wait are over, some at a time. One that is being handed over at this moment arrives.
pub(super) async fn end_queued(world: &World, id: &CampaignId, state: MessageState) -> Result<()> {
    loop {
        let wanted = id.clone();
        let ended = world.db.write(move |tx| stored::end_queued(tx, &wanted, state, END_AT_ONCE)).await?;
        if ended == 0 {
            return Ok(());
        }
    }
}

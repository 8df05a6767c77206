//! The demo's authorised shop: an agent that applied and was approved by two of the staff, with one outlet, money on its
//! float, a plan that pays commission, and a bank transfer that nobody has decided on yet.

use super::Past;
use crate::clock::past::at;
use anyhow::{Context, Result, anyhow};
use domain::actor::Actor;
use domain::agent::{AgentKind, Contact, DocumentKind, Terms};
use domain::commission::{CommissionPlan, ProductClass, Rule, Tier};
use domain::id::{AgentId, PartnerId};
use domain::locale::Locale;
use domain::money::Money;
use domain::outlet::{OutletEvent, OutletFacts};
use domain::place::{PlaceKind, Service, Tongue};
use domain::staff::Role;
use domain::time::{DAY_MS, UnixMs};
use flows::World;
use flows::agents::apply::{self, Applying};
use flows::agents::documents::Document;
use flows::agents::float::{self, Move, Transfer};
use flows::agents::outlets::{self, Proposal};
use flows::agents::terms::{self, Agreed};
use flows::agents::{By, Owner, decide};
use flows::care::Colleague;
use flows::care::files::Sent;

const PLAN: &str = "standard";
/// Paid in to the agent's float, in minor units: as much as one supervisor alone agrees to. Most of it went on to the shop.
const FILLED: i64 = 90_000;
const AT_THE_SHOP: i64 = 60_000;
const ASKED: i64 = 50_000;
const DAYS_AGO: i64 = 20;

/// The two of the staff who agree.
struct Staff {
    clerk: Colleague,
    supervisor: Colleague,
}

pub async fn make(past: &Past, now: UnixMs) -> Result<()> {
    at(now.plus_ms(-DAYS_AGO * DAY_MS), open(&past.world)).await
}

async fn open(world: &World) -> Result<()> {
    let staff = staff(world).await?;
    let agent = approved(world, &staff).await?;
    let owner =
        Owner { agent: agent.clone(), person: "demo".into(), actor: Actor::Operator, training: false };
    let partner = opened(world, &staff, &owner).await?;
    filled(world, &staff, &owner, partner).await
}

fn refused(what: &'static str) -> impl Fn(domain::agent_refusal::Refused) -> anyhow::Error {
    move |refused| anyhow!("{what}: {refused:?}")
}

fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().expect("GBP is in ISO 4217"))
}

fn pdf(name: &str) -> Sent {
    Sent { name: name.into(), bytes: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec() }
}

async fn staff(world: &World) -> Result<Staff> {
    let all = world.db.read(store::staff::list).await?;
    let of = |role: Role| {
        let found = all.iter().find(|member| member.role == role).context("the demo's staff is not whole")?;
        anyhow::Ok(Colleague { id: found.id.clone(), role })
    };
    Ok(Staff { clerk: of(Role::Clerk)?, supervisor: of(Role::Supervisor)? })
}

/// Applies with papers, is given terms and a plan, and both agree.
async fn approved(world: &World, staff: &Staff) -> Result<AgentId> {
    let document = |kind| Document { kind, file: pdf("register.pdf"), valid_until: "2035-12-31".into() };
    let applying = Applying {
        key: hex::encode(world.ids.random()),
        name: "Camden Phones Ltd".into(),
        market: "GB".into(),
        kind: AgentKind::Dealer,
        contact: Contact {
            person: "Li Na".into(),
            email: "shop@luma.example".into(),
            phone: "+44 20 7946 0000".into(),
            address: "8 Camden Road, London".into(),
            registration_number: "01234567".into(),
        },
        documents: vec![document(DocumentKind::Registration), document(DocumentKind::Identity)],
        locale: Locale::ZhCn,
        address: "127.0.0.1".into(),
    };
    let agent = apply::apply(world, applying).await?.map_err(refused("the application"))?;
    let rule = |class, basis_points| Rule { class, tiers: vec![Tier { from_minor: 0, basis_points }] };
    let plan = CommissionPlan {
        id: PLAN.into(),
        version: 1,
        currency: gbp(0).currency,
        rules: vec![rule(ProductClass::Credit, 250), rule(ProductClass::Bundle, 500)],
    };
    terms::set_plan(world, &staff.supervisor, plan, "the usual plan").await?.map_err(refused("the plan"))?;
    let terms = Terms { plan: Some(PLAN.into()), ..Terms::plain(gbp(0)) };
    let agreed = Agreed { kind: AgentKind::Dealer, parent: None, terms };
    terms::set(world, &staff.supervisor, &agent, agreed, "as agreed").await?.map_err(refused("the terms"))?;
    for by in [&staff.clerk, &staff.supervisor] {
        decide::approve(world, by, &agent, "papers seen").await?.map_err(refused("the approval"))?;
    }
    Ok(agent)
}

/// The owner proposes the shop, staff opens it.
async fn opened(world: &World, staff: &Staff, owner: &Owner) -> Result<PartnerId> {
    let facts = OutletFacts {
        number: String::new(),
        kind: PlaceKind::Shop,
        name: "Camden Phones".into(),
        host_place: "Camden Market".into(),
        floor: "G/F".into(),
        street: "8 Camden Road".into(),
        city: "London".into(),
        postcode: "NW1 9DP".into(),
        country: "GB".into(),
        time_zone: "Europe/London".into(),
        hours: "Mo-Sa 09:00-20:00".into(),
        services: vec![Service::TopUp, Service::Bundle],
        languages: vec![Tongue::En, Tongue::Zh],
        latitude_e6: Some(51_541_000),
        longitude_e6: Some(-143_000),
    };
    let proposal = Proposal { key: hex::encode(world.ids.random()), agent: owner.agent.clone(), facts };
    let by = By::Owner(owner.clone());
    let proposed = outlets::propose(world, &by, proposal).await?.map_err(refused("the shop"))?;
    let by = By::Staff(staff.supervisor.clone());
    let changed = outlets::change(world, &by, &proposed.place, OutletEvent::Approve, "seen").await?;
    Ok(changed.map_err(refused("opening the shop"))?.partner)
}

/// A transfer that both agreed to went on to the shop; another one waits.
async fn filled(world: &World, staff: &Staff, owner: &Owner, shop: PartnerId) -> Result<()> {
    let stated = |minor, reference: &str| Transfer {
        key: hex::encode(world.ids.random()),
        amount: gbp(minor),
        reference: reference.into(),
        note: String::new(),
        proof: pdf("transfer.pdf"),
    };
    let first = float::state_transfer(world, owner, stated(FILLED, "CAMDEN 1")).await?;
    let first = first.map_err(refused("the transfer"))?;
    let by = By::Staff(staff.supervisor.clone());
    let agreed = float::agree(world, &by, &first.id, "on the bank's statement").await?;
    agreed.map_err(refused("agreeing to the transfer"))?;
    let id = owner.agent.clone();
    let agent = world.db.read(move |tx| store::agent::find(tx, &id)).await?.context("the agent")?;
    let moved = Move {
        key: hex::encode(world.ids.random()),
        from: agent.partner,
        to: shop,
        amount: gbp(AT_THE_SHOP),
        note: "for the counter".into(),
    };
    float::move_float(world, &By::Owner(owner.clone()), moved).await?.map_err(refused("the move"))?;
    float::state_transfer(world, owner, stated(ASKED, "CAMDEN 2")).await?.map_err(refused("a transfer"))?;
    Ok(())
}

//! The shop that sells: an agent with one outlet, its float, and devices with people at them and open tills.

use super::super::target::Ground;
use super::till::Till;
use crate::stop::Result as Stopping;
use crate::wiring;
use anyhow::{Result, anyhow, bail};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use domain::actor::Actor;
use domain::agent::{Agent, AgentKind, AgentState, SaleLimits, Terms};
use domain::commission::{CommissionPlan, ProductClass, Rule, Tier};
use domain::id::{AgentId, PartnerId, PlaceId};
use domain::ledger::book;
use domain::locale::Locale;
use domain::money::Money;
use domain::outlet::{Outlet, OutletFacts, OutletState};
use domain::place::{PlaceKind, Service, Tongue};
use domain::risk::{Limit, Setting};
use flows::World;
use flows::counter::At;
use flows::counter::clerks::{self, PinChoice};
use flows::counter::devices::{self, Pair};
use flows::counter::pin::Who;
use std::sync::Arc;
use store::agent::Application;

/// So many devices sell at once.
const TILLS: usize = 16;
const PIN: &str = "4913";

pub struct Shop {
    partner: PartnerId,
    float: Money,
    pub tills: Arc<Vec<Till>>,
}

/// A number gets more in a bench than a customer buys in a day.
pub async fn lift_caps(world: &World) -> Result<()> {
    for limit in [Limit::CounterPerNumber, Limit::CounterCashPerNumber, Limit::CounterCashSales] {
        let setting = Setting::Limit(limit, limit.greatest());
        if !flows::risk::set(world, setting, Actor::Operator, "a bench").await? {
            bail!("{limit} cannot be lifted");
        }
    }
    Ok(())
}

/// Opens a shop that earns 2.5 % of credit.
pub async fn open(world: &World, float: Money) -> Result<Shop> {
    let outlet = build(world, float).await?;
    flows::partners::deposit(world, &outlet.partner, "bench", float).await?;
    let mut tills = Vec::with_capacity(TILLS);
    for n in 0..TILLS {
        tills.push(staff(world, &outlet, n).await?);
    }
    Ok(Shop { partner: outlet.partner, float, tills: Arc::new(tills) })
}

async fn build(world: &World, float: Money) -> Result<Outlet> {
    let (ids, now) = (world.ids.as_ref(), world.now());
    let agent_partner = flows::partners::create(world, &format!("Agent {}", ids.next(now))).await?;
    let partner = flows::partners::create(world, &format!("Outlet {}", ids.next(now))).await?;
    let currency = float.currency;
    let terms = Terms { plan: Some("bench".into()), ..Terms::plain(Money::zero(currency)) };
    let agent = Agent {
        id: AgentId::new(ids, now),
        kind: AgentKind::Dealer,
        parent: None,
        partner: agent_partner,
        market: "GB".into(),
        name: "Bench Ltd".into(),
        state: AgentState::Approved,
        reason: None,
        terms,
        created_at: now,
        state_at: now,
    };
    let place = PlaceId::new(ids, now);
    let outlet = Outlet {
        agent: agent.id.clone(),
        partner,
        market: "GB".into(),
        state: OutletState::Open,
        reason: None,
        limits: SaleLimits::default(),
        low_float: None,
        facts: facts(&place),
        place,
        created_at: now,
        state_at: now,
    };
    let rules =
        vec![Rule { class: ProductClass::Credit, tiers: vec![Tier { from_minor: 0, basis_points: 250 }] }];
    let plan = CommissionPlan { id: "bench".into(), version: 1, currency, rules };
    let with = Application { key: agent.id.to_string(), contact_sealed: String::new(), locale: Locale::En };
    let stored = outlet.clone();
    let writing = world.db.write(move |tx| {
        store::agent::insert(tx, &agent, &with)?;
        if store::commission::find_plan(tx, &plan.id)?.is_none() {
            store::commission::insert_plan(tx, &plan, "bench", now)?;
        }
        store::outlet::insert(tx, &stored, stored.place.as_str(), "GBP").map(|_| ())
    });
    writing.await?;
    Ok(outlet)
}

fn facts(place: &PlaceId) -> OutletFacts {
    OutletFacts {
        number: place.as_str()[place.as_str().len() - 6..].to_owned(),
        kind: PlaceKind::Shop,
        name: "Bench".into(),
        host_place: String::new(),
        floor: String::new(),
        street: "12 Gerrard Street".into(),
        city: "London".into(),
        postcode: "W1D 5PR".into(),
        country: "GB".into(),
        time_zone: "Europe/London".into(),
        hours: "24/7".into(),
        services: vec![Service::TopUp],
        languages: vec![Tongue::En],
        latitude_e6: None,
        longitude_e6: None,
    }
}

/// A device with its key, somebody who unlocked it, and an open till.
async fn staff(world: &World, outlet: &Outlet, n: usize) -> Result<Till> {
    let (agent, place) = (&outlet.agent, &outlet.place);
    let invited = clerks::invite_owner(world, agent, place, &format!("Clerk {n}"), Locale::En).await?;
    let invited = invited.map_err(|why| anyhow!("the bench's own clerk was refused: {why:?}"))?;
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let public_key = hex::encode(key.public_key().as_ref());
    let from = format!("192.0.2.{}", n + 1);
    let Pair::Done(paired) = devices::pair(world, &invited.code, &public_key, "Bench", &from).await? else {
        bail!("the bench's own device was refused");
    };
    let who = Who::Number(invited.clerk.number);
    let chosen = clerks::choose_pin(world, &paired.device, &who, &invited.code, PIN).await?;
    let PinChoice::In(opened) = chosen else { bail!("the bench's own PIN was refused") };
    let float = Some(outlet.partner.clone());
    let at = At { device: paired.device.clone(), clerk: opened.clerk, session: opened.session, float };
    let till = flows::till::open(world, &at, Money::zero("GBP".parse()?)).await?;
    till.map_err(|why| anyhow!("the bench's own till was refused: {why:?}"))?;
    let cookies = format!("counter_device={}; counter={}", paired.secret, opened.secret);
    Ok(Till { device: paired.device.id.to_string(), key, cookies })
}

impl Shop {
    /// What is left on its float. Not on a runtime.
    pub fn float_left(&self, ground: &Ground) -> Stopping<i64> {
        let account = book::float(&self.partner, self.float);
        let db = ground.place().open()?;
        let read = db.read(move |tx| Ok(store::ledger::balance(tx, &account)?.posted));
        Ok(wiring::runtime(1)?.block_on(read)?)
    }
}

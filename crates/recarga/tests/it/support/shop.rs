//! A shop: an approved agent with one outlet that has money on its float, an open till, and people who work there.

use super::registry::deposit_to;
use super::town::Town;
use domain::agent::{Agent, AgentKind, AgentState, SaleLimits, Terms};
use domain::clerk::{Clerk, ClerkRole, ClerkState};
use domain::commission::{CommissionPlan, ProductClass, Rule, Tier};
use domain::device::Device;
use domain::id::{AgentId, ClerkId, ClerkSessionId, DeviceId, PlaceId};
use domain::locale::Locale;
use domain::money::Money;
use domain::msisdn::Msisdn;
use domain::outlet::{Outlet, OutletFacts, OutletState};
use domain::place::{PlaceKind, Service, Tongue};
use domain::tender::Tender;
use flows::counter::At;
use flows::counter::sale::{self, CounterSale, SaleOutcome};
use flows::top_up::sell::Wanted;
use store::agent::Application;
use store::clerk_session::ClerkSession;

/// An outlet with its people.
#[derive(Clone)]
pub struct Shop {
    pub outlet: Outlet,
    pub clerk: At,
    pub supervisor: At,
}

pub fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().expect("a currency"))
}

/// What a shop is opened with.
pub struct Opening {
    pub float_minor: i64,
    pub limits: SaleLimits,
    /// Start cash; nothing: no shift is open.
    pub start: Option<i64>,
}

impl Default for Opening {
    fn default() -> Opening {
        Opening { float_minor: 100_000, limits: SaleLimits::default(), start: Some(5_000) }
    }
}

/// Opens a shop that earns 2.5 % of credit and 5 % of bundles.
pub async fn open_shop(town: &Town, opening: Opening) -> Shop {
    let (world, now) = (&town.world, town.world.now());
    let partner =
        flows::partners::create(world, &format!("Shop {}", world.ids.next(now))).await.expect("made");
    let ids = world.ids.as_ref();
    let terms = Terms { limits: opening.limits, plan: Some("standard".into()), ..Terms::plain(gbp(0)) };
    let agent = Agent {
        id: AgentId::new(ids, now),
        kind: AgentKind::Dealer,
        parent: None,
        partner: partner.clone(),
        market: "GB".into(),
        name: "Corner Mobile Ltd".into(),
        state: AgentState::Approved,
        reason: None,
        terms,
        created_at: now,
        state_at: now,
    };
    let place = PlaceId::new(ids, now);
    let outlet_partner =
        flows::partners::create(world, &format!("Outlet {}", world.ids.next(now))).await.expect("made");
    let outlet = Outlet {
        place: place.clone(),
        agent: agent.id.clone(),
        partner: outlet_partner,
        market: "GB".into(),
        state: OutletState::Open,
        reason: None,
        limits: SaleLimits::default(),
        low_float: None,
        facts: facts(place.as_str()),
        created_at: now,
        state_at: now,
    };
    let rate = |class, basis_points| Rule { class, tiers: vec![Tier { from_minor: 0, basis_points }] };
    let plan = CommissionPlan {
        id: "standard".into(),
        version: 1,
        currency: gbp(0).currency,
        rules: vec![rate(ProductClass::Credit, 250), rate(ProductClass::Bundle, 500)],
    };
    let with = Application { key: agent.id.to_string(), contact_sealed: String::new(), locale: Locale::En };
    let (stored, outlet_stored) = (agent.clone(), outlet.clone());
    let writing = world.db.write(move |tx| {
        store::agent::insert(tx, &stored, &with)?;
        if store::commission::find_plan(tx, &plan.id)?.is_none() {
            store::commission::insert_plan(tx, &plan, "test", now)?;
        }
        store::outlet::insert(tx, &outlet_stored, outlet_stored.place.as_str(), "GBP").map(|_| ())
    });
    writing.await.expect("written");
    if opening.float_minor > 0 {
        deposit_to(world, &outlet.partner, "first", gbp(opening.float_minor)).await;
    }
    let clerk = work_at(town, &agent, &outlet, (ClerkRole::Clerk, 11)).await;
    let supervisor = work_at(town, &agent, &outlet, (ClerkRole::Supervisor, 12)).await;
    if let Some(start) = opening.start {
        flows::till::open(world, &clerk, gbp(start)).await.expect("asked").expect("opened");
    }
    Shop { outlet, clerk, supervisor }
}

fn facts(place: &str) -> OutletFacts {
    OutletFacts {
        number: place[place.len() - 6..].to_owned(),
        kind: PlaceKind::Shop,
        name: "Corner Mobile, Soho".into(),
        host_place: String::new(),
        floor: String::new(),
        street: "12 Gerrard Street".into(),
        city: "London".into(),
        postcode: "W1D 5PR".into(),
        country: "GB".into(),
        time_zone: "Europe/London".into(),
        hours: "Mo-Sa 09:00-21:00".into(),
        services: vec![Service::TopUp],
        languages: vec![Tongue::En],
        latitude_e6: Some(51_511_000),
        longitude_e6: Some(-131_000),
    }
}

/// Somebody at a device of their own.
async fn work_at(town: &Town, agent: &Agent, outlet: &Outlet, (role, number): (ClerkRole, i64)) -> At {
    let (world, now) = (&town.world, town.world.now());
    let ids = world.ids.as_ref();
    let clerk = Clerk {
        id: ClerkId::new(ids, now),
        agent: agent.id.clone(),
        place: Some(outlet.place.clone()),
        number,
        name: format!("Sam {number}"),
        role,
        locale: Locale::En,
        state: ClerkState::Active,
        created_at: now,
    };
    let device = Device {
        id: DeviceId::new(ids, now),
        agent: agent.id.clone(),
        place: outlet.place.clone(),
        name: format!("Till {number}"),
        public_key: world.ids.next(now),
        printer: None,
        reader: None,
        paired_at: now,
        revoked_at: None,
        last_seen_at: now,
    };
    let session = ClerkSession {
        id: ClerkSessionId::new(ids, now),
        device: device.id.clone(),
        clerk: clerk.id.clone(),
        training: false,
        started_at: now,
        last_used_at: now,
        ended: None,
    };
    let at = At { device, clerk, session, float: Some(outlet.partner.clone()) };
    let stored = at.clone();
    let writing = world.db.write(move |tx| {
        store::clerk::insert(tx, &stored.clerk)?;
        store::device::insert(tx, &stored.device, stored.device.id.as_str())?;
        store::clerk_session::insert(tx, &stored.session, stored.session.id.as_str())
    });
    writing.await.expect("written");
    at
}

/// Credit of ten pounds for a number, as it was shown.
pub fn ten(number: &str) -> Wanted {
    Wanted {
        msisdn: Msisdn::parse_e164(number).expect("a number"),
        offer: super::registry::TEN.into(),
        amount: None,
        quote: None,
        expected_total: Some(gbp(1_000)),
        expected_bonus: None,
        reference: None,
        locale: None,
    }
}

impl Shop {
    /// Sells under a key, by the clerk and for cash.
    pub async fn sell(&self, town: &Town, key: &str, number: &str) -> SaleOutcome {
        let tenders = vec![Tender::cash(gbp(1_000), Some(gbp(2_000)))];
        self.sell_for(town, key, (ten(number), tenders)).await
    }

    pub async fn sell_for(
        &self,
        town: &Town,
        key: &str,
        (wanted, tenders): (Wanted, Vec<Tender>),
    ) -> SaleOutcome {
        let sale = CounterSale { at: self.clerk.clone(), key: key.to_owned(), wanted, tenders };
        sale::sell(&town.world, sale).await.expect("asked")
    }

    /// What is on the outlet's float.
    pub async fn float(&self, town: &Town) -> i64 {
        let account = domain::ledger::book::float(&self.outlet.partner, gbp(0));
        town.read(move |tx| Ok(store::ledger::balance(tx, &account)?.posted)).await
    }

    /// What the outlet earned and has not got yet.
    pub async fn earned(&self, town: &Town) -> i64 {
        let account = domain::ledger::agents::commission_due(&self.outlet.partner, gbp(0));
        town.read(move |tx| Ok(store::ledger::balance(tx, &account)?.posted)).await
    }
}

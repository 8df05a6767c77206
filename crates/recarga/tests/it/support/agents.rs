//! Agents of a town: a distributor, a dealer under it and outlets, made by the flows that people use.

use super::desk::Desk;
use super::town::Town;
use domain::actor::Actor;
use domain::agent::{Agent, AgentKind, AgentState, Contact, DocumentKind};
use domain::id::{AgentId, PartnerId};
use domain::ledger::book;
use domain::locale::Locale;
use domain::money::Money;
use domain::outlet::{Outlet, OutletEvent, OutletFacts};
use domain::place::{PlaceKind, Service, Tongue};
use flows::agents::apply::{self, Applying};
use flows::agents::documents::Document;
use flows::agents::float::{self, Move, Transfer};
use flows::agents::outlets::{self, Proposal};
use flows::agents::terms::{self, Agreed};
use flows::agents::{By, Outcome, Owner, decide};
use flows::care::files::Sent;

/// The least that is a PDF by its content.
pub fn pdf(name: &str) -> Sent {
    Sent { name: name.into(), bytes: b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec() }
}

pub fn gbp(minor: i64) -> Money {
    Money::new(minor, "GBP".parse().expect("a currency"))
}

/// A form's key, different for each word.
pub fn key(word: &str) -> String {
    word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>() + "00000000"
}

/// An application with the documents that are needed.
pub fn application(name: &str) -> Applying {
    let document = |kind| Document { kind, file: pdf("paper.pdf"), valid_until: "2035-12-31".into() };
    Applying {
        key: key(name),
        name: name.into(),
        market: "GB".into(),
        kind: AgentKind::Dealer,
        contact: Contact {
            person: "Ana Sol".into(),
            email: "owner@sol.example".into(),
            phone: "+44 20 7946 0000".into(),
            address: "1 High Street, London".into(),
            registration_number: "01234567".into(),
        },
        documents: vec![document(DocumentKind::Registration), document(DocumentKind::Identity)],
        locale: Locale::En,
        // Each business writes from a network of its own.
        address: format!("2001:db8:{:x}::1", name.len() * 256 + usize::from(name.as_bytes()[name.len() - 1])),
    }
}

/// Two of the staff.
pub async fn staff(town: &Town) -> (Desk, Desk) {
    (Desk::supervisor(town, "ana").await, Desk::supervisor(town, "ben").await)
}

pub async fn applied(town: &Town, name: &str) -> AgentId {
    apply::apply(&town.world, application(name)).await.expect("asked").expect("applied")
}

/// An agent that two of the staff approved, under a distributor where one is named.
pub async fn approved(town: &Town, staff: &(Desk, Desk), name: &str, parent: Option<&Agent>) -> Agent {
    let id = applied(town, name).await;
    let kind = if name.starts_with("Distributor") { AgentKind::Distributor } else { AgentKind::Dealer };
    let now = agent(town, &id).await;
    let agreed = Agreed { kind, parent: parent.map(|parent| parent.id.clone()), terms: now.terms };
    terms::set(&town.world, &staff.0.colleague(), &id, agreed, "as agreed")
        .await
        .expect("asked")
        .expect("set");
    for desk in [&staff.0, &staff.1] {
        decide::approve(&town.world, &desk.colleague(), &id, "").await.expect("asked").expect("agreed");
    }
    let agent = agent(town, &id).await;
    assert_eq!(agent.state, AgentState::Approved);
    agent
}

pub async fn agent(town: &Town, id: &AgentId) -> Agent {
    let id = id.clone();
    town.world.db.read(move |tx| store::agent::find(tx, &id)).await.expect("read").expect("an agent")
}

/// The owner of an agent, as the counter will say who it is.
pub fn owner(agent: &Agent) -> Owner {
    Owner {
        agent: agent.id.clone(),
        person: format!("clerk:clk_{}", &agent.id.as_str()[3..]),
        actor: Actor::System,
        training: false,
    }
}

/// An open outlet of an agent.
pub async fn outlet(town: &Town, staff: &(Desk, Desk), agent: &Agent, name: &str) -> Outlet {
    let facts = OutletFacts {
        number: String::new(),
        kind: PlaceKind::Shop,
        name: name.into(),
        host_place: String::new(),
        floor: String::new(),
        street: "1 High Street".into(),
        city: "London".into(),
        postcode: "N1 1AA".into(),
        country: "GB".into(),
        time_zone: "Europe/London".into(),
        hours: "Mo-Sa 09:00-21:00".into(),
        services: vec![Service::TopUp],
        languages: vec![Tongue::En],
        latitude_e6: Some(51_511_000),
        longitude_e6: Some(-131_000),
    };
    let by = By::Owner(owner(agent));
    let proposal = Proposal { key: key(name), agent: agent.id.clone(), facts };
    let proposed = outlets::propose(&town.world, &by, proposal).await.expect("asked").expect("proposed");
    let staff = By::Staff(staff.0.colleague());
    let opened = outlets::change(&town.world, &staff, &proposed.place, OutletEvent::Approve, "").await;
    opened.expect("asked").expect("open")
}

/// States a bank transfer to the agent's float.
pub async fn transfer(
    town: &Town,
    agent: &Agent,
    word: &str,
    reference: &str,
    minor: i64,
) -> Outcome<domain::float_request::FloatRequest> {
    let transfer = Transfer {
        key: key(word),
        amount: gbp(minor),
        reference: reference.into(),
        note: String::new(),
        proof: pdf("proof.pdf"),
    };
    float::state_transfer(&town.world, &owner(agent), transfer).await.expect("asked")
}

/// Fills an agent's float by a transfer that as many agree to as have to.
pub async fn fill(town: &Town, staff: &(Desk, Desk), agent: &Agent, minor: i64) {
    let reference = format!("FILL {} {minor}", &agent.id.as_str()[20..]);
    let request = transfer(town, agent, &reference, &reference, minor).await.expect("stated");
    for desk in [&staff.0, &staff.1] {
        let by = By::Staff(desk.colleague());
        let agreed = float::agree(&town.world, &by, &request.id, "").await.expect("asked").expect("agreed");
        if !agreed.state.is_open() {
            return;
        }
    }
}

/// Moves float as the owner of an agent.
pub async fn moves(
    town: &Town,
    of: &Agent,
    word: &str,
    (from, to): (&PartnerId, &PartnerId),
    minor: i64,
) -> Outcome<domain::float_request::FloatRequest> {
    let wanted =
        Move { key: key(word), from: from.clone(), to: to.clone(), amount: gbp(minor), note: String::new() };
    float::move_float(&town.world, &By::Owner(owner(of)), wanted).await.expect("asked")
}

/// What is in a float, in pence.
pub async fn in_float(town: &Town, partner: &PartnerId) -> i64 {
    let account = book::float(partner, gbp(0));
    let read = town.world.db.read(move |tx| store::ledger::balance(tx, &account));
    read.await.expect("read").posted
}

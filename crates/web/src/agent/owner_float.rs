//! The owner's float: what is there, a bank transfer with its proof, and moves to shops and dealers and back.

use super::owner::{LISTED, agent, by, float, zone};
use super::{Owner, page as show, with_purse};
use crate::failure::Failure;
use crate::portal::Sent;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::agent::Agent;
use domain::agent_refusal::Refused;
use domain::float_request::FloatRequest;
use domain::id::{FloatRequestId, PartnerId};
use domain::money::Money;
use domain::outlet::OutletState;
use flows::agents::float::{self as flow, Move, Node, Transfer};
use flows::agents::float_card::{self, ByCard, CardFill};
use flows::agents::{By, Outcome};
use flows::care::files;
use http::StatusCode;
use render::view::{FloatByCard, FloatRow, OwnerFloat, QrShown};
use serde::Deserialize;
use store::{Tx, float_request, outlet};

/// What was typed.
#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    key: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    note: String,
}

/// What a float is called: by its shop, or by its agent.
fn label(tx: &mut Tx<'_>, partner: &PartnerId) -> anyhow::Result<String> {
    Ok(match Node::of(tx, partner)? {
        Some(Node::Agent(agent)) => agent.name,
        Some(Node::Outlet(outlet)) => format!("{} ({})", outlet.facts.name, outlet.facts.number),
        None => partner.to_string(),
    })
}

/// The floats between which this agent's can move: its own first, then its shops, the dealers under it, and the
/// distributor above.
fn neighbours(tx: &mut Tx<'_>, own: &Agent) -> anyhow::Result<Vec<(String, String, Money)>> {
    let mut partners = vec![own.partner.clone()];
    let has_float = |state: OutletState| matches!(state, OutletState::Open | OutletState::Suspended);
    let shops = outlet::list(tx, &own.id, "", LISTED)?;
    partners.extend(shops.into_iter().filter(|shop| has_float(shop.state)).map(|shop| shop.partner));
    partners.extend(store::agent::list_children(tx, &own.id, LISTED)?.into_iter().map(|child| child.partner));
    if let Some(parent) = &own.parent {
        partners.extend(store::agent::find(tx, parent)?.map(|parent| parent.partner));
    }
    let currency = own.terms.credit_line.currency;
    let own_or_below = partners.iter().map(|partner| {
        let above = own.parent.is_some() && Some(partner) == partners.last();
        // What the distributor has is not the dealer's to know.
        let available = if above { Money::zero(currency) } else { float(tx, partner, currency)?.available };
        Ok((partner.to_string(), label(tx, partner)?, available))
    });
    own_or_below.collect()
}

fn row(tx: &mut Tx<'_>, request: &FloatRequest, name: &str) -> anyhow::Result<FloatRow> {
    let staff = request.asked_by.starts_with("staff:");
    Ok(FloatRow {
        id: request.id.to_string(),
        agent: request.agent.to_string(),
        agent_name: name.to_owned(),
        kind: request.kind,
        from: match &request.from {
            Some(from) => Some(label(tx, from)?),
            None => None,
        },
        to: label(tx, &request.to)?,
        amount: request.amount,
        state: request.state,
        asked_by: match request.asked_by.strip_prefix("clerk:") {
            Some(id) if !staff => match store::clerk::find(tx, &domain::id::ClerkId::stored(id))? {
                Some(clerk) => clerk.name,
                None => id.to_owned(),
            },
            _ => String::new(),
        },
        asked_at: request.asked_at,
    })
}

async fn shown(
    site: &Site,
    reader: &Reader,
    owner: &Owner,
    typed: Typed,
    problem: Option<Refused>,
) -> Result<Response, Failure> {
    let who = by(owner);
    let read = site.world.db.read(move |tx| {
        let agent = agent(tx, &who)?;
        let requests = float_request::list_of(tx, &agent.id, LISTED)?;
        let rows: anyhow::Result<Vec<FloatRow>> =
            requests.iter().map(|request| row(tx, request, &agent.name)).collect();
        let own = float(tx, &agent.partner, agent.terms.credit_line.currency)?;
        Ok((neighbours(tx, &agent)?, rows?, own, agent))
    });
    let (floats, requests, own, agent) = read.await.map_err(flows::Error::from)?;
    let short = |text: String| text.chars().take(100).collect::<String>();
    let key = || site.world.ids.random().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let view = OwnerFloat {
        counter: with_purse(site, owner).await?.0,
        key: key(),
        takes_cards: site.world.payments.by_card().is_some(),
        card_key: key(),
        float: own,
        currency: agent.terms.credit_line.currency,
        floats,
        requests,
        amount: short(typed.amount),
        reference: short(typed.reference),
        from: short(typed.from),
        to: short(typed.to),
        note: short(typed.note),
        zone: zone(site, &agent.market).await?,
        problem: problem.map(|refused| (refused.as_str(), crate::refused::field(refused, "amount"))),
    };
    Ok(show(site, reader, &view))
}

pub async fn show_page(State(site): State<Site>, reader: Reader, owner: Owner) -> Result<Response, Failure> {
    shown(&site, &reader, &owner, Typed::default(), None).await
}

/// The amount that was typed, in the agent's currency.
async fn amount(site: &Site, owner: &Owner, typed: &str) -> Result<Outcome<Money>, Failure> {
    let who = by(owner);
    let read = site.world.db.read(move |tx| agent(tx, &who));
    let currency = read.await.map_err(flows::Error::from)?.terms.credit_line.currency;
    Ok(Money::parse_decimal(typed, currency).ok_or(Refused::AmountUnfit))
}

pub async fn move_float(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let wanted = match (PartnerId::parse(&typed.from), PartnerId::parse(&typed.to)) {
        (Ok(from), Ok(to)) => amount(&site, &owner, &typed.amount).await?.map(|amount| Move {
            key: typed.key.clone(),
            from,
            to,
            amount,
            note: typed.note.clone(),
        }),
        (Err(_), _) | (_, Err(_)) => Err(Refused::NotInLine),
    };
    let done = match wanted {
        Ok(wanted) => flow::move_float(&site.world, &By::Owner(by(&owner)), wanted).await?,
        Err(refused) => Err(refused),
    };
    answer(&site, &reader, &owner, typed, done).await
}

pub async fn transfer(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    mut sent: Sent,
) -> Result<Response, Failure> {
    let of = |name: &str| sent.of(name).to_owned();
    let typed = Typed {
        key: of("key"),
        amount: of("amount"),
        reference: of("reference"),
        note: of("note"),
        ..Typed::default()
    };
    let proof = sent.take("proof").unwrap_or(files::Sent { name: String::new(), bytes: Vec::new() });
    let done = match amount(&site, &owner, &typed.amount).await? {
        Ok(amount) => {
            let (key, reference, note) = (typed.key.clone(), typed.reference.clone(), typed.note.clone());
            let transfer = Transfer { key, amount, reference, note, proof };
            flow::state_transfer(&site.world, &by(&owner), transfer).await?
        }
        Err(refused) => Err(refused),
    };
    answer(&site, &reader, &owner, typed, done).await
}

/// Begins a payment by card; its page is opened from the screen that watches it.
pub async fn by_card(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Form(typed): Form<Typed>,
) -> Result<Response, Failure> {
    let begun = match amount(&site, &owner, &typed.amount).await? {
        Ok(amount) => {
            let wanted = CardFill { key: typed.key.clone(), amount };
            float_card::begin(&site.world, &by(&owner), wanted).await?
        }
        Err(refused) => Err(refused),
    };
    match begun {
        Ok(request) => Ok(Redirect::to(&format!("/agent/owner/float/card/{}", request.id)).into_response()),
        Err(_) => answer(&site, &reader, &owner, typed, begun).await,
    }
}

pub async fn card_page(
    State(site): State<Site>,
    reader: Reader,
    owner: Owner,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let found = match FloatRequestId::parse(&id) {
        Ok(id) => float_card::look(&site.world, &by(&owner), &id).await?,
        Err(_) => None,
    };
    let Some((request, stands)) = found else {
        return Ok(Redirect::to("/agent/owner/float").into_response());
    };
    let (state, url, amount) = match stands {
        ByCard::Preparing => ("preparing", None, request.amount),
        ByCard::Open(url) => ("open", Some(url), request.amount),
        ByCard::Checking => ("checking", None, request.amount),
        ByCard::Paid(amount) => ("paid", None, amount),
        ByCard::Closed => ("closed", None, request.amount),
    };
    // An address that is too long for a code can still be opened here.
    let qr = url.as_deref().and_then(|url| flows::qr::shown(url).ok());
    let qr = qr.map(|code| QrShown { path: code.path, size: code.size });
    let counter = with_purse(&site, &owner).await?.0;
    let view = FloatByCard { counter, id: request.id.to_string(), amount, state, url, qr };
    Ok(show(&site, &reader, &view))
}

async fn answer(
    site: &Site,
    reader: &Reader,
    owner: &Owner,
    typed: Typed,
    done: Outcome<FloatRequest>,
) -> Result<Response, Failure> {
    match done {
        Ok(_) => Ok(Redirect::to("/agent/owner/float").into_response()),
        Err(refused) => {
            let again = shown(site, reader, owner, typed, Some(refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

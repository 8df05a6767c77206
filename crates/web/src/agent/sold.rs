//! What became of a sale, in one word, and taking it back.

use super::sale::new_key;
use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::counter::CounterRefusal;
use domain::money::Money;
use domain::offer::Benefit;
use domain::refusal::Refusal;
use domain::tender::TenderKind;
use domain::top_up::TopUpState;
use flows::counter::card::{self, Asked, OnReader};
use flows::counter::paper::{self, First};
use flows::counter::pin::{self, Approval, Who};
use flows::counter::sale::SaleOutcome;
use flows::counter::shown::{self, Purse, SoldHere};
use flows::counter::undo::{self, Undo};
use flows::{counter, request};
use render::view::{
    CardAsked, CounterNothing, CounterSold, CounterWord, ErrorKind, OnReader as Shown, PaperShown,
    TenderShown,
};
use render::{Problem, SentenceValues};
use serde::Deserialize;

#[derive(Deserialize, Default)]
pub struct Told {
    /// How one comes here: `now` from a sale, `again` from one that was made before.
    #[serde(default)]
    told: String,
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    sold_page(&site, &reader, &at, &code, (&told.told, None)).await
}

/// The sale of a code at this outlet; everything else is not found.
pub(super) async fn found(site: &Site, at: &AtCounter, code: &str) -> Result<SoldHere, Failure> {
    let code = domain::code::parse(code).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    shown::find(&site.world, at, &code).await?.ok_or_else(|| Failure::of(ErrorKind::NotFound))
}

pub(super) async fn sold_page(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    code: &str,
    (told, refusal): (&str, Option<&Refusal>),
) -> Result<Response, Failure> {
    let sold = found(site, at, code).await?;
    let asked = card::watch(&site.world, &sold.top_up).await?;
    // What was learnt at the reader is on this page already.
    let sold = if sold.top_up.state.is_moving() { found(site, at, code).await? } else { sold };
    let (counter, purse) = with_purse(site, at).await?;
    let first = match is_fresh_here(site, purse.as_ref(), &sold) {
        true => paper::print_first(&site.world, at, &sold.top_up).await?,
        false => First::SeenTo,
    };
    let zone = purse.map_or_else(|| "UTC".to_owned(), |purse| purse.time_zone);
    let offer_name = sold.offer.name_in(reader.locale).to_owned();
    let bundle = (sold.offer.benefit != Benefit::Credit).then_some(offer_name.as_str());
    let top_up = &sold.top_up;
    let until = top_up.credited_at.map(|at| at.plus_ms(site.world.settings.reverse_within_ms));
    let undoable = top_up.state == TopUpState::Credited;
    let cash = |taken: bool| {
        let of = sold.tenders.iter().filter(|t| t.taken == taken && t.tender.kind == TenderKind::Cash);
        Money::new(of.map(|t| t.tender.amount.minor).sum(), top_up.prices.total.currency)
    };
    let (left, untaken) = (cash(true), cash(false));
    let over = CounterWord::of(top_up.state) == CounterWord::Failed;
    let handed_over = |t: &&store::tender::Taken| t.tender.amount.minor > 0 && (t.taken || !over);
    let job = paper::last(&site.world, top_up.id.as_str()).await?;
    let proof = match top_up.state == TopUpState::Credited {
        true => Some(flows::qr::shown(&paper::proof_url(&site.world, top_up).await?)?),
        false => None,
    };
    let view = CounterSold {
        counter,
        paper: match (&job, first) {
            // The page asks again by itself while something is being printed.
            (None, First::AwaitsSignature) => PaperShown::Printing,
            _ => super::paper::shown(job.as_ref(), at.device.printer.is_some()),
        },
        proof,
        mailed: top_up.email_sealed.is_some(),
        mails: site.world.email.is_some(),
        code: top_up.code.clone(),
        word: CounterWord::of(top_up.state),
        again: told == "again",
        fresh: !told.is_empty(),
        values: SentenceValues::of(top_up, bundle, None, &zone),
        last4: sold.last4.clone(),
        total: top_up.prices.total,
        tenders: sold.tenders.iter().filter(handed_over).map(tender).collect(),
        sold_at: top_up.created_at,
        moving: top_up.state.is_moving(),
        asked: asked.as_ref().and_then(card_asked),
        untaken: (over && !untaken.is_zero()).then_some(untaken),
        owed: sold.owed.then_some(left),
        undo_until: until.filter(|until| undoable && site.world.now() <= *until),
        supervisor: undo::needs_supervisor(&site.world, at, top_up.prices.total).await?,
        undo_key: new_key(site),
        problem: refusal.map(Problem::refused),
        offer_name,
        zone,
    };
    Ok(show(site, reader, &view))
}

/// For so long after its credit a sale prints its slip by itself, whenever the page learns of it.
const FRESH_MS: i64 = 5 * domain::time::MINUTE_MS;

/// Was it credited just now, in the open shift of this device? An old sale that somebody looks at prints nothing.
fn is_fresh_here(site: &Site, purse: Option<&Purse>, sold: &SoldHere) -> bool {
    let shift = purse.and_then(|purse| purse.shift.as_ref()).map(|(shift, _)| &shift.id);
    let here = sold.tenders.first().is_some_and(|first| Some(&first.shift) == shift);
    here && sold.top_up.credited_at.is_some_and(|at| site.world.now() <= at.plus_ms(FRESH_MS))
}

fn card_asked(asked: &Asked) -> Option<CardAsked> {
    let on_reader = match &asked.on_reader {
        OnReader::UnderWay => Shown::UnderWay,
        OnReader::Failed { .. } => Shown::Failed,
        OnReader::Absent => Shown::Absent,
        OnReader::Offline => Shown::Offline,
        OnReader::Untold => return None,
    };
    Some(CardAsked { amount: asked.amount, on_reader })
}

/// The clerk calls the card off; what the provider says decides.
pub async fn call_off(
    State(site): State<Site>,
    at: AtCounter,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let sold = found(&site, &at, &code).await?;
    // Whoever learns changes nothing that is real.
    if !at.training() {
        card::call_off(&site.world, &sold.top_up.id).await?;
    }
    Ok(Redirect::to(&format!("/agent/sales/{}?told=now", sold.top_up.code)).into_response())
}

fn tender(taken: &store::tender::Taken) -> TenderShown {
    let change = taken.tender.change();
    TenderShown {
        kind: taken.tender.kind,
        amount: taken.tender.amount,
        given: taken.tender.given,
        change: (!change.is_zero()).then_some(change),
    }
}

#[derive(Deserialize)]
pub struct UndoForm {
    #[serde(default)]
    key: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    supervisor: String,
    #[serde(default)]
    pin: String,
}

/// Why sales are taken back, as the journal keeps it.
const REASONS: [&str; 4] = ["wrong_number", "wrong_product", "not_wanted", "other"];

pub async fn undo(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(code): Path<String>,
    Form(form): Form<UndoForm>,
) -> Result<Response, Failure> {
    let sold = found(&site, &at, &code).await?;
    let needed = Refusal::Counter(CounterRefusal::SupervisorNeeded);
    let supervisor = match form.supervisor.trim().parse::<i64>() {
        Ok(number) => match pin::approve_at(&site.world, &at, &Who::Number(number), &form.pin).await? {
            Approval::Given(clerk) => Some(*clerk),
            Approval::Wrong | Approval::Locked(_) | Approval::NotASupervisor => {
                return sold_page(&site, &reader, &at, &code, ("", Some(&needed))).await;
            }
        },
        Err(_) => None,
    };
    let reason = REASONS.iter().find(|reason| **reason == form.reason).unwrap_or(&"other");
    let wanted = Undo {
        key: counter::sale::key_of(&at, &form.key, &format!("undo {}", sold.top_up.id)),
        at: at.0.clone(),
        top_up: sold.top_up.id.clone(),
        reason: (*reason).to_owned(),
        supervisor,
        answering: request::plainly(&site.world),
    };
    let reply = undo::undo(&site.world, wanted).await?;
    match counter::sale::told(&site.world, reply)? {
        SaleOutcome::Told { sold: Ok(_), .. } | SaleOutcome::Gone => {
            Ok(Redirect::to(&format!("/agent/sales/{code}?told=now")).into_response())
        }
        SaleOutcome::Told { sold: Err(refusal), .. } => {
            sold_page(&site, &reader, &at, &code, ("", Some(&refusal))).await
        }
        SaleOutcome::KeyReused => {
            sold_page(&site, &reader, &at, &code, ("", Some(&Refusal::KeyReused))).await
        }
        SaleOutcome::InFlight => {
            sold_page(&site, &reader, &at, &code, ("", Some(&Refusal::KeyInFlight))).await
        }
    }
}

/// What was asked for never came: nothing was sold, and nothing was taken.
pub(super) async fn never_came(site: &Site, reader: &Reader, at: &AtCounter) -> Result<Response, Failure> {
    let (counter, _) = with_purse(site, at).await?;
    Ok(show(site, reader, &CounterNothing { counter }))
}

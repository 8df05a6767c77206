//! The page of one order: what it waits for, and its story.

use super::search::{Asked, field, reveal_form, revealed};
use super::session::StaffMember;
use super::{frame, page as show, story};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::account::{ContactKind, masked_email};
use domain::audit::SubjectKind;
use domain::network_credit::NetworkCreditState;
use domain::payment::OperationKind;
use domain::stuck::{Mend, StuckCause};
use flows::care::stuck::{self, Key};
use flows::office::audit::looked;
use flows::office::reveal;
use flows::office::waiting::{self, For, Waits};
use render::view::{ErrorKind, OfficeOrder, OfficeSection, OfficeWaits, StoryWork};
use std::collections::HashMap;
use store::history::History;
use store::keyring::Purpose;

/// Reads everything about an order, with the names of those who worked on it.
async fn read(site: &Site, code: &str) -> Result<(History, HashMap<String, String>), Failure> {
    let code = domain::code::parse(code).ok_or(Failure::of(ErrorKind::NotFound))?;
    let read = site.world.db.read(move |tx| {
        let Some(order) = store::top_up::find_by_code(tx, &code)? else { return Ok(None) };
        let history = store::history::of_order(tx, order)?;
        let staff = store::staff::list(tx)?;
        let names = staff.into_iter().map(|member| (member.id.to_string(), member.name)).collect();
        Ok(Some((history, names)))
    });
    read.await.map_err(flows::Error::from)?.ok_or(Failure::of(ErrorKind::NotFound))
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let (history, names) = read(&site, &code).await?;
    if history.top_up.code != code {
        return Ok(Redirect::to(&format!("/office/orders/{}", history.top_up.code)).into_response());
    }
    let (id, line) = (history.top_up.id.to_string(), history.line.id.clone());
    let view = view(&site, &reader, &member, history, &names).await?;
    looked(&site.world, &member.id, SubjectKind::TopUp, &id, Some(&line)).await?;
    Ok(show(&site, &reader, &view))
}

pub async fn reveal_page(
    State(site): State<Site>,
    reader: Reader,
    member: StaffMember,
    Path(code): Path<String>,
    Form(asked): Form<Asked>,
) -> Result<Response, Failure> {
    let (name, kind) = field(&asked.what).ok_or(Failure::of(ErrorKind::BadRequest))?;
    let (history, names) = read(&site, &code).await?;
    let id = history.top_up.id.clone();
    let wanted = match kind {
        ContactKind::Phone => reveal::Wanted::OrderNumber(id),
        ContactKind::Email => reveal::Wanted::OrderEmail(id),
    };
    let view = view(&site, &reader, &member, history, &names).await?;
    let reveal = revealed(&site, &member, &wanted, name, &asked.reason, view.reveal).await?;
    Ok(show(&site, &reader, &OfficeOrder { reveal, ..view }))
}

async fn view(
    site: &Site,
    reader: &Reader,
    member: &StaffMember,
    history: History,
    names: &HashMap<String, String>,
) -> Result<OfficeOrder, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let zone = catalogue.market(&history.top_up.market).map(|market| market.seller.time_zone.clone());
    let version = history.top_up.offer_version.clone();
    let offer = site.world.db.read(move |tx| store::offer::load_version(tx, &version)).await;
    let offer = offer.map_err(flows::Error::from)?;
    let order = &history.top_up;
    let sealed = order.email_sealed.as_deref();
    let email = sealed.map(|sealed| site.world.keyring.open_sealed(Purpose::Email, sealed)).transpose();
    let email = email.map_err(flows::Error::from)?.map(|email| masked_email(&email));
    let mut fields = vec!["number"];
    if email.is_some() {
        fields.push("email");
    }
    let may = may(&history, member);
    let sources = {
        let order = history.top_up.clone();
        let read = site.world.db.read(move |tx| flows::care::money::sources(tx, &order)).await;
        read.map_err(flows::Error::from)?
    };
    Ok(OfficeOrder {
        office: frame(member, OfficeSection::Search),
        code: order.code.clone(),
        id: order.id.to_string(),
        state: order.state,
        zone: zone.unwrap_or_else(|| "UTC".into()),
        now: site.world.now(),
        waits: waits(waiting::of(&history)),
        offer_name: offer.name_in(reader.locale).to_owned(),
        channel: order.channel,
        prices: order.prices,
        last4: history.line.last4.clone(),
        line: history.line.id.to_string(),
        email,
        subscriber: order.subscriber.as_ref().map(ToString::to_string),
        partner: order.partner.as_ref().map(ToString::to_string),
        story: story::tell(&history, names),
        work: work(&history),
        key: order.answer_by_at.map(|_| Key::Order(order.id.clone()).to_string()),
        may,
        may_refund: !sources.is_empty(),
        reveal: reveal_form(format!("/office/orders/{}/reveal", order.code), fields),
    })
}

/// What this member may do about it now, without risk: as the stuck list has it, also before it is late.
fn may(history: &History, member: &StaffMember) -> Vec<Mend> {
    if history.top_up.answer_by_at.is_none() {
        return Vec::new();
    }
    let asked = history
        .network
        .as_ref()
        .is_some_and(|credit| credit.state.is_open() || credit.state == NetworkCreditState::Contradicted);
    let cause = match (history.is_held(), asked) {
        (true, _) => StuckCause::Held,
        (false, true) => StuckCause::NetworkUnanswered,
        (false, false) => StuckCause::PaymentUnanswered,
    };
    let all = stuck::may(&Key::Order(history.top_up.id.clone()), cause).iter();
    let for_supervisors = |what: &Mend| matches!(what, Mend::Release | Mend::BookGiven | Mend::BookDenied);
    let of_float = |what: &Mend| *what == Mend::BookDenied;
    all.filter(|what| !for_supervisors(what) || member.is_supervisor())
        .filter(|what| !of_float(what) || history.payment.is_none())
        .copied()
        .collect()
}

fn work(history: &History) -> Vec<StoryWork> {
    let row = |work: &store::history::Waiting| StoryWork {
        topic: work.topic.as_str().to_owned(),
        subject: work.subject.clone(),
        tries: work.tries,
        dead: work.dead,
        next_at: work.next_at,
        error: work.error.clone(),
    };
    history.work.iter().map(row).collect()
}

fn waits(waits: Waits) -> OfficeWaits {
    let (what, call): (_, Option<OperationKind>) = match waits.what {
        For::Nothing => ("nothing", None),
        For::Payer => ("payer", None),
        For::Call(kind) => ("call", Some(kind)),
        For::Turn(kind) => ("turn", Some(kind)),
        For::Settlement => ("settlement", None),
        For::RefundSettled => ("refund_settled", None),
        For::Network => ("network", None),
        For::PeopleLate => ("people_late", None),
        For::PeopleMoney => ("people_money", None),
        For::PeopleRefund => ("people_refund", None),
        For::PeopleHeld => ("people_held", None),
    };
    OfficeWaits {
        what,
        call,
        provider: waits.provider,
        since: waits.since,
        tries: waits.tries,
        next_at: waits.next_at,
        error: waits.error,
        until: waits.until,
        given_up: waits.given_up,
    }
}

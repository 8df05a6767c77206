//! The account page: contacts, lines, devices, preferences.

use super::super::session::{self, SignedIn};
use super::pending::Pending;
use super::{html, who};
use crate::failure::Failure;
use crate::portal::zone;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::account::ConsentState;
use domain::id::SessionId;
use domain::locale::Locale;
use domain::notice::NoticeChannel;
use flows::account::own::{self, Own};
use render::view::{AccountPage, ConsentRow, ContactRow, DeviceRow, ErrorKind, Flash, LineRow, LookRow};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Done {
    done: Option<String>,
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    signed_in: SignedIn,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let own = own::own(&site.world, &who(&signed_in)).await?;
    let zone = zone(&site, &reader).await?;
    let word = done.done.unwrap_or_default();
    let done = Flash::ALL.iter().copied().find(|flash| flash.word() == word);
    Ok(html(&site, &reader, &view(own, &signed_in.session, zone, done)))
}

/// The contacts as their owner sees them.
pub fn contacts(own: &Own) -> Vec<ContactRow> {
    let row = |contact: &store::account::contact::Contact| ContactRow {
        kind: contact.kind,
        shown: contact.shown.clone(),
        verified_at: contact.verified_at,
    };
    own.contacts.iter().map(row).collect()
}

fn view(own: Own, current: &SessionId, zone: String, done: Option<Flash>) -> AccountPage {
    let agreed = |channel: NoticeChannel| {
        own.consents.iter().any(|said| said.channel == channel && said.state == ConsentState::Given)
    };
    AccountPage {
        contacts: contacts(&own),
        by_sms: agreed(NoticeChannel::Sms),
        by_email: agreed(NoticeChannel::Email),
        consents: own.consents.iter().map(consent).collect(),
        name: own.name.unwrap_or_default(),
        lines: own
            .lines
            .into_iter()
            .map(|line| LineRow {
                id: line.line.to_string(),
                label: line.label,
                last4: line.last4,
                status: line.status,
            })
            .collect(),
        devices: own
            .sessions
            .into_iter()
            .map(|session| DeviceRow {
                current: session.id == *current,
                id: session.id.to_string(),
                device: session.device,
                created_at: session.created_at,
                seen_at: session.seen_at,
            })
            .collect(),
        looks: own
            .looks
            .into_iter()
            .map(|look| LookRow {
                at: look.at,
                count: look.count,
                role: look.role,
                initials: look.initials,
                revealed: look.revealed,
                reason: look.reason,
                last4: look.last4,
            })
            .collect(),
        locale: own.subscriber.locale,
        zone,
        done,
    }
}

fn consent(said: &store::account::consent::Consent) -> ConsentRow {
    ConsentRow { channel: said.channel, state: said.state, changed_at: said.changed_at, source: said.source }
}

/// The account page with a word about what was done.
pub fn done(flash: Flash) -> Redirect {
    Redirect::to(&format!("/account?done={}", flash.word()))
}

/// The channels for which marketing is agreed to.
pub fn marketing(by_sms: bool, by_email: bool) -> Vec<NoticeChannel> {
    let sms = by_sms.then_some(NoticeChannel::Sms);
    let email = by_email.then_some(NoticeChannel::Email);
    sms.into_iter().chain(email).collect()
}

#[derive(Deserialize)]
pub struct Preferences {
    #[serde(default)]
    name: String,
    #[serde(default)]
    locale: String,
    by_sms: Option<String>,
    by_email: Option<String>,
}

pub async fn preferences(
    State(site): State<Site>,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(form): Form<Preferences>,
) -> Result<Response, Failure> {
    let (who, world) = (who(&signed_in), &site.world);
    own::set_name(world, &who, &form.name).await?;
    own::set_marketing(world, &who, &marketing(form.by_sms.is_some(), form.by_email.is_some())).await?;
    let Some(locale) = Locale::parse(&form.locale) else { return Ok(done(Flash::Saved).into_response()) };
    own::set_locale(world, &who, locale).await?;
    // Saying the same again leaves the language of this page as it is.
    let jar = if locale == signed_in.locale { jar } else { jar.add(super::code::language(&site, locale)) };
    Ok((jar, done(Flash::Saved)).into_response())
}

pub async fn end(
    State(site): State<Site>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let id = SessionId::parse(&id).map_err(|_| Failure::of(ErrorKind::NotFound))?;
    flows::account::session::end(&site.world, &who(&signed_in), &id).await?;
    Ok(done(Flash::DeviceEnded).into_response())
}

pub async fn end_all(
    State(site): State<Site>,
    signed_in: SignedIn,
    jar: CookieJar,
) -> Result<Response, Failure> {
    flows::account::session::end_all(&site.world, &who(&signed_in)).await?;
    let jar = session::close(Pending::drop(jar));
    Ok((jar, Redirect::to("/sign-in?note=everywhere")).into_response())
}

//! The end of a sale in training: the press that only pretends, and the page that says so.

use super::sale::{SaleForm, number_page, review_page};
use super::{AtCounter, page as show, sold, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::refusal::Refusal;
use domain::tender::Tender;
use flows::counter::sale::CounterSale as Wish;
use flows::counter::training::{self, Rehearsed, Told};
use render::view::{CounterTrained, TenderShown};

/// The press that sells, in training.
pub(super) async fn sell(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    form: SaleForm,
    wish: Wish,
) -> Result<Response, Failure> {
    let key = wish.key.clone();
    match training::sell(&site.world, wish).await? {
        Told::Outcome { outcome: Ok(_), .. } => {
            Ok(Redirect::to(&format!("/agent/training/{key}")).into_response())
        }
        Told::Outcome { outcome: Err(refusal), .. } => {
            review_page(site, reader, at, form, Some(&refusal)).await
        }
        Told::KeyReused => review_page(site, reader, at, form, Some(&Refusal::KeyReused)).await,
        Told::Gone => number_page(site, reader, at, "", None).await,
    }
}

/// What was pretended under a key.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Path(key): Path<String>,
) -> Result<Response, Failure> {
    asked(&site, &reader, &at, &key).await
}

/// The same for a press whose answer was lost.
pub(super) async fn asked(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    key: &str,
) -> Result<Response, Failure> {
    match training::look(&site.world, at, key).await? {
        Some(Told::Outcome { outcome: Ok(rehearsed), .. }) => shown(site, reader, at, rehearsed).await,
        Some(Told::Outcome { outcome: Err(refusal), .. }) => {
            number_page(site, reader, at, "", Some(&refusal)).await
        }
        Some(Told::KeyReused | Told::Gone) => number_page(site, reader, at, "", None).await,
        None => sold::never_came(site, reader, at).await,
    }
}

async fn shown(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    rehearsed: Rehearsed,
) -> Result<Response, Failure> {
    let (counter, purse) = with_purse(site, at).await?;
    let version = rehearsed.offer.clone();
    let offer = site.world.db.read(move |tx| store::offer::load_version(tx, &version)).await;
    let offer = offer.map_err(flows::Error::from)?;
    let view = CounterTrained {
        counter,
        offer_name: offer.name_in(reader.locale).to_owned(),
        last4: rehearsed.last4,
        total: rehearsed.total,
        tenders: rehearsed.tenders.iter().map(tender).collect(),
        at: rehearsed.at,
        zone: purse.map_or_else(|| "UTC".to_owned(), |purse| purse.time_zone),
    };
    Ok(show(site, reader, &view))
}

fn tender(tender: &Tender) -> TenderShown {
    let change = tender.change();
    TenderShown {
        kind: tender.kind,
        amount: tender.amount,
        given: tender.given,
        change: (!change.is_zero()).then_some(change),
    }
}

//! The balance of a customer's line: the number, the code that the customer reads out, and what is on the line. All of it
//! is answered to forms, so that neither number nor balance is in an address, and the page leaves by itself.

use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::portal::me::shown;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::State;
use axum::response::Response;
use domain::account::AccountRefusal;
use domain::counter::CounterRefusal;
use domain::refusal::Refusal;
use flows::counter::balance::{self, Waiting};
use render::Problem;
use render::view::{BalanceStep, CounterBalance};
use serde::Deserialize;

/// How long the balance stays on the screen.
const SHOWN_S: u16 = 60;

#[derive(Deserialize, Default)]
pub struct BalanceForm {
    #[serde(default)]
    msisdn: String,
    /// What waits for the code, sealed.
    #[serde(default)]
    word: String,
    /// What may be shown of the number.
    #[serde(default)]
    shown: String,
    #[serde(default)]
    code: String,
}

pub async fn page(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    let problem = at.training().then(|| Problem::refused(&Refusal::Counter(CounterRefusal::Training)));
    step(&site, &reader, &at, BalanceStep::Number { typed: String::new() }, problem).await
}

async fn step(
    site: &Site,
    reader: &Reader,
    at: &AtCounter,
    step: BalanceStep,
    problem: Option<Problem>,
) -> Result<Response, Failure> {
    let (counter, _) = with_purse(site, at).await?;
    Ok(show(site, reader, &CounterBalance { counter, step, problem }))
}

async fn refused(
    site: &Site,
    at: &AtCounter,
    refusal: AccountRefusal,
    field: &'static str,
) -> Result<Problem, Failure> {
    let (_, purse) = with_purse(site, at).await?;
    Ok(Problem::account(refusal, field, purse.as_ref().map_or("UTC", |purse| &purse.time_zone)))
}

pub async fn ask(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<BalanceForm>,
) -> Result<Response, Failure> {
    if at.training() {
        return page(State(site), reader, at).await;
    }
    match balance::ask(&site.world, &at, &form.msisdn, reader.locale).await? {
        Ok(Waiting { word, shown, .. }) => {
            step(&site, &reader, &at, BalanceStep::Code { word, shown }, None).await
        }
        Err(refusal) => {
            let problem = refused(&site, &at, refusal, "msisdn").await?;
            let typed = form.msisdn.chars().take(40).collect();
            step(&site, &reader, &at, BalanceStep::Number { typed }, Some(problem)).await
        }
    }
}

pub async fn prove(
    State(site): State<Site>,
    reader: Reader,
    at: AtCounter,
    Form(form): Form<BalanceForm>,
) -> Result<Response, Failure> {
    if at.training() {
        return page(State(site), reader, at).await;
    }
    match balance::show(&site.world, &at, &form.word, &form.code).await? {
        Ok(balance) => {
            let catalogue = site.world.fresh_catalogue().await?;
            let line = shown::bare(&catalogue, &reader, &balance);
            let shown = BalanceStep::Shown { line: Box::new(line), seconds: SHOWN_S };
            step(&site, &reader, &at, shown, None).await
        }
        Err(refusal) => {
            let problem = refused(&site, &at, refusal, "code").await?;
            let shown = form.shown.chars().take(20).collect();
            let waits = matches!(refusal, AccountRefusal::CodeWrong { .. } | AccountRefusal::CodeUnreadable);
            let next = if waits {
                BalanceStep::Code { word: form.word, shown }
            } else {
                BalanceStep::Number { typed: String::new() }
            };
            step(&site, &reader, &at, next, Some(problem)).await
        }
    }
}

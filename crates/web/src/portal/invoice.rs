//! Invoices of an order, for whoever has its pass: the form for the buyer, and the documents to read and print.

use super::{html, order, session};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::actor::Actor;
use domain::invoice::{Buyer, InvoiceKind, InvoiceRefusal, Invoicing};
use domain::top_up::{TopUp, TopUpState};
use flows::invoice::{self, Document};
use http::StatusCode;
use render::Problem;
use render::view::{BuyerAsked, BuyerTyped, ErrorKind, InvoicePage, InvoiceSheet};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Asked {
    /// One document, to print it alone.
    number: Option<String>,
}

async fn of_reader(site: &Site, jar: &CookieJar, code: &str) -> Result<(String, Option<TopUp>), Failure> {
    let code = domain::code::parse(code).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let order = order::passed(site, jar, &code).await?;
    Ok((code, order))
}

/// Why there is no form, if there is none.
fn why_not(top_up: &TopUp, invoicing: Option<&Invoicing>) -> Option<InvoiceRefusal> {
    match top_up.state {
        TopUpState::Credited => invoicing.is_none().then_some(InvoiceRefusal::NotOffered),
        TopUpState::Refunding | TopUpState::Refunded | TopUpState::Reversed => {
            Some(InvoiceRefusal::TakenBack)
        }
        TopUpState::AwaitingPayment
        | TopUpState::CheckingPayment
        | TopUpState::Paid
        | TopUpState::PendingNetwork
        | TopUpState::Cancelled
        | TopUpState::Review => Some(InvoiceRefusal::NotSupplied),
    }
}

fn sheet(site: &Site, reader: &Reader, top_up: &TopUp, document: Document) -> Result<InvoiceSheet, Failure> {
    let Document { invoice, buyer, void_by } = document;
    let of = (invoice.number.as_str(), invoice.kind);
    let sheet = InvoiceSheet::of(of, invoice.issued_at, &invoice.body, buyer, reader.locale);
    let qr = match invoice.kind {
        InvoiceKind::CreditNote => {
            let last4 = &invoice.body.last4;
            let url = flows::receipt_proof::credit_note_url(&site.world, top_up, last4, invoice.issued_at)?;
            Some(flows::qr::shown(&url)?)
        }
        InvoiceKind::Invoice | InvoiceKind::Simplified => None,
    };
    Ok(InvoiceSheet { void_by, qr, ..sheet })
}

async fn view(
    site: &Site,
    reader: &Reader,
    top_up: &TopUp,
    only: Option<&str>,
) -> Result<InvoicePage, Failure> {
    let invoicing = invoice::invoicing(&site.world, top_up).await?;
    let documents = invoice::documents(&site.world, &top_up.id).await?;
    let wanted = documents.into_iter().filter(|one| only.is_none_or(|only| one.invoice.number == only));
    let sheets: Result<Vec<_>, Failure> = wanted.map(|one| sheet(site, reader, top_up, one)).collect();
    let why_not = why_not(top_up, invoicing.as_ref());
    let asked = invoicing.filter(|_| why_not.is_none() && only.is_none());
    Ok(InvoicePage {
        code: top_up.code.clone(),
        sheets: sheets?,
        asked: asked.map(|invoicing| BuyerAsked::of(&invoicing, top_up.prices.total)),
        why_not: why_not.map(Problem::invoice),
        typed: BuyerTyped::default(),
        problem: None,
    })
}

/// The documents, and the form.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (code, order) = of_reader(&site, &jar, &code).await?;
    let Some(top_up) = order else { return Ok(Redirect::to(&format!("/o/{code}")).into_response()) };
    let view = view(&site, &reader, &top_up, asked.number.as_deref()).await?;
    Ok(html(&site, &reader, &view))
}

#[derive(Default, Deserialize)]
pub struct BuyerForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    tax_id: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    kind: String,
}

impl BuyerForm {
    /// Who the buyer is; none where a simplified one is wanted.
    fn buyer(&self, invoicing: &Invoicing) -> Result<Option<Buyer>, InvoiceRefusal> {
        if InvoiceKind::parse(&self.kind) == Some(InvoiceKind::Simplified) {
            return Ok(None);
        }
        Buyer::read(&self.name, &self.tax_id, &self.address, invoicing).map(Some)
    }

    fn typed(self) -> BuyerTyped {
        let cut = |text: String| text.chars().take(300).collect();
        BuyerTyped { name: cut(self.name), tax_id: cut(self.tax_id), address: cut(self.address) }
    }
}

/// Writes the document, or leads to the one that stands.
pub async fn submit(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
    Form(form): Form<BuyerForm>,
) -> Result<Response, Failure> {
    let (code, order) = of_reader(&site, &jar, &code).await?;
    let Some(top_up) = order else { return Ok(Redirect::to(&format!("/o/{code}")).into_response()) };
    let actor = match session::of_jar(&site, &jar).await? {
        Some(signed_in) => Actor::Subscriber(signed_in.subscriber),
        None => Actor::Guest,
    };
    let invoicing = invoice::invoicing(&site.world, &top_up).await?;
    let buyer = invoicing.as_ref().ok_or(InvoiceRefusal::NotOffered).and_then(|own| form.buyer(own));
    let refusal = match buyer {
        Ok(buyer) => {
            let issued =
                invoice::issue(&site.world, &top_up.id, buyer.as_ref(), reader.locale, actor).await?;
            match issued {
                Ok(_) => return Ok(Redirect::to(&format!("/o/{code}/invoice")).into_response()),
                Err(refusal) => refusal,
            }
        }
        Err(refusal) => refusal,
    };
    let view = InvoicePage {
        problem: Some(Problem::invoice(refusal)),
        typed: form.typed(),
        ..view(&site, &reader, &top_up, None).await?
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&site, &reader, &view)).into_response())
}

//! The receipt of an order, to read and to print.

use super::{html, order};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use domain::offer::Benefit;
use flows::receipt::{Standing, receipt, standing};
use render::SentenceValues;
use render::view::{ErrorKind, ReceiptPage, RefundShown};

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Path(code): Path<String>,
) -> Result<Response, Failure> {
    let code = domain::code::parse(&code).ok_or_else(|| Failure::of(ErrorKind::NotFound))?;
    let Some(top_up) = order::passed(&site, &jar, &code).await? else {
        return Ok(Redirect::to(&format!("/o/{code}")).into_response());
    };
    let standing = standing(&site.world, top_up).await?;
    if !standing.paid {
        // A receipt proves a sale: an order that nobody paid has none.
        return Ok(Redirect::to(&format!("/o/{code}")).into_response());
    }
    let mut receipt = receipt(&site.world, &standing).await?;
    receipt.locale = reader.locale;
    receipt.offer_name = standing.offer.name_in(reader.locale).to_owned();
    let refunds = refunds(&standing);
    let reference = refunds.last().map(|refund| refund.reference.as_str());
    let bundle = Some(receipt.offer_name.as_str()).filter(|_| receipt.benefit != Benefit::Credit);
    let values = SentenceValues {
        provider: standing.provider.clone(),
        ..SentenceValues::of(&standing.top_up, bundle, reference, &receipt.seller.time_zone)
    };
    let surplus = standing.surplus().map(order::surplus);
    let invoicing = flows::invoice::invoicing(&site.world, &standing.top_up).await?;
    let qr = flows::qr::shown(&receipt.on_paper.proof_url)?;
    let page = ReceiptPage::of(&receipt).proving(qr, invoicing.is_some()).as_of(
        site.world.now(),
        values,
        refunds,
        surplus,
    );
    Ok(html(&site, &reader, &page))
}

/// The refunds of the payment that paid for the order. Money beyond it is no part of the sale.
fn refunds(standing: &Standing) -> Vec<RefundShown> {
    let paid = standing.attempt.as_ref().map(|attempt| &attempt.id);
    let own = standing.refunds.iter().filter(|refund| paid == Some(&refund.attempt));
    own.map(|refund| RefundShown {
        amount: refund.amount,
        reference: flows::notice::short_reference(refund.id.as_str()),
        going: order::going(refund.state),
        at: refund.state_at,
    })
    .collect()
}

//! The receipt of an order, to read and to print.

use super::{html, order};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use flows::receipt::{receipt, standing};
use render::view::{ErrorKind, ReceiptPage};

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
    receipt.offer_name = standing.offer.name_in(reader.locale).to_owned();
    Ok(html(&site, &reader, &ReceiptPage::of(&receipt)))
}

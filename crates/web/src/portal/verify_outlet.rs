//! What the sticker of a shop or kiosk leads to: is it ours, until when, and does it hang where it should?

use super::{html, shop, shops};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::place::canonical_number;
use flows::places;
use http::StatusCode;
use render::view::VerifyOutlet;
use serde::Deserialize;

/// As much of what somebody typed is said back.
const SAID_BACK_MAX: usize = 20;

#[derive(Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    number: String,
}

/// A number that was typed leads to the page of its sticker.
pub async fn to_outlet(Query(typed): Query<Typed>) -> Response {
    let number = canonical_number(&typed.number).unwrap_or_else(|| {
        let shown: String = typed.number.trim().chars().take(SAID_BACK_MAX).collect();
        url::form_urlencoded::byte_serialize(shown.as_bytes()).collect::<String>().replace('+', "%20")
    });
    // Nothing typed: nothing to look for.
    let to = if number.is_empty() { "/verify#outlet".to_owned() } else { format!("/verify/outlet/{number}") };
    Redirect::to(&to).into_response()
}

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    Path(typed): Path<String>,
) -> Result<Response, Failure> {
    let seen = match canonical_number(&typed) {
        Some(number) => places::look(&site.world, &number).await?,
        None => None,
    };
    let found = match seen {
        Some(seen) => Some(shop::view(&site, seen).await?),
        None => None,
    };
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let view = VerifyOutlet {
        assets: shops::assets(),
        number: typed.chars().take(SAID_BACK_MAX).collect(),
        shop: found,
        contact: site.config.support.for_reader(reader.locale).is_some(),
    };
    Ok((status, html(&site, &reader, &view)).into_response())
}

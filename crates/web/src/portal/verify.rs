//! The page that tells what is genuine.

use super::html;
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use render::view::Verify;

pub async fn page(State(site): State<Site>, reader: Reader) -> Response {
    let view = Verify {
        official: site.config.official.clone(),
        payment_pages: site.config.payment_origins.clone(),
        contact: site.config.support.for_reader(reader.locale).is_some(),
    };
    html(&site, &reader, &view)
}

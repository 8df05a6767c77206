//! What the browser shows without a network where it has kept nothing.

use super::{MANIFEST, html};
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use render::view::Offline;

/// The page; it is the same for everybody.
pub async fn page(State(site): State<Site>, reader: Reader) -> Response {
    html(&site, &reader, &Offline { manifest_url: MANIFEST.to_owned() })
}

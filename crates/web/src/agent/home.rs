//! The first page after unlocking.

use super::{AtCounter, frame, page as show};
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use render::view::CounterHome;

pub async fn page(State(site): State<Site>, reader: Reader, at: AtCounter) -> Response {
    show(&site, &reader, &CounterHome { counter: frame(&at) })
}

//! The first page after unlocking.

use super::{AtCounter, page as show, with_purse};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::State;
use axum::response::Response;
use render::view::CounterHome;

pub async fn page(State(site): State<Site>, reader: Reader, at: AtCounter) -> Result<Response, Failure> {
    let (counter, _) = with_purse(&site, &at).await?;
    Ok(show(&site, &reader, &CounterHome { counter }))
}

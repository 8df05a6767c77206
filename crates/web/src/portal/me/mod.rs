//! The personal centre: what is on one's lines, what happened to it, one's orders, and all of it without a network.
//!
//! Start reading at [`routes`]; `shown.rs` makes what several pages show. Everything is read for who is signed in: a
//! line that is not in the account is not found.

mod centre;
mod claim;
mod history;
mod line;
mod offline;
pub(crate) mod shown;

use super::session::SignedIn;
use super::{elsewhere, html, zone};
use crate::failure::Failure;
use crate::site::Site;
use axum::Router;
use axum::routing::get;
use domain::id::LineId;
use domain::line::Line;
use render::view::ErrorKind;
use store::account::subscriber_line::{self, OwnLine};

pub use centre::{own_email, own_lines};

/// Where phones learn about the app.
const MANIFEST: &str = "/manifest.webmanifest";

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/me", get(centre::page))
        .route("/me/claim", get(claim::page).post(claim::submit))
        .route("/me/history", get(history::page))
        .route("/me/history.csv", get(history::table))
        .route("/me/lines/{id}", get(line::page))
        .route("/me/lines/{id}/repeat", get(elsewhere).post(line::repeat))
        .route("/me/lines/{id}/top-up", get(elsewhere).post(line::top_up))
        .route("/offline", get(offline::page))
}

/// A line of the account; not found when it is none.
async fn own_line(site: &Site, reader: &SignedIn, id: &str) -> Result<(OwnLine, Line), Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let id = LineId::parse(id).map_err(|_| missing())?;
    let subscriber = reader.subscriber.clone();
    let read = site.world.db.read(move |tx| {
        let lines = subscriber_line::list(tx, &subscriber)?;
        let Some(own) = lines.into_iter().find(|line| line.line == id) else { return Ok(None) };
        let line = store::line::load(tx, &own.line)?;
        Ok(Some((own, line)))
    });
    read.await.map_err(flows::Error::from)?.ok_or_else(missing)
}

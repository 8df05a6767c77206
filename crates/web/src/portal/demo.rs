//! The demo's own page: doors that are open, and stories. None of it exists outside a demo.

use super::{elsewhere, html, not_found, session};
use crate::failure::Failure;
use crate::office;
use crate::site::{Reader, Site};
use axum::extract::{Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Form, Router};
use axum_extra::extract::CookieJar;
use render::view::{BooksChecked, Demo, DemoDoor, DemoProps};
use serde::Deserialize;
use std::time::Duration;

/// Who stands behind the doors; `recarga demo` makes them.
const SUBSCRIBER: &str = "lin@luma.example";
const CLERK: &str = "clerk";
const SUPERVISOR: &str = "supervisor";
/// As long as the answer needs to reach the browser.
const BEFORE_THE_END: Duration = Duration::from_millis(200);

pub fn routes(site: &Site) -> Router<Site> {
    Router::new()
        .route("/demo", get(page))
        .route("/demo/doors", get(elsewhere).post(open))
        .route("/demo/kill", get(elsewhere).post(kill))
        .route_layer(from_fn_with_state(site.clone(), only_in_a_demo))
}

/// Outside a demo there is nothing here.
async fn only_in_a_demo(State(site): State<Site>, reader: Reader, request: Request, next: Next) -> Response {
    if site.world.settings.demo { next.run(request).await } else { not_found(State(site), reader).await }
}

#[derive(Deserialize)]
struct Asked {
    /// Are the books to be checked?
    books: Option<String>,
    /// Was the server just ended from here?
    ended: Option<String>,
}

async fn page(
    State(site): State<Site>,
    reader: Reader,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let books = match asked.books {
        None => None,
        Some(_) => {
            let found = site.world.verify_ledger().await?;
            let (postings, transfers) = (found.postings, found.transfers);
            Some(BooksChecked { postings, transfers, lies: found.lies.len() })
        }
    };
    let view = Demo {
        doors: vec![DemoDoor::Subscriber, DemoDoor::Counter, DemoDoor::Clerk, DemoDoor::Supervisor],
        simulator_url: site.config.simulator_url.clone(),
        props: DemoProps::default(),
        books,
        ended: asked.ended.is_some(),
    };
    Ok(html(&site, &reader, &view))
}

#[derive(Deserialize)]
struct Opened {
    door: String,
}

/// Opens a door: a session like any other, of somebody whom the demo made.
async fn open(
    State(site): State<Site>,
    reader: Reader,
    jar: CookieJar,
    Form(opened): Form<Opened>,
) -> Result<Response, Failure> {
    let login = match opened.door.as_str() {
        // A browser becomes a counter by pairing, here as everywhere: the door gives the code for it.
        "counter" => {
            let code = flows::counter::clerks::demo_door(&site.world, reader.locale).await?;
            let leads = code.map_or_else(|| "/demo".to_owned(), |code| format!("/agent/pair#{code}"));
            return Ok(Redirect::to(&leads).into_response());
        }
        "clerk" => CLERK,
        "supervisor" => SUPERVISOR,
        _ => {
            let secret = flows::account::session::demo_door(&site.world, SUBSCRIBER).await?;
            let Some(secret) = secret else { return Ok(Redirect::to("/demo").into_response()) };
            return Ok((session::open(&site, jar, secret), Redirect::to("/me")).into_response());
        }
    };
    let found = flows::office::session::demo_door(&site.world, login).await?;
    let Some(found) = found else { return Ok(Redirect::to("/demo").into_response()) };
    Ok((office::open(&site, jar, found.secret), Redirect::to("/office")).into_response())
}

/// Ends this process as a crash would; the demo's parent starts another one.
async fn kill() -> Response {
    tokio::spawn(async {
        tokio::time::sleep(BEFORE_THE_END).await;
        std::process::abort();
    });
    Redirect::to("/demo?ended=1#ended").into_response()
}

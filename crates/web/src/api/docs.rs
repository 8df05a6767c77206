//! `/docs`: how to begin, every code and the demo's numbers, as a page that needs no JavaScript; below it the
//! reference, drawn in the browser from `/openapi.json` by a script of our own origin. The words are in
//! `docs.html`; what the code knows itself is filled in here.

use super::codes;
use super::document::Call;
use crate::site::Site;
use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use domain::partner::Scope;
use std::fmt::Write as _;
use std::sync::Arc;

const PAGE: &str = include_str!("docs.html");
/// What can be tried in the demo. A test holds it against the demo's lines and the simulator's cards.
const DEMO: &str = include_str!("docs_demo.html");

pub fn routes(calls: Vec<Call>) -> Router<Site> {
    let (calls, codes) = (Arc::new(call_rows(&calls)), Arc::new(code_rows()));
    Router::new().route("/docs", get(async move |State(site): State<Site>| page(&site, &calls, &codes)))
}

fn page(site: &Site, calls: &str, codes: &str) -> Html<String> {
    let settings = &site.world.settings;
    let phone = site.config.simulator_url.as_deref().map(|url| {
        let url = escaped(url);
        format!("<p>Text messages and mail arrive at <a href=\"{url}\">{url}</a>.</p>")
    });
    let demo =
        if settings.demo { DEMO.replace("{phone}", &phone.unwrap_or_default()) } else { String::new() };
    let scopes: Vec<String> = Scope::ALL.iter().map(|scope| format!("<code>{scope}</code>")).collect();
    let filled = [
        ("{css}", crate::assets::url("app.css")),
        ("{icon}", crate::assets::url("favicon.svg")),
        ("{script}", crate::assets::url("rapidoc.js")),
        ("{demo}", demo),
        ("{brand}", escaped(&settings.brand)),
        ("{url}", escaped(&settings.public_url)),
        ("{scopes}", scopes.join(", ")),
        ("{calls}", calls.to_owned()),
        ("{codes}", codes.to_owned()),
    ];
    Html(filled.iter().fold(PAGE.to_owned(), |page, (mark, text)| page.replace(mark, text)))
}

fn call_rows(calls: &[Call]) -> String {
    let mut rows = String::new();
    for Call { method, path, summary } in calls {
        let _ = writeln!(
            rows,
            "<tr><td><code>{method} {}</code></td><td>{}</td></tr>",
            escaped(path),
            escaped(summary)
        );
    }
    rows
}

fn code_rows() -> String {
    let mut rows = String::new();
    for ((status, code), meanings) in codes::listed() {
        let meanings: Vec<String> = meanings.iter().map(|meaning| escaped(meaning)).collect();
        let _ = writeln!(
            rows,
            "<tr id=\"{code}\"><td>{status}</td><td><code>{code}</code></td><td>{}</td></tr>",
            meanings.join("<br>")
        );
    }
    rows
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! `/docs`: the reference, drawn in the browser from `/openapi.json` by a script of our own origin.

use crate::site::Site;
use axum::Router;
use axum::response::Html;
use axum::routing::get;

pub fn routes() -> Router<Site> {
    Router::new().route("/docs", get(page))
}

async fn page() -> Html<String> {
    let script = crate::assets::url("rapidoc.js");
    let icon = crate::assets::url("favicon.svg");
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Recarga API</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"{icon}\"><script type=\"module\" src=\"{script}\"></script></head>\n\
         <body><rapi-doc spec-url=\"/openapi.json\" render-style=\"read\" show-header=\"false\" \
         load-fonts=\"false\" allow-server-selection=\"false\" primary-color=\"#0b5cad\" \
         regular-font=\"system-ui, sans-serif\" mono-font=\"ui-monospace, monospace\"></rapi-doc>\n\
         <noscript><p>The same reference as a document: <a href=\"/openapi.json\">/openapi.json</a></p></noscript>\n\
         </body></html>\n"
    ))
}

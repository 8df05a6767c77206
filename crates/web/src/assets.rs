//! Files for browsers, embedded in the program: our own from render, htmx and the API reference from npm.
//! Addresses carry the content's hash, so that they may be kept for ever.

use crate::site::Site;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use rust_embed::Embed;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../node_modules/htmx.org/dist"]
#[include = "htmx.min.js"]
struct Htmx;

#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../node_modules/rapidoc/dist"]
#[include = "rapidoc-min.js"]
struct RapiDoc;

struct File {
    content_type: &'static str,
    bytes: Cow<'static, [u8]>,
}

struct Files {
    /// By the name in addresses.
    by_name: HashMap<String, File>,
    /// From the name in code to the name in addresses.
    names: HashMap<String, String>,
}

static FILES: LazyLock<Files> = LazyLock::new(|| {
    let mut files = Files { by_name: HashMap::new(), names: HashMap::new() };
    for asset in render::assets::assets() {
        files.names.insert(asset.source.clone(), asset.name.clone());
        let file = File { content_type: asset.content_type, bytes: Cow::Borrowed(&asset.bytes) };
        files.by_name.insert(asset.name.clone(), file);
    }
    for (source, found) in
        [("htmx.js", Htmx::get("htmx.min.js")), ("rapidoc.js", RapiDoc::get("rapidoc-min.js"))]
    {
        let Some(found) = found else { continue };
        let hash: String = found.metadata.sha256_hash().iter().take(6).map(|b| format!("{b:02x}")).collect();
        let name = source.replace(".js", &format!("-{hash}.js"));
        files.names.insert(source.to_owned(), name.clone());
        files
            .by_name
            .insert(name, File { content_type: "text/javascript; charset=utf-8", bytes: found.data });
    }
    files
});

/// The address of a file by its name in code.
pub fn url(source: &str) -> String {
    let name = FILES.names.get(source).map_or(source, String::as_str);
    format!("/assets/{name}")
}

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/assets/{name}", get(file))
        .route("/sw.js", get(worker))
        .route("/agent-sw.js", get(counter_worker))
        .route("/manifest.webmanifest", get(manifest))
}

/// What works without a network. It stands at the root, because it may look after no page above itself, and is asked
/// for anew each time.
async fn worker() -> Response {
    unhashed("sw.js")
}

/// The same for counters. `/agent` itself is above `/agent/`: so this one stands at the root too.
async fn counter_worker() -> Response {
    unhashed("agent_sw.js")
}

fn unhashed(source: &str) -> Response {
    let name = url(source);
    let found = name.strip_prefix("/assets/").and_then(|name| FILES.by_name.get(name));
    let Some(file) = found else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [(header::CONTENT_TYPE, file.content_type), (header::CACHE_CONTROL, "no-cache")];
    (headers, file.bytes.clone()).into_response()
}

/// What a phone needs to know to keep the personal centre among its apps (W3C, Web Application Manifest).
async fn manifest(State(site): State<Site>) -> Response {
    let brand = &site.world.settings.brand;
    let icon = |source: &str, purpose: &str| {
        let (src, sizes, kind) = (url(source), "any", "image/svg+xml");
        serde_json::json!({ "src": src, "sizes": sizes, "type": kind, "purpose": purpose })
    };
    let manifest = serde_json::json!({
        "id": "/me", "name": brand, "short_name": brand, "start_url": "/me", "scope": "/", "display": "standalone",
        "theme_color": "#0b5cad", "background_color": "#f7f8fa",
        "icons": [icon("favicon.svg", "any"), icon("icon.svg", "maskable")],
    });
    let headers = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, manifest.to_string()).into_response()
}

async fn file(Path(name): Path<String>) -> Response {
    let Some(file) = FILES.by_name.get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, file.bytes.clone()).into_response()
}

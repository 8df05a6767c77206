//! Headers and layers that protect readers: content policy, same-origin forms, compression of pages.

use crate::site::Site;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderValue, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::csrf::CsrfLayer;

/// Forms are taken from our own pages only (Sec-Fetch-Site, Origin).
pub fn same_origin() -> CsrfLayer {
    CsrfLayer::new()
}

/// Pages and scripts are compressed; JSON for machines is small and is not.
pub fn compression() -> CompressionLayer<impl Predicate> {
    let predicate =
        SizeAbove::new(1024).and(NotForContentType::new("application/json")).and(NotForContentType::IMAGES);
    CompressionLayer::new().gzip(true).compress_when(predicate)
}

/// The policy of pages: nothing inline, nothing from elsewhere; forms lead to us or to a payment page.
fn policy(site: &Site) -> String {
    let payment = site.config.payment_origins.join(" ");
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         manifest-src 'self'; form-action 'self' {payment}; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// The reference of the API styles itself in place.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";

pub async fn headers(State(site): State<Site>, request: Request, next: Next) -> Response {
    let docs = request.uri().path() == "/docs";
    let api = request.uri().path().starts_with("/v1/");
    // Where a shop is found, and where one stands before its sticker: only when the reader asks, and allows it.
    let located = ["/shops", "/verify/outlet"].iter().any(|begin| request.uri().path().starts_with(begin));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if api {
        return response;
    }
    let policy = if docs { DOCS_POLICY.to_owned() } else { policy(&site) };
    // What came from a customer brings a stricter one.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(value) = HeaderValue::from_str(&policy)
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    let permissions = match located {
        true => "camera=(), geolocation=(self), microphone=()",
        false => "camera=(), geolocation=(), microphone=()",
    };
    headers.insert("permissions-policy", HeaderValue::from_static(permissions));
    if site.is_secure() {
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    response
}

//! The one place where refusals and faults become statuses: problem+json (RFC 9457) for machines, a page for
//! people.

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use domain::offer::AmountRefused;
use domain::refusal::Refusal;
use http::{HeaderValue, StatusCode, header};
use render::view::{ErrorKind, ErrorPage};
use serde::Serialize;

use crate::site::{Reader, Site};

/// An error as machines read it. `code` never changes; `detail` is for developers.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "about:blank")]
    pub kind: String,
    #[schema(example = "Conflict")]
    pub title: String,
    #[schema(example = 409)]
    pub status: u16,
    #[schema(example = "float_insufficient")]
    pub code: String,
    pub detail: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Problem {
        let title = status.canonical_reason().unwrap_or("Error").to_owned();
        Problem {
            kind: "about:blank".into(),
            title,
            status: status.as_u16(),
            code: code.into(),
            detail: detail.into(),
        }
    }

    /// A refusal of the business.
    pub fn refused(refusal: &Refusal) -> Problem {
        Problem::new(status(refusal), refusal.code(), refusal.to_string())
    }
}

fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::LineUnknown => StatusCode::NOT_FOUND,
        Refusal::LineBarred
        | Refusal::LineClosed
        | Refusal::LinePortedOut
        | Refusal::CurrencyMismatch
        | Refusal::AmountRefused(AmountRefused::Currency)
        | Refusal::PriceChanged { .. }
        | Refusal::QuoteLapsed
        | Refusal::FloatInsufficient
        | Refusal::KeyInFlight
        | Refusal::OrderClosed => StatusCode::CONFLICT,
        Refusal::NumberInvalid(_)
        | Refusal::OfferUnknown
        | Refusal::AmountRefused(_)
        | Refusal::TenderNotOffered
        | Refusal::KeyReused
        | Refusal::EmailInvalid => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let kind = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// What a handler of the API answers instead of its answer.
impl From<flows::Error> for Problem {
    fn from(error: flows::Error) -> Problem {
        match error {
            flows::Error::Refused(refusal) => Problem::refused(&refusal),
            flows::Error::Busy => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "too much is waiting: nothing was done, try again",
            ),
            flows::Error::Unknown(source) => {
                tracing::error!(error = %format!("{source:#}"), "outcome not known");
                let detail = "the outcome is not known: ask again with the same Idempotency-Key";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "outcome_unknown", detail)
            }
            flows::Error::Internal(source) => {
                tracing::error!(error = %format!("{source:#}"), "internal fault");
                Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "a fault of ours; it was logged")
            }
        }
    }
}

/// What a page answers instead of itself.
#[derive(Debug)]
pub struct Failure {
    kind: ErrorKind,
}

impl Failure {
    pub fn of(kind: ErrorKind) -> Failure {
        Failure { kind }
    }
}

impl From<flows::Error> for Failure {
    fn from(error: flows::Error) -> Failure {
        let kind = match error {
            flows::Error::Refused(refusal) => {
                tracing::info!(code = refusal.code(), "refused");
                ErrorKind::BadRequest
            }
            flows::Error::Busy => ErrorKind::Unavailable,
            flows::Error::Unknown(source) => {
                tracing::error!(error = %format!("{source:#}"), "outcome not known");
                ErrorKind::Unavailable
            }
            flows::Error::Internal(source) => {
                tracing::error!(error = %format!("{source:#}"), "internal fault");
                ErrorKind::Internal
            }
        };
        Failure { kind }
    }
}

/// A failure leaves the handler without the reader's language; [`page`] gives it its words.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        response.extensions_mut().insert(Wordless(self.kind));
        response
    }
}

/// Marks a response that still needs its page.
#[derive(Clone, Copy)]
pub struct Wordless(ErrorKind);

/// Turns a wordless failure into a page in the reader's language.
pub fn with_words(site: &Site, reader: &Reader, response: Response) -> Response {
    let Some(Wordless(kind)) = response.extensions().get::<Wordless>().copied() else { return response };
    page(site, reader, kind)
}

pub fn page(site: &Site, reader: &Reader, kind: ErrorKind) -> Response {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let html = site.world.renderer.page(reader.locale, &site.chrome(reader), &ErrorPage { kind });
    (status, Html(html)).into_response()
}

/// A handler that panicked: a fault of ours, told without its details.
pub fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a handler panicked");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "a fault of ours; it was logged")
        .into_response()
}

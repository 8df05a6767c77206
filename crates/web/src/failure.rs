//! The one place where refusals and faults become statuses: problem+json (RFC 9457) for machines, a page for
//! people.

use crate::agent;
use crate::api::{Code, Money, status_of};
use crate::office::{self, StaffMember};
use crate::site::{Reader, Site};
use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use domain::refusal::Refusal;
use http::{HeaderValue, StatusCode, header};
use render::view::{ErrorKind, ErrorPage};
use serde::Serialize;

/// An error as machines read it. `code` never changes; `detail` is for developers.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says what it is.
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "about:blank")]
    pub kind: &'static str,
    #[schema(example = "Conflict")]
    pub title: &'static str,
    #[schema(example = 409)]
    pub status: u16,
    #[schema(example = "price_changed")]
    pub code: &'static str,
    #[schema(example = "the price changed: it is now GBP 10.00")]
    pub detail: String,
    /// With `price_changed`: what the total is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Box<Money>>,
    /// With `usage_not_covered`: what can be used, in the unit of the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// `WWW-Authenticate`, where the key is what is wrong.
    #[serde(skip)]
    challenge: Option<Box<str>>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Problem {
        Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            code,
            detail: detail.into(),
            total: None,
            available: None,
            challenge: None,
        }
    }

    /// A code of the API with its usual words.
    pub fn of(code: Code) -> Problem {
        Problem::saying(code, code.meaning())
    }

    /// A code of the API with words of this request.
    pub fn saying(code: Code, detail: impl Into<String>) -> Problem {
        Problem::new(code.status(), code.as_str(), detail)
    }

    /// A refusal of the business.
    pub fn refused(refusal: &Refusal) -> Problem {
        let problem = Problem::new(status_of(refusal), refusal.code(), refusal.to_string());
        let (Refusal::PriceChanged { now } | Refusal::BonusChanged { total: now }) = refusal else {
            return problem;
        };
        Problem { total: Some(Box::new((*now).into())), ..problem }
    }

    /// A line does not have what was used.
    pub fn short_of(available: i64, unit: &str) -> Problem {
        let detail = format!("the line has {available} {unit} that can be used: nothing was taken");
        Problem { available: Some(available), ..Problem::saying(Code::UsageNotCovered, detail) }
    }

    /// The same in other words.
    pub fn in_words(self, detail: &str) -> Problem {
        Problem { detail: detail.to_owned(), ..self }
    }

    /// The same with how to authenticate (RFC 9110 §11.6.1, RFC 6750 §3).
    pub fn challenging(self, parameters: &str) -> Problem {
        Problem { challenge: Some(format!("Bearer realm=\"recarga\"{parameters}").into()), ..self }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let challenge = self.challenge.as_deref().and_then(|text| HeaderValue::from_str(text).ok());
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

const PROBLEM_JSON: &str = "application/problem+json";

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem::refused(&refusal)
    }
}

/// What a handler of the API answers instead of its answer.
impl From<flows::Error> for Problem {
    fn from(error: flows::Error) -> Problem {
        match error {
            flows::Error::Refused(refusal) => Problem::refused(&refusal),
            flows::Error::Busy => Problem::of(Code::Busy),
            flows::Error::Unknown(source) => {
                tracing::error!(error = %format!("{source:#}"), "outcome not known");
                Problem::of(Code::OutcomeUnknown)
            }
            flows::Error::Internal(source) => {
                tracing::error!(error = %format!("{source:#}"), "internal fault");
                Problem::of(Code::Internal)
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
    told(site, reader, kind, response.extensions().get::<StaffMember>())
}

pub fn page(site: &Site, reader: &Reader, kind: ErrorKind) -> Response {
    told(site, reader, kind, None)
}

/// The page of an error: inside the office in its own frame, with its menu where it is known who reads.
fn told(site: &Site, reader: &Reader, kind: ErrorKind, staff: Option<&StaffMember>) -> Response {
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if office::is_inside(&reader.path_and_query) {
        return (status, office::error(site, reader, kind, staff)).into_response();
    }
    if agent::is_inside(&reader.path_and_query) {
        return (status, agent::error(site, reader, kind)).into_response();
    }
    let html = site.world.renderer.page(reader.locale, &site.chrome(reader), &ErrorPage { kind });
    (status, Html(html)).into_response()
}

/// A handler that panicked: a fault of ours. [`dress`] tells it without its details.
pub fn panicked(cause: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text =
        cause.downcast_ref::<String>().map(String::as_str).or_else(|| cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("unknown"), "a handler panicked");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Who asked, and so in which form an error is told.
enum Asker {
    Machine,
    Person(Reader),
    /// Probes and browsers' files: the status is enough.
    Nobody,
}

impl Asker {
    fn of(request: Request, site: &Site) -> (Asker, Request) {
        let path = request.uri().path();
        let under = |root: &str| path.strip_prefix(root).is_some_and(|p| p.is_empty() || p.starts_with('/'));
        if ["/v1", "/webhooks", "/openapi.json"].into_iter().any(under) {
            return (Asker::Machine, request);
        }
        if ["/assets", "/healthz", "/readyz", "/metrics"].into_iter().any(under) {
            return (Asker::Nobody, request);
        }
        let (parts, body) = request.into_parts();
        let reader = Reader::of(&parts, site);
        (Asker::Person(reader), Request::from_parts(parts, body))
    }
}

/// Gives words to errors that come from below our handlers: no such route or method, a body that is too large or
/// cannot be read, a request that took too long, a panic. Status and headers such as `Allow` stay.
pub async fn dress(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (asker, request) = Asker::of(request, &site);
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let dressed = match &asker {
        Asker::Machine if kind != Some(PROBLEM_JSON) => bare_problem(status).into_response(),
        Asker::Person(reader) if !kind.is_some_and(|kind| kind.starts_with("text/html")) => {
            told(&site, reader, bare_kind(status), response.extensions().get::<StaffMember>())
        }
        Asker::Machine | Asker::Person(_) | Asker::Nobody => return response,
    };
    let (mut head, _) = response.into_parts();
    let (words, body) = dressed.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.extend(words.headers);
    Response::from_parts(head, body)
}

fn bare_problem(status: StatusCode) -> Problem {
    let code = match status {
        StatusCode::NOT_FOUND => Code::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
        // Our own time limit: what was begun may have been done.
        StatusCode::SERVICE_UNAVAILABLE => Code::OutcomeUnknown,
        other if other.is_client_error() => Code::RequestInvalid,
        _ => Code::Internal,
    };
    Problem::new(status, code.as_str(), code.meaning())
}

fn bare_kind(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::FORBIDDEN => ErrorKind::Forbidden,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::TooMany,
        StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable,
        other if other.is_client_error() => ErrorKind::BadRequest,
        _ => ErrorKind::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_sent_again_says_when() {
        for (status, after) in [(429, Some("1")), (503, Some("1")), (500, None), (409, None)] {
            let status = StatusCode::from_u16(status).unwrap();
            let response = Problem::new(status, "some_code", "words").into_response();
            let told = response.headers().get(header::RETRY_AFTER).map(|value| value.to_str().unwrap());
            assert_eq!(told, after, "{status}");
        }
    }

    #[test]
    fn a_request_that_took_too_long_has_an_unknown_outcome_and_a_panic_is_ours() {
        for (status, code) in
            [(503, "outcome_unknown"), (500, "internal"), (502, "internal"), (400, "request_invalid")]
        {
            let problem = bare_problem(StatusCode::from_u16(status).unwrap());
            assert_eq!((problem.status, problem.code), (status, code));
        }
    }
}

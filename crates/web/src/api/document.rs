//! `/openapi.json`: what the handlers' attributes say, completed with what is true of every call: how to
//! authenticate, where we are, and the errors that any call can answer. Start reading at [`complete`].

use super::codes::Code;
use crate::failure::Problem;
use std::collections::BTreeMap;
use utoipa::OpenApi;
use utoipa::openapi::content::Content;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Ref, RefOr, Response, Server};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Recarga API",
        description = "Put credit and bundles on mobile lines from a prepaid float or a hosted payment page. \
            Every POST that moves money needs an `Idempotency-Key`: the same key and body give the same outcome \
            for ever, another body under it is refused with 422. Errors are `application/problem+json` with a \
            stable `code`; every answer has an `x-request-id`. Another method than those listed is answered with \
            405 and `Allow`. How to begin, and every code: `/docs`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Bearer),
    security(("key" = []))
)]
pub struct Document;

struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// What any call can answer, whatever it does.
const ALWAYS: &[Code] = &[
    Code::QueryInvalid,
    Code::KeyMissing,
    Code::KeyInvalid,
    Code::ScopeMissing,
    Code::Internal,
    Code::Busy,
    Code::OutcomeUnknown,
];
/// What a call can answer that anybody makes without a key.
const OPEN: &[Code] = &[Code::Internal, Code::Busy, Code::OutcomeUnknown];
/// What a call with a body can answer besides.
const WITH_BODY: &[Code] = &[Code::BodyInvalid, Code::BodyNotJson, Code::BodyTooLarge];

/// Adds the server, and to every call the errors that its handler does not name itself.
pub fn complete(document: &mut utoipa::openapi::OpenApi, public_url: &str) {
    document.servers = Some(vec![Server::new(public_url)]);
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            let Some(operation) = operation else { continue };
            let with_body = if operation.request_body.is_some() { WITH_BODY } else { &[] };
            let always = if operation.security.is_some() { OPEN } else { ALWAYS };
            for code in always.iter().chain(with_body) {
                add(operation, *code);
            }
            operation.responses.responses.values_mut().for_each(as_problem);
        }
    }
}

fn operations(item: &mut PathItem) -> [(&'static str, Option<&mut Operation>); 2] {
    [("GET", item.get.as_mut()), ("POST", item.post.as_mut())]
}

/// Names one more code under its status.
fn add(operation: &mut Operation, code: Code) {
    let status = code.status().as_str().to_owned();
    let response = operation.responses.responses.entry(status).or_insert_with(|| {
        let mut response = Response::new("");
        let problem = Content::new(Some(Ref::from_schema_name("Problem")));
        response.content.insert(PROBLEM.into(), RefOr::T(problem));
        RefOr::T(response)
    });
    if let RefOr::T(response) = response {
        let between = if response.description.is_empty() { "" } else { ", " };
        response.description.push_str(&format!("{between}`{code}`"));
    }
}

const PROBLEM: &str = "application/problem+json";

/// Says the media type that problems are sent with.
fn as_problem(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    let is_problem = |content: &RefOr<Content>| {
        let RefOr::T(content) = content else { return false };
        matches!(&content.schema, Some(RefOr::Ref(to)) if to.ref_location.ends_with("/Problem"))
    };
    if response.content.get("application/json").is_some_and(is_problem)
        && let Some(content) = response.content.shift_remove("application/json")
    {
        response.content.insert(PROBLEM.into(), content);
    }
}

/// A call in one line.
pub struct Call {
    pub method: &'static str,
    pub path: String,
    pub summary: String,
}

/// Every call, for readers without JavaScript.
pub fn calls(document: &utoipa::openapi::OpenApi) -> Vec<Call> {
    let mut calls = BTreeMap::new();
    for (path, item) in &document.paths.paths {
        for (method, operation) in [("GET", &item.get), ("POST", &item.post)] {
            let Some(operation) = operation else { continue };
            let summary = operation.summary.clone().unwrap_or_default();
            calls.insert((path.clone(), method), summary);
        }
    }
    calls.into_iter().map(|((path, method), summary)| Call { method, path, summary }).collect()
}

//! Who is in the office: the cookie with the session's secret, the guard before every page, and the extractor that
//! pages ask for.
//!
//! [`guard`] stands before all pages but sign-in, [`supervisors`] also before those that clerks do not see: a new
//! route is protected by where it is added in `office/mod.rs`.

use super::{frame, page};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use domain::actor::Actor;
use domain::id::StaffId;
use domain::staff::Role;
use flows::office::session::{self, Out};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode, header};
use render::view::{OfficeForbidden, OfficeSection};
use store::staff::Session;

const COOKIE: &str = "office";
pub(super) const SIGN_IN: &str = "/office/sign-in";

/// Somebody who is signed in to the office.
#[derive(Debug, Clone)]
pub struct StaffMember {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    pub session: Session,
}

impl StaffMember {
    pub fn actor(&self) -> Actor {
        Actor::Staff(self.id.clone())
    }

    pub fn is_supervisor(&self) -> bool {
        self.role == Role::Supervisor
    }
}

impl FromRequestParts<Site> for StaffMember {
    type Rejection = Response;
    /// What the guard found; a route that is not behind it leads to the sign-in.
    async fn from_request_parts(parts: &mut Parts, _: &Site) -> Result<StaffMember, Response> {
        let found = parts.extensions.get::<StaffMember>().cloned();
        found.ok_or_else(|| Redirect::to(SIGN_IN).into_response())
    }
}

/// Lets members of staff through; everybody else is led to the sign-in and, from a page, back.
pub async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let jar = CookieJar::from_headers(request.headers());
    let found = match jar.get(COOKIE) {
        None => Err(Out::Unknown),
        Some(cookie) => match session::find(&site.world, cookie.value()).await {
            Ok(found) => found,
            Err(error) => return Failure::from(error).into_response(),
        },
    };
    match found {
        Ok((member, session)) => {
            let member = StaffMember { id: member.id, name: member.name, role: member.role, session };
            request.extensions_mut().insert(member.clone());
            let mut response = next.run(request).await;
            // An error that is told further out keeps the menu of whoever reads it.
            response.extensions_mut().insert(member);
            response
        }
        Err(out) => {
            let leads = sign_in_url(&request, out);
            if request.headers().contains_key("hx-request") {
                return (StatusCode::UNAUTHORIZED, [("hx-redirect", leads)]).into_response();
            }
            (close(jar), Redirect::to(&leads)).into_response()
        }
    }
}

/// Lets supervisors through; a clerk is told in words.
pub async fn supervisors(
    State(site): State<Site>,
    member: StaffMember,
    reader: Reader,
    request: Request,
    next: Next,
) -> Response {
    if member.is_supervisor() {
        return next.run(request).await;
    }
    let view = OfficeForbidden { office: frame(&member, OfficeSection::Overview) };
    (StatusCode::FORBIDDEN, page(&site, &reader, &view)).into_response()
}

/// Asks robots to stay away, also from what is no page.
pub async fn unlisted(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn sign_in_url(request: &Request, out: Out) -> String {
    let own = request.uri().path_and_query().map_or("/office", |own| own.as_str());
    let next = if request.method() == Method::GET { own } else { "/office" };
    let mut pairs = vec![("next", next)];
    if out == Out::Lapsed {
        pairs.push(("lapsed", "1"));
    }
    format!("{SIGN_IN}?{}", serde_urlencoded::to_string(pairs).unwrap_or_default())
}

/// Where to go after signing in: a page of the office.
pub(super) fn landing(next: Option<&str>) -> String {
    let fits = |next: &&str| {
        (*next == "/office" || next.starts_with("/office/") || next.starts_with("/office?"))
            && !next.contains(['\\', '\r', '\n'])
            && next.len() <= 500
            && !next.starts_with("/office/sign-")
            && !next.starts_with("/office/join")
    };
    next.filter(fits).unwrap_or("/office").to_owned()
}

fn cookie(site: &Site, value: String) -> Cookie<'static> {
    Cookie::build((COOKIE, value))
        .path("/office")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(site.is_secure())
        .build()
}

/// Gives the browser the secret until it is closed; how long it serves is decided by the server.
pub(crate) fn open(site: &Site, jar: CookieJar, secret: String) -> CookieJar {
    jar.add(cookie(site, secret))
}

pub(super) fn close(jar: CookieJar) -> CookieJar {
    jar.remove(Cookie::build(COOKIE).path("/office").build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_office_are_landed_on() {
        assert_eq!(landing(Some("/office/orders/7K2M9-QX4TB")), "/office/orders/7K2M9-QX4TB");
        for bad in
            ["/", "/me", "//office/", "https://elsewhere.example/office", "/office/sign-in", "/office\\x"]
        {
            assert_eq!(landing(Some(bad)), "/office", "{bad}");
        }
        assert_eq!(landing(None), "/office");
    }
}

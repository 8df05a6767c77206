//! What every handler works with: the world, the settings of the web, and the frame of pages.

use crate::portal::{self, browser, session, sitemap};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum_extra::extract::CookieJar;
use domain::locale::Locale;
use flows::World;
use http::Method;
use http::request::Parts;
use metrics_exporter_prometheus::PrometheusHandle;
use render::view::{Official, Support};
use render::{AccountLink, Chrome};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// Settings of the web.
pub struct Config {
    /// Origins of payment pages: a form may lead to them (CSP `form-action`).
    pub payment_origins: Vec<String>,
    /// Does a proxy in front of us name the peer in `X-Forwarded-For`?
    pub trusted_proxies: bool,
    pub metrics: Option<PrometheusHandle>,
    /// Where the demo's phone and mailbox are.
    pub simulator_url: Option<String>,
    /// Where people reach the operator.
    pub support: Support,
    /// What the operator says is genuine.
    pub official: Official,
    /// The language of readers who ask for none that we have.
    pub default_locale: Locale,
}

/// The state of the router.
#[derive(Clone)]
pub struct Site {
    inner: Arc<Inner>,
}

pub struct Inner {
    pub world: Arc<World>,
    pub config: Config,
    pub callers: crate::api::Callers,
    /// The office's figures of today.
    pub figures: flows::office::figures::Cache,
}

impl std::ops::Deref for Site {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.inner
    }
}

impl Site {
    pub fn new(world: Arc<World>, config: Config) -> Site {
        Site {
            inner: Arc::new(Inner {
                world,
                config,
                callers: crate::api::Callers::default(),
                figures: flows::office::figures::Cache::default(),
            }),
        }
    }

    /// Is the portal reached over TLS from outside?
    pub fn is_secure(&self) -> bool {
        self.world.settings.public_url.starts_with("https://")
    }

    /// Is every way to pay switched off?
    fn is_paused(&self) -> bool {
        self.world.payments.names().next().is_some() && self.world.payment_methods().is_empty()
    }

    /// The frame of a page for this reader.
    pub fn chrome(&self, reader: &Reader) -> Chrome {
        let url = |source: &str| crate::assets::url(source);
        Chrome {
            brand: self.world.settings.brand.clone(),
            path_and_query: reader.path_and_query.clone(),
            request_id: reader.request_id.clone(),
            demo: self.world.settings.demo,
            theme: None,
            help_url: Some("/help".into()),
            listed: sitemap::listed(&self.world.settings.public_url, reader),
            in_wechat: reader.in_wechat,
            paused: self.is_paused(),
            account: Some(if reader.has_session { AccountLink::Own } else { AccountLink::SignIn }),
            css_url: url("app.css"),
            js_url: url("app.js"),
            htmx_url: url("htmx.js"),
            favicon_url: url("favicon.svg"),
        }
    }
}

/// Who reads: language, address, and which page.
#[derive(Debug, Clone)]
pub struct Reader {
    pub locale: Locale,
    /// Where the request comes from, to count guesses by.
    pub address: String,
    pub path_and_query: String,
    pub request_id: String,
    /// Is the page read inside WeChat?
    pub in_wechat: bool,
    /// Does the browser bring the secret of a session? Whether it still serves is looked up where it matters.
    pub has_session: bool,
    /// The device in a few words.
    pub device: String,
    /// The country that the reader's languages name, if one does: a first guess for the number's country.
    pub country: Option<String>,
}

pub const LANGUAGE_COOKIE: &str = "lang";

impl Reader {
    pub fn of(parts: &Parts, site: &Site) -> Reader {
        let accept = header(parts, "accept-language");
        let jar = CookieJar::from_headers(&parts.headers);
        let asked = asked_language(parts.uri.query().unwrap_or(""));
        let cookie = jar.get(LANGUAGE_COOKIE).and_then(|c| Locale::parse(c.value()));
        let locale =
            asked.or(cookie).or_else(|| Locale::negotiate(accept)).unwrap_or(site.config.default_locale);
        let request_id = parts.extensions.get::<crate::telemetry::RequestId>();
        Reader {
            locale,
            address: address(parts, site.config.trusted_proxies),
            path_and_query: page_of(parts),
            request_id: request_id.map(|id| id.0.clone()).unwrap_or_default(),
            in_wechat: browser::in_wechat(header(parts, "user-agent")),
            has_session: jar.get(session::SESSION_COOKIE).is_some(),
            device: domain::account::device_words(header(parts, "user-agent")),
            country: country(accept),
        }
    }
}

/// The address at which what is answered can be opened again: a form's answer is opened at its page.
fn page_of(parts: &Parts) -> String {
    let behind = if parts.method == Method::POST { portal::page_behind(parts.uri.path()) } else { None };
    let own = || parts.uri.path_and_query().map_or_else(|| "/".into(), ToString::to_string);
    behind.unwrap_or_else(own)
}

/// The language that a link asks for with `?lang=`.
pub fn asked_language(query: &str) -> Option<Locale> {
    query.split('&').find_map(|pair| pair.strip_prefix("lang=")).and_then(Locale::parse)
}

fn header<'a>(parts: &'a Parts, name: &str) -> &'a str {
    parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// The region of the first language tag that has one: `en-GB` names `GB`.
fn country(accept: &str) -> Option<String> {
    accept
        .split(',')
        .filter_map(|part| part.trim().split(';').next())
        .filter_map(|tag| tag.split('-').skip(1).find(|subtag| subtag.len() == 2))
        .map(str::to_ascii_uppercase)
        .next()
}

fn address(parts: &Parts, trusted_proxies: bool) -> String {
    let forwarded =
        header(parts, "x-forwarded-for").rsplit(',').next().map(str::trim).filter(|a| !a.is_empty());
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    forwarded.filter(|_| trusted_proxies).map(str::to_owned).or(peer).unwrap_or_else(|| "unknown".into())
}

impl FromRequestParts<Site> for Reader {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Reader, Infallible> {
        Ok(Reader::of(parts, site))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_comes_from_the_first_language_that_names_one() {
        assert_eq!(country("zh-Hans-HK,zh;q=0.9").as_deref(), Some("HK"));
        assert_eq!(country("en, en-GB;q=0.8").as_deref(), Some("GB"));
        assert_eq!(country("fr"), None);
    }

    #[test]
    fn only_languages_that_we_have_can_be_asked_for() {
        assert_eq!(asked_language("a=1&lang=zh-CN"), Some(Locale::ZhCn));
        assert_eq!(asked_language("lang=xx"), None);
    }
}

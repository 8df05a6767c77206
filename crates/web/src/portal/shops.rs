//! The list of shops and kiosks: by words, by city, or near the reader, who sends a place only with a form, so that no
//! address and no log holds it.

use super::html;
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::place::geo::Point;
use domain::place::{PlaceKind, Service, Tongue};
use flows::places::search::{Asked, Found, Hit, RESULTS_MAX, TYPED_MAX, search};
use render::view::{ShopAssets, ShopRow, Shops, ShopsBy, StandingShown};
use serde::Deserialize;

/// Countries that are offered.
const COUNTRIES_MAX: usize = 60;

#[derive(Debug, Default, Deserialize)]
pub struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    near: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    open_now: String,
    #[serde(default)]
    country: String,
    #[serde(default)]
    seen: String,
}

/// By words or by city. A place in the address is not read: it would stay in histories.
pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    Query(typed): Query<Search>,
) -> Result<Response, Failure> {
    list(&site, &reader, Search { near: String::new(), ..typed }).await
}

/// Near the reader.
pub async fn near(
    State(site): State<Site>,
    reader: Reader,
    Form(typed): Form<Search>,
) -> Result<Response, Failure> {
    list(&site, &reader, typed).await
}

async fn list(site: &Site, reader: &Reader, typed: Search) -> Result<Response, Failure> {
    let q: String = typed.q.trim().chars().take(TYPED_MAX).collect();
    let near = Point::pair(&typed.near);
    let by = match (&near, q.is_empty()) {
        (_, false) => ShopsBy::Words,
        (Some(_), true) => ShopsBy::Near,
        (None, true) => ShopsBy::Country,
    };
    let countries = site.world.db.read(|tx| store::place::countries(tx, COUNTRIES_MAX)).await;
    let countries = countries.map_err(flows::Error::from)?;
    let country = country(site, reader, &countries, &typed.country).await?;
    let asked = Asked {
        typed: q.clone(),
        near,
        radius_m: None,
        kind: PlaceKind::parse(&typed.kind),
        service: Service::parse(&typed.service),
        language: Tongue::parse(&typed.language),
        open_now: !typed.open_now.is_empty(),
        country: Some(country.clone()).filter(|_| by == ShopsBy::Country),
        seen: typed.seen.parse().unwrap_or(0).min(RESULTS_MAX),
    };
    let Found { hits, next, partial } = search(&site.world, asked.clone()).await?;
    let view = Shops {
        assets: assets(),
        by,
        near: near.map(|_| typed.near.clone()),
        kind: asked.kind,
        service: asked.service,
        language: asked.language,
        open_now: asked.open_now,
        countries,
        services: Service::ALL,
        tongues: Tongue::ALL,
        kinds: PlaceKind::ALL,
        rows: hits.iter().map(row).collect(),
        next_query: next.map_or_else(String::new, |next| query(&asked, &country, next)),
        q,
        country,
        next,
        partial,
    };
    Ok(html(site, reader, &view))
}

/// The country whose shops are listed: the one that was asked for, else that of the reader's languages, else the first.
async fn country(site: &Site, reader: &Reader, all: &[String], asked: &str) -> Result<String, Failure> {
    let has = |country: &&str| all.iter().any(|known| known == *country);
    let guess = reader.country.as_deref();
    let catalogue = site.world.fresh_catalogue().await?;
    let home = catalogue.markets.first().map(|market| market.country.as_str());
    let of_language = (reader.locale == domain::locale::Locale::ZhCn).then_some("CN");
    let chosen = [Some(asked), guess, of_language, home].into_iter().flatten().find(has);
    Ok(chosen.or(all.first().map(String::as_str)).unwrap_or("").to_owned())
}

/// The query of the next page.
fn query(asked: &Asked, country: &str, next: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let pairs = [
        ("q", asked.typed.as_str()),
        ("kind", asked.kind.map_or("", PlaceKind::as_str)),
        ("service", asked.service.map_or("", Service::as_str)),
        ("language", asked.language.map_or("", Tongue::as_str)),
        ("open_now", if asked.open_now { "1" } else { "" }),
        ("country", country),
    ];
    query.extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    query.append_pair("seen", &next.to_string());
    query.finish()
}

pub(super) fn assets() -> ShopAssets {
    ShopAssets { css_url: crate::assets::url("shops.css"), js_url: crate::assets::url("shops.js") }
}

/// A place as lists and pages show it.
pub(super) fn row(hit: &Hit) -> ShopRow {
    let place = &hit.place;
    ShopRow {
        number: place.number.clone(),
        name: place.name.clone(),
        kind: place.kind,
        metres: hit.metres,
        standing: StandingShown::of(&hit.standing),
        authorisation: hit.authorisation,
        host_place: place.host_place.clone(),
        floor: place.floor.clone(),
        street: place.street.clone(),
        district: place.district.clone(),
        city: place.city.clone(),
        postcode: place.postcode.clone(),
        country: place.country.clone(),
        services: place.services.clone(),
        languages: place.languages.clone(),
    }
}

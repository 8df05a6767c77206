//! `GET /v1/locations`: authorised shops and kiosks, near a point or by words, with hours and whether they are open.

use super::auth::Authenticated;
use super::body::Query;
use super::codes::Code;
use super::shapes::Page;
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::extract::State;
use domain::partner::Scope;
use domain::place::geo::Point;
use domain::place::hours::Standing;
use domain::place::{Authorisation, Bring, PlaceKind, PlaceTender, Service, Tongue};
use domain::time::UnixMs;
use flows::places::search::{Asked, Hit, RADIUS_MAX_M, RESULTS_MAX, TYPED_MAX, search};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LocationsQuery {
    /// Latitude and longitude in degrees of WGS-84, for example `51.5115,-0.1310`: the nearest come first.
    near: Option<String>,
    /// At most so far from `near`, up to 50,000 m.
    radius_m: Option<i64>,
    /// `shop` or `kiosk`.
    kind: Option<String>,
    /// Only what is open now.
    open_now: Option<bool>,
    /// Words of the name, address, postcode or mall, or a number. Without it, `near` is needed.
    q: Option<String>,
    /// `next_cursor` of the page before. One search lists at most 200 places.
    cursor: Option<String>,
}

/// A shop or kiosk.
#[derive(Debug, Serialize, ToSchema)]
pub struct Location {
    /// Printed on its sticker.
    #[schema(example = "S10234")]
    pub number: String,
    /// `shop` or `kiosk`.
    #[schema(example = "shop")]
    pub kind: String,
    pub name: String,
    /// The mall or store that it is in; empty for none.
    pub host_place: String,
    pub floor: String,
    pub street: String,
    pub city: String,
    pub district: String,
    pub postcode: String,
    /// ISO 3166-1 alpha-2.
    #[schema(example = "GB")]
    pub country: String,
    /// WGS-84.
    #[schema(example = 51.5115)]
    pub lat: f64,
    #[schema(example = -0.131)]
    pub lon: f64,
    /// From `near`; null without it.
    pub distance_m: Option<i64>,
    pub open_now: bool,
    /// When it closes, where it is open and closes within a month. RFC 3339, UTC.
    pub open_until: Option<String>,
    /// When it opens, where it is closed and opens within a month. RFC 3339, UTC.
    pub opens_at: Option<String>,
    /// Is it closed today because of a public holiday?
    pub closed_for_holiday: bool,
    /// As OpenStreetMap writes `opening_hours`, in `time_zone`.
    #[schema(example = "Mo-Sa 09:00-21:00; PH off")]
    pub opening_hours: String,
    #[schema(example = "Europe/London")]
    pub time_zone: String,
    pub services: Vec<String>,
    /// Language tags.
    pub languages: Vec<String>,
    pub tenders: Vec<String>,
    pub what_to_bring: Vec<String>,
    /// `valid`, `suspended`, `lapsed` or `ended`. Only the place whose number was asked for is ever listed as another
    /// than `valid`.
    #[schema(example = "valid")]
    pub authorisation: String,
    /// RFC 3339, UTC.
    pub authorised_until: Option<String>,
    pub url: String,
}

/// Shops and kiosks, near a point or by words.
#[utoipa::path(get, path = "/v1/locations", tag = "locations", params(LocationsQuery),
    responses((status = 200, body = Page<Location>)))]
pub async fn list(
    State(site): State<Site>,
    caller: Authenticated,
    Query(query): Query<LocationsQuery>,
) -> Result<Json<Page<Location>>, Problem> {
    caller.may(Scope::OffersRead)?;
    let found = search(&site.world, asked(&query)?).await?;
    let public_url = &site.world.settings.public_url;
    let items = found.hits.iter().map(|hit| location(hit, public_url)).collect();
    Ok(Json(Page { items, next_cursor: found.next.map(|next| next.to_string()) }))
}

fn asked(query: &LocationsQuery) -> Result<Asked, Problem> {
    let invalid = |reason: &str| Problem::saying(Code::QueryInvalid, reason);
    let near = match query.near.as_deref() {
        None => None,
        Some(text) => Some(Point::pair(text).ok_or_else(|| invalid("near is not LAT,LON in degrees"))?),
    };
    let typed = query.q.clone().unwrap_or_default();
    if typed.chars().count() > TYPED_MAX {
        return Err(invalid("q has more than 100 characters"));
    }
    if near.is_none() && typed.trim().is_empty() {
        return Err(invalid("send near=LAT,LON or q="));
    }
    if query.radius_m.is_some_and(|radius| near.is_none() || !(1..=RADIUS_MAX_M).contains(&radius)) {
        return Err(invalid("radius_m is from 1 to 50000 and needs near"));
    }
    let kind = match query.kind.as_deref() {
        None => None,
        Some(word) => Some(PlaceKind::parse(word).ok_or_else(|| invalid("kind is shop or kiosk"))?),
    };
    let seen = match query.cursor.as_deref() {
        None => 0,
        Some(cursor) => cursor
            .parse()
            .ok()
            .filter(|seen| *seen <= RESULTS_MAX)
            .ok_or_else(|| invalid("cursor is not one of ours"))?,
    };
    let (radius_m, open_now) = (query.radius_m, query.open_now.unwrap_or(false));
    Ok(Asked { typed, near, radius_m, kind, open_now, seen, ..Asked::default() })
}

fn location(hit: &Hit, public_url: &str) -> Location {
    let place = &hit.place;
    let (open_until, opens_at, closed_for_holiday) = match hit.standing {
        Standing::Open { until } => (until, None, false),
        Standing::Closed { opens, holiday } => (None, opens, holiday),
    };
    let authorisation = match hit.authorisation {
        Authorisation::Valid => "valid",
        Authorisation::Suspended => "suspended",
        Authorisation::Lapsed => "lapsed",
        Authorisation::Ended => "ended",
    };
    let words = |all: Vec<&'static str>| all.into_iter().map(str::to_owned).collect();
    Location {
        number: place.number.clone(),
        kind: place.kind.as_str().to_owned(),
        name: place.name.clone(),
        host_place: place.host_place.clone(),
        floor: place.floor.clone(),
        street: place.street.clone(),
        city: place.city.clone(),
        district: place.district.clone(),
        postcode: place.postcode.clone(),
        country: place.country.clone(),
        lat: place.point.lat(),
        lon: place.point.lon(),
        distance_m: hit.metres,
        open_now: matches!(hit.standing, Standing::Open { .. }),
        open_until: open_until.map(|moment| moment.at.rfc3339()),
        opens_at: opens_at.map(|moment| moment.at.rfc3339()),
        closed_for_holiday,
        opening_hours: place.hours.clone(),
        time_zone: place.time_zone.clone(),
        services: words(place.services.iter().map(|word: &Service| word.as_str()).collect()),
        languages: words(place.languages.iter().map(|word: &Tongue| word.as_str()).collect()),
        tenders: words(place.tenders.iter().map(|word: &PlaceTender| word.as_str()).collect()),
        what_to_bring: words(place.bring.iter().map(|word: &Bring| word.as_str()).collect()),
        authorisation: authorisation.to_owned(),
        authorised_until: place.authorised_until.map(UnixMs::rfc3339),
        url: format!("{public_url}/shops/{}", place.number),
    }
}

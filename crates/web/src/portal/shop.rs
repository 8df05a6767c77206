//! The page of one shop or kiosk: where it is, when it is open, who authorised it, and a way into any map.

use super::html;
use super::shops::{assets, row};
use crate::failure::Failure;
use crate::site::{Reader, Site};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::place::geo::{Point, gcj02};
use domain::place::hours::Hours;
use domain::place::{Authorisation, Place, canonical_number};
use flows::places::search::Hit;
use flows::places::{self, Seen};
use http::{HeaderMap, StatusCode, header};
use render::view::{DayShown, ErrorKind, MapLink, ShopPage};

pub async fn page(
    State(site): State<Site>,
    reader: Reader,
    Path(typed): Path<String>,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let number = canonical_number(&typed).ok_or_else(missing)?;
    if number != typed {
        return Ok(Redirect::permanent(&format!("/shops/{number}")).into_response());
    }
    let seen = places::look(&site.world, &number).await?.ok_or_else(missing)?;
    let gone = seen.authorisation == Authorisation::Ended;
    let page = html(&site, &reader, &view(&site, seen).await?);
    // What ended is no longer there for search engines; people still read what it was.
    Ok(if gone { (StatusCode::GONE, page).into_response() } else { page })
}

/// What is shown of a place, on its own page and on that of its sticker.
pub(super) async fn view(site: &Site, seen: Seen) -> Result<ShopPage, Failure> {
    let catalogue = site.world.fresh_catalogue().await?;
    let Seen { place, authorisation, standing, photo_at } = seen;
    let seller = catalogue.market(&place.country);
    let seller =
        seller.map_or_else(|| site.world.settings.brand.clone(), |market| market.seller.name.clone());
    let week = Hours::read(&place.hours, &place.country)
        .map(|hours| DayShown::of(&hours.week(site.world.now(), &place.time_zone)))
        .unwrap_or_default();
    let hit = Hit { metres: None, standing, authorisation, place };
    let row = row(&hit);
    let place = hit.place;
    Ok(ShopPage {
        assets: assets(),
        row,
        lat: place.point.lat(),
        lon: place.point.lon(),
        maps: maps(&place),
        url: format!("{}/shops/{}", site.world.settings.public_url, place.number),
        zone: place.time_zone,
        tenders: place.tenders,
        bring: place.bring,
        week,
        photo_at,
        until: place.authorised_until.map(|until| until.plus_ms(-1)),
        seller,
    })
}

/// The place in the maps that people have. RFC 5870 for `geo:`; the others as their makers document their links.
fn maps(place: &Place) -> Vec<MapLink> {
    let at = |point: Point| (format!("{:.6}", point.lat()), format!("{:.6}", point.lon()));
    let (lat, lon) = at(place.point);
    let name: String = url::form_urlencoded::byte_serialize(place.name.as_bytes()).collect();
    // Only maps of the mainland are shifted.
    let (system, (amap_lat, amap_lon)) = match place.country.as_str() {
        "CN" => ("gaode", at(gcj02(place.point))),
        _ => ("wgs84", (lat.clone(), lon.clone())),
    };
    let links = [
        ("geo", format!("geo:{lat},{lon}?q={lat},{lon}")),
        ("apple", format!("https://maps.apple.com/?ll={lat},{lon}&q={name}")),
        ("google", format!("https://www.google.com/maps/search/?api=1&query={lat}%2C{lon}")),
        (
            "amap",
            format!(
                "https://uri.amap.com/marker?position={amap_lon},{amap_lat}&name={name}&coordinate={system}"
            ),
        ),
    ];
    links.map(|(app, href)| MapLink { app, href }).into()
}

/// What the place looks like.
pub async fn photo(
    State(site): State<Site>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let missing = || Failure::of(ErrorKind::NotFound);
    let number = canonical_number(&number).ok_or_else(missing)?;
    let photo = places::photo::get(&site.world, &number).await?.ok_or_else(missing)?;
    let tag = format!("\"{:x}\"", photo.taken_at.0);
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, max-age=3600".to_owned())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes()) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let policy = "default-src 'none'; sandbox; frame-ancestors 'none'";
    let kind = [(header::CONTENT_TYPE, photo.kind.media_type()), (header::CONTENT_SECURITY_POLICY, policy)];
    Ok((kept, kind, photo.bytes).into_response())
}

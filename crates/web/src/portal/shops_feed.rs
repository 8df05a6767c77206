//! All authorised places for map providers, as CSV and as GeoJSON (RFC 7946): streamed page by page from the database,
//! and not sent again while nothing changed.

use crate::failure::Failure;
use crate::site::Site;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::place::{Place, PlaceTender, Service, Tongue};
use flows::places::feed;
use futures_util::stream;
use http::{HeaderMap, StatusCode, header};
use render::csv::cell;
use serde_json::json;

/// How a feed is written: what stands before, between and after its places.
#[derive(Clone, Copy)]
struct Format {
    kind: &'static str,
    head: &'static str,
    between: &'static str,
    foot: &'static str,
    write: fn(&Place, &str) -> String,
}

const CSV: Format = Format {
    kind: "text/csv; charset=utf-8",
    head: "number,kind,name,host_place,floor,street,city,district,postcode,country,lat,lon,time_zone,opening_hours,\
           services,languages,tenders,url\r\n",
    between: "",
    foot: "",
    write: as_line,
};
const GEOJSON: Format = Format {
    kind: "application/geo+json",
    head: "{\"type\":\"FeatureCollection\",\"features\":[\n",
    between: ",\n",
    foot: "\n]}\n",
    write: as_feature,
};

pub async fn csv(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Failure> {
    answer(site, &headers, CSV).await
}

pub async fn geojson(State(site): State<Site>, headers: HeaderMap) -> Result<Response, Failure> {
    answer(site, &headers, GEOJSON).await
}

async fn answer(site: Site, headers: &HeaderMap, format: Format) -> Result<Response, Failure> {
    // Weak: compressed or not, it says the same.
    let tag = format!("W/\"{}\"", feed::mark(&site.world).await?);
    let kept = [(header::ETAG, tag.clone()), (header::CACHE_CONTROL, "public, max-age=3600".to_owned())];
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or("");
    if known.split(',').any(|one| one.trim() == tag) {
        return Ok((StatusCode::NOT_MODIFIED, kept).into_response());
    }
    let first = Step { site, format, after: Some(String::new()), any: false, begun: false, ended: false };
    let body = Body::from_stream(stream::try_unfold(first, step));
    Ok((kept, [(header::CONTENT_TYPE, format.kind)], body).into_response())
}

/// How far a feed is.
struct Step {
    site: Site,
    format: Format,
    after: Option<String>,
    /// Was a place written?
    any: bool,
    begun: bool,
    ended: bool,
}

/// The next piece. A fault ends the connection, so that nobody takes half a list for all of it.
async fn step(mut at: Step) -> Result<Option<(Bytes, Step)>, std::io::Error> {
    if at.ended {
        return Ok(None);
    }
    let mut text = String::new();
    if !at.begun {
        text.push_str(at.format.head);
        at.begun = true;
    }
    if let Some(after) = at.after.take() {
        let (places, next) =
            feed::page(&at.site.world, &after).await.map_err(|error| std::io::Error::other(error.chain()))?;
        for place in places {
            if at.any {
                text.push_str(at.format.between);
            }
            at.any = true;
            text.push_str(&(at.format.write)(&place, &at.site.world.settings.public_url));
        }
        at.after = next;
    }
    if at.after.is_none() {
        text.push_str(at.format.foot);
        at.ended = true;
    }
    Ok(Some((Bytes::from(text), at)))
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| word(*one)).collect()
}

fn as_line(p: &Place, public_url: &str) -> String {
    let texts = [
        &p.number,
        p.kind.as_str(),
        &p.name,
        &p.host_place,
        &p.floor,
        &p.street,
        &p.city,
        &p.district,
        &p.postcode,
        &p.country,
    ];
    let more = [
        p.time_zone.clone(),
        p.hours.clone(),
        words(&p.services, Service::as_str).join(" "),
        words(&p.languages, Tongue::as_str).join(" "),
        words(&p.tenders, PlaceTender::as_str).join(" "),
        format!("{public_url}/shops/{}", p.number),
    ];
    let mut cells: Vec<String> = texts.iter().map(|text| cell(text)).collect();
    // Degrees are numbers: a sign before one is no formula.
    cells.extend([format!("{:.7}", p.point.lat()), format!("{:.7}", p.point.lon())]);
    cells.extend(more.iter().map(|text| cell(text)));
    cells.join(",") + "\r\n"
}

fn as_feature(p: &Place, public_url: &str) -> String {
    let feature = json!({
        "type": "Feature",
        "id": p.number,
        "geometry": { "type": "Point", "coordinates": [p.point.lon(), p.point.lat()] },
        "properties": {
            "number": p.number, "kind": p.kind.as_str(), "name": p.name, "host_place": p.host_place,
            "floor": p.floor, "street": p.street, "city": p.city, "district": p.district,
            "postcode": p.postcode, "country": p.country, "time_zone": p.time_zone, "opening_hours": p.hours,
            "services": words(&p.services, Service::as_str), "languages": words(&p.languages, Tongue::as_str),
            "tenders": words(&p.tenders, PlaceTender::as_str), "url": format!("{public_url}/shops/{}", p.number),
        },
    });
    feature.to_string()
}

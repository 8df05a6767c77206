//! `/v1/top-ups`: create, get and list.

use super::auth::Authenticated;
use super::body::{self, IdempotencyKey, NoParameters, Query};
use super::codes::Code;
use super::quotes::read_amount;
use super::shapes::{Money, Page, TopUpShape};
use crate::failure::Problem;
use crate::site::Site;
use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::actor::Actor;
use domain::id::{QuoteId, TopUpId};
use domain::line::Line;
use domain::locale::Locale;
use domain::msisdn::Msisdn;
use domain::partner::{Caller, Scope};
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Channel, TopUp, TopUpState};
use flows::World;
use flows::request::{self, Answering, Reply, RequestKey};
use flows::top_up::checkout::{self, Checkout};
use flows::top_up::quote::{self, Quote};
use flows::top_up::reverse::{self, FloatReversal};
use flows::top_up::sell::{self, SaleRequest, Wanted};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use std::sync::Arc;
use store::response::Answer;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
pub struct TopUpRequest {
    #[schema(example = "447400123456")]
    pub msisdn: String,
    #[schema(example = "gb-credit-10")]
    pub offer_id: String,
    /// Only where the offer is a range.
    pub amount: Option<Money>,
    /// A promise from `POST /v1/quotes`.
    pub quote_id: Option<String>,
    /// The total that you showed to your customer. 409 `price_changed` when it is another one now.
    pub expected_total: Option<Money>,
    /// The bonus of a promotion that you showed to your customer. 409 `price_changed` when it is another one now; without
    /// it, and without `quote_id`, the top-up is sold with whatever bonus there is.
    pub expected_bonus: Option<Money>,
    pub tender: TenderShape,
    /// Your own word for this order, at most 64 characters.
    pub reference: Option<String>,
    /// The language of text messages and pages: `zh-CN` or `en`.
    #[schema(value_type = Option<String>)]
    pub locale: Option<Locale>,
}

/// How it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields, expecting = "an object with type")]
pub enum TenderShape {
    /// From your float, at once.
    Float {},
    /// By your customer on a hosted payment page, which sends the browser to `return_url` afterwards.
    Hosted { return_url: String },
    /// Not offered yet: refused with `tender_not_offered`.
    Voucher {
        #[serde(rename = "code")]
        #[schema(rename = "code")]
        _code: String,
    },
}

const REFERENCE_CHARS_MAX: usize = 64;

/// Create a top-up.
#[utoipa::path(post, path = "/v1/top-ups", tag = "top-ups", request_body = TopUpRequest,
    params(("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters; time-ordered keys are fastest")),
    responses((status = 201, body = TopUpShape, description = "From a float the state is `credited`; where the host network keeps the balance of the line it is `paid` and becomes `pending_network`, then `credited`, or `refunded` with the money in your float again: ask `GET /v1/top-ups/{id}`. Hosted: `awaiting_payment`."),
        (status = 400, body = Problem, description = "`idempotency_key_missing`, `idempotency_key_invalid`"),
        (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 409, body = Problem, description = "`float_insufficient`, `price_changed`, `currency_mismatch`, `quote_lapsed`, `line_barred`, `line_closed`, `line_ported_out`, `network_not_connected`, `idempotency_key_in_flight`"),
        (status = 422, body = Problem, description = "`idempotency_key_reused`, `number_invalid`, `number_landline`, `offer_unknown`, `offer_not_on_sale`, `amount_invalid`, `tender_not_offered`"),
        (status = 429, body = Problem, description = "Hosted only: `too_many_top_ups`, `too_many_tries`")))]
pub async fn create(
    State(site): State<Site>,
    caller: Authenticated,
    IdempotencyKey(key): IdempotencyKey,
    _: Query<NoParameters>,
    headers: HeaderMap,
    raw: Bytes,
) -> Result<Response, Problem> {
    let caller = caller.may(Scope::TopUpsWrite)?;
    let request: TopUpRequest = body::json(&headers, &raw)?;
    check(&request)?;
    let key = RequestKey::of(caller.partner.as_str(), &key, &raw);
    let wanted = wanted(&request);
    if matches!(request.tender, TenderShape::Float {}) {
        let answering = answering(&site, wanted.as_ref().ok().map(|w| &w.msisdn));
        let sold = sell::sell(
            &site.world,
            SaleRequest { key, seller: caller.seller(), counter: None, wanted, answering },
        )
        .await?;
        return Ok(answered(&site, sold));
    }
    let msisdn = wanted.as_ref().ok().map(|wanted| &wanted.msisdn);
    let known = request::look_up(&site.world, &key, msisdn).await?;
    if let Some(earlier) = known.earlier {
        return resume(&site, &key, earlier).await;
    }
    let begun = match wanted {
        Ok(wanted) => {
            begin(&site, &caller, &key, Hosted { wanted, line: known.line, tender: request.tender }).await
        }
        Err(refusal) => Err(refusal.into()),
    };
    match begun {
        Ok(response) => Ok(response),
        Err(flows::Error::Refused(refusal @ (Refusal::KeyReused | Refusal::KeyInFlight))) => {
            Err(Problem::refused(&refusal))
        }
        // What the business refuses stays refused under its key.
        Err(flows::Error::Refused(refusal)) => {
            let sold = request::refuse(&site.world, key, refused(&site.world, &refusal)).await?;
            Ok(answered(&site, sold))
        }
        Err(error) => Err(error.into()),
    }
}

/// What is asked for, or why it is refused for what it says.
fn wanted(request: &TopUpRequest) -> Result<Wanted, Refusal> {
    Ok(Wanted {
        msisdn: body::msisdn(&request.msisdn)?,
        offer: request.offer_id.clone(),
        amount: read_amount(request.amount.as_ref())?,
        quote: request.quote_id.as_deref().and_then(|id| QuoteId::parse(id).ok()),
        expected_total: read_amount(request.expected_total.as_ref())?,
        expected_bonus: read_amount(request.expected_bonus.as_ref())?,
        reference: request.reference.clone(),
        locale: request.locale,
    })
}

fn check(request: &TopUpRequest) -> Result<(), Problem> {
    let invalid = |detail: &str| Err(Problem::saying(Code::BodyInvalid, detail));
    if request.reference.as_ref().is_some_and(|r| r.is_empty() || r.chars().count() > REFERENCE_CHARS_MAX) {
        return invalid("reference is 1 to 64 characters");
    }
    if let TenderShape::Hosted { return_url } = &request.tender
        && !leads_back(return_url)
    {
        return invalid("return_url is an https address of at most 2000 characters");
    }
    if request.quote_id.as_deref().is_some_and(|id| QuoteId::parse(id).is_err()) {
        return invalid("quote_id is not one of ours");
    }
    Ok(())
}

/// May a browser be sent there? Read as browsers read addresses (WHATWG URL), so that what is checked is where it
/// leads: https without a user, or http on the partner's own machine.
fn leads_back(return_url: &str) -> bool {
    const LENGTH_MAX: usize = 2000;
    let plain = return_url.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'));
    let Ok(address) = url::Url::parse(return_url) else { return false };
    let local = matches!(address.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let scheme = address.scheme() == "https" || (address.scheme() == "http" && local);
    let named = address.username().is_empty() && address.password().is_none();
    // Browsers mend `https:host` and `https:///host`; such an address is a mistake here.
    let written = return_url.to_ascii_lowercase();
    let whole = ["https://", "http://"].iter().any(|begin| {
        written.strip_prefix(begin).is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
    });
    plain && whole && scheme && named && return_url.len() <= LENGTH_MAX
}

/// A sale that is not paid from a float.
struct Hosted {
    wanted: Wanted,
    line: Option<Line>,
    tender: TenderShape,
}

async fn begin(
    site: &Site,
    caller: &Caller,
    key: &RequestKey,
    hosted: Hosted,
) -> Result<Response, flows::Error> {
    let quote = price(site, caller, &hosted).await?;
    let TenderShape::Hosted { return_url } = hosted.tender else {
        return Err(Refusal::TenderNotOffered.into());
    };
    let bonus_shown = hosted.wanted.shows_bonus();
    let Wanted { reference, locale, .. } = hosted.wanted;
    let locale = locale.or(quote.line.locale).unwrap_or(quote.market.locale);
    let checkout = Checkout {
        key: key.clone(),
        actor: Actor::Partner { partner: caller.partner.clone(), key: caller.key.clone() },
        partner: Some(caller.partner.clone()),
        subscriber: None,
        channel: Channel::Partner,
        quote,
        bonus_shown,
        locale,
        email: None,
        reference,
        provider: None,
        origin: flows::risk::Origin::default(),
        return_url: Some(return_url),
    };
    let begun = checkout::begin(&site.world, checkout).await?;
    begun_answer(site, key, &begun).await
}

async fn price(site: &Site, caller: &Caller, hosted: &Hosted) -> Result<Quote, flows::Error> {
    let Wanted { msisdn, offer, amount, quote, expected_total, expected_bonus, .. } = &hosted.wanted;
    let line = flows::lines::check(&site.world, msisdn, hosted.line.clone()).await?;
    let quote = match quote {
        Some(id) => quote::promised(&site.world, &caller.partner, id.clone(), line, (offer, *amount)).await?,
        None => quote::price(&site.world, line, offer, *amount, Channel::Partner).await?,
    };
    let quote = match expected_total {
        Some(expected) => quote::keep_total(quote, *expected)?,
        None => quote,
    };
    Ok(quote::keep_bonus(quote, *expected_bonus)?)
}

/// What stands under a key: the first answer, or a page that was asked for and has no answer yet.
async fn resume(site: &Site, key: &RequestKey, earlier: Reply) -> Result<Response, Problem> {
    if earlier != Reply::InFlight {
        return Ok(answered(site, earlier));
    }
    let id = key.id.clone();
    let found =
        site.world.db.read(move |tx| store::response::find(tx, &id)).await.map_err(flows::Error::from)?;
    let Some(top_up) = found.and_then(|r| r.subject) else { return Ok(in_flight().into_response()) };
    let begun = checkout::resume(&site.world, &TopUpId::stored(top_up)).await?;
    Ok(begun_answer(site, key, &begun).await?)
}

/// 201 with the payment page once there is one; until then the request is in flight.
async fn begun_answer(
    site: &Site,
    key: &RequestKey,
    begun: &checkout::Begun,
) -> Result<Response, flows::Error> {
    let waits = begun.url.is_none() && begun.top_up.state == TopUpState::AwaitingPayment;
    if waits && !begun.settled {
        return Ok(in_flight().into_response());
    }
    // The provider refused to make a page: the order is over before it began, and the answer says so.
    let closed = if waits { Some(checkout::abandon(&site.world, &begun.top_up.id).await?) } else { None };
    let begun = closed.as_ref().unwrap_or(begun);
    let msisdn = msisdn_of(site, &begun.top_up).await?;
    let shape = TopUpShape::of(&begun.top_up, &msisdn, &site.world.settings.public_url, begun.url.as_deref());
    let answer = json_answer(&site.world, StatusCode::CREATED, &shape);
    let stands = request::answer(&site.world, key, answer).await?;
    Ok(stored(site, &stands, false))
}

/// Writes the answer to a sale as it is stored beside its key.
fn answering(site: &Site, msisdn: Option<&Msisdn>) -> Answering {
    let (world, msisdn) = (site.world.clone(), msisdn.map(|m| m.digits().to_owned()).unwrap_or_default());
    Arc::new(move |outcome| match outcome {
        Ok(top_up) => {
            let shape = TopUpShape::of(top_up, &msisdn, &world.settings.public_url, None);
            json_answer(&world, StatusCode::CREATED, &shape)
        }
        Err(refusal) => refused(&world, refusal),
    })
}

pub(super) fn json_answer<T: serde::Serialize>(world: &World, status: StatusCode, shape: &T) -> Answer {
    let body = serde_json::to_string(shape).expect("our own shapes are JSON");
    Answer::new(&world.keyring, i64::from(status.as_u16()), &body)
}

fn refused(world: &World, refusal: &Refusal) -> Answer {
    let problem = Problem::refused(refusal);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::CONFLICT);
    json_answer(world, status, &problem)
}

pub(super) fn answered(site: &Site, sold: Reply) -> Response {
    match sold {
        Reply::Answered(answer) => stored(site, &answer, false),
        Reply::Replayed(answer) => stored(site, &answer, true),
        Reply::KeyReused => Problem::refused(&Refusal::KeyReused).into_response(),
        Reply::InFlight => in_flight().into_response(),
    }
}

/// A request whose first answer is not there yet.
pub(super) fn in_flight() -> Response {
    let mut response = Problem::refused(&Refusal::KeyInFlight).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// A stored answer as a response.
pub(super) fn stored(site: &Site, answer: &Answer, replayed: bool) -> Response {
    let status = u16::try_from(answer.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match answer.body(&site.world.keyring) {
        Ok(body) => body,
        Err(error) => return Problem::from(flows::Error::from(error)).into_response(),
    };
    let Some(body) = body else {
        return Problem::of(Code::ResponsePurged).into_response();
    };
    let kind = if status.is_success() { "application/json" } else { "application/problem+json" };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if replayed {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

async fn msisdn_of(site: &Site, top_up: &TopUp) -> Result<String, flows::Error> {
    let line = top_up.line.clone();
    let line = site.world.db.read(move |tx| store::line::load(tx, &line)).await?;
    Ok(flows::lines::msisdn(&site.world, &line)?.digits().to_owned())
}

async fn shape(site: &Site, top_up: &TopUp) -> Result<TopUpShape, Problem> {
    let msisdn = msisdn_of(site, top_up).await?;
    let standing = flows::receipt::standing(&site.world, top_up.clone()).await?;
    Ok(TopUpShape::of(top_up, &msisdn, &site.world.settings.public_url, standing.payment_url()))
}

/// One top-up of this partner.
#[utoipa::path(get, path = "/v1/top-ups/{id}", tag = "top-ups", params(("id" = String, Path)),
    responses((status = 200, body = TopUpShape), (status = 404, body = Problem, description = "`top_up_unknown`")))]
pub async fn get(
    State(site): State<Site>,
    caller: Authenticated,
    _: Query<NoParameters>,
    Path(id): Path<String>,
) -> Result<Json<TopUpShape>, Problem> {
    let caller = caller.may(Scope::TopUpsRead)?;
    let unknown = || Problem::of(Code::TopUpUnknown);
    let id = TopUpId::parse(&id).map_err(|_| unknown())?;
    let find = |id: TopUpId| site.world.db.read(move |tx| store::top_up::find(tx, &id));
    let found = find(id.clone()).await.map_err(flows::Error::from)?;
    let owned = |t: &TopUp| t.partner.as_ref() == Some(&caller.partner);
    let mut top_up = found.filter(owned).ok_or_else(unknown)?;
    // Somebody is looking: ask the provider while the state may still change.
    if top_up.state.is_moving() && flows::payment::poll::refresh(&site.world, &id).await.is_ok() {
        top_up = find(id).await.map_err(flows::Error::from)?.ok_or_else(unknown)?;
    }
    Ok(Json(shape(&site, &top_up).await?))
}

/// Take back a sale from your float, for a short while and as long as nothing of it was used. The money is in your float
/// again with the answer.
#[utoipa::path(post, path = "/v1/top-ups/{id}/reverse", tag = "top-ups", params(("id" = String, Path),
    ("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters")),
    responses((status = 200, body = TopUpShape),
        (status = 400, body = Problem, description = "`idempotency_key_missing`, `idempotency_key_invalid`"),
        (status = 404, body = Problem, description = "`top_up_unknown`"),
        (status = 409, body = Problem, description = "`credit_spent`, `too_late_to_reverse`, `not_reversible`, `order_closed`"),
        (status = 422, body = Problem, description = "`idempotency_key_reused`")))]
pub async fn reverse(
    State(site): State<Site>,
    caller: Authenticated,
    IdempotencyKey(key): IdempotencyKey,
    _: Query<NoParameters>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let caller = caller.may(Scope::TopUpsWrite)?;
    let unknown = || Problem::of(Code::TopUpUnknown);
    let id = TopUpId::parse(&id).map_err(|_| unknown())?;
    let wanted = id.clone();
    let found = site.world.db.read(move |tx| store::top_up::find(tx, &wanted)).await;
    let owned = |t: &TopUp| t.partner.as_ref() == Some(&caller.partner);
    let top_up = found.map_err(flows::Error::from)?.filter(owned).ok_or_else(unknown)?;
    // What is taken back is part of the request: the same key for another sale is another request.
    let key = RequestKey::of(caller.partner.as_str(), &key, format!("reverse {id}").as_bytes());
    let (world, msisdn) = (site.world.clone(), msisdn_of(&site, &top_up).await?);
    let answering: Answering = Arc::new(move |outcome| match outcome {
        Ok(top_up) => {
            let shape = TopUpShape::of(top_up, &msisdn, &world.settings.public_url, None);
            json_answer(&world, StatusCode::OK, &shape)
        }
        Err(refusal) => refused(&world, refusal),
    });
    let wanted = FloatReversal {
        key,
        seller: caller.seller(),
        top_up: id,
        within_ms: site.world.settings.reverse_within_ms,
        answering,
    };
    Ok(answered(&site, reverse::of_float(&site.world, wanted).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Your own word for the order.
    reference: Option<String>,
    state: Option<String>,
    /// Created at or after (RFC 3339).
    from: Option<String>,
    /// Created before (RFC 3339).
    to: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// At most 100; 50 when not said.
    limit: Option<i64>,
}

const PAGE_MAX: i64 = 100;

/// Top-ups of this partner, newest first.
#[utoipa::path(get, path = "/v1/top-ups", tag = "top-ups", params(ListQuery),
    responses((status = 200, body = Page<TopUpShape>)))]
pub async fn list(
    State(site): State<Site>,
    caller: Authenticated,
    Query(query): Query<ListQuery>,
) -> Result<Json<Page<TopUpShape>>, Problem> {
    let caller = caller.may(Scope::TopUpsRead)?;
    let limit = query.limit.unwrap_or(50);
    if !(1..=PAGE_MAX).contains(&limit) {
        return Err(invalid("limit is 1 to 100"));
    }
    let filter = filter(&query)?;
    let partner = caller.partner;
    let found = site.world.db.read(move |tx| store::top_up::list(tx, &partner, &filter, limit + 1)).await;
    let mut found = found.map_err(flows::Error::from)?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next_cursor = found.last().filter(|_| more).map(|t| t.id.to_string());
    let mut items = Vec::with_capacity(found.len());
    for top_up in &found {
        items.push(shape(&site, top_up).await?);
    }
    Ok(Json(Page { items, next_cursor }))
}

fn invalid(detail: &str) -> Problem {
    Problem::saying(Code::QueryInvalid, detail)
}

fn filter(query: &ListQuery) -> Result<store::top_up::Filter, Problem> {
    let time = |text: &Option<String>, name: &str| -> Result<Option<UnixMs>, Problem> {
        let Some(text) = text else { return Ok(None) };
        UnixMs::parse_rfc3339(text)
            .map(Some)
            .ok_or_else(|| invalid(&format!("{name} is not an RFC 3339 time")))
    };
    let state = query
        .state
        .as_deref()
        .map(|word| TopUpState::parse(word).ok_or_else(|| invalid("state is none that we know")));
    let before =
        query.cursor.as_deref().map(|c| TopUpId::parse(c).map_err(|_| invalid("cursor is not one of ours")));
    Ok(store::top_up::Filter {
        reference: query.reference.clone(),
        state: state.transpose()?,
        from: time(&query.from, "from")?,
        to: time(&query.to, "to")?,
        before: before.transpose()?,
    })
}

//! `/v1/top-ups`: create, get and list.

use super::auth::Authenticated;
use super::body::{self, IdempotencyKey, Query};
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
use domain::msisdn::{Msisdn, NotAnMsisdn};
use domain::partner::{Caller, Scope};
use domain::refusal::Refusal;
use domain::time::UnixMs;
use domain::top_up::{Channel, TopUp, TopUpState};
use flows::top_up::checkout::{self, Checkout};
use flows::top_up::quote::{self, Quote};
use flows::top_up::sell::{self, Answering, RequestKey, SaleRequest, Sold};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use std::sync::Arc;
use store::response::Answer;
use utoipa::{IntoParams, ToSchema};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
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
    pub tender: TenderShape,
    /// Your own word for this order, at most 64 characters.
    pub reference: Option<String>,
    /// The language of text messages and pages: `zh-CN` or `en`.
    #[schema(value_type = Option<String>)]
    pub locale: Option<Locale>,
}

/// How it is paid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
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
    responses((status = 201, body = TopUpShape),
        (status = 400, body = Problem, description = "`idempotency_key_missing`, `body_invalid`"),
        (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 409, body = Problem, description = "`float_insufficient`, `price_changed`, `currency_mismatch`, `quote_lapsed`, `line_barred`, `line_closed`, `line_ported_out`, `idempotency_key_in_flight`"),
        (status = 422, body = Problem, description = "`idempotency_key_reused`, `offer_unknown`, `amount_invalid`"),
        (status = 503, body = Problem, description = "`busy`, `outcome_unknown`: send the same request again")))]
pub async fn create(
    State(site): State<Site>,
    caller: Authenticated,
    IdempotencyKey(key): IdempotencyKey,
    headers: HeaderMap,
    raw: Bytes,
) -> Result<Response, Problem> {
    let caller = caller.may(Scope::TopUpsWrite)?;
    let request: TopUpRequest = body::json(&headers, &raw)?;
    check(&request)?;
    let key = RequestKey::of_partner(&caller.partner, &key, &raw);
    let msisdn = Msisdn::parse_e164(request.msisdn.trim());
    let known = sell::look_up(&site.world, &key, msisdn.as_ref().ok()).await?;
    if let Some(earlier) = known.earlier {
        return resume(&site, &key, earlier).await;
    }
    let wanted = msisdn.map(|msisdn| Wanted { msisdn, line: known.line, request });
    match sell_or_begin(&site, &caller, &key, wanted).await {
        Ok(response) => Ok(response),
        Err(flows::Error::Refused(refusal @ (Refusal::KeyReused | Refusal::KeyInFlight))) => {
            Err(Problem::refused(&refusal))
        }
        // What the business refuses stays refused under its key.
        Err(flows::Error::Refused(refusal)) => {
            let sold = sell::refuse(&site.world, key, refused(&refusal)).await?;
            Ok(answered(sold))
        }
        Err(error) => Err(error.into()),
    }
}

fn check(request: &TopUpRequest) -> Result<(), Problem> {
    let invalid = |detail: &str| Err(Problem::new(StatusCode::BAD_REQUEST, "body_invalid", detail));
    if request.reference.as_ref().is_some_and(|r| r.is_empty() || r.chars().count() > REFERENCE_CHARS_MAX) {
        return invalid("reference is 1 to 64 characters");
    }
    if let TenderShape::Hosted { return_url } = &request.tender {
        let host = return_url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned));
        let local = return_url.starts_with("http://")
            && host.is_some_and(|host| matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]"));
        if !(return_url.starts_with("https://") || local)
            || return_url.len() > 2000
            || return_url.contains(['"', ' ', '<'])
        {
            return invalid("return_url is an https address of at most 2000 characters");
        }
    }
    if request.quote_id.as_deref().is_some_and(|id| QuoteId::parse(id).is_err()) {
        return invalid("quote_id is not one of ours");
    }
    Ok(())
}

/// A request whose number could be read.
struct Wanted {
    msisdn: Msisdn,
    line: Option<Line>,
    request: TopUpRequest,
}

async fn sell_or_begin(
    site: &Site,
    caller: &Caller,
    key: &RequestKey,
    wanted: Result<Wanted, NotAnMsisdn>,
) -> Result<Response, flows::Error> {
    let wanted = wanted.map_err(Refusal::from)?;
    let quote = price(site, caller, &wanted).await?;
    let Wanted { msisdn, request, .. } = wanted;
    let market_locale = quote.market.locale;
    let locale = request.locale.or(quote.line.locale).unwrap_or(market_locale);
    match &request.tender {
        TenderShape::Float {} => {
            let sale = SaleRequest {
                key: key.clone(),
                caller: caller.clone(),
                quote,
                reference: request.reference.clone(),
                locale,
                answering: answering(site, &msisdn),
            };
            Ok(answered(sell::sell(&site.world, sale).await?))
        }
        TenderShape::Hosted { return_url } => {
            let checkout = Checkout {
                key: key.clone(),
                actor: Actor::Partner { partner: caller.partner.clone(), key: caller.key.clone() },
                partner: Some(caller.partner.clone()),
                channel: Channel::Partner,
                quote,
                locale,
                email: None,
                reference: request.reference.clone(),
                return_url: Some(return_url.clone()),
            };
            let begun = checkout::begin(&site.world, checkout).await?;
            begun_answer(site, key, &begun).await
        }
        TenderShape::Voucher { .. } => Err(Refusal::TenderNotOffered.into()),
    }
}

async fn price(site: &Site, caller: &Caller, wanted: &Wanted) -> Result<Quote, flows::Error> {
    let Wanted { msisdn, line, request } = wanted;
    let mismatch = |_| flows::Error::from(Refusal::CurrencyMismatch);
    let amount = read_amount(request.amount.as_ref()).map_err(mismatch)?;
    let line = flows::lines::check(&site.world, msisdn, line.clone()).await?;
    let mut quote = match request.quote_id.as_deref().and_then(|id| QuoteId::parse(id).ok()) {
        Some(id) => {
            quote::promised(&site.world, &caller.partner, id, line, (&request.offer_id, amount)).await?
        }
        None => quote::price(&site.world, line, &request.offer_id, amount, Channel::Partner).await?,
    };
    if let Some(expected) = read_amount(request.expected_total.as_ref()).map_err(mismatch)? {
        quote = quote::keep_total(quote, expected)?;
    }
    Ok(quote)
}

/// What stands under a key: the first answer, or a page that was asked for and has no answer yet.
async fn resume(site: &Site, key: &RequestKey, earlier: Sold) -> Result<Response, Problem> {
    if earlier != Sold::InFlight {
        return Ok(answered(earlier));
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
    let stands = sell::answer(&site.world, key, json_answer(StatusCode::CREATED, &shape)).await?;
    Ok(stored(&stands, false))
}

/// Writes the answer to a sale as it is stored beside its key.
fn answering(site: &Site, msisdn: &Msisdn) -> Answering {
    let (public_url, msisdn) = (site.world.settings.public_url.clone(), msisdn.digits().to_owned());
    Arc::new(move |outcome| match outcome {
        Ok(top_up) => json_answer(StatusCode::CREATED, &TopUpShape::of(top_up, &msisdn, &public_url, None)),
        Err(refusal) => refused(refusal),
    })
}

fn json_answer<T: serde::Serialize>(status: StatusCode, shape: &T) -> Answer {
    Answer { status: i64::from(status.as_u16()), body: serde_json::to_string(shape).ok() }
}

fn refused(refusal: &Refusal) -> Answer {
    let problem = Problem::refused(refusal);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::CONFLICT);
    json_answer(status, &problem)
}

fn answered(sold: Sold) -> Response {
    match sold {
        Sold::Answered(answer) => stored(&answer, false),
        Sold::Replayed(answer) => stored(&answer, true),
        Sold::KeyReused => Problem::refused(&Refusal::KeyReused).into_response(),
        Sold::InFlight => in_flight().into_response(),
    }
}

/// A request whose first answer is not there yet.
pub(super) fn in_flight() -> Response {
    let mut response = Problem::refused(&Refusal::KeyInFlight).into_response();
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    response
}

/// A stored answer as a response.
pub(super) fn stored(answer: &Answer, replayed: bool) -> Response {
    let status = u16::try_from(answer.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let Some(body) = answer.body.clone() else {
        let detail = "the outcome stands, its body is no longer kept; list your top-ups by reference";
        return Problem::new(StatusCode::GONE, "response_purged", detail).into_response();
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
    Path(id): Path<String>,
) -> Result<Json<TopUpShape>, Problem> {
    let caller = caller.may(Scope::TopUpsRead)?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "top_up_unknown", "no top-up of yours has this id");
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
    responses((status = 200, body = Page<TopUpShape>), (status = 400, body = Problem, description = "`query_invalid`")))]
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
    Problem::new(StatusCode::BAD_REQUEST, "query_invalid", detail)
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

//! `POST /v1/lines/{msisdn}/usage`: the network's charging front reports what a line used.

use super::auth::Authenticated;
use super::body::{self, IdempotencyKey, NoParameters, Query};
use super::codes::Code;
use super::top_ups::{answered, json_answer};
use crate::failure::Problem;
use crate::site::Site;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::ledger::AccountKind;
use domain::partner::Scope;
use domain::refusal::Refusal;
use domain::time::{MINUTE_MS, UnixMs};
use domain::unit::Unit;
use flows::World;
use flows::request::RequestKey;
use flows::usage::{self, Answering, Outcomes, Record};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::response::Answer;
use utoipa::ToSchema;

/// What was used, as it was measured.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
pub struct UsageRequest {
    /// Your own word for this record, 1 to 64 characters, never used for another one.
    #[schema(example = "cdr-20261122-000017")]
    pub id: String,
    /// `octets`, `seconds`, `messages`, or the line's currency for credit.
    #[schema(example = "octets")]
    pub unit: String,
    /// Bytes, seconds, messages, or minor units of the currency.
    #[schema(example = 500_000_000)]
    pub amount: i64,
    /// When it was used. RFC 3339, not in the future.
    #[schema(example = "2026-11-22T16:15:00Z")]
    pub at: String,
}

/// A record that was taken from the line.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsageShape {
    #[schema(example = "cdr-20261122-000017")]
    pub id: String,
    #[schema(example = "octets")]
    pub unit: String,
    pub amount: i64,
    pub at: String,
    /// From where it was taken.
    pub taken: Vec<TakenShape>,
}

/// A part of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct TakenShape {
    /// `bucket` or `credit`.
    #[schema(example = "bucket")]
    pub from: String,
    /// Which bucket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    pub amount: i64,
}

const ID_CHARS_MAX: usize = 64;
/// As much may the clocks of two machines differ.
const AHEAD_MAX_MS: i64 = 5 * MINUTE_MS;

/// Report what a line used.
///
/// It is taken whole or not at all, out of the buckets that end soonest, then out of the credit. The same `id` again
/// gives the same outcome for ever.
#[utoipa::path(post, path = "/v1/lines/{msisdn}/usage", tag = "lines", request_body = UsageRequest,
    params(("msisdn" = String, Path, description = "E.164 with its country code, for example 447400123456; `+` and separators are dropped"),
        ("Idempotency-Key" = String, Header, description = "1 to 255 printable ASCII characters")),
    responses((status = 201, body = UsageShape),
        (status = 400, body = Problem, description = "`idempotency_key_missing`, `idempotency_key_invalid`"),
        (status = 404, body = Problem, description = "`line_unknown`"),
        (status = 409, body = Problem, description = "`usage_not_covered`, `usage_record_reused`, `balance_elsewhere`, `currency_mismatch`, `line_barred`, `line_closed`, `line_ported_out`"),
        (status = 422, body = Problem, description = "`idempotency_key_reused`, `number_invalid`, `number_landline`")))]
#[expect(
    clippy::too_many_arguments,
    reason = "each is an extractor, and the call has an address besides its body"
)]
pub async fn create(
    State(site): State<Site>,
    caller: Authenticated,
    IdempotencyKey(key): IdempotencyKey,
    _: Query<NoParameters>,
    Path(msisdn): Path<String>,
    headers: HeaderMap,
    raw: Bytes,
) -> Result<Response, Problem> {
    let caller = caller.may(Scope::UsageWrite)?;
    let request: UsageRequest = body::json(&headers, &raw)?;
    let number = body::msisdn(&msisdn)?;
    // The number stands in the address: the same body for another number is another request.
    let agreed = [number.digits().as_bytes(), b" ", &raw].concat();
    let key = RequestKey::of(caller.partner.as_str(), &key, &agreed);
    let (unit, used_at) = check(&request, site.world.now())?;
    let record = Record { id: request.id, msisdn: number, unit, amount: request.amount, used_at };
    let answering = answering(&site.world, &record.id);
    let spent = usage::spend(&site.world, usage::Request { key, caller, record, answering }).await?;
    Ok(answered(&site, spent))
}

fn check(request: &UsageRequest, now: UnixMs) -> Result<(Unit, UnixMs), Problem> {
    let invalid = |detail: &str| Problem::saying(Code::BodyInvalid, detail);
    let plain = request.id.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain || !(1..=ID_CHARS_MAX).contains(&request.id.len()) {
        return Err(invalid("id is 1 to 64 printable ASCII characters without spaces"));
    }
    if request.amount < 1 {
        return Err(invalid("amount is at least 1"));
    }
    let unit = request.unit.parse();
    let unit = unit.map_err(|_| invalid("unit is octets, seconds, messages or a currency"))?;
    let at = UnixMs::parse_rfc3339(&request.at).ok_or_else(|| invalid("at is not an RFC 3339 time"))?;
    if at > now.plus_ms(AHEAD_MAX_MS) {
        return Err(invalid("at is in the future"));
    }
    Ok((unit, at))
}

fn answering(world: &Arc<World>, id: &str) -> Answering {
    let (world, id) = (world.clone(), id.to_owned());
    Arc::new(move |outcome| told(&world, &id, outcome))
}

fn told(world: &World, id: &str, outcome: &Outcomes) -> Answer {
    let problem = match outcome {
        Outcomes::Taken(usage, parts) => {
            let taken = |(account, amount): &store::usage::Part| TakenShape {
                from: account.kind().map_or("credit", AccountKind::as_str).to_owned(),
                bucket: (account.kind() == Some(AccountKind::Bucket)).then(|| account.owner().to_owned()),
                amount: *amount,
            };
            let shape = UsageShape {
                id: id.to_owned(),
                unit: usage.unit.as_str().to_owned(),
                amount: usage.amount,
                at: usage.used_at.rfc3339(),
                taken: parts.iter().map(taken).collect(),
            };
            return json_answer(world, StatusCode::CREATED, &shape);
        }
        Outcomes::Short(usage) => Problem::short_of(usage.short_of.unwrap_or(0), usage.unit.as_str()),
        Outcomes::Reused => Problem::of(Code::UsageRecordReused),
        Outcomes::Elsewhere => Problem::of(Code::BalanceElsewhere),
        Outcomes::Refused(refusal) => unusable(refusal),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::CONFLICT);
    json_answer(world, status, &problem)
}

/// What a refusal says where something is used and not bought.
fn unusable(refusal: &Refusal) -> Problem {
    let problem = Problem::refused(refusal);
    let barred = matches!(refusal, Refusal::LineBarred | Refusal::LineClosed | Refusal::LinePortedOut);
    if barred {
        problem.in_words("nothing can be used on this line: it is barred, closed or moved away")
    } else {
        problem
    }
}

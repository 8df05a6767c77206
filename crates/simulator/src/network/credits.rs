//! A credit's life: taken once per request id, done or refused at once or later, remembered for 30 days.
//! Start reading at [`credit`].

use rusqlite::{OptionalExtension, params};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::plan::{self, Plan, What};
use super::{Manner, Reply, subscribers};
use crate::books::Books;
use crate::stripe::errors::ApiError;

/// How long a request id is remembered: the network's promise.
const REMEMBERED_MS: i64 = 30 * 24 * 3600 * 1000;

/// What is asked for, and echoed in every answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Chosen by the caller, unique for ever.
    pub request_id: String,
    /// The caller's order.
    pub top_up: String,
    /// E.164 digits.
    pub msisdn: String,
    /// What the subscriber gets.
    pub grant: Given,
}

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Given {
    /// Money.
    Credit {
        /// Minor units.
        amount_minor: i64,
        /// ISO 4217.
        currency: String,
    },
    /// Allowances that end together.
    Bundle {
        /// At least one.
        allowances: Vec<Allowance>,
        /// From when it is done.
        valid_for_days: u32,
    },
}

/// One allowance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// `octets`, `seconds` or `messages`.
    pub unit: String,
    /// How many.
    pub amount: i64,
}

/// Reads a request, or says what is wrong with it.
pub fn read(body: &[u8]) -> Result<Asked, String> {
    let asked: Asked = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let id = |text: &str| (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    let wrong = |what: &str| Err(what.to_owned());
    if !id(&asked.request_id) || !id(&asked.top_up) {
        return wrong("request_id, top_up: 1 to 64 plain characters");
    }
    if !subscribers::is_number(&asked.msisdn) {
        return wrong("msisdn: 5 to 15 digits");
    }
    match &asked.grant {
        Given::Credit { amount_minor, currency } => {
            let three = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
            if *amount_minor < 1 || !three {
                return wrong("grant: at least one minor unit of a currency in three capital letters");
            }
        }
        Given::Bundle { allowances, valid_for_days } => {
            let fine = |allowance: &Allowance| {
                allowance.amount > 0 && matches!(allowance.unit.as_str(), "octets" | "seconds" | "messages")
            };
            let days = (1..=3_650).contains(valid_for_days);
            if !days || !(1..=10).contains(&allowances.len()) || !allowances.iter().all(fine) {
                return wrong("grant: 1 to 10 allowances of octets, seconds or messages for 1 to 3650 days");
            }
        }
    }
    Ok(asked)
}

/// A request as it is remembered.
struct Kept {
    asked: Asked,
    answer: Value,
    seen_from_at: i64,
    shy: bool,
}

fn kept(books: &Books<'_>, id: &str) -> Result<Option<Kept>, ApiError> {
    books.execute("delete from network_request where at <= ?1", params![books.now_ms - REMEMBERED_MS])?;
    let found = books
        .query_row(
            "select asked, answer, seen_from_at, shy from network_request where id = ?1",
            params![id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .optional()?;
    found
        .map(|(asked, answer, seen_from_at, shy): (String, String, i64, bool)| {
            Ok(Kept { asked: stored(&asked)?, answer: stored(&answer)?, seen_from_at, shy })
        })
        .transpose()
}

fn stored<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    serde_json::from_str(text).map_err(|error| ApiError::internal(&error.to_string()))
}

/// `POST /network/v1/credits`
pub fn credit(books: &Books<'_>, asked: &Asked) -> Result<Reply, ApiError> {
    let plan = plan::of(books, &asked.msisdn)?;
    let manner = if plan.what == What::Slow { late(plan) } else { Manner::AtOnce };
    if let Some(kept) = kept(books, &asked.request_id)? {
        return Ok(if kept.asked != *asked {
            Reply::error(409, "request_mismatch", "this request_id came with another content")
        } else if kept.shy {
            Reply::error(409, "duplicate_request", "this request_id is known")
        } else {
            Reply::of(200, kept.answer).given(manner)
        });
    }
    if plan.what == What::LostBefore && missed(books, asked)? {
        return Ok(Reply::of(503, Value::Null).given(Manner::Never));
    }
    if plan.what == What::ErrorOnce && missed(books, asked)? {
        return Ok(Reply::error(500, "scripted", "nothing happened"));
    }
    let answer = begin(books, asked, plan)?;
    let lost = matches!(plan.what, What::LostAfter | What::LostAndUnseen | What::LostAndShy);
    let manner = if lost { Manner::Never } else { manner };
    Ok(Reply::of(200, answer).given(manner))
}

fn late(plan: Plan) -> Manner {
    Manner::After(u64::try_from(plan.ms).unwrap_or(0))
}

/// Is this the first call under its request id that comes to nothing?
fn missed(books: &Books<'_>, asked: &Asked) -> Result<bool, ApiError> {
    let added = books.execute(
        "insert into network_missed (request_id) values (?1) on conflict do nothing",
        params![asked.request_id],
    )?;
    Ok(added == 1)
}

/// Takes a new request in, and carries it out unless the plan says later.
fn begin(books: &Books<'_>, asked: &Asked, plan: Plan) -> Result<Value, ApiError> {
    let mut answer = json!({
        "request_id": asked.request_id, "top_up": asked.top_up, "grant": asked.grant, "status": "in_progress",
    });
    let later = books.now_ms + plan.ms;
    let (settles_at, settles_as) = match plan.what {
        What::LaterDone => (Some(later), Some("done")),
        What::LaterRefused => (Some(later), Some("refused")),
        What::StaysInProgress => (None, None),
        What::RefuseBarred => {
            refuse(&mut answer, "barred");
            (None, None)
        }
        What::RefuseUnknown => {
            refuse(&mut answer, "number_unknown");
            (None, None)
        }
        What::Credit
        | What::LostAfter
        | What::LostBefore
        | What::Slow
        | What::ErrorOnce
        | What::LostAndUnseen
        | What::LostAndShy => {
            carry_out(books, asked, &mut answer)?;
            (None, None)
        }
    };
    let seen_from_at = if plan.what == What::LostAndUnseen { later } else { books.now_ms };
    books.execute(
        "insert into network_request (id, asked, answer, at, settles_at, settles_as, seen_from_at, shy)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            asked.request_id,
            json!(asked).to_string(),
            answer.to_string(),
            books.now_ms,
            settles_at,
            settles_as,
            seen_from_at,
            plan.what == What::LostAndShy
        ],
    )?;
    Ok(answer)
}

fn state_of(answer: &Value) -> &str {
    answer["status"].as_str().unwrap_or_default()
}

fn refuse(answer: &mut Value, reason: &str) {
    answer["status"] = json!("refused");
    answer["reason"] = json!(reason);
}

fn carry_out(books: &Books<'_>, asked: &Asked, answer: &mut Value) -> Result<(), ApiError> {
    match subscribers::give(books, asked)? {
        Ok((network_ref, balance)) => {
            answer["status"] = json!("done");
            answer["network_ref"] = json!(network_ref);
            answer["balance"] = balance;
        }
        Err(reason) => refuse(answer, reason),
    }
    Ok(())
}

/// `GET /network/v1/credits/{id}`
pub fn status(books: &Books<'_>, id: &str) -> Result<Reply, ApiError> {
    Ok(match kept(books, id)? {
        Some(kept) if kept.seen_from_at <= books.now_ms => Reply::of(200, kept.answer),
        Some(_) | None => Reply::error(404, "credit_not_found", "no credit with this request_id"),
    })
}

/// Carries out or refuses what is due. Every look at the network comes after this, so nobody sees it late.
pub fn settle_due(books: &Books<'_>) -> Result<(), ApiError> {
    let mut statement = books.tx.prepare_cached(
        "select id, settles_as = 'done' from network_request where settles_at <= ?1 order by settles_at, id",
    )?;
    let rows = statement.query_map(params![books.now_ms], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let due = rows.collect::<Result<Vec<(String, bool)>, _>>()?;
    drop(statement);
    for (id, done) in due {
        settle(books, &id, done)?;
    }
    Ok(())
}

/// Ends a credit that is in progress. `None`: there is none.
pub fn settle(books: &Books<'_>, id: &str, done: bool) -> Result<Option<Value>, ApiError> {
    let Some(kept) = kept(books, id)?.filter(|kept| state_of(&kept.answer) == "in_progress") else {
        return Ok(None);
    };
    let mut answer = kept.answer;
    if done {
        carry_out(books, &kept.asked, &mut answer)?;
    } else {
        refuse(&mut answer, "barred");
    }
    books.execute(
        "update network_request set answer = ?2, settles_at = null where id = ?1",
        params![id, answer.to_string()],
    )?;
    Ok(Some(answer))
}

/// Forgets a request as if its 30 days were over; what was given stays given.
pub fn forget(books: &Books<'_>, id: &str) -> Result<bool, ApiError> {
    Ok(books.execute("delete from network_request where id = ?1", params![id])? == 1)
}

//! What a number does when it is credited: by its last four digits, or as the control API asked.
//! Start reading at [`of`].

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::books::Books;
use crate::stripe::errors::ApiError;

/// What happens to a credit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Credited, and said so.
    Credit,
    /// Refused: the subscriber takes no credit.
    RefuseBarred,
    /// Refused: no such subscriber, not even for a balance.
    RefuseUnknown,
    /// Credited; the answer to the first call does not come.
    LostAfter,
    /// Nothing happens at the first call, and no answer comes.
    LostBefore,
    /// Credited; every answer comes late.
    Slow,
    /// Nothing happens at the first call, which is answered with 500.
    ErrorOnce,
    /// Taken; credited after a while or when settled.
    LaterDone,
    /// Taken; refused after a while or when settled.
    LaterRefused,
    /// Taken; stays so until settled.
    StaysInProgress,
    /// Credited, the first answer does not come, and the status query does not know it for a while.
    LostAndUnseen,
    /// Credited, the first answer does not come, and a repetition is told that it is one, and no more.
    LostAndShy,
}

/// What happens, and how long a while is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What happens.
    #[serde(rename = "do")]
    pub what: What,
    /// A while, in milliseconds.
    #[serde(default = "a_while")]
    pub ms: i64,
}

fn a_while() -> i64 {
    3_000
}

const BY_ENDING: [(&str, What); 11] = [
    ("7001", What::RefuseBarred),
    ("7002", What::RefuseUnknown),
    ("7003", What::LostAfter),
    ("7004", What::LostBefore),
    ("7005", What::Slow),
    ("7006", What::ErrorOnce),
    ("7007", What::LaterDone),
    ("7008", What::LaterRefused),
    ("7009", What::StaysInProgress),
    ("7010", What::LostAndUnseen),
    ("7011", What::LostAndShy),
];

/// The plan of a number.
pub fn of(books: &Books<'_>, msisdn: &str) -> Result<Plan, ApiError> {
    let set: Option<String> = books
        .query_row("select plan from network_plan where msisdn = ?1", params![msisdn], |row| row.get(0))
        .optional()?;
    if let Some(plan) = set.and_then(|text| serde_json::from_str(&text).ok()) {
        return Ok(plan);
    }
    let by_ending = BY_ENDING.iter().find(|(ending, _)| msisdn.ends_with(ending));
    Ok(Plan { what: by_ending.map_or(What::Credit, |(_, what)| *what), ms: a_while() })
}

/// Sets the plan of a number, whatever its digits.
pub fn set(books: &Books<'_>, msisdn: &str, plan: Plan) -> Result<(), ApiError> {
    let text = serde_json::to_string(&plan).map_err(|error| ApiError::internal(&error.to_string()))?;
    books.execute(
        "insert into network_plan (msisdn, plan) values (?1, ?2)
         on conflict (msisdn) do update set plan = excluded.plan",
        params![msisdn, text],
    )?;
    Ok(())
}

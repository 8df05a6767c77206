//! The phone and the mailbox: what the SMS centre delivered, as a page and as JSON.
//! Start reading at [`routes`]; the SMS centre writes with [`receive`].

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use minijinja::{Value as View, context};
use rusqlite::params;
use serde::Serialize;

use crate::books::Books;
use crate::clock;
use crate::hosted_page::{self, words::Language};
use crate::stripe::errors::ApiError;
use crate::world::Shared;

/// How many messages are kept.
const MOST_MESSAGES: i64 = 10_000;
/// How many are shown at once.
const SHOWN: i64 = 200;

/// A message on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `sms`
    pub channel: String,
    /// With `+`.
    pub to: String,
    /// As the sender called itself.
    pub from: String,
    /// Decoded and put together.
    pub text: String,
    /// RFC 3339.
    pub at: String,
    /// How many short messages carried it.
    pub segments: u32,
    /// `gsm7` or `ucs2`, or another name for another coding.
    pub encoding: String,
}

/// A text as the SMS centre received it.
pub struct Received {
    /// The destination address.
    pub to: String,
    /// The source address.
    pub from: String,
    /// Decoded and put together.
    pub text: String,
    /// How many short messages carried it.
    pub segments: u32,
    /// `gsm7`, `ucs2`, ...
    pub encoding: &'static str,
}

/// The pages.
pub fn routes() -> Router<Shared> {
    Router::new().route("/", get(page)).route("/inbox.json", get(json))
}

fn digits(address: &str) -> String {
    address.chars().filter(char::is_ascii_digit).collect()
}

/// Puts a message on the phone; the oldest go when there are too many.
pub fn receive(books: &Books<'_>, message: &Received) -> Result<(), ApiError> {
    books.tx.execute(
        "insert into message (at, channel, recipient, sender, body, segments, encoding)
         values (?1, 'sms', ?2, ?3, ?4, ?5, ?6)",
        params![
            books.now_ms,
            digits(&message.to),
            message.from,
            message.text,
            message.segments,
            message.encoding
        ],
    )?;
    let newest = books.tx.last_insert_rowid();
    books.tx.execute("delete from message where id <= ?1", params![newest - MOST_MESSAGES])?;
    Ok(())
}

fn read(books: &Books<'_>, to: &str) -> Result<Vec<Message>, ApiError> {
    let mut statement = books.tx.prepare_cached(
        "select channel, recipient, sender, body, at, segments, encoding from message
         where ?1 = '' or recipient = ?1 order by id desc limit ?2",
    )?;
    let rows = statement.query_map(params![to, SHOWN], |row| {
        Ok(Message {
            channel: row.get(0)?,
            to: format!("+{}", row.get::<_, String>(1)?),
            from: row.get(2)?,
            text: row.get(3)?,
            at: clock::rfc3339(row.get(4)?),
            segments: row.get(5)?,
            encoding: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// `GET /inbox.json?to=`; a bare `+` arrives as a space, so only the digits count.
async fn json(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query.as_deref().unwrap_or_default()).unwrap_or_default();
    let to = pairs.iter().find(|(key, _)| key == "to").map(|(_, value)| value.as_str()).unwrap_or_default();
    if !to.trim().is_empty() && digits(to).is_empty() {
        return (StatusCode::BAD_REQUEST, "to: a phone number is needed").into_response();
    }
    match world.write(|books| read(books, &digits(to))) {
        Ok(messages) => Json(messages).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    }
}

async fn page(State(world): State<Shared>, headers: HeaderMap) -> Response {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let language = Language::of("auto", accepted);
    let messages = match world.write(|books| read(books, "")) {
        Ok(messages) => messages,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    };
    let mut order: Vec<&str> = Vec::new();
    for message in &messages {
        if !order.contains(&message.to.as_str()) {
            order.push(&message.to);
        }
    }
    let numbers: Vec<View> = order
        .into_iter()
        .map(|to| {
            let own = messages.iter().filter(|message| message.to == to);
            let own: Vec<View> = own.map(view).collect();
            context! { to, messages => own }
        })
        .collect();
    let view = context! {
        lang => language.tag(), w => language.words(), numbers,
        phone => language.pick("Phone", "手机短信"),
        mailbox => language.pick("Mailbox", "邮箱"),
        no_messages => language.pick("No messages yet.", "暂无短信。"),
        no_mail => language.pick("No mail yet.", "暂无邮件。"),
    };
    hosted_page::render("inbox.html", StatusCode::OK, None, view)
}

fn view(message: &Message) -> View {
    context! {
        text => message.text.as_str(), sender => message.from.as_str(), at => message.at.as_str(),
        encoding => message.encoding.as_str(), segments => message.segments,
    }
}

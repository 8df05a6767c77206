//! The phone, the mailbox and the wallets: what the SMS centre delivered, as a page and as JSON, and what PayPal moved.
//! Start reading at [`routes`]; the SMS centre writes with [`receive`], the mail server with [`put`].

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
use crate::mailbox;
use crate::paypal;
use crate::smsc::from_phone;
use crate::stripe::errors::ApiError;
use crate::usage;
use crate::world::Shared;

/// How many messages are kept.
const MOST_MESSAGES: i64 = 10_000;
/// How many are shown at once.
const SHOWN: i64 = 200;
/// On the page: of how many people, and how many of each. Somebody's own page has all.
const PEOPLE: usize = 8;
const OF_EACH: usize = 5;

/// A message on the phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `sms` or `email`
    pub channel: String,
    /// A number with `+`, or an address.
    pub to: String,
    /// As the sender called itself.
    pub from: String,
    /// Decoded and put together.
    pub text: String,
    /// RFC 3339.
    pub at: String,
    /// How many short messages carried it.
    pub segments: u32,
    /// `gsm7` or `ucs2`, `mime` for a mail, or another name for another coding.
    pub encoding: String,
    /// Of a mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Where a mail is shown as its reader sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// Where the button of a mail that can be ended leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unsubscribe: Option<String>,
}

/// A text as the SMS centre or the mail server received it.
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

/// Puts a text message on the phone.
pub fn receive(books: &Books<'_>, message: &Received) -> Result<(), ApiError> {
    let to = digits(&message.to);
    put(books, "sms", &to, message).map(|_| ())
}

/// Puts a message into the inbox and gives its id; the oldest go when there are too many.
pub fn put(books: &Books<'_>, channel: &str, to: &str, message: &Received) -> Result<i64, ApiError> {
    books.execute(
        "insert into message (at, channel, recipient, sender, body, segments, encoding)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![books.now_ms, channel, to, message.from, message.text, message.segments, message.encoding],
    )?;
    let newest = books.tx.last_insert_rowid();
    books.execute("delete from message where id <= ?1", params![newest - MOST_MESSAGES])?;
    Ok(newest)
}

fn read(books: &Books<'_>, to: &str) -> Result<Vec<Message>, ApiError> {
    let mut statement = books.tx.prepare_cached(
        "select channel, case channel when 'sms' then '+' || recipient else recipient end, sender, body, at,
           segments, encoding, mail.subject, '/mail/' || mail.id,
           case when cast(mail.source as text) like '%List-Unsubscribe-Post:%' then '/mail/' || mail.id || '/unsubscribe' end
         from message left join mail on mail.id = message.id
         where ?1 = '' or recipient = ?1 order by message.id desc limit ?2",
    )?;
    let rows = statement.query_map(params![to, SHOWN], |row| {
        Ok(Message {
            channel: row.get(0)?,
            to: row.get(1)?,
            from: row.get(2)?,
            text: row.get(3)?,
            at: clock::rfc3339(row.get(4)?),
            segments: row.get(5)?,
            encoding: row.get(6)?,
            subject: row.get(7)?,
            page: row.get(8)?,
            unsubscribe: row.get(9)?,
        })
    })?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?)
}

/// Whose messages are asked for: an address, or the digits of a number. A bare `+` arrives as a space.
fn recipient(to: &str) -> String {
    if to.contains('@') { mailbox::key(&to.replace(' ', "+")) } else { digits(to) }
}

/// Whom the address of a page names.
fn asked_for(query: Option<&str>) -> String {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(query.unwrap_or_default()).unwrap_or_default();
    pairs.into_iter().find(|(key, _)| key == "to").map(|(_, value)| value).unwrap_or_default()
}

/// `GET /inbox.json?to=`
async fn json(State(world): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let to = asked_for(query.as_deref());
    let to = to.as_str();
    if !to.trim().is_empty() && recipient(to).is_empty() {
        return (StatusCode::BAD_REQUEST, "to: a phone number or an e-mail address is needed")
            .into_response();
    }
    match world.write(|books| read(books, &recipient(to))) {
        Ok(messages) => Json(messages).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    }
}

async fn page(State(world): State<Shared>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let language = Language::of("auto", accepted);
    let wanted = asked_for(query.as_deref());
    let found = world.write(|books| Ok((read(books, &recipient(&wanted))?, paypal::statement(books)?)));
    let (messages, movements) = match found {
        Ok(found) => found,
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    };
    let most = if wanted.is_empty() { OF_EACH } else { messages.len() };
    let numbers = by_recipient(&messages, "sms", most, language);
    let mailboxes = by_recipient(&messages, "email", most, language);
    let movements: Vec<View> = movements
        .iter()
        .map(|movement| {
            context! {
                account => movement.account.as_str(), amount => movement.amount.as_str(),
                status => movement.status.as_str(), invoice => movement.invoice.as_str(),
                at => movement.at.as_str(), when => when(&movement.at, language),
            }
        })
        .collect();
    let view = context! {
        lang => language.tag(), w => language.words(), numbers, mailboxes, movements,
        wanted => wanted.as_str(), find => language.pick("Number or e-mail address", "号码或邮箱"),
        show => language.pick("Show", "查看"), everybody => language.pick("Show everybody", "查看全部"),
        tour => world.tour(),
        more_of_one => language.pick("All messages", "全部消息"),
        phone => language.pick("Phone", "手机短信"),
        mailbox => language.pick("Mailbox", "邮箱"),
        no_messages => language.pick("No messages yet.", "暂无短信。"),
        no_mail => language.pick("No mail yet.", "暂无邮件。"),
        usage => usage::buttons(&world, language), word => usage::word(query.as_deref(), language),
        source => language.pick("Source", "源码"),
        unsubscribe => language.pick("Unsubscribe", "退订"), words => from_phone::words(language),
        wrote => from_phone::word(query.as_deref(), language),
    };
    hosted_page::render("inbox.html", StatusCode::OK, None, view)
}

/// The messages of one channel, for each recipient its own, whoever got the last one first.
fn by_recipient(messages: &[Message], channel: &str, most: usize, language: Language) -> Vec<View> {
    let mut order: Vec<&str> = Vec::new();
    for message in messages.iter().filter(|message| message.channel == channel) {
        if !order.contains(&message.to.as_str()) {
            order.push(&message.to);
        }
    }
    let own = |to: &str| {
        let own = messages.iter().filter(|message| message.channel == channel && message.to == to);
        own.map(|message| view(message, language)).collect::<Vec<View>>()
    };
    let shown = |to: &str| {
        let mut all = own(to);
        let more = all.len().saturating_sub(most);
        all.truncate(most);
        context! { to, messages => all, more }
    };
    order.into_iter().take(PEOPLE).map(shown).collect()
}

/// A time as people write it.
fn when(at: &str, language: Language) -> String {
    clock::readable(at, language.pick("%-d %b %Y, %H:%M:%S UTC", "%Y年%-m月%-d日 %H:%M:%S UTC"))
}

fn view(message: &Message, language: Language) -> View {
    context! {
        text => message.text.as_str(), sender => message.from.as_str(), at => message.at.as_str(),
        when => when(&message.at, language), encoding => message.encoding.as_str(), segments => message.segments,
        subject => message.subject.as_deref(), page => message.page.as_deref(),
        unsubscribe => message.unsubscribe.as_deref(),
    }
}

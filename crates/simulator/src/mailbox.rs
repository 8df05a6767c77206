//! The mailbox: mails as the mail server took them, read with a MIME parser that is not the sender's, in the
//! inbox beside the text messages, and each as its reader sees it. Start reading at [`receive`].

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderName, StatusCode, header};
use mail_parser::{Message, MessageParser, PartType};
use rusqlite::{OptionalExtension, params};

use crate::books::Books;
use crate::inbox::{self, Received};
use crate::stripe::errors::ApiError;
use crate::webhooks::check_url;
use crate::world::Shared;

/// What a mail has beyond a text message; it goes when its message goes. And who was asked to come back.
pub const SCHEMA: &str = "
create table if not exists mail (
  id integer primary key, subject text not null, html text, source blob not null) strict;
create trigger if not exists mail_goes after delete on message begin delete from mail where id = old.id; end;
create table if not exists greylist (recipient text primary key) strict;
";

/// Empties what does not go with the messages.
pub const RESET: &str = "delete from greylist;";

/// A mail's own page may show itself and do nothing: no script, no form, nothing from elsewhere.
const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// The pages.
pub fn routes() -> Router<Shared> {
    Router::new()
        .route("/mail/{id}", get(page))
        .route("/mail/{id}/source", get(source))
        .route("/mail/{id}/unsubscribe", post(unsubscribe))
}

/// Addresses are compared without regard to case, as mailboxes in practice do.
pub fn key(address: &str) -> String {
    address.trim().to_lowercase()
}

/// Puts a mail into the mailbox of one recipient.
pub fn receive(books: &Books<'_>, to: &str, octets: &[u8]) -> Result<(), ApiError> {
    let parsed = MessageParser::default().parse(octets);
    let read = parsed.as_ref();
    let text = read.and_then(|mail| mail.body_text(0)).unwrap_or_else(|| String::from_utf8_lossy(octets));
    let received = Received {
        to: to.to_owned(),
        from: read.map(sender).unwrap_or_default(),
        text: text.replace("\r\n", "\n").trim_end().to_owned(),
        segments: 1,
        encoding: "mime",
    };
    let id = inbox::put(books, "email", &key(to), &received)?;
    // An HTML part of the sender's own, not one that the parser makes of the text.
    let html = read.and_then(|mail| mail.html_part(0)).and_then(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    });
    let subject = read.and_then(Message::subject).unwrap_or_default();
    books.execute(
        "insert into mail (id, subject, html, source) values (?1, ?2, ?3, ?4)",
        params![id, subject, html, octets],
    )?;
    Ok(())
}

/// As the sender called itself.
fn sender(mail: &Message<'_>) -> String {
    let from = mail.from().and_then(|from| from.first());
    let (name, address) = (from.and_then(|from| from.name()), from.and_then(|from| from.address()));
    name.or(address).unwrap_or_default().to_owned()
}

/// Whether this recipient comes for the first time; it never does again.
pub fn is_first_visit(books: &Books<'_>, recipient: &str) -> Result<bool, ApiError> {
    let added =
        books.execute("insert or ignore into greylist (recipient) values (?1)", params![key(recipient)])?;
    Ok(added == 1)
}

async fn page(State(world): State<Shared>, Path(id): Path<i64>) -> Response {
    let html = world.write(|books| {
        let html = books.query_row("select html from mail where id = ?1", params![id], |row| {
            row.get::<_, Option<String>>(0)
        });
        Ok(html.optional()?.flatten())
    });
    match html {
        Ok(Some(html)) => show("text/html; charset=utf-8", html.into_bytes()),
        Ok(None) => (StatusCode::NOT_FOUND, "There is no such mail, or it has no HTML part.").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    }
}

/// The address of `List-Unsubscribe`, where the mail promises that one POST ends such mails (RFC 8058, section 3.1).
fn one_click(octets: &[u8]) -> Option<String> {
    let parsed = MessageParser::default().parse(octets)?;
    let promised = parsed.header_raw("List-Unsubscribe-Post")?.trim() == "List-Unsubscribe=One-Click";
    let listed = parsed.header_raw("List-Unsubscribe")?.replace(char::is_whitespace, "");
    let url =
        listed.split(',').find_map(|one| one.strip_prefix('<')?.strip_suffix('>').map(str::to_owned))?;
    promised.then_some(url)
}

/// The button that a mail reader shows beside the sender: its server sends the POST, with neither cookies nor a page
/// before it (RFC 8058, section 3.2). Only to this machine.
async fn unsubscribe(State(world): State<Shared>, Path(id): Path<i64>) -> Response {
    let source = world.write(|books| {
        let source = books
            .tx
            .query_row("select source from mail where id = ?1", params![id], |row| row.get::<_, Vec<u8>>(0));
        Ok(source.optional()?)
    });
    let url = match source {
        Ok(source) => source.as_deref().and_then(one_click),
        Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    };
    let Some(url) = url.filter(|url| check_url(url).is_ok()) else {
        return (StatusCode::NOT_FOUND, "This mail names no address that ends such mails.").into_response();
    };
    let call = world.http.post(url).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let call = call.timeout(std::time::Duration::from_secs(10)).body("List-Unsubscribe=One-Click");
    match call.send().await {
        Ok(answer) if answer.status().is_success() => Redirect::to("/?unsubscribed=1").into_response(),
        Ok(answer) => {
            (StatusCode::BAD_GATEWAY, format!("The sender answered {}.", answer.status())).into_response()
        }
        Err(_) => (StatusCode::BAD_GATEWAY, "The sender does not answer.").into_response(),
    }
}

async fn source(State(world): State<Shared>, Path(id): Path<i64>) -> Response {
    let source = world.write(|books| {
        let source = books
            .query_row("select source from mail where id = ?1", params![id], |row| row.get::<_, Vec<u8>>(0));
        Ok(source.optional()?)
    });
    match source {
        Ok(Some(source)) => show("text/plain; charset=utf-8", source),
        Ok(None) => (StatusCode::NOT_FOUND, "There is no such mail.").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.message).into_response(),
    }
}

fn show(kind: &'static str, body: Vec<u8>) -> Response {
    let headers: [(HeaderName, &str); 4] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

//! The simulator's own books, in SQLite: the providers' objects as JSON, its events and their deliveries,
//! what is due later, remembered answers, text messages. Start reading at [`Shelf::write`], the one
//! transaction every piece of work runs in; [`Books`] is what the work sees.

use std::path::Path;

use crate::json::{public, text};
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, TransactionBehavior, params};
use serde_json::{Value, json};

use crate::clock;
use crate::faults::Fault;
use crate::fiscal;
use crate::ids;
pub use crate::later::Later;
use crate::mailbox;
use crate::network;
use crate::stripe::errors::ApiError;

/// The most objects ever stored between two resets; creating more is refused.
const MOST_OBJECTS: i64 = 10_000_000;
/// The most events kept; the oldest settled ones go first.
const MOST_EVENTS: i64 = 100_000;
/// Stripe keeps idempotency keys 24 hours (docs.stripe.com/api/idempotent_requests).
const KEY_LIFETIME_MS: i64 = 24 * 3600 * 1000;
/// How many statements stay prepared: about as many as there are.
const STATEMENTS: usize = 128;
/// The version the objects are shaped after.
pub const API_VERSION: &str = "2025-09-30.clover";

const SCHEMA: &str = "
create table if not exists object (
  seq integer primary key autoincrement, id text not null unique, kind text not null, parent text,
  created_at integer not null, body text not null) strict;
create index if not exists object_kind on object (kind, seq);
create index if not exists object_parent on object (parent, kind);
create table if not exists delivery (
  id integer primary key autoincrement, event_id text not null, disguise text not null default 'true',
  state text not null default 'pending', attempts integer not null default 0,
  created_at integer not null, next_at integer not null, after integer) strict;
create index if not exists delivery_due on delivery (state, next_at);
create index if not exists delivery_event on delivery (event_id);
create table if not exists attempt (
  id integer primary key autoincrement, event_id text not null, type text not null, disguise text not null,
  url text not null, at integer not null, status integer, error text) strict;
create table if not exists due (
  id integer primary key autoincrement, at integer not null, what text not null, subject text not null) strict;
create index if not exists due_at on due (at);
create table if not exists answer (
  key text primary key, fingerprint text not null, request_id text not null, status integer not null,
  body text not null, at integer not null) strict;
create index if not exists answer_at on answer (at);
create table if not exists message (
  id integer primary key autoincrement, at integer not null, channel text not null, recipient text not null,
  sender text not null, body text not null, segments integer not null, encoding text not null) strict;
create index if not exists message_recipient on message (recipient, id);
create table if not exists paypal_token (token text primary key, expires_at integer not null) strict;
create table if not exists paypal_request (key text primary key, subject text not null, expires_at integer not null)
  strict;
create table if not exists paypal_invoice (id text primary key, subject text not null) strict;
create table if not exists signing_key (name text primary key, pem text not null) strict;
";

/// The kinds of stored object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `checkout.session`
    Session,
    /// `payment_intent`
    Intent,
    /// `charge`
    Charge,
    /// `refund`
    Refund,
    /// `event`
    Event,
    /// `terminal.location`
    Location,
    /// `terminal.reader`
    Reader,
    /// An order of PayPal's Orders API
    PaypalOrder,
    /// A capture of PayPal's Payments API
    PaypalCapture,
    /// A refund of PayPal's Payments API
    PaypalRefund,
    /// An event notification of PayPal's
    PaypalEvent,
}

impl Kind {
    /// The value of Stripe's `object` field, or our name for what PayPal does not name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Session => "checkout.session",
            Kind::Intent => "payment_intent",
            Kind::Charge => "charge",
            Kind::Refund => "refund",
            Kind::Event => "event",
            Kind::Location => "terminal.location",
            Kind::Reader => "terminal.reader",
            Kind::PaypalOrder => "paypal.order",
            Kind::PaypalCapture => "paypal.capture",
            Kind::PaypalRefund => "paypal.refund",
            Kind::PaypalEvent => "paypal.event",
        }
    }
}

/// Whose events have somewhere to go.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Stripe's.
    pub stripe: bool,
    /// PayPal's.
    pub paypal: bool,
}

/// The database connection, and how far the outside world's clock is from the system's.
pub struct Shelf {
    db: Connection,
    shift_ms: i64,
}

impl Shelf {
    /// Opens `simulator.db` in the folder, or books in memory.
    pub fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        let db = match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder)?;
                Connection::open(folder.join("simulator.db"))?
            }
            None => Connection::open_in_memory()?,
        };
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "normal")?;
        db.set_prepared_statement_cache_capacity(STATEMENTS);
        db.execute_batch(SCHEMA)?;
        db.execute_batch(mailbox::SCHEMA)?;
        db.execute_batch(network::SCHEMA)?;
        db.execute_batch(fiscal::SCHEMA)?;
        // A delivery that was under way when the last run stopped is sent again: duplicates are allowed.
        db.execute("update delivery set state = 'pending' where state = 'sending'", [])?;
        Ok(Shelf { db, shift_ms: 0 })
    }

    /// Lets the clock go on from another moment; `None` is the system's again.
    pub fn set_clock(&mut self, at_ms: Option<i64>) {
        self.shift_ms = at_ms.map_or(0, |at| at - clock::now_ms());
    }

    /// Runs one piece of work in a transaction. A refusal that the provider itself makes (a decline, a
    /// wrong state) keeps what was written; only trouble with the books undoes it.
    pub fn write<T>(
        &mut self,
        base_url: &str,
        wanted: Wanted,
        work: impl FnOnce(&mut Books<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut books = Books {
            tx,
            base_url,
            wanted,
            now_ms: clock::now_ms() + self.shift_ms,
            request: None,
            deliveries: Vec::new(),
            faults: Vec::new(),
            answer_lost: false,
        };
        let done = work(&mut books);
        let undo = matches!(&done, Err(error) if error.is_internal());
        if !undo {
            books.tx.commit()?;
        }
        done
    }
}

/// The open books, and what the work in hand leaves behind for its caller.
pub struct Books<'a> {
    /// The transaction; other modules run their own statements on it.
    pub tx: Transaction<'a>,
    /// Where the pages are.
    pub base_url: &'a str,
    /// Now.
    pub now_ms: i64,
    /// The id and the idempotency key of the API call in hand.
    pub request: Option<(String, Option<String>)>,
    /// Deliveries made by the work in hand, with the type of their event.
    pub deliveries: Vec<(i64, &'static str)>,
    /// Faults that a card asks for.
    pub faults: Vec<Fault>,
    /// A card asks that the answer of this call be lost.
    pub answer_lost: bool,
    wanted: Wanted,
}

impl Books<'_> {
    /// Runs a statement that is prepared once.
    pub fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.tx.prepare_cached(sql)?.execute(params)
    }

    /// The first row of a query that is prepared once.
    pub fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.tx.prepare_cached(sql)?.query_row(params, read)
    }

    /// Now in seconds, as in `created`.
    pub fn now(&self) -> i64 {
        self.now_ms / 1000
    }

    /// Stores a new object; `parent` is what lists filter by.
    pub fn insert(&self, kind: Kind, body: &Value, parent: Option<&str>) -> Result<(), ApiError> {
        let kept: i64 = self.query_row("select coalesce(max(seq), 0) from object", [], |row| row.get(0))?;
        if kept >= MOST_OBJECTS {
            return Err(ApiError::internal(
                "the simulator's books are full: POST /control/reset empties them",
            ));
        }
        self.execute(
            "insert into object (id, kind, parent, created_at, body) values (?1, ?2, ?3, ?4, ?5)",
            params![text(body, "id"), kind.name(), parent, self.now(), body.to_string()],
        )?;
        Ok(())
    }

    /// Replaces an object's body.
    pub fn update(&self, body: &Value) -> Result<(), ApiError> {
        self.execute(
            "update object set body = ?2 where id = ?1",
            params![text(body, "id"), body.to_string()],
        )?;
        Ok(())
    }

    /// Forgets an object.
    pub fn remove(&self, id: &str) -> Result<(), ApiError> {
        self.execute("delete from object where id = ?1", params![id])?;
        Ok(())
    }

    /// Sets what lists filter an object by.
    pub fn set_parent(&self, id: &str, parent: &str) -> Result<(), ApiError> {
        self.execute("update object set parent = ?2 where id = ?1", params![id, parent])?;
        Ok(())
    }

    /// The object, if it is of this kind and known.
    pub fn find(&self, kind: Kind, id: &str) -> Result<Option<Value>, ApiError> {
        let body: Option<String> = self
            .query_row(
                "select body from object where id = ?1 and kind = ?2",
                params![id, kind.name()],
                |row| row.get(0),
            )
            .optional()?;
        body.map(|body| parse(&body)).transpose()
    }

    /// The object, or Stripe's 404.
    pub fn get(&self, kind: Kind, id: &str) -> Result<Value, ApiError> {
        self.find(kind, id)?.ok_or_else(|| ApiError::no_such(kind, id))
    }

    /// All objects of a kind under one parent, newest first.
    pub fn children(&self, kind: Kind, parent: &str) -> Result<Vec<Value>, ApiError> {
        let mut statement = self
            .tx
            .prepare_cached("select body from object where parent = ?1 and kind = ?2 order by seq desc")?;
        let rows = statement.query_map(params![parent, kind.name()], |row| row.get::<_, String>(0))?;
        rows.map(|body| parse(&body?)).collect()
    }

    /// Writes an event and, where webhooks are wanted, its delivery.
    pub fn emit(&mut self, kind: &'static str, object: &Value) -> Result<String, ApiError> {
        let id = ids::random("evt_1", 23);
        let (request_id, key) = match &self.request {
            Some((id, key)) => (json!(id), json!(key)),
            None => (Value::Null, Value::Null),
        };
        let event = json!({
            "id": id, "object": "event", "api_version": API_VERSION, "created": self.now(),
            "data": { "object": public(object) }, "livemode": false,
            "pending_webhooks": i64::from(self.wanted.stripe),
            "request": { "id": request_id, "idempotency_key": key }, "type": kind,
        });
        self.announce(Kind::Event, kind, &event, None)?;
        Ok(id)
    }

    /// Stores an event of either provider and, where its webhooks are wanted, its delivery.
    pub fn announce(
        &mut self,
        kind: Kind,
        name: &'static str,
        event: &Value,
        parent: Option<&str>,
    ) -> Result<(), ApiError> {
        self.insert(kind, event, parent)?;
        let wanted = if kind == Kind::PaypalEvent { self.wanted.paypal } else { self.wanted.stripe };
        if wanted {
            let delivery = self.add_delivery(text(event, "id"), "true", self.now_ms)?;
            self.deliveries.push((delivery, name));
        }
        self.forget_old_events(kind)
    }

    /// Adds a delivery of an event that exists.
    pub fn add_delivery(&self, event: &str, disguise: &str, at_ms: i64) -> Result<i64, ApiError> {
        self.execute(
            "insert into delivery (event_id, disguise, created_at, next_at) values (?1, ?2, ?3, ?4)",
            params![event, disguise, self.now_ms, at_ms],
        )?;
        Ok(self.tx.last_insert_rowid())
    }

    fn forget_old_events(&self, kind: Kind) -> Result<(), ApiError> {
        // Looked at once in a while only: the count is a scan.
        let newest: i64 = self.query_row("select coalesce(max(seq), 0) from object", [], |row| row.get(0))?;
        if newest % 1_000 != 0 {
            return Ok(());
        }
        self.execute(
            "delete from object where kind = ?2 and seq <= (
               select seq from object where kind = ?2 order by seq desc limit 1 offset ?1)
             and not exists (select 1 from delivery d where d.event_id = object.id
               and d.state in ('pending', 'sending'))",
            params![MOST_EVENTS, kind.name()],
        )?;
        self.execute(
            "delete from delivery where state not in ('pending', 'sending')
             and not exists (select 1 from object o where o.id = delivery.event_id)",
            [],
        )?;
        Ok(())
    }

    /// Notes something to be done at a time.
    pub fn schedule(&self, at_ms: i64, what: Later, subject: &str) -> Result<(), ApiError> {
        self.execute(
            "insert into due (at, what, subject) values (?1, ?2, ?3)",
            params![at_ms, what.name(), subject],
        )?;
        Ok(())
    }

    /// Takes away everything whose time has come, earliest first.
    pub fn take_due(&self) -> Result<Vec<(Later, String)>, ApiError> {
        let mut statement =
            self.tx.prepare_cached("delete from due where at <= ?1 returning at, what, subject")?;
        let rows = statement.query_map(params![self.now_ms], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        let mut taken = rows.collect::<Result<Vec<_>, _>>()?;
        taken.sort();
        Ok(taken
            .into_iter()
            .filter_map(|(_, what, subject)| {
                Later::ALL.into_iter().find(|later| later.name() == what).map(|later| (later, subject))
            })
            .collect())
    }

    /// The remembered answer of an idempotency key, while it is remembered.
    pub fn remembered(&self, key: &str) -> Result<Option<Remembered>, ApiError> {
        self.execute("delete from answer where at < ?1", params![self.now_ms - KEY_LIFETIME_MS])?;
        let found = self
            .query_row(
                "select fingerprint, request_id, status, body from answer where key = ?1",
                params![key],
                |row| {
                    Ok(Remembered {
                        fingerprint: row.get(0)?,
                        request_id: row.get(1)?,
                        status: row.get(2)?,
                        body: row.get(3)?,
                    })
                },
            )
            .optional()?;
        Ok(found)
    }

    /// Remembers an answer under its idempotency key.
    pub fn remember(&self, key: &str, answer: &Remembered) -> Result<(), ApiError> {
        self.execute(
            "insert into answer (key, fingerprint, request_id, status, body, at) values (?1, ?2, ?3, ?4, ?5, ?6)",
            params![key, answer.fingerprint, answer.request_id, answer.status, answer.body, self.now_ms],
        )?;
        Ok(())
    }

    /// Empties everything but the signing key.
    pub fn reset(&self) -> Result<(), ApiError> {
        self.tx.execute_batch(
            "delete from object; delete from delivery; delete from attempt; delete from due;
             delete from answer; delete from message; delete from paypal_token; delete from paypal_request;
             delete from paypal_invoice; delete from sqlite_sequence;",
        )?;
        self.tx.execute_batch(mailbox::RESET)?;
        self.tx.execute_batch(network::RESET)?;
        self.tx.execute_batch(fiscal::RESET)?;
        Ok(())
    }
}

/// An answer kept under an idempotency key.
pub struct Remembered {
    /// Method, path and parameters of the request it belongs to.
    pub fingerprint: String,
    /// `Request-Id` of the first request.
    pub request_id: String,
    /// HTTP status.
    pub status: u16,
    /// HTTP body.
    pub body: String,
}

fn parse(body: &str) -> Result<Value, ApiError> {
    serde_json::from_str(body).map_err(|error| ApiError::internal(&format!("stored object: {error}")))
}

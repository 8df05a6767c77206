//! Webhooks before they are believed: what came, what a connector needs to judge it, and the verdict.
//!
//! A connector judges in [`WebhookStep`]s, so that it needs no I/O even where the proof has to be fetched.

use super::{HttpAnswer, HttpCall};
use ::http::HeaderMap;
use bytes::Bytes;
use domain::payment::ObjectRef;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A message as it came from somebody who may be the provider.
#[derive(Clone, Copy)]
pub struct Webhook<'a> {
    pub headers: &'a HeaderMap,
    /// The body, byte for byte: signatures are over it.
    pub raw: &'a [u8],
}

impl Webhook<'_> {
    /// A header's text, empty when it is missing or is no text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

/// What a webhook is, after its signature was checked. Its content is only a hint what to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookVerdict {
    Genuine {
        event_id: String,
        kind: String,
        live: bool,
        account: Option<String>,
        objects: Vec<ObjectRef>,
    },
    /// Not from the provider, too old, or stamped in the future.
    Forged {
        why: String,
    },
    /// From the provider, but about a test while we are live (or the reverse), or about another account.
    NotForUs {
        why: String,
    },
    /// The proof could not be had just now. Have it sent again; polls look at open orders anyway.
    Undecided {
        why: String,
    },
}

/// What a connector has been told since it was asked to judge.
#[derive(Debug, Clone, Copy)]
pub enum Learnt<'a> {
    Nothing,
    /// The document that [`WebhookStep::Fetch`] asked for, or why it could not be had.
    Document(Result<&'a [u8], &'a str>),
    /// The answer to [`WebhookStep::Ask`], or why there is none.
    Answer(Result<&'a HttpAnswer, &'a str>),
}

/// A verdict, or what is needed on the way to one.
#[derive(Debug, PartialEq, Eq)]
pub enum WebhookStep {
    Judged(WebhookVerdict),
    /// Fetch this document without our keys; the connector has judged its address.
    Fetch(String),
    /// Ask the provider itself.
    Ask(HttpCall),
}

/// More documents than this are not remembered: a provider signs with one certificate at a time.
const DOCUMENTS_MAX: usize = 8;

/// Documents that proved a webhook, by address.
#[derive(Clone, Default)]
pub(super) struct Documents(Arc<Mutex<HashMap<String, Bytes>>>);

impl Documents {
    pub(super) fn get(&self, url: &str) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    /// Keeps a document that led to a verdict, forgets one that did not.
    pub(super) fn settle(&self, url: &str, document: &Bytes, step: &WebhookStep) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match step {
            WebhookStep::Judged(WebhookVerdict::Genuine { .. }) => {
                if held.len() >= DOCUMENTS_MAX && !held.contains_key(url) {
                    held.clear();
                }
                held.insert(url.to_owned(), document.clone());
            }
            WebhookStep::Judged(
                WebhookVerdict::Forged { .. }
                | WebhookVerdict::NotForUs { .. }
                | WebhookVerdict::Undecided { .. },
            ) => {}
            WebhookStep::Fetch(_) | WebhookStep::Ask(_) => {
                held.remove(url);
            }
        }
    }
}

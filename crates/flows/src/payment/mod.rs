//! Money through a provider: calls, evidence, refunds.
//!
//! Everything that a provider says goes through [`apply`], the one door: answers to our calls, what a
//! webhook made us fetch, polls, and look-ups because somebody is looking.

pub mod apply;
pub(crate) mod capture;
pub mod operate;
pub mod poll;
pub mod providers;
pub mod refund;
mod refund_call;
pub mod terminal;
pub mod webhook;

/// Through which door evidence came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The answer to a call of ours.
    Answer,
    /// Fetched because a webhook pointed at it.
    Webhook,
    /// Fetched by the worker.
    Poll,
    /// Fetched because somebody is looking at the order.
    Look,
}

impl Source {
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Answer => "answer",
            Source::Webhook => "webhook",
            Source::Poll => "poll",
            Source::Look => "look",
        }
    }
}

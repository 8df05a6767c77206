//! Card terminals: one door for flows, whatever protocol a terminal speaks. Start at [`CardTerminal`].
//!
//! One attempt is one try to bring in one amount on one reader, and can be charged at most once, ever. An attempt
//! whose outcome is not known is looked at or cancelled, never begun anew: only what [`CardTerminal::cancel`] or a
//! look has proved closed makes room for the next one. What a reader shows is for the clerk's eyes; money is decided
//! by [`Evidence`] alone.

use super::CallOutcome;
use domain::id::{AttemptId, OperationId, PaymentId, RefundId, TopUpId};
use domain::money::Money;
use domain::payment::{Evidence, RefundRequest};
use domain::refund::RefundEvidence;
use futures_util::future::BoxFuture;

/// One try on one reader. Built from what is stored, so that it is the same whenever it is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderTry {
    /// The key under which it began, for as long as the attempt lives.
    pub operation: OperationId,
    pub top_up: TopUpId,
    pub payment: PaymentId,
    pub attempt: AttemptId,
    pub amount: Money,
    /// The terminal's own name of the reader, such as `tmr_…` or an address.
    pub reader: String,
    /// One line that may stand on the customer's statement or slip. The same for ever, like everything here.
    pub description: String,
    /// The provider's id of the money, once it is known.
    pub money_ref: Option<String>,
}

/// What the customer sees on the reader, as far as anybody can tell. It proves nothing about money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnReader {
    /// The amount stands there, or a card is in it.
    UnderWay,
    /// It gave up on this attempt: the card was declined, pulled, or the customer pressed cancel.
    Failed { code: String },
    /// It shows nothing of this attempt.
    Absent,
    /// It is switched off or has no line.
    Offline,
    /// It could not be asked, or there was no need: the money's state is final.
    Untold,
}

/// How an attempt stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderLook {
    pub evidence: Evidence,
    pub on_reader: OnReader,
}

/// A reader as the clerk's screen shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderState {
    pub label: String,
    pub online: bool,
    /// The money that it is busy with.
    pub busy_with: Option<String>,
}

/// What a terminal can do, so that flows need not know its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalCapabilities {
    /// For how long the key of a try may be sent again, with a margin.
    pub key_ttl_ms: i64,
    /// The same for the call that makes a refund.
    pub refund_key_ttl_ms: i64,
    /// After so long without an outcome the clerk should cancel: nobody is going to hold a card to it.
    pub patience_ms: i64,
}

/// A card terminal.
///
/// Stripe Terminal is behind it today ([`super::stripe::terminal`]). A terminal on the shop's own network fits as
/// well: with ZVT over TCP `begin` registers and sends the authorisation, `look` asks for the terminal's status and
/// its last receipt number, `cancel` aborts or reverses, and the receipt number is the `money_ref`.
pub trait CardTerminal: Send + Sync {
    /// Whose money it is: the payment provider's name in accounts, logs and stored attempts.
    fn provider(&self) -> &'static str;
    fn capabilities(&self) -> TerminalCapabilities;

    /// Puts the amount on the reader. Sending it again finds what began before and never begins a second charge.
    /// `Accepted` with `ActionNeeded`: the customer holds a card to it now. `Refused`: nothing was taken and nothing
    /// can be, under this try. `Unknown`: begin again with the same try, look, or cancel.
    fn begin<'a>(&'a self, attempt: &'a ReaderTry) -> BoxFuture<'a, CallOutcome<Evidence>>;

    /// The status enquiry: asks and changes nothing.
    fn look<'a>(&'a self, attempt: &'a ReaderTry) -> BoxFuture<'a, ReaderLook>;

    /// Makes sure that nothing can be taken any more, also by a call that is still on its way. `Refused`: too late,
    /// look what became of it.
    fn cancel<'a>(
        &'a self,
        operation: &'a OperationId,
        attempt: &'a ReaderTry,
    ) -> BoxFuture<'a, CallOutcome<Evidence>>;

    /// Gives captured money back to its card.
    fn refund<'a>(&'a self, request: &'a RefundRequest) -> BoxFuture<'a, CallOutcome<RefundEvidence>>;
    fn fetch_refund<'a>(&'a self, refund_ref: &'a str) -> BoxFuture<'a, RefundEvidence>;
    /// As [`super::PaymentGateway::find_refund`].
    fn find_refund<'a>(
        &'a self,
        money_ref: &'a str,
        refund: &'a RefundId,
        amount: Money,
    ) -> BoxFuture<'a, Result<Option<RefundEvidence>, String>>;

    /// How a reader stands, or why nobody could ask.
    fn reader<'a>(&'a self, reader: &'a str) -> BoxFuture<'a, Result<ReaderState, String>>;
}

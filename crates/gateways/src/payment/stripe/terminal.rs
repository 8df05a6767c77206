//! Stripe Terminal, server-driven: one PaymentIntent for each try, handed to a reader. Start at
//! [`StripeTerminal::begun`]; the requests and what answers mean are in `reader`.
//!
//! Sources: docs.stripe.com/terminal/payments/collect-card-payment (server-driven, "Handle errors"),
//! docs.stripe.com/api/terminal/readers. An intent succeeds at most once and a cancelled one never, so a try ends
//! unpaid only when its intent is cancelled; a new intent comes only after that ("Avoiding double charges").

mod reader;

use self::reader::{Doing, doing};
use super::Stripe;
use super::session::money_evidence;
use super::wire::{IDEMPOTENCY_ERROR, Intent, List, Reader, read};
use crate::payment::terminal::{
    CardTerminal, OnReader, ReaderLook, ReaderState, ReaderTry, TerminalCapabilities,
};
use crate::payment::{CallOutcome, Connector, HttpAnswer, HttpCall, PaymentGateway, Unsendable};
use domain::id::{OperationId, RefundId};
use domain::money::Money;
use domain::payment::{Evidence, Finding, RefundRequest};
use domain::refund::RefundEvidence;
use domain::time::MINUTE_MS;
use futures_util::future::{BoxFuture, FutureExt};
use std::sync::Arc;

/// The readers of our account at Stripe.
#[derive(Clone)]
pub struct StripeTerminal {
    stripe: Arc<Stripe>,
    /// The same account's door for money and refunds.
    gateway: PaymentGateway,
}

/// A code that says that the reader may have heard all the same ("Reader timeout").
const MAY_HAVE_HEARD: &str = "terminal_reader_timeout";
/// The intent is paid, or cancelled.
const NOT_OPEN: &str = "intent_invalid_state";
/// Another payment stands on the reader.
const BUSY: &str = "terminal_reader_busy";

impl StripeTerminal {
    /// The terminal beside the hosted pages of the same account.
    pub fn new(stripe: Arc<Stripe>, gateway: PaymentGateway) -> StripeTerminal {
        StripeTerminal { stripe, gateway }
    }

    async fn asked(&self, what: &'static str, call: HttpCall) -> CallOutcome<HttpAnswer> {
        match self.gateway.run(what, call).await {
            Ok(answer) => CallOutcome::Accepted(answer),
            Err(why) => CallOutcome::Unknown { why },
        }
    }

    async fn intent(&self, what: &'static str, call: HttpCall) -> CallOutcome<Intent> {
        match self.asked(what, call).await {
            CallOutcome::Accepted(answer) => read(&answer, "payment_intent"),
            CallOutcome::Refused { code, detail } => CallOutcome::Refused { code, detail },
            CallOutcome::Unknown { why } => CallOutcome::Unknown { why },
        }
    }

    async fn reader_of(&self, what: &'static str, call: HttpCall) -> CallOutcome<Reader> {
        match self.asked(what, call).await {
            CallOutcome::Accepted(answer) => read(&answer, "terminal.reader"),
            CallOutcome::Refused { code, detail } => CallOutcome::Refused { code, detail },
            CallOutcome::Unknown { why } => CallOutcome::Unknown { why },
        }
    }

    /// The id of the try's intent, which is made now unless it was made before. Its answer may be a replay and says
    /// nothing about how the intent stands.
    async fn made(&self, attempt: &ReaderTry) -> CallOutcome<String> {
        if let Some(known) = &attempt.money_ref {
            return CallOutcome::Accepted(known.clone());
        }
        let call = match self.stripe.create_intent(attempt) {
            Ok(call) => call,
            Err(Unsendable { code, detail }) => {
                return CallOutcome::Refused { code: code.to_owned(), detail };
            }
        };
        match self.intent("create_intent", call).await {
            // The key ran before, so there is an intent: whoever asks has to find it.
            CallOutcome::Refused { code, .. } if code == IDEMPOTENCY_ERROR => {
                CallOutcome::Unknown { why: "the key was used before with other parameters".to_owned() }
            }
            outcome => outcome.map(|intent| intent.id),
        }
    }

    /// How the money stands.
    async fn money(&self, intent: &str) -> Result<Evidence, String> {
        let found = self.intent("fetch_money", self.stripe.fetch_money(intent)).await.looked_up()?;
        Ok(money_evidence(&found))
    }

    /// `begin`, step by step: the intent, whether the reader has it already, and only then the command.
    async fn begun(&self, attempt: &ReaderTry) -> CallOutcome<Evidence> {
        let intent = match self.made(attempt).await {
            CallOutcome::Accepted(intent) => intent,
            CallOutcome::Refused { code, detail } => return CallOutcome::Refused { code, detail },
            CallOutcome::Unknown { why } => return CallOutcome::Unknown { why },
        };
        let reader = self.reader_of("fetch_reader", self.stripe.fetch_reader(&attempt.reader)).await;
        let reader = match reader.looked_up() {
            Ok(reader) => reader,
            Err(why) => return CallOutcome::Unknown { why },
        };
        match doing(&reader, &intent) {
            Doing::Ours | Doing::OursFailed { .. } | Doing::OursDone => return self.stands(&intent).await,
            // It shows something that is no payment, such as a basket.
            Doing::Another { intent: other } if other.is_empty() => {
                return self.not_begun(attempt, &intent, BUSY.to_owned()).await;
            }
            Doing::Another { intent: other } => match self.money(&other).await {
                // What is over there only stands on the reader still, as after a power cut.
                Ok(evidence) if is_over(&evidence.finding) => {}
                Ok(_) => return self.not_begun(attempt, &intent, BUSY.to_owned()).await,
                Err(why) => return CallOutcome::Unknown { why },
            },
            Doing::Nothing => {}
        }
        match self.reader_of("process_intent", self.stripe.process_intent(attempt, &intent)).await {
            CallOutcome::Accepted(reader) => match doing(&reader, &intent) {
                Doing::Ours => CallOutcome::Accepted(waiting(&intent)),
                Doing::OursDone | Doing::OursFailed { .. } | Doing::Nothing | Doing::Another { .. } => {
                    self.stands(&intent).await
                }
            },
            CallOutcome::Refused { code, .. } if code == NOT_OPEN => self.stands(&intent).await,
            CallOutcome::Refused { code, .. } if code == MAY_HAVE_HEARD => CallOutcome::Unknown { why: code },
            CallOutcome::Refused { code, .. } => self.not_begun(attempt, &intent, code).await,
            CallOutcome::Unknown { why } => CallOutcome::Unknown { why },
        }
    }

    async fn stands(&self, intent: &str) -> CallOutcome<Evidence> {
        match self.money(intent).await {
            Ok(evidence) => CallOutcome::Accepted(evidence),
            Err(why) => CallOutcome::Unknown { why },
        }
    }

    /// The reader did not take it. The same command may still be on its way from before, so the intent is cancelled
    /// before anybody is told that nothing was taken.
    async fn not_begun(&self, attempt: &ReaderTry, intent: &str, code: String) -> CallOutcome<Evidence> {
        let call = self.stripe.cancel_intent(&format!("{}-closed", attempt.operation), intent);
        match self.intent("cancel_intent", call).await {
            CallOutcome::Accepted(_) => {
                CallOutcome::Refused { code, detail: "the reader did not take it".to_owned() }
            }
            CallOutcome::Refused { .. } => match self.money(intent).await {
                Ok(evidence) if evidence.finding == Finding::Cancelled => {
                    CallOutcome::Refused { code, detail: "the reader did not take it".to_owned() }
                }
                Ok(evidence) => CallOutcome::Accepted(evidence),
                Err(why) => CallOutcome::Unknown { why },
            },
            CallOutcome::Unknown { why } => CallOutcome::Unknown { why },
        }
    }

    /// The id of the try's intent without making it: from the reader, else from the newest intents.
    async fn found(&self, attempt: &ReaderTry) -> Result<String, String> {
        if let Some(known) = &attempt.money_ref {
            return Ok(known.clone());
        }
        let reader = self.reader_of("fetch_reader", self.stripe.fetch_reader(&attempt.reader)).await;
        if let Some(id) = reader.looked_up().ok().as_ref().and_then(reader::last_intent) {
            let intent = self.intent("fetch_money", self.stripe.fetch_money(id)).await.looked_up()?;
            if intent.attempt() == Some(attempt.attempt.as_str()) {
                return Ok(intent.id);
            }
        }
        let answer = self.asked("list_intents", self.stripe.list_intents()).await.looked_up()?;
        let list = read::<List<Intent>>(&answer, "list").looked_up()?;
        let ours = list.data.into_iter().find(|intent| intent.attempt() == Some(attempt.attempt.as_str()));
        ours.map(|intent| intent.id).ok_or_else(|| "absent: no intent carries our id".to_owned())
    }

    async fn looked(&self, attempt: &ReaderTry) -> ReaderLook {
        let evidence = match self.found(attempt).await {
            Ok(intent) => self.money(&intent).await,
            Err(why) => Err(why),
        };
        let evidence = evidence.unwrap_or_else(Evidence::unknown);
        let on_reader = match (&evidence.finding, &evidence.money_ref) {
            (Finding::ActionNeeded { .. } | Finding::Processing, Some(intent)) => {
                let call = self.stripe.fetch_reader(&attempt.reader);
                let reader = self.reader_of("fetch_reader", call).await.looked_up();
                reader.map_or(OnReader::Untold, |reader| reader::shows(&reader, intent))
            }
            _ => OnReader::Untold,
        };
        ReaderLook { evidence, on_reader }
    }

    /// `cancel`: the screen first, where it shows this try and no card is in it; then the intent, which decides.
    async fn cancelled(&self, operation: &OperationId, attempt: &ReaderTry) -> CallOutcome<Evidence> {
        // Also where nobody knows whether it was made: then it is made now, so that it can be cancelled.
        let intent = match self.made(attempt).await {
            CallOutcome::Accepted(intent) => intent,
            CallOutcome::Refused { .. } => {
                return CallOutcome::Accepted(Evidence {
                    finding: Finding::Cancelled,
                    ..Evidence::unknown("")
                });
            }
            CallOutcome::Unknown { why } => return CallOutcome::Unknown { why },
        };
        let call = self.stripe.cancel_intent(operation.as_str(), &intent);
        let reader = self.reader_of("fetch_reader", self.stripe.fetch_reader(&attempt.reader)).await;
        let shown = reader.looked_up().is_ok_and(|reader| doing(&reader, &intent) == Doing::Ours);
        if shown {
            let clear = self.stripe.cancel_action(operation, &attempt.reader);
            // A reader that does not answer, or with a card in it, changes nothing: the intent decides.
            drop(self.reader_of("cancel_action", clear).await);
        }
        self.intent("cancel_intent", call).await.map(|intent| money_evidence(&intent))
    }
}

/// Can this money still be taken or change? An intent that was cancelled or has succeeded is over.
fn is_over(finding: &Finding) -> bool {
    match finding {
        Finding::Captured { .. } | Finding::Declined { .. } | Finding::Cancelled | Finding::Expired => true,
        Finding::ActionNeeded { .. }
        | Finding::Approved
        | Finding::Processing
        | Finding::Authorized
        | Finding::Unknown { .. } => false,
    }
}

/// The amount stands on the reader.
fn waiting(intent: &str) -> Evidence {
    let finding = Finding::ActionNeeded { url: None };
    Evidence { finding, money_ref: Some(intent.to_owned()), ..Evidence::unknown("") }
}

impl CardTerminal for StripeTerminal {
    fn provider(&self) -> &'static str {
        super::NAME
    }

    fn capabilities(&self) -> TerminalCapabilities {
        let capabilities = self.stripe.capabilities();
        TerminalCapabilities {
            key_ttl_ms: capabilities.page_key_ttl_ms,
            refund_key_ttl_ms: capabilities.refund_key_ttl_ms,
            patience_ms: 3 * MINUTE_MS,
        }
    }

    fn begin<'a>(&'a self, attempt: &'a ReaderTry) -> BoxFuture<'a, CallOutcome<Evidence>> {
        self.begun(attempt).boxed()
    }

    fn look<'a>(&'a self, attempt: &'a ReaderTry) -> BoxFuture<'a, ReaderLook> {
        self.looked(attempt).boxed()
    }

    fn cancel<'a>(
        &'a self,
        operation: &'a OperationId,
        attempt: &'a ReaderTry,
    ) -> BoxFuture<'a, CallOutcome<Evidence>> {
        self.cancelled(operation, attempt).boxed()
    }

    fn refund<'a>(&'a self, request: &'a RefundRequest) -> BoxFuture<'a, CallOutcome<RefundEvidence>> {
        self.gateway.create_refund(request).boxed()
    }

    fn fetch_refund<'a>(&'a self, refund_ref: &'a str) -> BoxFuture<'a, RefundEvidence> {
        self.gateway.fetch_refund(refund_ref).boxed()
    }

    fn find_refund<'a>(
        &'a self,
        money_ref: &'a str,
        refund: &'a RefundId,
        amount: Money,
    ) -> BoxFuture<'a, Result<Option<RefundEvidence>, String>> {
        self.gateway.find_refund(None, money_ref, refund, amount).boxed()
    }

    fn reader<'a>(&'a self, reader: &'a str) -> BoxFuture<'a, Result<ReaderState, String>> {
        async move {
            let found = self.reader_of("fetch_reader", self.stripe.fetch_reader(reader)).await.looked_up()?;
            Ok(reader::state(&found))
        }
        .boxed()
    }
}

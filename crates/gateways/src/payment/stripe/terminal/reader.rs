//! The requests of Stripe Terminal, and what a reader says of itself (docs.stripe.com/api/terminal/readers,
//! docs.stripe.com/api/payment_intents/create). No I/O. Start at [`doing`].

use crate::payment::stripe::Stripe;
use crate::payment::stripe::amount::to_stripe;
use crate::payment::stripe::form::{Form, segment};
use crate::payment::stripe::wire::{Action, Reader, alarm, word};
use crate::payment::terminal::{OnReader, ReaderState, ReaderTry};
use crate::payment::{HttpCall, Unsendable};
use domain::id::OperationId;

/// What a reader is doing, seen from one intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Doing {
    /// It waits for a card for our intent, or asks the bank.
    Ours,
    OursDone,
    OursFailed {
        code: String,
    },
    /// It is at another intent.
    Another {
        intent: String,
    },
    Nothing,
}

fn intent_of(action: &Action) -> Option<&str> {
    Some(action.process_payment_intent.as_ref()?.payment_intent.as_ref()?.id())
}

/// The intent that a reader was handed last, whatever became of it.
pub(super) fn last_intent(reader: &Reader) -> Option<&str> {
    reader.action.as_ref().and_then(intent_of)
}

/// What the reader is doing. An action of another kind, or with a status that we do not know, is taken as something
/// of somebody else: nothing is begun over it.
pub(super) fn doing(reader: &Reader, intent: &str) -> Doing {
    let Some(action) = &reader.action else { return Doing::Nothing };
    let named = intent_of(action);
    match (action.status.as_deref(), named) {
        (Some("in_progress"), Some(named)) if named == intent => Doing::Ours,
        (Some("succeeded"), Some(named)) if named == intent => Doing::OursDone,
        (Some("failed"), Some(named)) if named == intent => {
            let code = action.failure_code.as_deref().map_or_else(|| "unspecified".to_owned(), word);
            Doing::OursFailed { code }
        }
        (Some("succeeded" | "failed"), _) => Doing::Nothing,
        (Some("in_progress"), other) => Doing::Another { intent: other.unwrap_or_default().to_owned() },
        (status, other) => {
            alarm(format!("reader action status {:?}", status.map(word)));
            Doing::Another { intent: other.unwrap_or_default().to_owned() }
        }
    }
}

/// What the customer sees.
pub(super) fn shows(reader: &Reader, intent: &str) -> OnReader {
    if !online(reader) {
        return OnReader::Offline;
    }
    match doing(reader, intent) {
        Doing::Ours | Doing::OursDone => OnReader::UnderWay,
        Doing::OursFailed { code } => OnReader::Failed { code },
        Doing::Another { .. } | Doing::Nothing => OnReader::Absent,
    }
}

fn online(reader: &Reader) -> bool {
    reader.status.as_deref() == Some("online")
}

pub(super) fn state(reader: &Reader) -> ReaderState {
    let busy_with = reader.action.as_ref().filter(|action| action.status.as_deref() == Some("in_progress"));
    ReaderState {
        label: reader.label.clone().unwrap_or_default(),
        online: online(reader),
        busy_with: busy_with.and_then(intent_of).map(str::to_owned),
    }
}

impl Stripe {
    /// The same try always makes the same bytes: Stripe refuses a key that comes with other parameters.
    pub(super) fn create_intent(&self, of: &ReaderTry) -> Result<HttpCall, Unsendable> {
        let (amount, currency) = to_stripe(of.amount)?;
        let ours = [
            ("attempt", of.attempt.as_str()),
            ("payment", of.payment.as_str()),
            ("top_up", of.top_up.as_str()),
        ];
        let form = Form::new()
            .set("amount", &amount.to_string())
            .set("currency", &currency)
            .set("payment_method_types[]", "card_present")
            .set("capture_method", "automatic")
            .set("description", &of.description)
            .metadata(None, &ours);
        Ok(self.post("/v1/payment_intents".to_owned(), of.operation.as_str(), form))
    }

    pub(super) fn fetch_reader(&self, reader: &str) -> HttpCall {
        self.call(http::Method::GET, format!("/v1/terminal/readers/{}", segment(reader)))
    }

    pub(super) fn process_intent(&self, of: &ReaderTry, intent: &str) -> HttpCall {
        let path = format!("/v1/terminal/readers/{}/process_payment_intent", segment(&of.reader));
        let form = Form::new()
            .set("payment_intent", intent)
            .set("process_config[enable_customer_cancellation]", "true")
            .set("process_config[skip_tipping]", "true");
        self.post(path, &format!("{}-reader", of.operation), form)
    }

    pub(super) fn cancel_action(&self, operation: &OperationId, reader: &str) -> HttpCall {
        let path = format!("/v1/terminal/readers/{}/cancel_action", segment(reader));
        self.post(path, &format!("{operation}-reader"), Form::new())
    }

    pub(super) fn cancel_intent(&self, key: &str, intent: &str) -> HttpCall {
        let path = format!("/v1/payment_intents/{}/cancel", segment(intent));
        self.post(path, key, Form::new())
    }

    /// The newest intents of the account, to find one whose creation was lost.
    pub(super) fn list_intents(&self) -> HttpCall {
        self.get("/v1/payment_intents", Form::new().set("limit", "100"))
    }
}

#[cfg(test)]
mod tests;

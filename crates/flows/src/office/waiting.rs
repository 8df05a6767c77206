//! What an order waits for, in one answer: who has to do what, since when, how often they were asked, and when they
//! are asked again. Pure: it judges what `store::history` read.

use domain::payment::{AttemptState, OperationKind, OperationState};
use domain::time::UnixMs;
use domain::top_up::{Settlement, TopUpState};
use store::history::{Call, History};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Nothing: the order is at its end.
    Nothing,
    /// The buyer, who has not paid on the payment page.
    Payer,
    /// The provider's answer to a call.
    Call(OperationKind),
    /// A call that is due and was not made yet.
    Turn(OperationKind),
    /// The provider's word on a payment that it took in.
    Settlement,
    /// The provider's word on a refund that it took in.
    RefundSettled,
    /// The host network's answer.
    Network,
    /// People: the answer stayed out beyond its time.
    PeopleLate,
    /// People: the money contradicts the order.
    PeopleMoney,
    /// People: a refund failed.
    PeopleRefund,
    /// People: it was paid and kept back because it looks like abuse.
    PeopleHeld,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    pub what: For,
    /// Whose answer it is, where it is a provider's.
    pub provider: Option<String>,
    pub since: UnixMs,
    /// How often it was tried.
    pub tries: i64,
    /// When it is tried again.
    pub next_at: Option<UnixMs>,
    /// What the last try brought, in the words of the program.
    pub error: Option<String>,
    /// Until when the buyer was promised an answer, or the page stays open.
    pub until: Option<UnixMs>,
    /// Was work about the order given up?
    pub given_up: bool,
}

/// What an order waits for.
pub fn of(history: &History) -> Waits {
    let top_up = &history.top_up;
    let waits = match top_up.state {
        TopUpState::Credited | TopUpState::Refunded | TopUpState::Reversed | TopUpState::Cancelled => {
            plain(history, For::Nothing, top_up.state_at)
        }
        TopUpState::AwaitingPayment | TopUpState::CheckingPayment
            if top_up.settlement == Settlement::Captured =>
        {
            payment(history)
        }
        TopUpState::AwaitingPayment | TopUpState::CheckingPayment => {
            plain(history, For::Settlement, top_up.state_at)
        }
        TopUpState::Paid | TopUpState::PendingNetwork => network(history),
        TopUpState::Refunding => refund(history),
        TopUpState::Review => review(history),
    };
    // What was never tried is a report: nothing of ours stands still because of it.
    let given_up = history.dead_work().any(|work| work.tries > 0);
    Waits { given_up, until: waits.until.or(top_up.answer_by_at), ..waits }
}

fn plain(history: &History, what: For, since: UnixMs) -> Waits {
    let provider = history.payment.as_ref().map(|payment| payment.provider.clone());
    Waits { what, provider, since, tries: 0, next_at: None, error: None, until: None, given_up: false }
}

/// What the outbox says about a subject.
fn tried(history: &History, subject: &str, waits: Waits) -> Waits {
    match history.open_work(subject) {
        Some(work) => {
            Waits { tries: work.tries, next_at: Some(work.next_at), error: work.error.clone(), ..waits }
        }
        None => waits,
    }
}

fn is_open(call: &&Call) -> bool {
    matches!(call.state, OperationState::Prepared | OperationState::Unknown)
}

/// A call that is not answered: sent, or about to be.
fn call(history: &History, call: &Call) -> Waits {
    let waits = match call.first_sent_at {
        Some(sent) => plain(history, For::Call(call.kind), sent),
        None => plain(history, For::Turn(call.kind), call.created_at),
    };
    tried(history, call.id.as_str(), waits)
}

fn payment(history: &History) -> Waits {
    // Taking money comes before everything else that may be open.
    let open = || history.calls.iter().filter(is_open);
    let capture = open().find(|call| call.kind == OperationKind::CapturePage);
    if let Some(capture) = capture.or_else(|| open().find(|call| call.kind == OperationKind::CreatePage)) {
        return call(history, capture);
    }
    let settling = history.attempts.iter().find(|attempt| attempt.state.may_have_paid());
    if let Some(attempt) = settling {
        let waits = plain(history, For::Settlement, attempt.state_at);
        return tried(history, attempt.id.as_str(), waits);
    }
    let page = history.attempts.iter().find(|attempt| attempt.state == AttemptState::RequiresAction);
    let since = page.map_or(history.top_up.state_at, |attempt| attempt.state_at);
    let waits = plain(history, For::Payer, since);
    match page {
        Some(attempt) => {
            Waits { until: Some(attempt.expires_at), ..tried(history, attempt.id.as_str(), waits) }
        }
        None => waits,
    }
}

fn network(history: &History) -> Waits {
    let Some(credit) = &history.network else {
        return plain(history, For::Network, history.top_up.state_at);
    };
    let since = credit.first_sent_at.unwrap_or(credit.created_at);
    let waits = tried(history, credit.operation.as_str(), plain(history, For::Network, since));
    Waits { provider: Some(credit.network.clone()), tries: credit.sends, ..waits }
}

fn refund(history: &History) -> Waits {
    let Some(refund) = history.refunds.iter().rev().find(|refund| !refund.state.is_final()) else {
        return plain(history, For::PeopleRefund, history.top_up.state_at);
    };
    let open = history.calls.iter().filter(is_open).find(|call| call.subject == refund.id.as_str());
    match open {
        Some(open) => call(history, open),
        None => {
            let waits = plain(history, For::RefundSettled, refund.state_at);
            tried(history, refund.id.as_str(), waits)
        }
    }
}

fn review(history: &History) -> Waits {
    let since = history.top_up.state_at;
    if history.attempts.iter().any(|attempt| attempt.state == AttemptState::Review) {
        return plain(history, For::PeopleMoney, since);
    }
    if history.refunds.iter().any(|refund| refund.state == domain::refund::RefundState::Failed) {
        return plain(history, For::PeopleRefund, since);
    }
    let returning = history.refunds.iter().any(|refund| refund.state != domain::refund::RefundState::Failed);
    if history.is_held() && !returning {
        return plain(history, For::PeopleHeld, since);
    }
    if let Some(credit) = history.network.as_ref().filter(|credit| credit.state.is_open()) {
        let waits = tried(history, credit.operation.as_str(), plain(history, For::PeopleLate, since));
        return Waits { provider: Some(credit.network.clone()), tries: credit.sends, ..waits };
    }
    // The machine goes on asking while people look.
    let asked = payment(history);
    Waits { what: For::PeopleLate, since, until: None, ..asked }
}

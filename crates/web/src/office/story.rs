//! The story of one order: everything that is written down about it as entries in the order of time, each with the
//! time since the one before. Start reading at [`tell`].

mod people;

use domain::ledger::AccountId;
use domain::money::Money;
use domain::offer::Allowance;
use domain::payment::{Finding, OperationState};
use domain::refund::RefundState;
use domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, UnixMs};
use domain::unit::Unit;
use render::view::{By, StoryEntry, StoryLeg};
use std::collections::HashMap;
use store::history::History;
use store::ledger::Leg;

/// Between two entries, longer than this makes people wonder.
const LONG_MS: i64 = MINUTE_MS;

/// Everything, oldest first. `names`: who the members of staff are, by their ids.
pub fn tell(history: &History, names: &HashMap<String, String>) -> Vec<StoryEntry> {
    // Of one moment, what caused something comes before it.
    let mut all = order(history, names);
    all.extend(calls(history));
    all.extend(webhooks(history));
    all.extend(news(history));
    all.extend(network(history));
    all.extend(postings(history));
    all.extend(refunds(history));
    all.extend(changes(history, names));
    all.extend(messages(history));
    all.extend(people::noticed(history));
    all.extend(people::requests(history, names));
    all.extend(people::cases(history));
    all.extend(people::staff(history, names));
    // Stable: what happened at one moment stays in the order in which it was put here.
    all.sort_by_key(|entry| entry.at);
    let mut before: Option<i64> = None;
    for entry in &mut all {
        entry.gap = before.map(|before| gap(entry.at - before));
        entry.long = before.is_some_and(|before| entry.at - before > LONG_MS);
        before = Some(entry.at);
    }
    all
}

/// A duration in its largest fitting unit.
fn gap(ms: i64) -> (i64, &'static str) {
    match ms {
        ms if ms < 2 * SECOND_MS => (ms, "ms"),
        ms if ms < 2 * MINUTE_MS => (ms / SECOND_MS, "s"),
        ms if ms < 2 * HOUR_MS => (ms / MINUTE_MS, "min"),
        ms if ms < 2 * DAY_MS => (ms / HOUR_MS, "h"),
        ms => (ms / DAY_MS, "d"),
    }
}

fn at(at: UnixMs, kind: &'static str, says: &str) -> StoryEntry {
    StoryEntry { at: at.0, kind, says: says.to_owned(), ..StoryEntry::default() }
}

fn provider(history: &History) -> Option<String> {
    history.payment.as_ref().map(|payment| payment.provider.clone())
}

/// Who did it, where it was not the platform itself: a word, and the name of whom it is about.
fn by(actor: &str, names: &HashMap<String, String>) -> Option<By> {
    let (kind, rest) = actor.split_once(':').unwrap_or((actor, ""));
    let by = |word, name: &str| Some(By { word, name: name.to_owned() });
    match kind {
        "guest" => by("guest", ""),
        "subscriber" => by("subscriber", ""),
        "partner" => by("partner", rest.split(':').next().unwrap_or_default()),
        "provider" => by("provider", rest),
        "staff" => by("staff", names.get(rest).map_or(rest, String::as_str)),
        "operator" => by("operator", ""),
        _ => None,
    }
}

fn order(history: &History, names: &HashMap<String, String>) -> Vec<StoryEntry> {
    let top_up = &history.top_up;
    let mut all = vec![StoryEntry {
        amount: Some(top_up.prices.total),
        state: Some(format!("office-channel-{}", top_up.channel)),
        by: by(&top_up.actor, names),
        ..at(top_up.created_at, "order", "ordered")
    }];
    for attempt in &history.attempts {
        all.push(StoryEntry {
            provider: provider(history),
            refs: [Some(attempt.id.to_string()), attempt.page_ref.clone(), attempt.money_ref.clone()]
                .into_iter()
                .flatten()
                .collect(),
            ..at(attempt.created_at, "order", "attempt")
        });
    }
    all
}

fn changes(history: &History, names: &HashMap<String, String>) -> Vec<StoryEntry> {
    let entry = |change: &store::history::Change| StoryEntry {
        state: Some(format!("state-{}", change.state)),
        by: by(&change.actor, names),
        ..at(change.at, "order", "changed")
    };
    history.changes.iter().map(entry).collect()
}

fn calls(history: &History) -> Vec<StoryEntry> {
    let mut all = Vec::new();
    for call in &history.calls {
        let entry = |time, says| StoryEntry {
            provider: provider(history),
            call: Some(call.kind),
            refs: vec![call.id.to_string()],
            raw: raw(&[("call", call.kind.as_str()), ("key", call.id.as_str()), ("about", &call.subject)]),
            ..at(time, "call", says)
        };
        match call.first_sent_at {
            Some(sent) => all.push(entry(sent, "call_sent")),
            None => all.push(entry(call.created_at, "call_due")),
        }
        for trace in history.traces_of(call.id.as_str()) {
            let again = trace.what == "sent";
            all.push(StoryEntry {
                note: trace.detail.clone(),
                trouble: !again,
                ..entry(trace.at, if again { "call_again" } else { "call_unanswered" })
            });
        }
        let Some(answered) = call.answered_at.filter(|_| call.state != OperationState::Unknown) else {
            continue;
        };
        all.push(StoryEntry {
            state: Some(format!("office-answer-{}", call.state)),
            note: call.detail.clone(),
            trouble: call.state == OperationState::Refused,
            ..entry(answered, "call_answered")
        });
    }
    all
}

/// What was written down of a call or a message, in one line: names and values, nothing personal.
fn raw(parts: &[(&str, &str)]) -> Option<String> {
    let told: Vec<String> = parts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    Some(told.join("\n"))
}

/// The word of a finding, and what it adds.
fn finding(finding: &Finding) -> (&'static str, Option<Money>, Option<String>) {
    match finding {
        Finding::ActionNeeded { .. } => ("action_needed", None, None),
        Finding::Approved => ("approved", None, None),
        Finding::Processing => ("processing", None, None),
        Finding::Authorized => ("authorized", None, None),
        Finding::Captured { amount } => ("captured", Some(*amount), None),
        Finding::Declined { code } => ("declined", None, Some(code.clone())),
        Finding::Cancelled => ("cancelled", None, None),
        Finding::Expired => ("expired", None, None),
        Finding::Unknown { why } => ("unknown", None, Some(why.clone())),
    }
}

fn news(history: &History) -> Vec<StoryEntry> {
    let entry = |news: &store::history::News| {
        let known = ["answer", "webhook", "poll", "look"].into_iter().find(|source| *source == news.source);
        let more = Some(format!("office-source-{}", known.unwrap_or("poll")));
        let base = StoryEntry {
            provider: provider(history),
            more,
            refs: vec![news.attempt.to_string()],
            raw: raw(&[
                ("heard by", &news.source),
                ("payment page", news.attempt.as_str()),
                ("before", news.from.as_str()),
                ("after", news.to.as_str()),
            ]),
            ..at(news.at, "news", "news")
        };
        match &news.finding {
            Some(found) => {
                let (word, amount, note) = finding(found);
                let trouble = matches!(found, Finding::Unknown { .. } | Finding::Declined { .. });
                StoryEntry { state: Some(format!("office-finding-{word}")), amount, note, trouble, ..base }
            }
            // A finding of an earlier program: what it changed is told.
            None => StoryEntry {
                says: "attempt_is".into(),
                state: Some(format!("office-attempt-{}", news.to)),
                ..base
            },
        }
    };
    history.news.iter().map(entry).collect()
}

fn refunds(history: &History) -> Vec<StoryEntry> {
    let mut all = Vec::new();
    for refund in &history.refunds {
        let entry = |time, says, state| StoryEntry {
            provider: Some(refund.provider.clone()),
            amount: Some(refund.amount),
            state: Some(state),
            refs: [Some(refund.id.to_string()), refund.refund_ref.clone()].into_iter().flatten().collect(),
            ..at(time, "refund", says)
        };
        all.push(entry(refund.created_at, "refund_made", format!("office-why-{}", refund.reason)));
        let mut told = false;
        for trace in history.traces_of(refund.id.as_str()) {
            let Some(reached) = RefundState::parse(&trace.what) else { continue };
            told |= reached == refund.state && trace.at == refund.state_at;
            all.push(StoryEntry {
                note: trace.detail.clone(),
                trouble: matches!(reached, RefundState::Unknown | RefundState::Failed),
                ..entry(trace.at, "refund_is", format!("office-refund-{reached}"))
            });
        }
        if refund.state != RefundState::Requested && !told {
            let state = format!("office-refund-{}", refund.state);
            let trouble = matches!(refund.state, RefundState::Unknown | RefundState::Failed);
            all.push(StoryEntry { trouble, ..entry(refund.state_at, "refund_is", state) });
        }
    }
    all
}

fn network(history: &History) -> Vec<StoryEntry> {
    use domain::network_credit::NetworkCreditState as S;
    let Some(credit) = &history.network else { return Vec::new() };
    let refs =
        || [Some(credit.operation.to_string()), credit.network_ref.clone()].into_iter().flatten().collect();
    let mut all = vec![StoryEntry { refs: refs(), ..at(credit.created_at, "network", "network_made") }];
    if let Some(sent) = credit.first_sent_at {
        all.push(StoryEntry { refs: refs(), ..at(sent, "network", "network_sent") });
    }
    let is = |state: S, note: Option<String>, time| StoryEntry {
        state: Some(format!("office-network-{state}")),
        note,
        trouble: matches!(state, S::Refused | S::Unknown | S::Abandoned | S::Contradicted),
        refs: refs(),
        ..at(time, "network", "network_is")
    };
    let mut told = false;
    for trace in history.traces_of(credit.operation.as_str()) {
        let note = trace.detail.clone();
        all.push(match S::parse(&trace.what).filter(|_| trace.what != "sent") {
            Some(state) => {
                told |= state == credit.state && trace.at == credit.state_at;
                is(state, note, trace.at)
            }
            None => {
                let says = if trace.what == "sent" { "network_again" } else { "network_heard" };
                StoryEntry { note, refs: refs(), ..at(trace.at, "network", says) }
            }
        });
    }
    if !matches!(credit.state, S::Prepared | S::Sent) && !told {
        all.push(is(credit.state, credit.refusal.clone(), credit.state_at));
    }
    all
}

fn postings(history: &History) -> Vec<StoryEntry> {
    let entry = |posting: &store::ledger::Posted| {
        let purpose = posting.key.rsplit_once(' ').map_or("credit", |(_, purpose)| purpose);
        let applied = posting.outcome == "applied";
        StoryEntry {
            state: Some(format!("office-posting-{purpose}")),
            note: (!applied).then(|| posting.outcome.clone()),
            trouble: !applied,
            legs: posting.legs.iter().map(leg).collect(),
            raw: raw(&[("posting", &posting.key)]),
            ..at(posting.at, "ledger", if applied { "posted" } else { "not_posted" })
        }
    };
    history.postings.iter().map(entry).collect()
}

fn leg(leg: &Leg) -> StoryLeg {
    let kind = |account: &AccountId| account.kind().map_or("suspense", |kind| kind.as_str()).to_owned();
    let (money, allowance) = match leg.debit.unit().parse::<Unit>() {
        Ok(Unit::Money(currency)) => (Some(Money::new(leg.amount, currency)), None),
        Ok(unit) => (None, Some(Allowance { unit, amount: leg.amount })),
        Err(_) => (None, None),
    };
    StoryLeg {
        debit: kind(&leg.debit),
        credit: kind(&leg.credit),
        money,
        allowance,
        reason: leg.reason.clone(),
    }
}

fn messages(history: &History) -> Vec<StoryEntry> {
    use domain::notice::MessageState as S;
    let mut all = Vec::new();
    for message in &history.messages {
        let entry = |time, says, state| StoryEntry {
            state: Some(state),
            more: Some(format!("office-by-{}", message.channel)),
            refs: vec![message.id.clone()],
            ..at(time, "message", says)
        };
        all.push(entry(message.created_at, "message_made", format!("office-notice-{}", message.kind)));
        let is = |state: S| format!("office-message-{state}");
        if let Some(sent) = message.sent_at {
            all.push(entry(sent, "message_is", is(S::Sent)));
        }
        if let Some(delivered) = message.delivered_at {
            all.push(entry(delivered, "message_is", is(S::Delivered)));
        }
        let mut told = false;
        for trace in history.traces_of(&message.id) {
            let Some(reached) = S::parse(&trace.what) else { continue };
            told |= reached == message.state;
            all.push(StoryEntry {
                note: trace.detail.clone(),
                trouble: reached != S::Outdated,
                ..entry(trace.at, "message_is", is(reached))
            });
        }
        if matches!(message.state, S::Failed | S::Dead | S::Outdated) && !told {
            let last = message.sent_at.unwrap_or(message.created_at);
            all.push(StoryEntry {
                note: message.error.clone(),
                trouble: message.state != S::Outdated,
                ..entry(last, "message_is", is(message.state))
            });
        }
    }
    all
}

fn webhooks(history: &History) -> Vec<StoryEntry> {
    let entry = |message: &store::inbox::Received| {
        let again = message.times > 1;
        let (provider, event) = message.id.split_once('/').unwrap_or(("", &message.id));
        let known = ["new", "applied", "ignored"].into_iter().find(|state| *state == message.state);
        StoryEntry {
            provider: Some(provider.to_owned()),
            state: Some(format!("office-inbox-{}", known.unwrap_or("new"))),
            refs: vec![message.kind.clone(), event.to_owned()],
            count: Some(message.times),
            raw: raw(&[("event", event), ("kind", &message.kind), ("state", &message.state)]),
            ..at(message.received_at, "webhook", if again { "webhook_again" } else { "webhook" })
        }
    };
    history.received.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_told_in_its_largest_unit() {
        for (ms, told) in [
            (0, (0, "ms")),
            (1_999, (1_999, "ms")),
            (3_200, (3, "s")),
            (119_000, (119, "s")),
            (600_000, (10, "min")),
            (3 * HOUR_MS, (3, "h")),
            (5 * DAY_MS, (5, "d")),
        ] {
            assert_eq!(gap(ms), told);
        }
    }
}

//! What the operator sets against abuse, and orders that are pressed without looking at where they lead.

use super::api::Answer;
use super::buyer::{Buyer, attribute, text};
use super::registry::{NUMBER, TEN};
use super::town::Town;
use domain::actor::Actor;
use domain::risk::{Limit, Setting, Switch};
use store::risk::RiskEvent;

/// The operator sets a limit.
pub async fn limit(town: &Town, limit: Limit, value: i64) {
    let set = flows::risk::set(&town.world, Setting::Limit(limit, value), Actor::Operator, "a test").await;
    assert!(set.expect("set"), "{limit} {value}");
}

/// The operator turns a switch.
pub async fn switch(town: &Town, switch: Switch, on: bool) {
    let set = flows::risk::set(&town.world, Setting::Switch(switch, on), Actor::Operator, "a test").await;
    assert!(set.expect("set"));
}

/// Somebody orders £10 for a number; the answer may be a refusal.
pub async fn press(buyer: &Buyer, number: &str, email: &str) -> Answer {
    let form = buyer.review(number, TEN).await;
    buyer.press(&form, email).await
}

/// Somebody new with a browser orders £10 for the usual number.
pub async fn press_anew(town: &Town) -> Answer {
    press(&town.buyer(), NUMBER, "").await
}

/// The problem that a page tells of, and its words.
pub fn problem(answer: &Answer) -> (String, String) {
    let code = attribute(&answer.text, "[data-code]", "data-code").unwrap_or_default();
    (code, text(&answer.text, "[data-code]"))
}

/// What was noticed about an order: kinds and details.
pub async fn noticed(town: &Town, order: &super::buyer::Order) -> Vec<(String, String)> {
    let id = town.stored(order).await.id;
    let events: Vec<RiskEvent> = flows::risk::events(&town.world, &id).await.expect("read");
    events.into_iter().map(|event| (event.kind.to_string(), event.detail)).collect()
}

//! Judges by others: the official Stripe library and localstripe look at the simulator, and our door takes what
//! the official library signs.

use crate::support::api::{Answer, client};
use crate::support::clock::real_now;
use crate::support::judge::python;
use crate::support::outside::{Outside, STRIPE_KEY, WEBHOOK_SECRET};
use crate::support::registry::NUMBER;
use crate::support::town::in_town;
use domain::time::SECOND_MS;
use testkit::{Engine, on_both_engines};

on_both_engines! {
    what_the_official_library_signs_is_taken_at_our_door
}

fn judged(script: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let outside = runtime.block_on(Outside::start("http://127.0.0.1:9/webhooks"));
    let output = python(script, &[&outside.url, STRIPE_KEY], "");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_official_stripe_library_is_content_with_the_simulator() {
    judged("stripe_judge.py");
}

#[test]
fn localstripe_and_the_simulator_agree() {
    judged("localstripe_judge.py");
}

mod checks {
    use super::*;

    pub fn what_the_official_library_signs_is_taken_at_our_door(engine: Engine) {
        in_town(engine, async |town| {
            let order = town.order().await;
            town.outside.pay(&order.session, "4242424242424242").await;
            let body = town.outside.events("checkout.session.completed").await.remove(0).to_string();
            let stamp = real_now().0 / SECOND_MS;
            let asked = serde_json::json!({ "secret": WEBHOOK_SECRET, "timestamp": stamp, "body": body });
            let signed = python("sign.py", &[], &asked.to_string());
            let signature = String::from_utf8(signed.stdout).unwrap().trim().to_owned();
            let door = client().post(format!("{}/webhooks/stripe", town.url));
            let call = door.header("stripe-signature", signature).body(body);
            let answer = Answer::of(call.send().await.unwrap()).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            town.work().await;
            assert_eq!(town.api.balance(NUMBER).await, 1_000);
        });
    }
}

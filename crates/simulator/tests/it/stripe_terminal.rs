//! Stripe Terminal's slice: readers, what is handed to them, and what people do there.

use serde_json::{Value, json};

use crate::outside::{Answer, Outside};

struct Shop {
    outside: Outside,
    reader: String,
}

impl Shop {
    async fn open() -> Shop {
        let outside = Outside::start().await;
        let made = outside
            .post("/v1/terminal/readers", &[("registration_code", "simulated-wpe"), ("label", "Till 1")])
            .await;
        assert_eq!(made.status, 200, "{}", made.text);
        Shop { reader: made.body["id"].as_str().unwrap().to_owned(), outside }
    }

    async fn intent(&self, amount: &str) -> String {
        let form = [
            ("amount", amount),
            ("currency", "gbp"),
            ("payment_method_types[]", "card_present"),
            ("capture_method", "automatic"),
            ("metadata[attempt]", "att_1"),
        ];
        let made = self.outside.post("/v1/payment_intents", &form).await;
        assert_eq!(made.status, 200, "{}", made.text);
        assert_eq!(made.body["payment_method_types"], json!(["card_present"]));
        made.body["id"].as_str().unwrap().to_owned()
    }

    fn path(&self, call: &str) -> String {
        format!("/v1/terminal/readers/{}{call}", self.reader)
    }

    async fn process(&self, intent: &str) -> Answer {
        self.outside.post(&self.path("/process_payment_intent"), &[("payment_intent", intent)]).await
    }

    /// An intent of ten pounds that waits for a card on the reader.
    async fn waiting(&self) -> String {
        let intent = self.intent("1000").await;
        let answer = self.process(&intent).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["action"]["status"], "in_progress");
        intent
    }

    async fn deed(&self, deed: Value) -> Answer {
        self.outside.control(&format!("readers/{}", self.reader), deed).await
    }

    async fn insert(&self, card: &str) -> Answer {
        self.deed(json!({ "do": "insert", "card": card })).await
    }

    async fn reader(&self) -> Value {
        self.outside.get(&self.path("")).await.body
    }

    async fn money(&self, intent: &str) -> Value {
        self.outside.get(&format!("/v1/payment_intents/{intent}?expand[]=latest_charge")).await.body
    }

    async fn failed_with(&self, code: &str) {
        let reader = self.reader().await;
        assert_eq!(
            (&reader["action"]["status"], &reader["action"]["failure_code"]),
            (&json!("failed"), &json!(code))
        );
    }
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.body["error"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn a_card_held_to_a_reader_pays_what_the_reader_shows() {
    let shop = Shop::open().await;
    let intent = shop.waiting().await;
    let page = shop.outside.get(&format!("/reader/{}", shop.reader)).await;
    assert!(page.text.contains("£10.00"), "{}", page.text);
    let present = format!("/v1/test_helpers/terminal/readers/{}/present_payment_method", shop.reader);
    let answer = shop.outside.post(&present, &[]).await;
    assert_eq!(answer.body["action"]["status"], "succeeded", "{}", answer.text);
    assert!(answer.body.get("_sim").is_none());
    let money = shop.money(&intent).await;
    assert_eq!((&money["status"], &money["amount_received"]), (&json!("succeeded"), &json!(1000)));
    let details = &money["latest_charge"]["payment_method_details"];
    assert_eq!(
        (&details["type"], &details["card_present"]["last4"]),
        (&json!("card_present"), &json!("4242"))
    );
    let refund = shop.outside.post("/v1/refunds", &[("payment_intent", &intent)]).await;
    assert_eq!(refund.body["status"], "succeeded", "{}", refund.text);
    assert_eq!(code(&shop.process(&intent).await), (400, "intent_invalid_state"));
}

#[tokio::test]
async fn a_declined_card_fails_the_action_and_leaves_the_intent_open() {
    let shop = Shop::open().await;
    for (amount, card, decline) in [
        ("1000", "4000000000009995", "insufficient_funds"),
        ("1005", "4000009900000145", "generic_decline"),
        ("1055", "4000009900000145", "incorrect_pin"),
    ] {
        let intent = shop.intent(amount).await;
        shop.process(&intent).await;
        shop.insert(card).await;
        shop.failed_with("card_declined").await;
        let money = shop.money(&intent).await;
        assert_eq!(money["status"], "requires_payment_method");
        assert_eq!(money["last_payment_error"]["decline_code"], decline);
        shop.process(&intent).await;
        shop.insert("4242424242424242").await;
        assert_eq!(shop.money(&intent).await["status"], "succeeded", "another card pays the same intent");
    }
}

#[tokio::test]
async fn a_reader_that_holds_a_card_is_busy_and_one_that_waits_takes_another_payment_instead() {
    let shop = Shop::open().await;
    let first = shop.waiting().await;
    let second = shop.waiting().await;
    shop.insert("4001000360000005").await;
    assert_eq!(code(&shop.process(&first).await), (400, "terminal_reader_busy"));
    let cancel = shop.path("/cancel_action");
    assert_eq!(code(&shop.outside.post(&cancel, &[]).await), (400, "terminal_reader_busy"));
    shop.deed(json!({ "do": "approve" })).await;
    assert_eq!(shop.money(&first).await["status"], "requires_payment_method");
    assert_eq!(shop.money(&second).await["status"], "succeeded");

    let third = shop.waiting().await;
    let cancelled = shop.outside.post(&cancel, &[]).await;
    assert_eq!(cancelled.body["action"], Value::Null, "{}", cancelled.text);
    assert_eq!(shop.insert("4242424242424242").await.status, 400, "nobody waits for a card any more");
    assert_eq!(shop.money(&third).await["amount_received"], 0);
}

#[tokio::test]
async fn an_intent_cancelled_while_the_pin_is_typed_is_not_charged() {
    let shop = Shop::open().await;
    let intent = shop.waiting().await;
    shop.insert("4001000360000005").await;
    let cancelled = shop.outside.post(&format!("/v1/payment_intents/{intent}/cancel"), &[]).await;
    assert_eq!(cancelled.body["status"], "canceled");
    shop.deed(json!({ "do": "approve" })).await;
    shop.failed_with("payment_intent_unexpected_state").await;
    assert_eq!(shop.money(&intent).await["amount_received"], 0);

    let asked = shop.waiting().await;
    shop.insert("4000009900000152").await;
    let refused = shop.outside.post(&format!("/v1/payment_intents/{asked}/cancel"), &[]).await;
    assert_eq!(code(&refused), (400, "payment_intent_unexpected_state"), "the bank is being asked");
    shop.deed(json!({ "do": "approve" })).await;
    assert_eq!(shop.money(&asked).await["status"], "succeeded");
}

#[tokio::test]
async fn a_command_that_timed_out_may_have_reached_the_reader() {
    let shop = Shop::open().await;
    for received in [true, false] {
        let intent = shop.intent("1000").await;
        shop.deed(json!({ "do": "next_times_out", "received": received })).await;
        let path = shop.path("/process_payment_intent");
        let key = format!("key-{received}");
        for _ in 0..2 {
            let answer = shop.outside.post_with_key(&path, &key, &[("payment_intent", &intent)]).await;
            assert_eq!(code(&answer), (400, "terminal_reader_timeout"), "the same key says the same again");
        }
        let action = shop.reader().await["action"].clone();
        let on_reader = action["process_payment_intent"]["payment_intent"] == json!(intent);
        assert_eq!(on_reader && action["status"] == "in_progress", received);
        shop.outside.post(&shop.path("/cancel_action"), &[]).await;
    }
}

#[tokio::test]
async fn a_reader_that_loses_line_or_power_does_not_say_whether_money_was_taken() {
    for (card, status, taken) in [
        ("4000009900000178", "failed", true),
        ("4000009900000186", "failed", false),
        ("4000009900000194", "in_progress", true),
        ("4000009900000202", "in_progress", false),
    ] {
        let shop = Shop::open().await;
        let intent = shop.waiting().await;
        shop.insert(card).await;
        let reader = shop.reader().await;
        assert_eq!(reader["action"]["status"], status, "{card}");
        assert_eq!(shop.money(&intent).await["status"] == "succeeded", taken, "{card}");
        if status == "failed" {
            shop.failed_with("connection_error").await;
            continue;
        }
        assert_eq!(reader["status"], "offline");
        let next = shop.intent("700").await;
        assert_eq!(code(&shop.process(&next).await), (400, "terminal_reader_offline"));
        shop.deed(json!({ "do": "power_on" })).await;
        assert_eq!(shop.reader().await["action"]["status"], "in_progress", "nobody told the provider");
        let reset = shop.outside.post(&shop.path("/cancel_action"), &[]).await;
        assert_eq!(reset.body["action"], Value::Null);
    }
}

#[tokio::test]
async fn what_the_customer_does_at_the_reader_fails_its_action() {
    let shop = Shop::open().await;
    for (deed, code) in [
        ("remove", "card_removed"),
        ("cancel", "customer_canceled"),
        ("decline", "card_declined"),
        ("time_out", "reader_timeout"),
    ] {
        shop.waiting().await;
        shop.insert("4001000360000005").await;
        let done = shop.deed(json!({ "do": deed })).await;
        assert_eq!(done.status, 200, "{}", done.text);
        shop.failed_with(code).await;
    }
    shop.deed(json!({ "do": "update", "begins": true })).await;
    let intent = shop.intent("1000").await;
    assert_eq!(code(&shop.process(&intent).await), (400, "terminal_reader_busy"));
    shop.deed(json!({ "do": "update", "begins": false })).await;
    assert_eq!(shop.process(&intent).await.status, 200);
}

#[tokio::test]
async fn a_reply_can_be_lost_before_or_after_the_reader_heard_of_it() {
    let shop = Shop::open().await;
    for (fault, reached) in [("drop_connection_before", false), ("drop_connection_after", true)] {
        let intent = shop.intent("1000").await;
        let path = shop.path("/process_payment_intent");
        shop.outside.fault(&format!("POST {path}"), fault, 1).await;
        let form = [("payment_intent", intent.as_str())];
        assert!(shop.outside.send(shop.outside.api_post(&path, &form)).await.is_err(), "{fault}");
        let on_reader =
            shop.reader().await["action"]["process_payment_intent"]["payment_intent"] == json!(intent);
        assert_eq!(on_reader, reached, "{fault}");
    }
}

#[tokio::test]
async fn the_readers_page_has_a_button_for_each_thing_a_customer_does() {
    let shop = Shop::open().await;
    let page = format!("/reader/{}", shop.reader);
    let press = async |field: &str, value: &str| {
        let request = shop.outside.http.post(format!("{}{page}", shop.outside.base));
        let body = serde_urlencoded::to_string([(field, value)]).unwrap();
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        shop.outside.send(request).await.unwrap().status
    };
    assert!(shop.outside.get("/readers").await.text.contains("Till 1"));
    assert_eq!(press("card", "4242424242424242").await, 409, "it waits for no card");
    let intent = shop.waiting().await;
    assert_eq!(press("card", "1").await, 409);
    assert_eq!(press("card", "4001000360000005").await, 303);
    assert!(shop.outside.get(&page).await.text.contains("data-stage=\"pin\""));
    assert_eq!(press("press", "approve").await, 303);
    assert_eq!(shop.money(&intent).await["status"], "succeeded");
    assert_eq!(press("press", "power_off").await, 303);
    assert_eq!(shop.reader().await["status"], "offline");
    assert_eq!(press("press", "power_on").await, 303);
    assert_eq!(press("press", "dance").await, 422);
    assert_eq!(shop.outside.get("/reader/tmr_none").await.status, 404);
}

#[tokio::test]
async fn locations_hold_readers() {
    let shop = Shop::open().await;
    let form = [("display_name", "Shop"), ("address[line1]", "1 High Street"), ("address[country]", "GB")];
    let location = shop.outside.post("/v1/terminal/locations", &form).await;
    assert_eq!(location.status, 200, "{}", location.text);
    let id = location.body["id"].as_str().unwrap();
    let form = [("registration_code", "simulated-s700"), ("location", id)];
    let reader = shop.outside.post("/v1/terminal/readers", &form).await;
    assert_eq!(reader.body["device_type"], "simulated_stripe_s700");
    let listed = shop.outside.get(&format!("/v1/terminal/readers?location={id}")).await;
    assert_eq!(listed.body["data"].as_array().map(Vec::len), Some(1));
    let wrong = shop.outside.post("/v1/terminal/readers", &[("registration_code", "puppies-plug")]).await;
    assert_eq!(wrong.body["error"]["param"], "registration_code");
}

"""Judges the simulator with the official stripe library, which knows nothing of it.

    python tests/judges/stripe_judge.py http://127.0.0.1:12111 [sk_test_simulator]

Prints what was judged; exits 1 at the first thing that is not as Stripe has it. It empties the simulator."""

import http.server
import json
import queue
import sys
import threading
import time
import urllib.request
import uuid

import stripe

BASE = sys.argv[1].rstrip("/")
KEY = sys.argv[2] if len(sys.argv) > 2 else "sk_test_simulator"
SECRET = "whsec_judge"
DELIVERED: "queue.Queue[tuple[bytes, str]]" = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        DELIVERED.put((body, self.headers["stripe-signature"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def control(path: str, body: dict) -> dict:
    request = urllib.request.Request(
        f"{BASE}/control/{path}", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def judge(what: str, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        sys.exit(1)


def refuses(what: str, kind: type, act, **expected) -> None:
    try:
        act()
    except kind as error:
        for field, value in expected.items():
            judge(f"{what}: {field} is {value!r}", getattr(error, field) == value)
        judge(f"{what}: {kind.__name__}", True)
        return
    judge(f"{what}: {kind.__name__}", False)


def order(**more) -> dict:
    return {
        "mode": "payment",
        "success_url": "http://localhost:8080/return?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8080/cancelled",
        "line_items": [
            {
                "price_data": {"currency": "gbp", "unit_amount": 1000, "product_data": {"name": "Top-up"}},
                "quantity": 2,
            }
        ],
        "metadata": {"order": "tu_1"},
        "payment_intent_data": {"metadata": {"order": "tu_1"}},
        "client_reference_id": "pay_1",
        "customer_email": "buyer@example.org",
        **more,
    }


def sessions() -> str:
    Session = stripe.checkout.Session
    made = Session.create(**order())
    judge("a session is open, unpaid and without a PaymentIntent",
          (made.status, made.payment_status, made.payment_intent) == ("open", "unpaid", None))
    judge("the total is unit amount times quantity", (made.amount_total, made.currency) == (2000, "gbp"))
    judge("livemode is false and the id is a test id", not made.livemode and made.id.startswith("cs_test_"))
    judge("the answer carries a request id", made.last_response.request_id.startswith("req_"))

    paid = control(f"sessions/{made.id}/pay", {"card": "4242424242424242"})
    judge("the return address carries the session id", paid["redirect"].endswith(f"session={made.id}"))
    read = Session.retrieve(made.id, expand=["payment_intent.latest_charge", "line_items"])
    intent = read.payment_intent
    judge("a paid session is complete and paid", (read.status, read.payment_status) == ("complete", "paid"))
    judge("the page's address is gone", read.url is None)
    judge("expand gives the PaymentIntent", isinstance(intent, stripe.PaymentIntent))
    judge("the PaymentIntent received the total", (intent.status, intent.amount_received) == ("succeeded", 2000))
    judge("metadata is on both", read.metadata["order"] == intent.metadata["order"] == "tu_1")
    judge("expand gives the charge inside", isinstance(intent.latest_charge, stripe.Charge))
    judge("the charge names the card", intent.latest_charge.payment_method_details.card.last4 == "4242")
    judge("the items come with expand", read.line_items.data[0].quantity == 2)

    other = Session.create(**order())
    judge("an expired session is expired", Session.expire(other.id).status == "expired")
    refuses("expiring twice", stripe.InvalidRequestError, lambda: Session.expire(other.id), http_status=400)
    refuses("expiring a paid session", stripe.InvalidRequestError, lambda: Session.expire(made.id))
    for _ in range(3):
        Session.create(**order())
    listed = Session.list(limit=2)
    judge("lists come in pages", len(listed.data) == 2 and listed.has_more)
    judge("paging finds all five", len(list(listed.auto_paging_iter())) == 5)
    judge("sessions are found by PaymentIntent", Session.list(payment_intent=intent.id).data[0].id == made.id)
    soon = int(time.time()) + 60
    refuses("a session of one minute", stripe.InvalidRequestError,
            lambda: Session.create(**order(expires_at=soon)), param="expires_at")
    refuses("an unknown parameter", stripe.InvalidRequestError,
            lambda: Session.create(**order(colour="red")), code="parameter_unknown", param="colour")
    refuses("an unknown session", stripe.InvalidRequestError,
            lambda: Session.retrieve("cs_test_none"), code="resource_missing", http_status=404)
    return intent.id


def declines() -> None:
    made = stripe.checkout.Session.create(**order())
    control(f"sessions/{made.id}/pay", {"card": "4000000000000002"})
    read = stripe.checkout.Session.retrieve(made.id, expand=["payment_intent"])
    judge("a decline leaves the session open", (read.status, read.payment_status) == ("open", "unpaid"))
    judge("the decline is on the PaymentIntent", read.payment_intent.status == "requires_payment_method"
          and read.payment_intent.last_payment_error.decline_code == "generic_decline")


def payment_intents() -> None:
    made = stripe.PaymentIntent.create(amount=700, currency="eur", payment_method="pm_card_visa")
    judge("a PaymentIntent with a card requires confirmation", made.status == "requires_confirmation")
    judge("confirm captures", stripe.PaymentIntent.confirm(made.id).status == "succeeded")
    refuses("confirming twice", stripe.InvalidRequestError, lambda: stripe.PaymentIntent.confirm(made.id),
            code="payment_intent_unexpected_state")
    bare = stripe.PaymentIntent.create(amount=700, currency="eur")
    judge("cancel cancels", stripe.PaymentIntent.cancel(bare.id).status == "canceled")
    refuses("a declined card", stripe.CardError, lambda: stripe.PaymentIntent.create(
        amount=700, currency="eur", payment_method="pm_card_chargeDeclined", confirm=True),
        code="card_declined", http_status=402)
    refuses("a tiny amount", stripe.InvalidRequestError,
            lambda: stripe.PaymentIntent.create(amount=1, currency="eur"), code="amount_too_small")


def terminal() -> None:
    Reader = stripe.terminal.Reader
    place = stripe.terminal.Location.create(
        display_name="Shop", address={"line1": "1 High Street", "city": "London", "country": "GB", "postal_code": "N1"})
    reader = Reader.create(registration_code="simulated-wpe", label="Till 1", location=place.id)
    judge("a reader is online and free", (reader.status, reader.action) == ("online", None))
    judge("a reader is listed by its location", [r.id for r in Reader.list(location=place.id).data] == [reader.id])

    def intent(amount: int) -> stripe.PaymentIntent:
        return stripe.PaymentIntent.create(amount=amount, currency="gbp", payment_method_types=["card_present"],
                                           capture_method="automatic", metadata={"attempt": "att_1"})

    def present(number: str) -> stripe.terminal.Reader:
        return Reader.TestHelpers.present_payment_method(
            reader.id, type="card_present", card_present={"number": number})

    asked = intent(1000)
    shown = Reader.process_payment_intent(reader.id, payment_intent=asked.id)
    judge("the reader waits for a card", (shown.action.type, shown.action.status)
          == ("process_payment_intent", "in_progress"))
    judge("the intent is on the reader", shown.action.process_payment_intent.payment_intent == asked.id)
    judge("a card is approved", present("4242424242424242").action.status == "succeeded")
    paid = stripe.PaymentIntent.retrieve(asked.id, expand=["latest_charge"])
    judge("the money is captured", (paid.status, paid.amount_received) == ("succeeded", 1000))
    details = paid.latest_charge.payment_method_details
    judge("the charge is of a card that was there", (details.type, details.card_present.last4)
          == ("card_present", "4242"))
    refuses("a paid intent at a reader", stripe.InvalidRequestError,
            lambda: Reader.process_payment_intent(reader.id, payment_intent=asked.id), code="intent_invalid_state")

    second = intent(1000)
    Reader.process_payment_intent(reader.id, payment_intent=second.id)
    failed = present("4000000000009995")
    judge("a decline fails the action", (failed.action.status, failed.action.failure_code)
          == ("failed", "card_declined"))
    again = stripe.PaymentIntent.retrieve(second.id)
    judge("and leaves the intent open", (again.status, again.last_payment_error.decline_code)
          == ("requires_payment_method", "insufficient_funds"))
    Reader.process_payment_intent(reader.id, payment_intent=second.id)
    judge("cancel_action frees the reader", Reader.cancel_action(reader.id).action is None)
    control(f"readers/{reader.id}", {"do": "lose_power"})
    judge("a dark reader is offline", Reader.retrieve(reader.id).status == "offline")
    refuses("a dark reader", stripe.InvalidRequestError,
            lambda: Reader.process_payment_intent(reader.id, payment_intent=second.id), code="terminal_reader_offline")
    judge("its intent is cancelled", stripe.PaymentIntent.cancel(second.id).status == "canceled")


def refunds(intent: str) -> None:
    part = stripe.Refund.create(payment_intent=intent, amount=500, metadata={"order": "tu_1"})
    judge("a refund succeeds", (part.status, part.amount, part.payment_intent) == ("succeeded", 500, intent))
    refuses("refunding too much", stripe.InvalidRequestError,
            lambda: stripe.Refund.create(payment_intent=intent, amount=1501), param="amount")
    judge("the rest is refunded", stripe.Refund.create(payment_intent=intent).amount == 1500)
    refuses("refunding once more", stripe.InvalidRequestError,
            lambda: stripe.Refund.create(payment_intent=intent), code="charge_already_refunded")
    judge("refunds are listed", len(stripe.Refund.list(payment_intent=intent).data) == 2)
    judge("a refund is retrieved", stripe.Refund.retrieve(part.id).metadata["order"] == "tu_1")


def idempotency() -> None:
    key = str(uuid.uuid4())
    one = stripe.checkout.Session.create(**order(), idempotency_key=key)
    two = stripe.checkout.Session.create(**order(), idempotency_key=key)
    judge("the same key gives the same session", one.id == two.id)
    judge("the replay says so", two.last_response.headers.get("idempotent-replayed") == "true")
    refuses("the same key with other parameters", stripe.IdempotencyError,
            lambda: stripe.checkout.Session.create(**order(locale="zh"), idempotency_key=key), http_status=400)
    refuses("a wrong key", stripe.AuthenticationError,
            lambda: stripe.Account.retrieve(api_key="sk_test_wrong"), http_status=401)
    judge("the account is that of the simulator", stripe.Account.retrieve().id == "acct_sim")
    control("faults", {"on": "GET /v1/account", "do": "status_429"})
    refuses("a rate limit", stripe.RateLimitError, lambda: stripe.Account.retrieve(), http_status=429)
    control("faults", {"on": "GET /v1/account", "do": "error_500"})
    refuses("an error of the API", stripe.APIError, lambda: stripe.Account.retrieve(), http_status=500)
    control("faults", {"on": "GET /v1/account", "do": "drop_connection_after"})
    refuses("a dropped connection", stripe.APIConnectionError, lambda: stripe.Account.retrieve())


def delivered(kind: str) -> "tuple[bytes, str]":
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        body, signature = DELIVERED.get(timeout=10)
        if json.loads(body)["type"] == kind:
            return body, signature
    judge(f"{kind} is delivered", False)
    raise AssertionError


def webhooks(url: str) -> None:
    control("webhook-target", {"url": url, "secret": SECRET})
    made = stripe.checkout.Session.create(**order())
    control(f"sessions/{made.id}/pay", {"card": "4242424242424242"})
    body, signature = delivered("checkout.session.completed")
    event = stripe.Webhook.construct_event(body, signature, SECRET)
    judge("the signature verifies and the event is about the session", event.data.object.id == made.id)
    refuses("an altered body", stripe.SignatureVerificationError,
            lambda: stripe.Webhook.construct_event(body.replace(b"2000", b"2001"), signature, SECRET))
    read = stripe.Event.retrieve(event.id)
    judge("the event can be fetched", read.type == "checkout.session.completed")
    listed = stripe.Event.list(type="checkout.session.completed")
    judge("the event is listed by type", listed.data[0].id == event.id)

    control("webhook-secret", {"secret": "whsec_new", "also": [SECRET]})
    expired = stripe.checkout.Session.create(**order())
    stripe.checkout.Session.expire(expired.id)
    body, signature = delivered("checkout.session.expired")
    for secret in (SECRET, "whsec_new"):
        stripe.Webhook.construct_event(body, signature, secret)
    judge("both secrets verify during a rotation", True)

    control("webhook-secret", {"secret": SECRET})
    forged = stripe.checkout.Session.create(**order())
    control(f"sessions/{forged.id}/pay", {"card": "4000009900000079"})
    verified = 0
    for _ in range(3):
        body, signature = delivered("checkout.session.completed")
        try:
            stripe.Webhook.construct_event(body, signature, SECRET)
            verified += 1
        except stripe.SignatureVerificationError:
            pass
    judge("of three deliveries, two of them forged, one verifies", verified == 1)


def main() -> None:
    stripe.api_base = BASE
    stripe.api_key = KEY
    stripe.max_network_retries = 0
    control("reset", {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    intent = sessions()
    declines()
    payment_intents()
    terminal()
    refunds(intent)
    idempotency()
    webhooks(f"http://127.0.0.1:{server.server_port}/webhooks")
    books = json.load(urllib.request.urlopen(f"{BASE}/control/books", timeout=20))["by_currency"]
    judge("the books agree", books["gbp"] == {"captured_minor": 7000, "refunded_minor": 2000, "payments": 4}
          and books["eur"] == {"captured_minor": 700, "refunded_minor": 0, "payments": 1})
    server.shutdown()
    print("the stripe library", stripe.VERSION, "is content")


if __name__ == "__main__":
    main()

"""Judges the simulator's PayPal with PayPal's own library, which knows nothing of it, and its signatures with the
`cryptography` library.

    python tests/judges/paypal_judge.py http://127.0.0.1:12111 [simulator-client simulator-secret]

Prints what was judged; exits 1 at the first thing that is not as PayPal has it. It empties the simulator."""

import base64
import html.parser
import http.server
import json
import logging
import queue
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zlib

from apimatic_core.exceptions.auth_validation_exception import AuthValidationException
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown
from paypalserversdk.models.checkout_payment_intent import CheckoutPaymentIntent
from paypalserversdk.models.money import Money
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.payment_source import PaymentSource
from paypalserversdk.models.paypal_wallet import PaypalWallet
from paypalserversdk.models.paypal_wallet_experience_context import PaypalWalletExperienceContext
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest
from paypalserversdk.models.refund_request import RefundRequest
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

BASE = sys.argv[1].rstrip("/")
CLIENT = sys.argv[2] if len(sys.argv) > 2 else "simulator-client"
SECRET = sys.argv[3] if len(sys.argv) > 3 else "simulator-secret"
WEBHOOK_ID = "JUDGE0WEBHOOK1"
FULL = "return=representation"
DELIVERED: "queue.Queue[tuple[bytes, dict]]" = queue.Queue()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        DELIVERED.put((body, {name.lower(): value for name, value in self.headers.items()}))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


class Staying(urllib.request.HTTPRedirectHandler):
    """A browser that stops before the merchant's address."""

    def redirect_request(self, *_):
        return None


BROWSER = urllib.request.build_opener(Staying)


def control(path: str, body: dict) -> dict:
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{BASE}/control/{path}", data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def judge(what: str, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        sys.exit(1)


def refuses(what: str, act, status: int, issue: str) -> None:
    try:
        act()
    except ErrorException as error:
        issues = [detail.issue for detail in error.details or []]
        judge(f"{what}: {status} {issue}", error.response_code == status and issue in issues)
        return
    judge(f"{what}: is refused", False)


def client(secret: str = SECRET) -> PaypalServersdkClient:
    Configuration.environments = {Environment.SANDBOX: {Server.DEFAULT: BASE}}
    return PaypalServersdkClient(
        client_credentials_auth_credentials=ClientCredentialsAuthCredentials(CLIENT, secret),
        environment=Environment.SANDBOX,
        timeout=20,
    )


def order(invoice: str, value: str = "10.00") -> OrderRequest:
    context = PaypalWalletExperienceContext(
        return_url="http://localhost:8080/return", cancel_url="http://localhost:8080/cancelled", locale="en-GB",
        brand_name="Recarga")
    unit = PurchaseUnitRequest(
        amount=AmountWithBreakdown(currency_code="GBP", value=value), invoice_id=invoice, custom_id="tu_1",
        description="Top-up")
    return OrderRequest(
        intent=CheckoutPaymentIntent.CAPTURE, purchase_units=[unit],
        payment_source=PaymentSource(paypal=PaypalWallet(experience_context=context)))


class Buttons(html.parser.HTMLParser):
    """The forms of the page as a browser without JavaScript sees them."""

    def __init__(self):
        super().__init__()
        self.action, self.picks, self.inputs, self.links = "", [], {}, []

    def handle_starttag(self, tag, pairs):
        pairs = dict(pairs)
        if tag == "form":
            self.action = pairs["action"]
        if tag == "button" and pairs.get("name") == "pick":
            self.picks.append(pairs["value"])
        if tag == "input":
            self.inputs[pairs["name"]] = pairs.get("value", "")
        if tag == "a":
            self.links.append(pairs["href"])


def page_of(made) -> Buttons:
    href = next(link.href for link in made.links if link.rel == "payer-action")
    with urllib.request.urlopen(f"{BASE}{urllib.parse.urlparse(href).path}", timeout=20) as answer:
        text = answer.read().decode()
    judge("the page says that no real money moves", "Simulator: no real money moves" in text)
    judge("the page needs no script", "<script" not in text)
    page = Buttons()
    page.feed(text)
    return page


def approve(made, form: dict) -> str:
    """Presses a button of the page; the answer is where the browser is sent."""
    data = urllib.parse.urlencode(form).encode()
    try:
        BROWSER.open(f"{BASE}{page_of(made).action}", data, timeout=20)
    except urllib.error.HTTPError as answer:
        return answer.headers.get("location", "")
    return ""


def orders(paypal: PaypalServersdkClient) -> str:
    call = {"body": order("pay_1"), "paypal_request_id": str(uuid.uuid4()), "prefer": FULL}
    made = paypal.orders.create_order(call)
    judge("an order is made", made.status_code == 201 and made.body.status == "PAYER_ACTION_REQUIRED")
    same = paypal.orders.create_order(call)
    judge("the same request id gives the same order", (same.status_code, same.body.id) == (200, made.body.id))
    made = made.body
    capture = {"id": made.id, "paypal_request_id": str(uuid.uuid4()), "prefer": FULL}
    refuses("a capture before the approval", lambda: paypal.orders.capture_order(capture), 422, "ORDER_NOT_APPROVED")
    page = page_of(made)
    judge("the page offers test accounts and a way back",
          "lost-taken" in page.picks and any(f"token={made.id}" in link for link in page.links))
    sent = urllib.parse.parse_qs(urllib.parse.urlparse(approve(made, {"address": page.inputs["address"]})).query)
    judge("the payer comes back with token and PayerID", sent["token"] == [made.id] and len(sent["PayerID"][0]) == 13)
    read = paypal.orders.get_order({"id": made.id}).body
    judge("the order is approved and names the payer",
          read.status == "APPROVED" and read.payer.payer_id == sent["PayerID"][0])
    done = paypal.orders.capture_order(capture)
    taken = done.body.purchase_units[0].payments.captures[0]
    judge("the capture is completed", done.status_code == 201 and (done.body.status, taken.status) ==
          ("COMPLETED", "COMPLETED"))
    judge("the amount is the order's", (taken.amount.currency_code, taken.amount.value) == ("GBP", "10.00"))
    again = paypal.orders.capture_order(capture)
    judge("the same request id captures once", again.status_code == 200
          and again.body.purchase_units[0].payments.captures[0].id == taken.id)
    other = {**capture, "paypal_request_id": str(uuid.uuid4())}
    refuses("a second capture", lambda: paypal.orders.capture_order(other), 422, "ORDER_ALREADY_CAPTURED")
    read = paypal.payments.get_captured_payment({"capture_id": taken.id}).body
    judge("the capture leads to its order", read.supplementary_data.related_ids.order_id == made.id)
    judge("gross is fee and net", float(read.seller_receivable_breakdown.gross_amount.value) == round(
        float(read.seller_receivable_breakdown.paypal_fee.value)
        + float(read.seller_receivable_breakdown.net_amount.value), 2))
    return taken.id


def refusals(paypal: PaypalServersdkClient) -> None:
    def create(invoice: str, **more):
        call = {"body": order(invoice, **more), "paypal_request_id": str(uuid.uuid4())}
        return paypal.orders.create_order(call).body

    refuses("an amount of nothing", lambda: create("a", value="0.00"), 422, "CANNOT_BE_ZERO_OR_NEGATIVE")
    refuses("too many decimals", lambda: create("a", value="1.001"), 422, "DECIMAL_PRECISION")
    refuses("an unknown order", lambda: paypal.orders.get_order({"id": "NONE"}), 404, "INVALID_RESOURCE_ID")
    twice = create("pay_1")
    approve(twice, {"pick": "pays"})
    refuses("an invoice that was paid", lambda: paypal.orders.capture_order({"id": twice.id}), 422,
            "DUPLICATE_INVOICE_ID")
    declined = create("pay_2")
    approve(declined, {"pick": "declined"})
    refuses("a declined account", lambda: paypal.orders.capture_order({"id": declined.id}), 422,
            "INSTRUMENT_DECLINED")
    try:
        client("wrong").orders.get_order({"id": declined.id})
        judge("a wrong secret is refused", False)
    except AuthValidationException:
        judge("a wrong secret is refused", True)
    control("paypal/tokens/expire", {})
    judge("a fresh token opens again", client().orders.get_order({"id": declined.id}).body.status == "APPROVED")


def refunds(paypal: PaypalServersdkClient, capture: str) -> None:
    body = RefundRequest(amount=Money(currency_code="GBP", value="4.00"), invoice_id="ref_1")
    call = {"capture_id": capture, "paypal_request_id": str(uuid.uuid4()), "prefer": FULL, "body": body}
    part = paypal.payments.refund_captured_payment(call)
    judge("a part is refunded", part.status_code == 201 and (part.body.status, part.body.amount.value) ==
          ("COMPLETED", "4.00"))
    same = paypal.payments.refund_captured_payment(call)
    judge("the same request id refunds once", same.body.id == part.body.id)
    much = {"capture_id": capture, "body": RefundRequest(amount=Money(currency_code="GBP", value="6.01"))}
    refuses("refunding too much", lambda: paypal.payments.refund_captured_payment(much), 422,
            "REFUND_AMOUNT_EXCEEDED")
    rest = paypal.payments.refund_captured_payment({"capture_id": capture, "prefer": FULL}).body
    judge("the rest is refunded", rest.amount.value == "6.00")
    refuses("refunding once more", lambda: paypal.payments.refund_captured_payment({"capture_id": capture}), 422,
            "CAPTURE_FULLY_REFUNDED")
    read = paypal.payments.get_refund({"refund_id": part.body.id}).body
    judge("a refund is read", (read.status, read.invoice_id) == ("COMPLETED", "ref_1"))
    state = paypal.payments.get_captured_payment({"capture_id": capture}).body.status
    judge("the capture says so", state == "REFUNDED")


def delivered(kind: str) -> "tuple[bytes, dict]":
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        body, headers = DELIVERED.get(timeout=10)
        if json.loads(body)["event_type"] == kind:
            return body, headers
    judge(f"{kind} is delivered", False)
    raise AssertionError


def genuine(body: bytes, headers: dict, host: str) -> bool:
    """The signature by the certificate, which must be PayPal's."""
    place = urllib.parse.urlparse(headers["paypal-cert-url"])
    if place.netloc != host:
        return False
    with urllib.request.urlopen(f"{BASE}{place.path}", timeout=20) as answer:
        key = x509.load_pem_x509_certificate(answer.read()).public_key()
    signed = "|".join([headers["paypal-transmission-id"], headers["paypal-transmission-time"], WEBHOOK_ID,
                       str(zlib.crc32(body))])
    try:
        key.verify(base64.b64decode(headers["paypal-transmission-sig"]), signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return headers["paypal-auth-algo"] == "SHA256withRSA"


def webhooks(paypal: PaypalServersdkClient, url: str) -> None:
    control("paypal/webhook-target", {"url": url, "webhook_id": WEBHOOK_ID})
    made = paypal.orders.create_order({"body": order("pay_3"), "paypal_request_id": str(uuid.uuid4())}).body
    host = urllib.parse.urlparse(made.links[0].href).netloc
    approve(made, {"pick": "forged"})
    body, headers = delivered("CHECKOUT.ORDER.APPROVED")
    judge("the approval is signed", genuine(body, headers, host))
    judge("an altered body is not", not genuine(body.replace(b"10.00", b"99.00"), headers, host))
    paypal.orders.capture_order({"id": made.id})
    three = [delivered("PAYMENT.CAPTURE.COMPLETED") for _ in range(3)]
    judge("of three deliveries, two of them forged, one is signed",
          [genuine(body, headers, host) for body, headers in three].count(True) == 1)


def main() -> None:
    logging.disable(logging.CRITICAL)
    control("reset", {})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    paypal = client()
    capture = orders(paypal)
    refusals(paypal)
    paypal = client()
    refunds(paypal, capture)
    webhooks(paypal, f"http://127.0.0.1:{server.server_port}/webhooks")
    with urllib.request.urlopen(f"{BASE}/control/books", timeout=20) as answer:
        books = json.load(answer)["paypal"]["by_currency"]
    judge("the books agree", books["gbp"] == {"captured_minor": 2000, "refunded_minor": 1000, "payments": 2})
    server.shutdown()
    print("PayPal's library is content")


if __name__ == "__main__":
    main()

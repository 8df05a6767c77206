"""Judges the simulator by comparing it with localstripe, another party's fake of Stripe.

    python tests/judges/localstripe_judge.py http://127.0.0.1:12111 [sk_test_simulator]

The same calls go to both; statuses and fields that localstripe has must be equal. It empties the simulator.

Known differences, not compared:
- localstripe ignores Idempotency-Key and has no Checkout Sessions, events list or `amount_received`.
- its PaymentIntents with 4000000000000002 succeed; 4000000000000341 is declined, and with another shape.
- it does not check that a refund fits what was captured, and writes `date` where Stripe has `created`.
- its errors carry neither `code` nor `param`; only the HTTP status is compared.
- it has no token for a card that asks for 3-D Secure.
"""

import asyncio
import json
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

from aiohttp import web
from localstripe.server import app

BASE = sys.argv[1].rstrip("/")
KEY = sys.argv[2] if len(sys.argv) > 2 else "sk_test_simulator"


def start_localstripe() -> str:
    """On 127.0.0.1 only: its own command would listen on every address."""
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app)
    loop.run_until_complete(runner.setup())
    site = web.TCPSite(runner, "127.0.0.1", 0)
    loop.run_until_complete(site.start())
    port = site._server.sockets[0].getsockname()[1]
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return f"http://127.0.0.1:{port}"


def call(base: str, method: str, path: str, form: dict) -> "tuple[int, dict]":
    data = urllib.parse.urlencode(form).encode() if method == "POST" else None
    request = urllib.request.Request(base + path, data, {"Authorization": f"Bearer {KEY}"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


class Both:
    def __init__(self, localstripe: str):
        self.bases = [BASE, localstripe]
        self.judged = 0

    def compare(self, what: str, method: str, paths, forms, fields) -> "list[dict]":
        answers = [call(base, method, path, form) for base, path, form in zip(self.bases, paths, forms)]
        ours, theirs = [(status, {field: body.get(field) for field in fields}) for status, body in answers]
        self.judged += 1
        print(f"{'ok  ' if ours == theirs else 'FAIL'} {what}: {ours}", flush=True)
        if ours != theirs:
            print(f"     localstripe: {theirs}")
            sys.exit(1)
        return [body for _, body in answers]


FIELDS = ["object", "status", "amount", "currency", "metadata", "capture_method", "customer", "next_action"]


def main() -> None:
    both = Both(start_localstripe())
    urllib.request.urlopen(urllib.request.Request(f"{BASE}/control/reset", b"", method="POST"), timeout=20)

    def post(what, paths, form, fields):
        return both.compare(what, "POST", paths, [form, form], fields)

    create = ["/v1/payment_intents"] * 2
    made = {"amount": 1000, "currency": "gbp", "metadata[order]": "tu_1", "payment_method": "pm_card_visa"}
    intents = post("create with a card", create, made, FIELDS)
    at = [f"/v1/payment_intents/{intent['id']}" for intent in intents]
    both.compare("retrieve", "GET", at, [{}, {}], FIELDS)
    post("confirm", [path + "/confirm" for path in at], {}, FIELDS)
    both.compare("retrieve when paid", "GET", at, [{}, {}], FIELDS)
    post("cancel when paid", [path + "/cancel" for path in at], {}, [])

    one = post("create and confirm", create, {**made, "confirm": "true"}, FIELDS)
    charges = [f"/v1/charges/{intent['latest_charge']}" if isinstance(intent["latest_charge"], str)
               else f"/v1/charges/{intent['latest_charge']['id']}" for intent in one]
    both.compare("the charge", "GET", charges, [{}, {}], ["object", "status", "amount", "currency", "paid",
                                                         "captured", "refunded", "amount_refunded"])
    forms = [{"payment_intent": intent["id"], "amount": 400} for intent in one]
    fields = ["object", "status", "amount", "currency", "metadata"]
    refunds = both.compare("refund a part", "POST", ["/v1/refunds"] * 2, forms, fields)
    both.compare("retrieve the refund", "GET", [f"/v1/refunds/{refund['id']}" for refund in refunds], [{}, {}],
                 fields)
    both.compare("the charge after it", "GET", charges, [{}, {}], ["status", "refunded", "amount_refunded"])
    lists = both.compare("list refunds", "GET", [f"/v1/refunds?payment_intent={i['id']}" for i in one], [{}, {}],
                         ["object", "has_more"])
    if [len(page["data"]) for page in lists] != [1, 1]:
        sys.exit("FAIL both list one refund")

    bare = post("create without a card", create, {"amount": 500, "currency": "eur"}, FIELDS)
    at = [f"/v1/payment_intents/{intent['id']}" for intent in bare]
    post("confirm without a card", [path + "/confirm" for path in at], {}, [])
    post("cancel", [path + "/cancel" for path in at], {}, FIELDS)
    post("a create without an amount", create, {"currency": "gbp"}, [])
    both.compare("an unknown PaymentIntent", "GET", ["/v1/payment_intents/pi_none"] * 2, [{}, {}], [])
    print(f"{both.judged} calls compared; the simulator and localstripe agree")


if __name__ == "__main__":
    main()

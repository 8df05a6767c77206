"""Signs a webhook body with the official stripe library: {"secret", "timestamp", "body"} as JSON on
standard input, the Stripe-Signature header on standard output. Judges code that checks signatures."""

import json
import sys

from stripe import WebhookSignature


def header(secret: str, timestamp: int, body: str) -> str:
    signature = WebhookSignature._compute_signature(f"{timestamp}.{body}", secret)
    return f"t={timestamp},{WebhookSignature.EXPECTED_SCHEME}={signature}"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(header(asked["secret"], int(asked["timestamp"]), asked["body"]))

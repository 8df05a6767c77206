"""Judges our mails with aiosmtpd, a mail server that knows nothing of us, and Python's own mail parser.

    python tests/judges/smtp_judge.py none|starttls|implicit [USER PASSWORD]

Prints {"port": N, "roots": "PEM"} and takes mails until it has read a list of expected mails as one line
of JSON from its input. Then it prints what was judged, and exits 1 at the first thing that is not as expected."""

import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys
import warnings
from email.utils import parseaddr, parsedate_to_datetime

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

SECURITY = sys.argv[1]
LOGIN = sys.argv[2:4]
TAKEN = []
# What the server has to say about refused handshakes and about itself is expected.
logging.disable()
warnings.simplefilter("ignore")


class Taker:
    async def handle_DATA(self, server, session, envelope):
        TAKEN.append((session.ssl is not None or SECURITY == "implicit", session.authenticated, envelope))
        return f"250 2.0.0 Ok: queued as judge-{len(TAKEN)}"


def authenticator(server, session, envelope, mechanism, data):
    return AuthResult(success=[data.login.decode(), data.password.decode()] == LOGIN, handled=False)


def judge(what: str, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        sys.exit(1)


def same(what: str, found, expected) -> None:
    judge(f"{what} is {expected!r}" + ("" if found == expected else f", not {found!r}"), found == expected)


def lines(text: str) -> list:
    return text.replace("\r\n", "\n").rstrip("\n").split("\n")


def headers(mail, envelope, expected) -> None:
    same("subject", str(mail["subject"]), expected["subject"])
    same("sender", parseaddr(str(mail["from"])), (expected["from_name"], expected["from"]))
    same("recipient", str(mail["to"]), expected["to"])
    same("message id", str(mail["message-id"]), expected["message_id"])
    same("date", int(parsedate_to_datetime(mail["date"]).timestamp()), expected["date"])
    same("envelope", (envelope.mail_from, envelope.rcpt_tos), (expected["from"], [expected["to"]]))
    same("automatic", mail["auto-submitted"], "auto-generated")
    unsubscribe = expected.get("unsubscribe")
    same("unsubscribe", mail["list-unsubscribe"], unsubscribe and f"<{unsubscribe}>")
    same("one click", mail["list-unsubscribe-post"], unsubscribe and "List-Unsubscribe=One-Click")
    for name in ("from", "to", "date", "subject", "message-id", "mime-version"):
        judge(f"one {name} header", len(mail.get_all(name)) == 1)


def parts(mail, expected) -> None:
    same("content type", mail.get_content_type(), "multipart/alternative")
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    same("parts, the plainest first", kinds, ["text/plain", "text/html"])
    for part, name in zip(mail.iter_parts(), ("text", "html")):
        same(f"{name}'s alphabet", part.get_content_charset(), "utf-8")
        judge(f"{name} arrives as it was written", lines(part.get_content()) == lines(expected[name]))
    judge("nothing is wrong with it", not mail.defects and all(not part.defects for part in mail.walk()))


def wire(octets: bytes) -> None:
    judge("every line ends with CRLF", b"\n" not in octets.replace(b"\r\n", b""))
    judge("no line is longer than 998", all(len(line) <= 998 for line in octets.split(b"\r\n")))


def judged(taken, expected) -> None:
    encrypted, authenticated, envelope = taken
    judge(f"it came by {SECURITY}", encrypted == (SECURITY != "none"))
    judge("we logged in where that is asked", bool(authenticated) == bool(LOGIN))
    octets = envelope.original_content
    wire(octets)
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    headers(mail, envelope, expected)
    parts(mail, expected)


def server_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


async def main() -> None:
    authority = trustme.CA()
    context = server_context(authority)
    options = {"hostname": "localhost", "enable_SMTPUTF8": True, "loop": asyncio.get_running_loop()}
    if SECURITY == "starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if LOGIN:
        options |= {"authenticator": authenticator, "auth_required": True}
        options |= {"auth_require_tls": SECURITY == "starttls"}
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Taker(), **options), "127.0.0.1", 0, ssl=context if SECURITY == "implicit" else None
    )
    port = server.sockets[0].getsockname()[1]
    print(json.dumps({"port": port, "roots": authority.cert_pem.bytes().decode()}), flush=True)
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    expected = json.loads(line)
    same("mails", len(TAKEN), len(expected))
    for taken, one in zip(TAKEN, expected):
        judged(taken, one)


if __name__ == "__main__":
    asyncio.run(main())

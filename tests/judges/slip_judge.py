"""Judges our slips with emupos, a printer simulator that knows nothing of us: its tokenizer and its print model read
the bytes as an Epson TM-T20III would.

    python tests/judges/slip_judge.py

Reads one line of JSON: a list of {"bytes": HEX, "lines": [...], "qr": TEXT or null, "images": N, "cut": BOOL,
"drawer": BOOL}. Prints what was judged, and exits 1 at the first thing that is not as expected.

emupos is written for Python 3.13. What is used of it, its ESC/POS part, needs nothing newer than `type` statements,
so on an older Python they are read as plain assignments, and its settings, which need more, are replaced by two
classes with the same fields."""

import enum
import importlib.abc
import importlib.machinery
import json
import re
import sys
import types
from dataclasses import dataclass
from pathlib import Path


class Older(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimize=-1):
        text = re.sub(r"(?m)^type (\w+) = ", r"\1 = ", bytes(data).decode())
        return super().source_to_code(text.encode(), path)

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if not name.startswith("emupos"):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = Older(spec.loader.name, spec.loader.path)
        return spec


@dataclass
class Cell:
    width: int
    height: int


@dataclass
class PrinterProfile:
    width_dots: int
    code_pages: dict
    default_code_page: int = 0
    font_a: Cell = None
    font_b: Cell = None


if sys.version_info < (3, 13):
    sys.meta_path.insert(0, Finder())
    settings = types.ModuleType("emupos.config")
    settings.PrinterProfile = PrinterProfile
    settings.Level = str
    settings.PrinterId = object
    sys.modules["emupos.config"] = settings

from emupos.printer.escpos import tokenizer  # noqa: E402
from emupos.printer.escpos.model import PrintModel  # noqa: E402

PAGES = {0: "PC437", 2: "PC850", 16: "WPC1252", 18: "PC852", 19: "PC858"}


def judge(what: str, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        sys.exit(1)


def same(what: str, found, expected) -> None:
    judge(f"{what} is {expected!r}" + ("" if found == expected else f", not {found!r}"), found == expected)


def qr_of(commands) -> list:
    stored = [c for c in commands if c.name == "GS ( k" and c.data[:3] == b"1P0"]
    printed = [c for c in commands if c.name == "GS ( k" and c.data[:3] == b"1Q0"]
    judge("every code that is stored is printed", len(stored) == len(printed))
    return [c.data[3:].decode() for c in stored]


def judged(slip) -> None:
    profile = PrinterProfile(slip["dots"], PAGES, 0, Cell(12, 24), Cell(9, 17))
    model = PrintModel("judge", profile)
    reader = tokenizer.Tokenizer()
    octets = bytes.fromhex(slip["bytes"])
    # In small pieces, as a network may deliver it.
    tokens = [token for at in range(0, len(octets), 7) for token in reader.feed(octets[at : at + 7])]
    same("what is left over", reader.close(), None)
    unknown = [token.raw for token in tokens if isinstance(token, tokenizer.Unknown)]
    same("what the printer does not know", unknown, [])
    commands = [token for token in tokens if isinstance(token, tokenizer.Command)]
    events = [event.data for token in tokens for event in model.process(token)]
    # The cut and the drawer are not the model's business.
    events = [data for data in events if data.get("command") not in ("GS V", "ESC p", "GS r")]
    same("what the printer complains of", events, [])
    names = [command.name for command in commands]
    same("the first command", names[0], "ESC @")
    same("cut at the end", "GS V" in names, slip["cut"])
    same("drawer", "ESC p" in names, slip["drawer"])
    same("codes", qr_of(commands), slip["qr"])
    same("bands of pictures", names.count("GS v 0"), slip["images"])
    receipt = model.finish("cut")
    lines = [line.rstrip() for line in receipt.text.splitlines()]
    for line in slip["lines"]:
        judge(f"a line is {line!r}", line.rstrip() in lines or line.strip() in [found.strip() for found in lines])
    same("width", receipt.width_dots, slip["dots"])


def main() -> None:
    for slip in json.loads(sys.stdin.readline()):
        judged(slip)


if __name__ == "__main__":
    main()

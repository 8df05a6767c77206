"""Judges the simulator's printer with python-escpos, a driver that knows nothing of it.

    python tests/judges/printer_judge.py HOST PORT

Asks how it stands, prints text in its own way of choosing code pages, a QR code by the printer's own means and as a
picture, pictures by three commands, and cuts. What came out is looked at by whoever started this."""

import sys

from escpos.printer import Network
from PIL import Image


def judge(what: str, holds: bool) -> None:
    print(f"{'ok  ' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        sys.exit(1)


def main() -> None:
    printer = Network(sys.argv[1], int(sys.argv[2]), timeout=5, profile="TM-T20II")
    judge("it says that it is on line", printer.is_online())
    # 2 is plenty, 1 the near end, 0 none.
    judge("it says that it has paper", printer.paper_status() == 2)
    printer.hw("INIT")
    printer.set(align="center", bold=True, double_height=True, double_width=True)
    printer.text("Judge\n")
    printer.set_with_default()
    printer.text("Caf\u00e9 10,00 \u20ac, \u00a3 and \u0142\u00f3d\u017a\n")
    printer.qr("https://judge.example/native", native=True, size=6)
    printer.text("\n")
    printer.qr("https://judge.example/picture", size=6)
    picture = Image.new("1", (64, 48), 0)
    for way in ("bitImageRaster", "graphics", "bitImageColumn"):
        printer.image(picture, impl=way)
    printer.cashdraw(2)
    printer.cut()
    judge("it still answers after the cut", printer.is_online())
    printer.close()


if __name__ == "__main__":
    main()

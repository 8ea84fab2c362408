"""`python -m services.intake.captcha`: makes the pictures and sounds that intake asks for.

Reads orders from its standard input and writes what it made in the same order, each after its
length; before the first, that it is ready. It ends when its input does: with intake, however
that ended.
"""

import os
import signal
import sys
from typing import BinaryIO

from services.intake.captcha.letters import ALPHABET
from services.intake.captcha.orders import LENGTH_BYTES, READY, Order, make
from services.intake.captcha.sound import DIGITS, LANGUAGES

# Where both want one processor, the process that serves readers comes first.
_NICER = 5


def main() -> None:
    # Ctrl-C at a terminal reaches this process, too; intake still answers what was begun.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_NICER)
    _prepare()
    try:
        _serve(sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        # Intake is gone, and what is left to be written is for nobody.
        os._exit(0)


def _prepare() -> None:
    """What is loaded or reckoned for the first of its kind is, before anybody asks."""
    make(Order(ALPHABET, ""))
    for language in LANGUAGES:
        make(Order(DIGITS, "", language))


def _serve(orders: BinaryIO, made: BinaryIO) -> None:
    made.write(READY)
    made.flush()
    for line in orders:
        body = make(Order.read(line))
        made.write(len(body).to_bytes(LENGTH_BYTES, "big") + body)
        made.flush()


if __name__ == "__main__":
    main()

"""`python -m services.intake.mint --count N --article A`: ready captchas for load tests."""

import argparse
import sys

from commentdesk.sealing import Sealing
from commentdesk.settings import read_settings
from services.intake.captcha.minting import CaptchaMint

PURPOSE = "captcha"


def main() -> None:
    """Print a line each: id, space, answer. Needs the installation's key, so it opens no door."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--article", required=True)
    arguments = parser.parse_args()
    settings = read_settings()
    mint = CaptchaMint(
        Sealing(settings.secret.get_secret_value(), PURPOSE), settings.captcha_seconds
    )
    for _ in range(arguments.count):
        captcha = mint.mint(arguments.article)
        sys.stdout.write(f"{captcha.id} {captcha.answer}\n")


if __name__ == "__main__":
    main()

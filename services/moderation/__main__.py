"""`python -m services.moderation` serves moderators; `… account` makes an account."""

import argparse
import asyncio
import getpass
import sys
from pathlib import Path

from commentdesk.ledger import Ledger
from commentdesk.ledger.accounts import LoginTaken, Role, create_account, list_accounts
from commentdesk.ledger.passwords import PasswordTooShort
from commentdesk.settings import read_settings
from commentdesk.web import run
from services.moderation.app import create_app


def main(arguments: list[str]) -> None:
    chosen = _parser().parse_args(arguments)
    if chosen.command == "account":
        sys.exit(asyncio.run(_account(chosen)))
    run(create_app, "moderation", "moderation_port")


async def _account(chosen: argparse.Namespace) -> str | None:
    """Make the account; what is wrong, if something is."""
    ledger = Ledger(read_settings())
    try:
        if chosen.if_none and await list_accounts(ledger):
            return None
        await create_account(ledger, chosen.login, _password(chosen), chosen.role)
    except LoginTaken:
        return f"an account with the login {chosen.login!r} is there already"
    except PasswordTooShort:
        return "the password needs at least 12 characters"
    except ValueError as error:
        return f"no account made: {error}"
    finally:
        await ledger.close()
    sys.stdout.write(f"account {chosen.login} ({chosen.role}) made\n")
    return None


def _password(chosen: argparse.Namespace) -> str:
    if chosen.password_file:
        text: str = chosen.password_file.read_text("utf-8")
        return text.rstrip("\r\n")
    try:
        first, again = getpass.getpass("Password: "), getpass.getpass("Again: ")
    except EOFError:
        raise ValueError(
            "nobody is there to type the password; --password-file /dev/stdin takes it from a pipe"
        ) from None
    if first != again:
        raise ValueError("the two passwords differ")
    return first


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.moderation", description=__doc__)
    commands = parser.add_subparsers(dest="command", title="commands")
    account = commands.add_parser("account", help="make an account")
    account.add_argument("--login", required=True)
    account.add_argument("--role", required=True, choices=[str(role) for role in Role])
    account.add_argument("--password-file", type=Path, help="default: ask for it")
    account.add_argument("--if-none", action="store_true", help="only where there is no account")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])

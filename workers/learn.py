"""The learn job, and `commentdesk learn`: what the site's layer knows, and back to before.

`python -m workers.learn versions | now | rollback [VERSION] | resume`.
"""

import asyncio
import getpass
import sys

from commentdesk.ledger import Ledger
from commentdesk.ledger.learned import (
    Judged,
    NoSuchVersion,
    judged_by_moderators,
    list_learned,
    published_by_machine,
    resume_learning,
    roll_back,
    store_learned,
)
from commentdesk.log import configure, log
from commentdesk.settings import read_settings
from workers.checks.spam.model import shipped_model
from workers.checks.spam.site import Example, learn

# The latest; so the layer forgets what is no longer sent, and a run stays short.
_MOST_DECISIONS = 2_000
_MOST_PUBLISHED = 1_000
# What nobody looked at is probably honest.
_WORTH_OF_PUBLISHED = 0.3
_FEWEST = 20
_USAGE = "usage: commentdesk learn versions | now | rollback [VERSION] | resume"


async def learn_from_decisions(ledger: Ledger) -> int | None:
    """Learn anew from the latest decisions; the new version, None if there is none."""
    decided = await judged_by_moderators(ledger, _MOST_DECISIONS)
    if len(decided) < _FEWEST:
        return None
    published = await published_by_machine(ledger, _MOST_PUBLISHED)
    examples = [_example(judged, 1.0) for judged in decided]
    examples += [_example(judged, _WORTH_OF_PUBLISHED) for judged in published]
    # Seconds of arithmetic; the loop has others to serve.
    model = await asyncio.to_thread(learn, examples, shipped_model())
    facts = {
        "decisions": len(decided),
        "spam": sum(judged.spam for judged in decided),
        "published": len(published),
        "weights": len(model.weights),
    }
    version = await store_learned(ledger, model.to_bytes(), facts)
    log.info("learned", version=version, **facts)
    return version


def _example(judged: Judged, worth: float) -> Example:
    return Example(judged.title, judged.content, judged.spam, worth)


def main(arguments: list[str]) -> None:
    settings = read_settings()
    configure("learn", settings.log_level)
    asyncio.run(_command(Ledger(settings), arguments))


async def _command(ledger: Ledger, arguments: list[str]) -> None:
    actor = f"{getpass.getuser()} (command line)"
    try:
        match arguments:
            case ["versions"]:
                await _print_versions(ledger)
            case ["now"]:
                print(f"version in force: {await learn_from_decisions(ledger) or 'as before'}")
            case ["rollback", *version] if len(version) <= 1 and all(map(str.isdecimal, version)):
                wanted = int(version[0]) if version else None
                print(f"version in force, pinned: {await roll_back(ledger, wanted, actor)}")
            case ["resume"]:
                await resume_learning(ledger, actor)
            case _:
                sys.exit(_USAGE)
    except NoSuchVersion as error:
        sys.exit(f"there is no version {error} to go back to")
    finally:
        await ledger.close()


async def _print_versions(ledger: Ledger) -> None:
    for each in await list_learned(ledger):
        pinned = "  pinned" if each.pinned else ""
        print(f"{each.version:5} {each.at:%Y-%m-%d %H:%M} {each.actor} {each.facts}{pinned}")


if __name__ == "__main__":
    main(sys.argv[1:])

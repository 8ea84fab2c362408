"""What a check may know beside the submission."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from commentdesk.domain.finding import Finding
from commentdesk.domain.memory import Memory
from commentdesk.domain.submission import Submission
from workers.checks.reading import SubmissionReading, read_submission
from workers.checks.spam.model import Model, shipped_model
from workers.checks.spam.site import NOTHING_LEARNED, SiteModel
from workers.checks.wordlist import ListedWord, WordList, word_list

__all__ = ["CheckContext", "ListedWord", "SiteFacts", "Surroundings", "Tolerance"]


_CROWDS = (
    *("copies", "from_address", "with_phone", "on_article"),
    *("names_per_phone", "phones_per_address"),
)


@dataclass(frozen=True)
class Tolerance:
    """What a site puts up with before it doubts; the settings of these names say it. 0 is any."""

    copies: int = 0
    from_address: int = 0
    with_phone: int = 0
    on_article: int = 0
    names_per_phone: int = 0
    phones_per_address: int = 0
    newcomers_held: int = 0
    trusted_after: int = 0

    def halved(self) -> "Tolerance":
        """Half of each crowd that is put up with, one at least; any number stays any."""
        halves = {name: (getattr(self, name) + 1) // 2 for name in _CROWDS}
        return replace(self, **halves)


@dataclass(frozen=True)
class SiteFacts:
    """The site's: phone region, word lists, its own hosts, logins of its staff, its names."""

    region: str
    words: tuple[ListedWord, ...] = ()
    own_hosts: frozenset[str] = frozenset()
    staff: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    # Whether a way out of the page is reason enough for a person to look.
    hold_links: bool = True
    learned: SiteModel = NOTHING_LEARNED
    tolerance: Tolerance = Tolerance()
    model: Model = field(default_factory=shipped_model, repr=False)

    @classmethod
    def build(  # noqa: PLR0913
        cls,
        region: str,
        words: Iterable[Sequence[str]],
        own_hosts: frozenset[str],
        staff: Iterable[str] = (),
        reserved: Iterable[str] = (),
        hold_links: bool = True,
        learned: SiteModel = NOTHING_LEARNED,
        tolerance: Tolerance = Tolerance(),
    ) -> "SiteFacts":
        listed = tuple(ListedWord(*word) for word in words)
        names = tuple(staff), tuple(reserved)
        return cls(region, listed, own_hosts, *names, hold_links, learned, tolerance)

    @cached_property
    def tightened(self) -> "SiteFacts":
        """The same for a breaking story: half of a flood is one."""
        return replace(self, tolerance=self.tolerance.halved())

    @cached_property
    def word_list(self) -> WordList:
        """The words among `words`, made ready."""
        return word_list(tuple(word for word in self.words if not word.kind.endswith("_host")))

    @cached_property
    def banned_hosts(self) -> frozenset[str]:
        return frozenset(word.folded for word in self.words if word.kind == "banned_host")

    @cached_property
    def allowed_hosts(self) -> frozenset[str]:
        return frozenset(word.folded for word in self.words if word.kind == "allowed_host")


@dataclass(frozen=True)
class Surroundings:
    """What is known around one submission: earlier texts like it, what its writer did before.

    `engines` is what outside engines say of it; they were asked before the checks ran.
    """

    engines: tuple[Finding, ...] = ()
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True)
class CheckContext:
    """What is true of the whole site, what surrounds this submission, and its text, read once."""

    site: SiteFacts
    reading: SubmissionReading
    around: Surroundings = field(default_factory=Surroundings)

    @classmethod
    def of(
        cls,
        submission: Submission,
        site: SiteFacts,
        around: Surroundings | None = None,
        reading: SubmissionReading | None = None,
    ) -> "CheckContext":
        """The context of one submission; its text is read unless it was."""
        return cls(site, reading or read_submission(submission), around or Surroundings())

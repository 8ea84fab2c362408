"""What templates leave open, made up: addresses, numbers, names, sums."""

import json
import random
from pathlib import Path

_PARTS: dict[str, list[str]] = json.loads(
    (Path(__file__).parent / "texts" / "slots.json").read_text("utf-8")
)


class Slots:
    """Fills one slot at a time from the chance it is given."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def filled(self, name: str) -> str:
        """
        Raises:
            KeyError: no such slot.
        """
        if name == "contact":
            name = self._chance.choice(("link", "phone", "handle", "phone"))
        return {
            "link": self._link,
            "phone": self._phone,
            "handle": self._handle,
            "news": self._news,
            "html": self._html,
            "mail": self._mail,
            "end": lambda: self._chance.choice(
                ("", ".", ".", "!", "!!", "...", "?", " :)", " =))")
            ),
            "person": self._person,
            "short": self._short,
            "number": self._number,
            "year": lambda: str(self._chance.randrange(1975, 2027)),
            "date": lambda: f"{self._chance.randrange(1, 29)}/{self._chance.randrange(1, 13)}",
            "time": self._time,
        }[name]()

    def _name(self) -> str:
        return "".join(self._chance.choices(_PARTS["syllables"], k=self._chance.choice((2, 2, 3))))

    def _link(self) -> str:
        kind = self._chance.random()
        if kind < 0.25:
            address = self._chance.choice(_PARTS["short"]) + self._name()
        elif kind < 0.4:
            address = "www." + self._chance.choice(_PARTS["social"]) + self._name()
        else:
            number, word = self._chance.randrange(10_000), self._name()
            path = self._chance.choice(_PARTS["paths"]).format(n=number, w=word)
            address = f"{self._name()}.{self._chance.choice(_PARTS['endings'])}{path}"
        scheme = self._chance.choice(("", "", "https://", "http://", "www."))
        return scheme + address.removeprefix("www." if scheme == "www." else "")

    def _news(self) -> str:
        chance = self._chance
        host = chance.choice(_PARTS["news"])
        if chance.random() < 0.4:
            ending = chance.choice(
                ("org", "com", "ca", "info", "net", "gov", "edu", "org.vn", "vn")
            )
            host = f"www.{''.join(chance.choices(_PARTS['public_words'], k=2))}.{ending}"
        slug = "-".join(chance.choices(_PARTS["slug_words"], k=chance.choice((3, 5, 7, 9))))
        year, month, number = (
            chance.randrange(2009, 2026),
            chance.randrange(1, 10),
            chance.randrange(10**7),
        )
        path = (
            chance.choice(
                (f"/{year}/0{month}/{slug}", f"/news/{slug}", f"/{slug}-{number}.html", "/")
            )
            if chance.random() < 0.7
            else chance.choice(
                (f"/{number}/{slug}", f"/docs/{slug}.pdf", f"/watch?v={slug[:4]}{number}")
            )
        )
        return chance.choice(("http://", "https://", "https://", "")) + host + path

    def _html(self) -> str:
        """A link in the mark-up that forms of blogs and forums take."""
        link = self._link()
        if "://" not in link:
            link = f"http://{link}"
        shape = self._chance.choice(
            (
                "<a href={0}>{1}</a>",
                '<a href="{0}">{1}</a>',
                "[url={0}]{1}[/url]",
                "{0} {1} \\n {0}",
            )
        )
        return shape.format(link, self._chance.choice((self._name(), "click here", "website", ".")))

    def _phone(self) -> str:
        digits = f"0{self._chance.choice('35789')}{self._chance.randrange(10**8):08}"
        cut = self._chance.choice(("{}{}{}", "{} {} {}", "{}.{}.{}", "{}-{}-{}", "{}{}{}"))
        return cut.format(digits[:4], digits[4:7], digits[7:])

    def _handle(self) -> str:
        name = f"{self._name()}{self._chance.randrange(1000)}"
        shapes = ("@{}", "tele @{}", "zalo {}", "telegram: {}", "Zalo: {}", "👉 @{}")
        return self._chance.choice(shapes).format(name)

    def _mail(self) -> str:
        host = self._chance.choice(("gmail.com", "yahoo.com", "outlook.com", "mail.ru"))
        return f"{self._name()}{self._chance.randrange(1000)}@{host}"

    def _person(self) -> str:
        return f"{self._chance.choice(_PARTS['last'])} {self._chance.choice(_PARTS['first'])}"

    def _end(self) -> str:
        return self._chance.choice(("", ".", ".", "!", "!!", "...", "?", " :)", " =))"))

    def _short(self) -> str:
        """A number of few digits, such as texts are sent to."""
        return str(self._chance.randrange(3000, 90000))

    def _number(self) -> str:
        """A number as people count: 7, 3,5, 12, 250, 1.200, 45.000."""
        chance = self._chance
        return chance.choice(
            (
                str(chance.randrange(2, 10)),
                str(chance.randrange(10, 100)),
                str(chance.randrange(10, 100)),
                str(10 * chance.randrange(10, 100)),
                f"{chance.randrange(1, 40)},{chance.randrange(1, 10)}",
                f"{chance.randrange(1, 100)}.{chance.randrange(10)}00",
            )
        )

    def _time(self) -> str:
        hour, minute = self._chance.randrange(24), self._chance.choice(("", "00", "15", "30", "45"))
        return f"{hour}{self._chance.choice(('h', ':') if minute else ('h',))}{minute}"

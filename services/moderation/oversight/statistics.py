"""Statistics on show: how many come, how long they wait, who decides, how well they agree."""

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from commentdesk.database import now
from commentdesk.domain.moments import stamp
from commentdesk.ledger.accounts import Role
from commentdesk.ledger.coverage import COUNTED, Part
from commentdesk.ledger.judgement import BANDS, Agreement
from commentdesk.ledger.sessions import Session
from commentdesk.ledger.statistics import HOUR, Figures, Own
from commentdesk.ledger.waiting import Waiting
from commentdesk.web import Problem
from services.moderation.desk.showing import ago
from services.moderation.fields import invalid
from services.moderation.keys import FIGURES, SESSION, WAITING
from services.moderation.oversight import charts
from services.moderation.oversight.figures import WINDOWS, by_column, columns, step
from services.moderation.oversight.waiting_watch import WaitingWatch
from services.moderation.pages import CONSOLE

_USUAL = "24h"
_MINUTE, _MINUTES_IN_HOUR = 60, 60
Say = Callable[..., str]


async def show_statistics(request: web.Request) -> web.Response:
    """The site's figures and one's own; sections and articles for editors."""
    window, session = _window(request), request[SESSION]
    recent, console = request.app[FIGURES], request.app[CONSOLE]
    found = await recent.of_site(window)
    await request.app[WAITING].look()
    language = console.language(request)
    return console.render(
        request,
        "statistics.html",
        window=window,
        windows=list(WINDOWS),
        figures=found,
        flow=_flow(window, found),
        bands=_bands(found.agreement),
        own=await recent.of_one(session.account.login, window),
        parts=found.coverage if _sees_parts(session) else None,
        waiting=request.app[WAITING],
        lasted=lambda seconds: lasted(console.speaker(language), seconds),
        oldest_ago=ago(found.oldest, language, console.texts) if found.oldest else "",
        percent=percent,
        counted=[str(state) for state in COUNTED],
    )


async def get_statistics(request: web.Request) -> web.Response:
    """The same for programs; a server sees no moderator's own figures."""
    window, session = _window(request), request.get(SESSION)
    recent, watch = request.app[FIGURES], request.app[WAITING]
    found = await recent.of_site(window)
    await watch.look()
    own = await recent.of_one(session.account.login, window) if session else None
    parts = found.coverage if _sees_parts(session) else None
    return web.json_response(
        {
            "window": window,
            "since": stamp(found.since),
            "at": stamp(found.at),
            "columns": _flow_documents(window, found),
            "waiting": _waiting_document(found, watch),
            "machine": _machine_document(found),
            "own": _own_document(own) if own else None,
            "sections": [_part_document(part) for part in parts.sections] if parts else None,
            "articles": [_part_document(part) for part in parts.articles] if parts else None,
        }
    )


async def send_chart(request: web.Request) -> web.Response:
    """One of the page's charts."""
    window, console = _window(request), request.app[CONSOLE]
    say = console.speaker(console.language(request))
    found = await request.app[FIGURES].of_site(window)
    if (make := _CHARTS.get(request.match_info["chart"])) is None:
        raise Problem(404, "not_found")
    drawn = await asyncio.to_thread(charts.draw, make(say, window, found))
    return web.Response(
        text=drawn,
        content_type="image/svg+xml",
        charset="utf-8",
        headers={"Content-Security-Policy": charts.CSP},
    )


def percent(part: float | None) -> str:
    """A part of one, in hundredths; a dash for nothing."""
    return "–" if part is None else f"{part * 100:.0f}%"


def lasted(say: Say, seconds: float | None) -> str:
    """A length of time in words; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < _MINUTE:
        return say("statistics.seconds", count=round(seconds))
    minutes = round(seconds / _MINUTE)
    if minutes < _MINUTES_IN_HOUR:
        return say("statistics.minutes", count=minutes)
    hours, minutes = divmod(minutes, _MINUTES_IN_HOUR)
    return say("statistics.hours", hours=hours, minutes=minutes)


def _window(request: web.Request) -> str:
    window = request.query.get("window") or _USUAL
    if window not in WINDOWS:
        raise invalid("window", "unknown_value")
    return window


def _sees_parts(session: Session | None) -> bool:
    """Editors do, and servers."""
    return session is None or session.account.may_act_as(Role.EDITOR)


def _flow(window: str, found: Figures) -> list[tuple[str, int, int, int]]:
    """Each column: its label, how many arrived, what people and what the machine decided."""
    since, until = found.since, found.at
    pattern = "%d/%m" if step(window) > HOUR else "%Hh" if window == _USUAL else "%Hh %d/%m"
    labels = [each.strftime(pattern) for each in columns(window, since, until)]
    counted = [
        by_column(window, since, until, hours)
        for hours in (found.arrived, found.by_people, found.by_machine)
    ]
    return list(zip(labels, *counted, strict=True))


def _bands(agreement: Agreement) -> list[tuple[str, int, int]]:
    """Each fifth of the risk: from and to, how many people approved and refused."""
    size = 100 // BANDS
    labels = [f"{number * size}–{(number + 1) * size}%" for number in range(BANDS)]
    return list(zip(labels, agreement.approved_by_band, agreement.refused_by_band, strict=True))


def _flow_chart(say: Say, window: str, found: Figures) -> charts.Chart:
    labels, arrived, people, machine = zip(*_flow(window, found), strict=True)
    series = {
        say("statistics.arrived"): arrived,
        say("statistics.by_people"): people,
        say("statistics.by_machine"): machine,
    }
    return charts.Chart(say("statistics.flow"), labels, series, say("statistics.nothing"))


def _risk_chart(say: Say, _window: str, found: Figures) -> charts.Chart:
    labels, approved, refused = zip(*_bands(found.agreement), strict=True)
    series = {say("statistics.approved"): approved, say("statistics.refused"): refused}
    return charts.Chart(
        say("statistics.risk"), labels, series, say("statistics.nothing"), stacked=True, colour=1
    )


_CHARTS: dict[str, Callable[[Say, str, Figures], charts.Chart]] = {
    "flow": _flow_chart,
    "risk": _risk_chart,
}


def _flow_documents(window: str, found: Figures) -> list[dict[str, Any]]:
    begun = columns(window, found.since, found.at)
    return [
        {"at": stamp(at), "arrived": arrived, "by_people": people, "by_machine": machine}
        for at, (_, arrived, people, machine) in zip(begun, _flow(window, found), strict=True)
    ]


def _waiting_document(found: Figures, watch: WaitingWatch) -> dict[str, Any]:
    oldest = watch.oldest
    return {
        "number": found.waiting,
        "oldest": stamp(oldest) if oldest else None,
        "oldest_seconds": (now() - oldest).total_seconds() if oldest else None,
        "target_seconds": watch.target.total_seconds(),
        "late": watch.is_late,
        "hours_to_clear": found.hours_to_clear,
        "to_decision": _quantiles(found.to_decision),
        "to_publication": _quantiles(found.to_publication),
    }


def _machine_document(found: Figures) -> dict[str, Any]:
    agreement = found.agreement
    return {
        "share": found.machine_share,
        "published": agreement.published,
        "published_removed": agreement.published_removed,
        "rejected": agreement.rejected,
        "rejected_restored": agreement.rejected_restored,
        "agreement_of_held": agreement.of_held,
        "approved_by_risk": agreement.approved_by_band,
        "refused_by_risk": agreement.refused_by_band,
    }


def _own_document(own: Own) -> dict[str, Any]:
    return {"decided": own.decided, "per_hour": own.per_hour, "undone": own.undone}


def _part_document(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "title": part.title,
        "entered": {str(state): part.entered[str(state)] for state in COUNTED},
        "waiting": part.waiting,
        "oldest": stamp(part.oldest) if part.oldest else None,
        "to_decision": _quantiles(part.to_decision),
    }


def _quantiles(waiting: Waiting) -> dict[str, Any]:
    return {"number": waiting.number, "p50": waiting.p50, "p95": waiting.p95}

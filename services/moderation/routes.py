"""Every address of the desk and who may call it."""

from pathlib import Path

from aiohttp import web

from commentdesk.web import Problem
from services.moderation import (
    admin,
    api,
    bans,
    books,
    forms,
    login,
    notes,
    openings,
    person,
    policies,
    search,
    stats,
    views,
)
from services.moderation.auth import Route, Who, guard
from services.moderation.events import stream_changes

_ASSETS = Path(__file__).parent / "static"
_SCOPE = f"{{scope:{policies.SCOPE_PATTERN}}}"
_ID = "{id:[0-9a-f-]{36}}"
_BATCH = "{batch:[0-9a-f-]{36}}"
_FILE = "{name:[a-z]{1,40}[.][a-z]{1,9}}"


async def send_asset(request: web.Request) -> web.FileResponse:
    """A static file; its address changes when it does, so it is kept for good."""
    path = _ASSETS / request.match_info["name"]
    if path.is_symlink() or not path.is_file():
        raise Problem(404, "not_found")
    return web.FileResponse(path, headers={"Cache-Control": "max-age=31536000, immutable"})


ROUTES = (
    Route("GET", "/login", login.show_login, Who.ANYONE),
    Route("POST", "/login", login.log_in, Who.ANYONE),
    Route("POST", "/logout", login.log_out, Who.MODERATOR),
    Route("GET", f"/static/{_FILE}", send_asset, Who.ANYONE),
    # Modules import each other by name; in a folder that is named for what they all hold.
    Route("GET", f"/static/{{version:[0-9a-f]{{12}}}}/{_FILE}", send_asset, Who.ANYONE),
    Route("GET", "/", views.show_desk, Who.MODERATOR),
    Route("GET", f"/submissions/{_ID}", views.show_submission, Who.MODERATOR),
    Route("POST", f"/submissions/{_ID}/reveal", views.reveal, Who.MODERATOR),
    Route("POST", f"/submissions/{_ID}/erase", forms.erase_form, Who.ADMIN),
    Route("POST", "/decisions", forms.decide_form, Who.MODERATOR),
    Route("GET", "/stuck", views.show_stuck, Who.MODERATOR),
    Route("POST", "/stuck/replay", forms.replay_form, Who.MODERATOR),
    Route("GET", "/books", books.show_books, Who.MODERATOR),
    Route("GET", "/words", admin.show_words, Who.EDITOR),
    Route("POST", "/words", admin.add_word, Who.EDITOR),
    Route("POST", "/words/remove", admin.remove_word, Who.EDITOR),
    Route("GET", "/accounts", admin.show_accounts, Who.ADMIN),
    Route("POST", "/accounts", admin.create_account, Who.ADMIN),
    Route("POST", "/accounts/disable", admin.disable_account, Who.ADMIN),
    Route("GET", "/audit", admin.show_audit, Who.ADMIN),
    Route("POST", "/search", search.search, Who.MODERATOR),
    Route("POST", "/decisions/undo", forms.undo_form, Who.MODERATOR),
    Route("POST", f"/submissions/{_ID}/notes", notes.note_form, Who.MODERATOR),
    Route("POST", "/notes/remove", notes.remove_note_form, Who.MODERATOR),
    Route("POST", f"/submissions/{_ID}/ban", forms.ban_form, Who.MODERATOR),
    Route("GET", f"/submissions/{_ID}/person", person.show_person, Who.MODERATOR),
    Route("POST", f"/v1/decisions/{_BATCH}/undo", api.undo_decisions, Who.MODERATOR),
    Route("POST", f"/v1/submissions/{_ID}/notes", notes.post_note, Who.MODERATOR),
    Route("DELETE", f"/v1/notes/{_ID}", notes.delete_note, Who.MODERATOR),
    Route("GET", f"/v1/submissions/{_ID}/person", person.get_person, Who.READER),
    Route("POST", f"/v1/submissions/{_ID}/presence", openings.post_presence, Who.MODERATOR),
    Route("GET", "/v1/submissions", api.list_submissions, Who.READER),
    Route("GET", f"/v1/submissions/{_ID}", api.get_submission, Who.READER),
    Route("POST", f"/v1/submissions/{_ID}/reveal", api.reveal_submission, Who.MODERATOR),
    Route("POST", f"/v1/submissions/{_ID}/erase", api.erase_submission, Who.ADMIN),
    Route("POST", "/v1/decisions", api.post_decisions, Who.MODERATOR),
    Route("GET", "/v1/bans", bans.get_bans, Who.MODERATOR),
    Route("POST", "/v1/bans", bans.post_ban, Who.MODERATOR),
    Route("DELETE", f"/v1/bans/{_ID}", bans.delete_ban, Who.MODERATOR),
    Route("GET", "/v1/policies", policies.get_policies, Who.READER),
    Route("GET", f"/v1/policies/{_SCOPE}", policies.get_policy, Who.READER),
    Route("PUT", f"/v1/policies/{_SCOPE}", policies.put_policy, Who.EDITOR),
    Route("DELETE", f"/v1/policies/{_SCOPE}", policies.delete_policy, Who.EDITOR),
    Route("GET", "/v1/events", stream_changes, Who.MODERATOR),
    Route("GET", "/v1/stats", stats.get_stats, Who.READER),
    Route("GET", "/v1/books", books.get_books, Who.READER),
)


def guarded_routes() -> list[web.RouteDef]:
    """ROUTES for aiohttp, each behind its guard."""
    return [guard(route) for route in ROUTES]

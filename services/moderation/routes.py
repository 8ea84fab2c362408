"""Every address of the desk and who may call it."""

from pathlib import Path

from aiohttp import web

from commentdesk.articlestore.protocol import ID_PATTERN
from commentdesk.ledger.reasons import CODE_PATTERN
from commentdesk.web import Problem
from services.moderation.accounts import (
    administration,
    invitation,
    login,
    openid_login,
    own_account,
    own_second_factor,
)
from services.moderation.accounts.openid import CALLBACK
from services.moderation.auth import Route, Who, guard
from services.moderation.desk import (
    api,
    bans,
    campaigns,
    counts,
    forms,
    looks,
    notes,
    openings,
    person,
    search,
    views,
)
from services.moderation.desk.events import stream_changes
from services.moderation.oversight import audit, books, statistics
from services.moderation.rules import bans as rule_bans
from services.moderation.rules import policies as rule_policies
from services.moderation.rules import policy_api, reasons, rehearsals, words
from services.moderation.rules.frame import show_rules

_ASSETS = Path(__file__).parent / "static"
_SCOPE = f"{{scope:{policy_api.SCOPE_PATTERN}}}"
_ID = "{id:[0-9a-f-]{36}}"
_TIGHTENING = f"/v1/policies/{_SCOPE}/tightening"
_TAB = f"{{tab:{words.TAB_PATTERN}}}"
_ARTICLE = f"{{article:{ID_PATTERN}}}"
_CODE = f"{{code:{CODE_PATTERN}}}"
_INVITE = "/invite/{token:[A-Za-z0-9_-]{1,100}}"
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
    Route("GET", "/login/code", login.show_code, Who.ANYONE),
    Route("POST", "/login/code", login.enter_code, Who.ANYONE),
    Route("GET", "/login/openid", openid_login.ask_provider, Who.ANYONE),
    Route("GET", CALLBACK, openid_login.come_back, Who.ANYONE),
    Route("GET", _INVITE, invitation.show_invitation, Who.ANYONE),
    Route("POST", _INVITE, invitation.accept_invitation, Who.ANYONE),
    Route("POST", "/logout", login.log_out, Who.MODERATOR, before_second_factor=True),
    Route("GET", "/account", own_account.show_own_account, Who.MODERATOR),
    Route("POST", "/account/password", own_account.change_own_password, Who.MODERATOR),
    Route("POST", "/account/sessions/end", own_account.end_own_session, Who.MODERATOR),
    Route("POST", "/account/sessions/end-others", own_account.end_other_sessions, Who.MODERATOR),
    *own_second_factor.ROUTES,
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
    Route("GET", "/rules", show_rules, Who.EDITOR),
    Route("GET", f"/rules/{_TAB}", words.show_words, Who.EDITOR),
    Route("POST", f"/rules/{_TAB}", words.add_form, Who.EDITOR),
    Route("POST", f"/rules/{_TAB}/remove", words.remove_form, Who.EDITOR),
    Route("GET", "/rules/bans", rule_bans.show_bans, Who.EDITOR),
    Route("POST", "/rules/bans", rule_bans.ban_form, Who.EDITOR),
    Route("POST", "/rules/bans/lift", rule_bans.lift_form, Who.EDITOR),
    Route("GET", "/rules/policy", rule_policies.show_policy, Who.EDITOR),
    Route("POST", "/rules/policy", rule_policies.set_form, Who.EDITOR),
    Route("GET", "/rules/articles", rule_policies.show_articles, Who.EDITOR),
    Route("GET", f"/rules/articles/{_ARTICLE}", rule_policies.show_article, Who.EDITOR),
    Route("POST", "/rules/tightening", rule_policies.tighten_form, Who.EDITOR),
    Route("POST", "/rules/tightening/end", rule_policies.loosen_form, Who.EDITOR),
    Route("GET", "/rules/reasons", reasons.show_reasons, Who.EDITOR),
    Route("POST", "/rules/reasons", reasons.set_form, Who.EDITOR),
    Route("POST", "/rules/reasons/place", reasons.place_form, Who.EDITOR),
    Route("POST", "/rules/reasons/retire", reasons.retire_form, Who.EDITOR),
    Route("POST", "/rules/rehearsals", rehearsals.ask_form, Who.EDITOR),
    Route("GET", f"/rules/rehearsals/{_ID}", rehearsals.show_rehearsal, Who.EDITOR),
    Route("POST", f"/rules/rehearsals/{_ID}/cancel", rehearsals.cancel_form, Who.EDITOR),
    Route("GET", "/audit", audit.show_audit, Who.ADMIN),
    Route("GET", "/audit.csv", audit.download_audit, Who.ADMIN),
    Route("GET", "/v1/audit", audit.get_audit, Who.ADMIN),
    Route("GET", "/statistics", statistics.show_statistics, Who.MODERATOR),
    Route("GET", "/statistics/{chart:[a-z]{1,20}}.svg", statistics.send_chart, Who.MODERATOR),
    Route("GET", "/v1/statistics", statistics.get_statistics, Who.READER),
    Route("GET", "/accounts", administration.show_accounts, Who.ADMIN),
    Route("POST", "/accounts", administration.invite_account, Who.ADMIN),
    Route("GET", f"/accounts/{_ID}", administration.show_account, Who.ADMIN),
    Route("POST", "/accounts/change", administration.change_account, Who.ADMIN),
    Route("POST", "/accounts/link", administration.make_account_link, Who.ADMIN),
    Route("POST", "/accounts/disable", administration.disable, Who.ADMIN),
    Route("POST", "/accounts/enable", administration.enable, Who.ADMIN),
    Route("POST", "/accounts/sign-out", administration.end_account_sessions, Who.ADMIN),
    Route("POST", "/accounts/second-factor", administration.remove_account_factor, Who.ADMIN),
    Route("POST", "/accounts/identity", administration.forget_account_identity, Who.ADMIN),
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
    Route("POST", f"/bans/{_ID}/lift", bans.lift_form, Who.MODERATOR),
    Route("GET", "/v1/bans", bans.get_bans, Who.MODERATOR),
    Route("POST", "/v1/bans", bans.post_ban, Who.MODERATOR),
    Route("DELETE", f"/v1/bans/{_ID}", bans.delete_ban, Who.MODERATOR),
    Route("GET", "/v1/policies", policy_api.get_policies, Who.READER),
    Route("GET", f"/v1/policies/{_SCOPE}", policy_api.get_policy, Who.READER),
    Route("PUT", f"/v1/policies/{_SCOPE}", policy_api.put_policy, Who.EDITOR),
    Route("DELETE", f"/v1/policies/{_SCOPE}", policy_api.delete_policy, Who.EDITOR),
    Route("GET", "/campaigns", campaigns.show_orders, Who.MODERATOR),
    Route("POST", f"/campaigns/{_ID}/order", campaigns.order_form, Who.MODERATOR),
    Route("POST", "/campaigns/order/remove", campaigns.end_form, Who.MODERATOR),
    Route("GET", "/v1/campaigns/orders", campaigns.get_orders, Who.MODERATOR),
    Route("POST", f"/v1/campaigns/{_ID}/order", campaigns.post_order, Who.MODERATOR),
    Route("DELETE", f"/v1/campaigns/{_ID}/order", campaigns.delete_order, Who.MODERATOR),
    Route("GET", "/second-look", looks.show_look, Who.MODERATOR),
    Route("POST", "/second-look", looks.answer_form, Who.MODERATOR),
    Route("GET", "/second-look/agreement", looks.show_agreement, Who.MODERATOR),
    Route("GET", "/v1/second-look/agreement", looks.get_agreement, Who.MODERATOR),
    Route("PUT", _TIGHTENING, rule_policies.put_tightening, Who.EDITOR),
    Route("DELETE", _TIGHTENING, rule_policies.delete_tightening, Who.EDITOR),
    Route("GET", "/v1/words", words.list_api, Who.READER),
    Route("POST", "/v1/words", words.add_api, Who.EDITOR),
    Route("DELETE", f"/v1/words/{_ID}", words.remove_api, Who.EDITOR),
    Route("GET", "/v1/reasons", reasons.get_reasons, Who.READER),
    Route("PUT", f"/v1/reasons/{_CODE}", reasons.put_reason, Who.EDITOR),
    Route("DELETE", f"/v1/reasons/{_CODE}", reasons.delete_reason, Who.EDITOR),
    Route("GET", "/v1/rehearsals", rehearsals.get_rehearsals, Who.EDITOR),
    Route("POST", "/v1/rehearsals", rehearsals.post_rehearsal, Who.EDITOR),
    Route("GET", f"/v1/rehearsals/{_ID}", rehearsals.get_rehearsal, Who.EDITOR),
    Route("DELETE", f"/v1/rehearsals/{_ID}", rehearsals.delete_rehearsal, Who.EDITOR),
    Route("GET", "/v1/events", stream_changes, Who.MODERATOR, by_itself=True),
    Route("GET", "/v1/stats", counts.get_stats, Who.READER, by_itself=True),
    Route("GET", "/v1/books", books.get_books, Who.READER),
)


def guarded_routes() -> list[web.RouteDef]:
    """ROUTES for aiohttp, each behind its guard."""
    return [guard(route) for route in ROUTES]

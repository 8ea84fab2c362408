"""Settings: read strictly, documented completely."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from commentdesk.domain.addresses import Origin
from commentdesk.settings import PREFIX, Settings, SettingsWrong, read_settings
from tests.installation import ROOT

NEEDED = {
    "LEDGER_URL": "sqlite+aiosqlite:///l.db",
    "ARTICLES_DATABASE_URL": "sqlite+aiosqlite:///a.db",
    "REDIS_URL": "redis://localhost",
    "SERVICE_TOKEN": "t" * 40,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NEEDED.items():
        monkeypatch.setenv(PREFIX + name, value)
    return monkeypatch


def test_every_setting_is_documented_and_nothing_else() -> None:
    documented = {
        line.split("`")[1]
        for line in (ROOT / "docs/settings.md").read_text("utf-8").splitlines()
        if line.startswith(f"| `{PREFIX}")
    }
    assert documented == {PREFIX + name.upper() for name in Settings.model_fields}
    assert all(field.description for field in Settings.model_fields.values())


def test_a_secret_comes_from_the_file_that_is_named(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("s" * 40 + "\n")
    environment.setenv(f"{PREFIX}SECRET_FILE", str(tmp_path / "secret"))
    assert Settings().secret.get_secret_value() == "s" * 40


def test_a_secret_is_needed_and_a_short_one_refused(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError):
        Settings()
    environment.setenv(f"{PREFIX}SECRET", "changeme")
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize(
    "same",
    [
        "https://bao.example",
        "https://bao.example/",
        "https://bao.example:443",
        "https://www.bao.example",
        "https://BAO.example/trang?x=1",
    ],
)
def test_an_origin_is_the_same_however_it_is_written(same: str) -> None:
    assert Origin.parse(same) == Origin.parse("https://bao.example")


@pytest.mark.parametrize(
    "other",
    [
        "http://bao.example",
        "https://bao.example:8443",
        "https://bao.example.evil.example",
        "https://evil-bao.example",
    ],
)
def test_an_origin_is_another_where_it_is(other: str) -> None:
    assert Origin.parse(other) != Origin.parse("https://bao.example")


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "null",
        "//bao.example",
        "/\\bao.example",
        "https:bao.example",
        "javascript:alert(1)",
        "https://evil.example\\@bao.example",
        "https://user@bao.example",
        "https://bao.example\n",
    ],
)
def test_what_is_no_plain_address_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match="not"):
        Origin.parse(bad)


@pytest.fixture
def complete(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    environment.setenv(f"{PREFIX}SECRET", "s" * 40)
    return environment


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOLD_ONE_IN", "99"),
        ("HOLD_ONE_IN", "0"),
        ("REJECT_ONE_IN", "10"),
        ("ENGINE_SECONDS", "15"),
        ("ENGINE_SECONDS", "0"),
        ("SPAMD_ADDRESS", "localhost"),
        ("SPAMD_ADDRESS", "localhost:99999"),
        ("SPAMD_ADDRESS", "user@localhost:783"),
        ("SPAMD_ADDRESS", "http://localhost:783"),
        ("SPAMD_ADDRESS", "localhost:783/x"),
        ("ENDPOINT_URL", "ftp://bao.example"),
        ("ENDPOINT_URL", "https://user@bao.example"),
        ("ENDPOINT_URL", "https://bao.example"),
        ("ENDPOINT_SECRET", "plain"),
        ("ENDPOINT_SECRET", "whsec_c2hvcnQ="),
        ("AKISMET_URL", ""),
        ("PHONE_FIELD", "on"),
        ("TITLE_FIELD", "maybe"),
        ("CONSENT", "optional"),
        ("CONSENT_VERSION", ""),
        ("PRIVACY_URL", "javascript:alert(1)"),
        ("CORRECTION_SECONDS", "-1"),
        ("PHONE_CODES", "on"),
        ("PHONE_CODE_SENDER", "sms"),
        ("PHONE_CODE_GATEWAY", "https://user@sms.example"),
        ("PHONE_CODE_GATEWAY", "https://sms.example"),
        ("PHONE_CODE_GATEWAY_SECRET", "plain"),
        ("PHONE_CODE_COUNTRIES", "VN, Singapore"),
        ("PHONE_CODES_SITE_DAILY", "0"),
    ],
)
def test_an_engine_that_cannot_be_asked_and_a_policy_nobody_can_keep_are_refused(
    complete: pytest.MonkeyPatch, name: str, value: str
) -> None:
    complete.setenv(PREFIX + name, value)
    with pytest.raises(SettingsWrong, match=PREFIX) as refused:
        read_settings()
    assert "plain" not in str(refused.value).replace("not a plain address", "")


@pytest.mark.parametrize(
    "address", ["localhost:783", "127.0.0.1:783", "[::1]:783", "unix:/run/spamd/spamd.sock", ""]
)
def test_where_spamd_may_listen(complete: pytest.MonkeyPatch, address: str) -> None:
    complete.setenv(f"{PREFIX}SPAMD_ADDRESS", address)
    assert read_settings().spamd_address == address


def test_codes_by_http_need_a_gateway_and_its_key(complete: pytest.MonkeyPatch) -> None:
    complete.setenv(f"{PREFIX}PHONE_CODES", "offered")
    complete.setenv(f"{PREFIX}PHONE_CODE_SENDER", "http")
    with pytest.raises(SettingsWrong, match="PHONE_CODE_GATEWAY"):
        read_settings()
    complete.setenv(f"{PREFIX}PHONE_CODE_GATEWAY", "https://sms.example/send")
    with pytest.raises(SettingsWrong, match="PHONE_CODE_GATEWAY_SECRET"):
        read_settings()
    complete.setenv(f"{PREFIX}PHONE_CODE_GATEWAY_SECRET", f"whsec_{'c2Vj' * 10}")
    complete.setenv(f"{PREFIX}PHONE_CODE_COUNTRIES", "vn, sg")
    assert read_settings().phone_code_countries == ["VN", "SG"]


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("SECOND_FACTOR", "on", "SECOND_FACTOR"),
        ("SESSION_IDLE_MINUTES", "-1", "SESSION_IDLE_MINUTES"),
        ("OIDC_ISSUER", "http://id.example", "OIDC_ISSUER"),
        ("OIDC_ISSUER", "https://id.example/?x=1", "OIDC_ISSUER"),
        ("OIDC_ISSUER", "https://me:pass@id.example", "OIDC_ISSUER"),
        ("OIDC_ISSUER", "https://id.example", "OIDC_CLIENT_ID"),
        ("OIDC_SCOPES", "email", "OIDC_SCOPES"),
        ("OIDC_CLAIM", "e mail", "OIDC_CLAIM"),
        ("OIDC_NEWCOMER_ROLE", "admin", "OIDC_NEWCOMER_ROLE"),
        ("PASSWORD_LOGIN", "off", "PASSWORD_LOGIN"),
    ],
)
def test_nobody_is_locked_out_or_let_in_by_a_wrong_setting(
    complete: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    complete.setenv(PREFIX + name, value)
    with pytest.raises(SettingsWrong, match=named):
        read_settings()


def test_a_provider_is_named_by_its_issuer_and_domains_are_plain(
    complete: pytest.MonkeyPatch,
) -> None:
    complete.setenv(f"{PREFIX}OIDC_NAME", "Tòa soạn")
    assert read_settings().provider_name == ""
    complete.setenv(f"{PREFIX}OIDC_ISSUER", "https://id.example/realms/news")
    complete.setenv(f"{PREFIX}OIDC_CLIENT_ID", "console")
    complete.setenv(f"{PREFIX}OIDC_DOMAINS", "@Example.vn, bao.example")
    complete.setenv(f"{PREFIX}PASSWORD_LOGIN", "off")
    settings = read_settings()
    assert settings.provider_name == "Tòa soạn"
    assert settings.oidc_domains == ["example.vn", "bao.example"]
    complete.delenv(f"{PREFIX}OIDC_NAME")
    assert read_settings().provider_name == "https://id.example/realms/news"

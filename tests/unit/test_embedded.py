"""The data folder of the embedded default, and what the environment may change about it."""

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from commentdesk import embedded
from commentdesk.embedded import (
    Unprepared,
    prepare,
    read_settings,
    redis_command,
    redis_socket,
    tidy,
    uses_own_redis,
)
from commentdesk.secretfiles import ensure_secret
from commentdesk.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("COMMENTDESK_"):
            monkeypatch.delenv(name)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def settings_of(data: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in prepare(data, 9000).items():
        monkeypatch.setenv(name, value)
    return read_settings()


def test_it_is_a_whole_set_of_settings(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(data, monkeypatch)
    assert settings.ledger_url == f"sqlite+aiosqlite:///{data}/ledger.db"
    assert settings.secret.get_secret_value() == (data / "secret").read_text().strip()
    assert settings.articles_url == "http://localhost:9002"
    assert (settings.intake_port, settings.moderation_port, settings.articles_port) == (
        9000,
        9001,
        9002,
    )


def test_preparing_again_keeps_every_secret(data: Path) -> None:
    prepare(data, 9000)
    before = {path.name: path.read_text() for path in data.iterdir() if path.is_file()}
    prepare(data, 9000)
    assert {path.name: path.read_text() for path in data.iterdir() if path.is_file()} == before


def test_only_the_owner_gets_in_even_where_the_folder_was_open(data: Path) -> None:
    data.mkdir(mode=0o755)
    prepare(data, 9000)
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "secret").stat().st_mode & 0o777 == 0o600


def test_a_secret_made_by_many_at_once_is_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        texts = set(pool.map(lambda _: ensure_secret(tmp_path / "secret"), range(200)))
    assert len(texts) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("name", ["COMMENTDESK_LEDGER_URL", "COMMENTDESK_LEDGER_URL_FILE"])
def test_what_the_environment_says_stays(
    data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "elsewhere")
    assert "COMMENTDESK_LEDGER_URL" not in prepare(data, 9000)


def test_a_secret_from_the_environment_is_not_hidden_by_a_file(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMENTDESK_SECRET", "x" * 32)
    assert "COMMENTDESK_SECRET_FILE" not in prepare(data, 9000)


def test_a_redis_elsewhere_means_none_of_our_own(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMENTDESK_REDIS_URL", "redis://elsewhere:6379/0")
    assert not uses_own_redis(data, settings_of(data, monkeypatch))


def test_a_socket_too_deep_for_the_system_moves_to_a_short_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 120)
    prepare(deep, 9000)
    socket = redis_socket(deep)
    assert len(os.fsencode(socket)) <= 100
    assert redis_socket(deep) == socket
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    tidy(deep)
    assert not socket.parent.exists()


def test_redis_listens_on_its_socket_alone_and_evicts_nothing(data: Path) -> None:
    prepare(data, 9000)
    command = redis_command(data)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--unixsocketperm"] == "700"
    assert options["--maxmemory-policy"] == "noeviction"
    assert options["--save"] == ""


def test_no_redis_anywhere_is_said_plainly(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    monkeypatch.setattr(embedded, "find_spec", lambda _name: None)
    with pytest.raises(Unprepared, match="Install redis-server or valkey-server"):
        redis_command(data)


def test_a_setting_that_is_missing_is_named() -> None:
    with pytest.raises(Unprepared, match="COMMENTDESK_LEDGER_URL: Field required"):
        read_settings()

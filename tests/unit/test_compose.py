"""docker-compose.yml describes the launcher's processes, hardened, with nothing open by mistake."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from commentdesk import __version__
from commentdesk.processes import LASTING, ONCE, PROCESSES, SERVICES, Process
from commentdesk.queues import JOBS
from commentdesk.secretfiles import ensure_compose_secrets
from commentdesk.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
FOREIGN = {"redis", "postgres"}
OURS = {name: container for name, container in CONTAINERS.items() if name not in FOREIGN}

# Of the Compose Specification, what this file needs; a misspelt key is in neither list.
TOP_KEYS = {"name", "services", "networks", "volumes", "configs", "secrets"}
CONTAINER_KEYS = {
    *("build", "cap_drop", "command", "configs", "depends_on", "env_file", "environment"),
    *("healthcheck", "image", "init", "logging", "mem_limit", "networks", "pids_limit", "ports"),
    *("pull_policy", "read_only", "restart", "secrets", "security_opt", "shm_size"),
    *("stop_grace_period", "tmpfs", "user", "volumes"),
}
HEALTH_KEYS = {"test", "interval", "timeout", "retries", "start_period"}
CONDITIONS = {"service_started", "service_healthy", "service_completed_successfully"}

every_container = pytest.mark.parametrize("name", CONTAINERS)


def test_compose_and_launcher_name_the_same_processes_with_the_same_commands() -> None:
    described = {name: container["command"] for name, container in OURS.items()}
    assert described == {
        process.name: ["python", "-m", *process.arguments] for process in PROCESSES
    }


@pytest.mark.parametrize("process", ONCE, ids=lambda process: process.name)
def test_what_runs_once_is_not_restarted_and_is_waited_for(process: Process) -> None:
    assert CONTAINERS[process.name]["restart"] == "no"
    waiting = [
        name
        for name, container in OURS.items()
        if container["depends_on"].get(process.name)
        == {"condition": "service_completed_successfully"}
    ]
    assert waiting


@pytest.mark.parametrize("process", LASTING, ids=lambda process: process.name)
def test_what_lasts_is_restarted_watched_and_given_time_to_stop(process: Process) -> None:
    container = CONTAINERS[process.name]
    assert container["restart"] == "unless-stopped"
    assert set(container["healthcheck"]) <= HEALTH_KEYS
    assert seconds(container["stop_grace_period"]) >= process.stop_seconds


def test_a_worker_may_finish_its_job_before_it_is_stopped() -> None:
    # What upkeep does may be broken off: it is done again by the clock.
    for job in JOBS.values():
        if job.queue != "upkeep":
            process = next(process for process in LASTING if process.name == job.queue)
            assert process.stop_seconds > job.timeout
            assert seconds(CONTAINERS[process.name]["stop_grace_period"]) > job.timeout


@every_container
def test_keys_are_those_of_the_compose_specification(name: str) -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} <= TOP_KEYS
    assert set(CONTAINERS[name]) <= CONTAINER_KEYS


@every_container
def test_what_a_container_names_is_declared(name: str) -> None:
    container = CONTAINERS[name]
    assert set(container["networks"]) <= set(COMPOSE["networks"])
    assert set(container["secrets"]) <= set(COMPOSE["secrets"])
    configs = {config["source"] for config in container.get("configs", [])}
    assert configs <= set(COMPOSE["configs"])
    volumes = {volume.split(":")[0] for volume in container.get("volumes", [])}
    assert volumes <= set(COMPOSE["volumes"])
    for other, wait in container.get("depends_on", {}).items():
        assert other in CONTAINERS
        assert wait["condition"] in CONDITIONS
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in CONTAINERS[other]


@every_container
def test_a_container_is_hardened(name: str) -> None:
    container = CONTAINERS[name]
    assert int(container["user"].split(":")[0]) > 0
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["init"] is True
    assert container["tmpfs"]
    assert container["pids_limit"] > 0
    assert container["mem_limit"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_run_as_the_user_of_the_image(name: str) -> None:
    assert OURS[name]["user"] == "10001:10001"
    assert "USER 10001:10001" in (ROOT / "Dockerfile").read_text("utf-8")


def test_the_image_is_built_before_anybody_starts_from_it_and_is_never_asked_for_abroad() -> None:
    builders = {name for name, container in OURS.items() if "build" in container}
    for name, container in OURS.items():
        assert container["pull_policy"] == "never"
        assert name in builders or builders & set(container["depends_on"])
    assert {container["image"] for container in OURS.values()} == {f"commentdesk:{__version__}"}


def test_the_image_has_the_code_of_every_process() -> None:
    packages = {process.arguments[0].partition(".")[0] for process in PROCESSES}
    lines = set((ROOT / "Dockerfile").read_text("utf-8").splitlines())
    assert {f"COPY {package} {package}" for package in packages} <= lines
    kept = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert {f"!{package}" for package in packages} <= set(kept)


def test_what_a_read_only_container_is_given_is_a_file() -> None:
    # `content` and `environment` would be copied into it, which Docker refuses.
    for given in [*COMPOSE["configs"].values(), *COMPOSE["secrets"].values()]:
        assert set(given) == {"file"}


def test_only_the_services_publish_a_port_and_only_where_a_proxy_reaches_it() -> None:
    published = {name: each["ports"] for name, each in CONTAINERS.items() if "ports" in each}
    assert set(published) == {service.name for service in SERVICES}
    for service in SERVICES:
        port = Settings.model_fields[str(service.port_field)].default
        assert published[service.name] == [f"${{COMMENTDESK_PUBLISH_ON:-127.0.0.1}}:{port}:{port}"]


def test_everything_else_is_on_the_closed_network_alone() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    public = {service.name for service in SERVICES}
    for name, container in CONTAINERS.items():
        assert container["networks"] == (["inside", "edge"] if name in public else ["inside"])


def test_what_ops_scale_has_neither_a_fixed_name_nor_a_port() -> None:
    for process in PROCESSES:
        if process.scaled:
            assert not {"container_name", "ports"} & set(CONTAINERS[process.name])


@pytest.mark.parametrize("name", OURS)
def test_settings_are_real_ones_and_secrets_come_from_files(name: str) -> None:
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    environment = OURS[name]["environment"]
    assert {variable.removesuffix("_FILE") for variable in environment} <= known
    required = {
        f"{PREFIX}{field.upper()}"
        for field, info in Settings.model_fields.items()
        if info.is_required()
    }
    assert required <= {variable.removesuffix("_FILE") for variable in environment}
    for variable, value in environment.items():
        if variable.endswith("_FILE"):
            assert value.removeprefix("/run/secrets/") in OURS[name]["secrets"]
    told = {f"{PREFIX}SECRET", f"{PREFIX}SERVICE_TOKEN"} & set(environment)
    assert all(environment[variable].startswith("not-for-this-container") for variable in told)


def test_the_article_store_has_no_key_to_phones() -> None:
    holders = {name for name, each in OURS.items() if "secret" in each["secrets"]}
    assert holders == set(OURS) - {"articles", "articles-migrate"}


def test_only_the_article_store_knows_the_way_into_its_database() -> None:
    holders = {name for name, each in OURS.items() if "articles_database_url" in each["secrets"]}
    assert holders == {"articles", "articles-migrate"}
    assert not {name for name in holders if "ledger_url" in OURS[name]["secrets"]}


def test_redis_forgets_rather_than_evicts_and_wants_a_password(tmp_path: Path) -> None:
    command = " ".join(CONTAINERS["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "/run/secrets/redis_conf" in command
    ensure_compose_secrets(tmp_path / "secrets")
    assert re.fullmatch(r"requirepass \S{40,}\n", (tmp_path / "secrets/redis_conf").read_text())


def test_make_secrets_makes_every_file_and_never_changes_one(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    ensure_compose_secrets(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert wanted <= set(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    ensure_compose_secrets(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == before


def test_make_secrets_lets_a_container_read_what_a_narrow_umask_closed(tmp_path: Path) -> None:
    for name in ("Makefile", "postgres-roles.sql", "commentdesk/secretfiles.py"):
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    roles = tmp_path / "postgres-roles.sql"
    roles.chmod(0o600)
    make = ["make", "-C", str(tmp_path), "secrets", f"PYTHON={sys.executable}"]
    subprocess.run(make, check=True, capture_output=True, umask=0o077)
    for file in [roles, *(tmp_path / "secrets").iterdir()]:
        assert file.stat().st_mode & 0o444 == 0o444


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))

"""Every setting, read from COMMENTDESK_… variables or, for secrets, the files …_FILE names."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from commentdesk.domain.addresses import Origin, is_socket_address
from commentdesk.domain.policy import HOLD_STEPS, REJECT_STEPS, Policy, checked_step
from commentdesk.domain.webhooks import key_of
from commentdesk.settings.alarm import AlarmSettings
from commentdesk.settings.captcha import CaptchaSettings
from commentdesk.settings.code import CodeSettings
from commentdesk.settings.desk import DeskSettings
from commentdesk.settings.form import FormSettings
from commentdesk.settings.language import LanguageSettings
from commentdesk.settings.look import LookSettings
from commentdesk.settings.memory import MemorySettings
from commentdesk.settings.page import PageSettings
from commentdesk.settings.sign_in import SignInSettings

PREFIX = "COMMENTDESK_"
_MAY_BE_EMPTY = {"article_store_url", "endpoint_url"}

Listed = Annotated[list[str], NoDecode]


class FileSource(PydanticBaseSettingsSource):
    """Reads COMMENTDESK_X from the file that COMMENTDESK_X_FILE names (container secrets)."""

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002
        field_name: str,
    ) -> tuple[Any, str, bool]:
        path = os.environ.get(f"{PREFIX}{field_name.upper()}_FILE")
        value = Path(path).read_text("utf-8").strip() if path else None
        return value, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(f, name)[0] for name, f in _fields().items()}
        return {name: value for name, value in found.items() if value is not None}


class Settings(
    AlarmSettings,
    CaptchaSettings,
    CodeSettings,
    DeskSettings,
    FormSettings,
    LanguageSettings,
    LookSettings,
    MemorySettings,
    PageSettings,
    SignInSettings,
):
    """One installation's settings; `commentdesk settings` prints them."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", hide_input_in_errors=True)

    ledger_url: str = Field(description="SQLAlchemy address of the ledger (SQLite or PostgreSQL)")
    articles_database_url: str = Field(description="SQLAlchemy address of the article store")
    redis_url: str = Field(description="Redis: redis://, rediss:// or unix://")
    secret: SecretStr = Field(
        min_length=32, description="Key of captchas and personal data; kept outside the database"
    )
    service_token: SecretStr = Field(
        min_length=32, description="Bearer token of calls between services"
    )
    host: str = Field("127.0.0.1", description="Address the services listen on")
    intake_port: int = Field(8080, description="Port of intake")
    moderation_port: int = Field(8081, description="Port of the moderation console")
    articles_port: int = Field(8082, description="Port of the article store")
    intake_url: str = Field("http://localhost:8080", description="Public address of intake")
    moderation_url: str = Field("http://localhost:8081", description="Address of the console")
    articles_url: str = Field("http://localhost:8082", description="Public address of articles")
    article_store_url: str = Field(
        "", description="Where workers and intake reach the article store; empty: articles_url"
    )
    sites: Listed = Field(
        default_factory=list,
        description="Origins of the newsroom's pages, comma separated: CORS and return addresses",
    )
    trusted_proxies: Listed = Field(
        default_factory=list,
        description="Networks (CIDR, comma separated) whose X-Forwarded-For is believed",
    )
    site_name: str = Field("Commentdesk", description="Name shown on pages")
    reserved_names: Listed = Field(
        default_factory=list,
        description="Names beside the built-in ones that hold a comment, comma separated",
    )
    phone_region: str = Field("VN", description="Region of phone numbers without a country code")
    hold_one_in: int = Field(
        100,
        description="At most one in so many honest comments is held: "
        + ", ".join(map(str, HOLD_STEPS)),
    )
    reject_one_in: int = Field(
        1000,
        description="At most one in so many honest comments is rejected by the machine (0: it "
        "rejects nothing): " + ", ".join(map(str, REJECT_STEPS)),
    )
    hold_links: bool = Field(
        True,
        description="Hold every comment with a link or another way to make contact; off: only "
        "where it looks like an advertisement",
    )
    publish_clean: bool = Field(
        True,
        description="Publish what no check minds; off: every comment waits for a moderator, "
        "sorted by risk",
    )
    lease_seconds: float = Field(15.0, gt=0, description="How long a worker's claim lasts, seconds")
    engine_seconds: float = Field(
        1.0,
        gt=0,
        description="How long an outside engine may take for a comment, seconds; less than "
        "lease_seconds",
    )
    akismet_url: str = Field(
        "https://rest.akismet.com", description="Who speaks Akismet's protocol"
    )
    akismet_key: SecretStr = Field(
        SecretStr(""), description="API key for it; empty: it is not asked"
    )
    spamd_address: str = Field(
        "", description="SpamAssassin's spamd: host:port or unix:/path; empty: it is not asked"
    )
    endpoint_url: str = Field(
        "", description="An HTTP endpoint of your own to ask of each comment; empty: none"
    )
    endpoint_secret: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="Key its calls are signed with: whsec_ and base64",
    )
    rehint_seconds: float = Field(
        8.0, gt=0, description="First wait before an overdue comment is hinted again, seconds"
    )
    recheck_seconds: float = Field(
        60.0,
        gt=0,
        description="First wait before a comment that a check could not answer for is checked "
        "again, seconds",
    )
    reconcile_seconds: float = Field(
        1.0, gt=0, description="Pause between reconciler runs, seconds"
    )
    delivery_backoff_seconds: Annotated[list[float], NoDecode] = Field(
        default_factory=lambda: [5.0, 300.0, 1800.0, 7200.0, 21600.0],
        description="Waits between tries at a store that is down, seconds, comma separated",
    )
    body_seconds: float = Field(
        20.0, gt=0, description="How long a request's body may take to arrive, seconds"
    )
    idle_seconds: float = Field(
        75.0,
        gt=0,
        description="Seconds until a connection is closed that is idle, does not finish its "
        "headers or does not take its answer; more than the proxy's own for ours",
    )
    retention_days: int = Field(
        180, gt=0, description="Days after which phone and address of decided comments are erased"
    )
    limits: bool = Field(True, description="Rate limits and surges; off only for a bench")
    submissions_limit: str = Field("10/minute", description="Comments per address")
    logins_limit: str = Field("10/minute", description="Login attempts per address and login")
    restart_seconds: float = Field(
        30.0,
        gt=0,
        description="Longest wait before `commentdesk up` starts a dying process again, seconds",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @field_validator(
        *("sites", "trusted_proxies", "reserved_names", "delivery_backoff_seconds"),
        *("phone_code_countries", "oidc_domains"),
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("hold_one_in", "reject_one_in")
    @classmethod
    def _a_step(cls, value: int, info: ValidationInfo) -> int:
        return checked_step(str(info.field_name), value)

    @field_validator("engine_seconds")
    @classmethod
    def _within_the_lease(cls, value: float, info: ValidationInfo) -> float:
        if value >= info.data.get("lease_seconds", value + 1):
            raise ValueError("not less than lease_seconds")
        return value

    @field_validator("spamd_address")
    @classmethod
    def _socket_address(cls, value: str) -> str:
        if value and not is_socket_address(value):
            raise ValueError("neither host:port nor unix:/path")
        return value

    @field_validator("endpoint_secret")
    @classmethod
    def _webhook_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if value.get_secret_value() or info.data.get("endpoint_url"):
            key_of(value.get_secret_value())
        return value

    @field_validator(
        *("intake_url", "moderation_url", "articles_url", "article_store_url"),
        *("akismet_url", "endpoint_url"),
    )
    @classmethod
    def _plain_web_address(cls, value: str, info: ValidationInfo) -> str:
        if value or info.field_name not in _MAY_BE_EMPTY:
            Origin.parse(value)
        return value.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _real_networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ip_network(network, strict=False)
        return value

    @field_validator("sites")
    @classmethod
    def _real_origins(cls, value: list[str]) -> list[str]:
        for origin in value:
            Origin.parse(origin)
        return value

    @property
    def allowed_origins(self) -> frozenset[Origin]:
        """Origins whose pages may call intake and be returned to."""
        return frozenset(Origin.parse(url) for url in [*self.sites, self.articles_url])

    @property
    def policy(self) -> Policy:
        """What holds where neither the site nor an article says otherwise in the console."""
        return Policy(self.hold_one_in, self.reject_one_in, self.publish_clean)

    @property
    def store_url(self) -> str:
        """Where other processes reach the article store."""
        return self.article_store_url or self.articles_url

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, FileSource(settings_cls)


class SettingsWrong(SystemExit):
    """Ends a process in plain words; nobody reads a traceback for a typing error."""


def read_settings() -> Settings:
    """The settings of this environment.

    Raises:
        SettingsWrong: names each setting that is missing or wrong, never its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        faults = [
            f"{PREFIX}{fault['loc'][0]}".upper() + f": {fault['msg']}" for fault in error.errors()
        ]
        raise SettingsWrong("settings are not right.\n  " + "\n  ".join(faults)) from None
    except OSError as error:
        raise SettingsWrong(f"cannot read {error.filename}: {error.strerror}") from None


def _fields() -> dict[str, FieldInfo]:
    return Settings.model_fields

"""The settings of signing in: sessions, the second factor, an OpenID provider."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from commentdesk.domain.addresses import Origin

_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class SignInSettings(BaseSettings):
    """How moderators come in and how long they stay; a part of all settings."""

    session_hours: int = Field(12, gt=0, description="How long a moderator stays logged in, hours")
    session_idle_minutes: int = Field(
        120, ge=0, description="Minutes without a page after which a session ends; 0: none"
    )
    second_factor: Literal["optional", "required"] = Field(
        "optional",
        description="Codes of an authenticator beside the password: optional, required (who has "
        "none is led to set it up before anything else)",
    )
    oidc_issuer: str = Field(
        "", description="OpenID provider by which moderators may sign in: its issuer; empty: none"
    )
    oidc_client_id: str = Field(
        "", validate_default=True, description="What the provider knows the console by"
    )
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Secret the provider gave for it; empty: a public client"
    )
    oidc_scopes: str = Field(
        "openid email profile", description="What is asked of the provider, blanks between"
    )
    oidc_claim: str = Field(
        "email",
        pattern=r"^[\w.:/-]{1,100}$",
        description="Which claim of the ID token is the login; email only where it is verified",
    )
    oidc_domains: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Domains, comma separated, that the claim must end in after an @; empty: any",
    )
    oidc_newcomer_role: Literal["", "moderator", "editor"] = Field(
        "",
        description="Role of somebody the provider vouches for who has no account: moderator, "
        "editor; empty: they are not let in",
    )
    oidc_name: str = Field("", description="The provider's name on the log-in page")
    password_login: bool = Field(
        True,
        validate_default=True,
        description="Log-in by password; off: by the provider alone",
    )

    @property
    def provider_name(self) -> str:
        """What the OpenID provider is called on pages; empty where there is none."""
        return (self.oidc_name or self.oidc_issuer) if self.oidc_issuer else ""

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer_address(cls, value: str) -> str:
        if value:
            check_provider_address(value)
        return value

    @field_validator("oidc_client_id")
    @classmethod
    def _known_to_the_provider(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("oidc_issuer") and not value:
            raise ValueError("missing, though there is an oidc_issuer")
        return value

    @field_validator("oidc_scopes")
    @classmethod
    def _asks_for_openid(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("openid is not among them")
        return " ".join(value.split())

    @field_validator("oidc_domains")
    @classmethod
    def _plain_domains(cls, value: list[str]) -> list[str]:
        return [domain.removeprefix("@").casefold() for domain in value]

    @field_validator("password_login")
    @classmethod
    def _somehow(cls, value: bool, info: ValidationInfo) -> bool:
        if not value and not info.data.get("oidc_issuer"):
            raise ValueError("nobody could log in: there is no oidc_issuer")
        return value


def check_provider_address(url: str) -> None:
    """Refuse what is no plain https address; http is for a provider on this machine.

    Raises:
        ValueError
    """
    Origin.parse(url)
    parts = urlsplit(url)
    if parts.query or parts.fragment:
        raise ValueError("not a plain address: neither query nor fragment belongs in it")
    if parts.scheme != "https" and parts.hostname not in _THIS_MACHINE:
        raise ValueError("not an https address")

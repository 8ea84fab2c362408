"""The settings of one-time codes, by which a reader shows that a phone is theirs."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode

from commentdesk.domain.addresses import Origin
from commentdesk.domain.webhooks import key_of

_COUNTRY_LETTERS = 2


class CodeSettings(BaseSettings):
    """Whether codes are sent, by whom, where to and how many; a part of all settings."""

    phone_codes: Literal["off", "offered", "required"] = Field(
        "off",
        description="One-time codes that show whose a phone is: off, offered (a reader may), "
        "required (a phone is taken only with its code)",
    )
    phone_code_sender: Literal["console", "http"] = Field(
        "console",
        description="Who sends them: console (intake's log, for development alone) or http (the "
        "gateway)",
    )
    phone_code_gateway: str = Field(
        "",
        validate_default=True,
        description="Address of the gateway that sends text messages; empty: none",
    )
    phone_code_gateway_secret: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="Key its calls are signed with: whsec_ and base64",
    )
    phone_code_countries: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Countries (ISO 3166-1, comma separated) codes are sent to; empty: "
        "phone_region alone",
    )
    phone_code_seconds: int = Field(600, gt=0, description="How long a code is good, seconds")
    phone_code_tries: int = Field(5, gt=0, description="Wrong tries after which a code is void")
    phone_code_send_seconds: float = Field(
        5.0, gt=0, description="How long sending one may take, seconds"
    )
    phone_codes_number_hourly: int = Field(3, gt=0, description="Codes an hour to one number")
    phone_codes_number_daily: int = Field(6, gt=0, description="Codes a day to one number")
    phone_codes_address_hourly: int = Field(
        10, gt=0, description="Codes an hour asked for from one address"
    )
    phone_codes_site_daily: int = Field(
        500, gt=0, description="Codes a day in all: what a day may cost"
    )

    @property
    def asks_for_codes(self) -> bool:
        return self.phone_codes != "off"

    @field_validator("phone_codes")
    @classmethod
    def _of_a_phone(cls, value: str, info: ValidationInfo) -> str:
        if value != "off" and info.data.get("phone_field") == "off":
            raise ValueError("there is no phone to send codes to: phone_field is off")
        return value

    @field_validator("phone_code_gateway")
    @classmethod
    def _plain_gateway(cls, value: str, info: ValidationInfo) -> str:
        if value or _needs_gateway(info):
            Origin.parse(value)
        return value

    @field_validator("phone_code_gateway_secret")
    @classmethod
    def _gateway_secret(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if value.get_secret_value() or info.data.get("phone_code_gateway") or _needs_gateway(info):
            key_of(value.get_secret_value())
        return value

    @field_validator("phone_code_countries")
    @classmethod
    def _real_countries(cls, value: list[str]) -> list[str]:
        for country in value:
            if len(country) != _COUNTRY_LETTERS or not (country.isascii() and country.isalpha()):
                raise ValueError("not a country's two letters")
        return [country.upper() for country in value]


def _needs_gateway(info: ValidationInfo) -> bool:
    return info.data.get("phone_codes") != "off" and info.data.get("phone_code_sender") == "http"

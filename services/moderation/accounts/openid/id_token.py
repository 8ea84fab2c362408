"""What an ID token says, after all that has to be checked (OpenID Connect Core 1.0 §3.1.3.7)."""

from typing import Any

from commentdesk.domain.text import has_control_character, normalize_line
from commentdesk.ledger.identities import Identity
from commentdesk.settings import Settings

# Signed by a key of the provider's alone: neither `none` nor a secret that we hold, too.
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384"]
# Clocks differ.
_LEEWAY_SECONDS = 60
_LONGEST_LOGIN = 100
_LONGEST_SUBJECT = 255


class NotVouched(Exception):
    """What came back does not tell who somebody is; the text says why, and quotes nothing."""


class KeyUnknown(NotVouched):
    """It is signed with a key that is not among those given."""


def read_id_token(settings: Settings, token: str, keys: Any, nonce: str) -> Identity:
    """Whom the settings' issuer vouches for, to this client, in this very sign-in.

    Raises:
        NotVouched, KeyUnknown.
    """
    claims = _checked(settings, _signed(token, keys), nonce)
    return _identity(settings, claims)


def _signed(token: str, keys: Any) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import InvalidKeyIdError, JoseError

    try:
        return jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
    except InvalidKeyIdError as error:
        raise KeyUnknown("its ID token is signed with an unknown key") from error
    except (JoseError, ValueError, TypeError) as error:
        raise NotVouched(f"its ID token: {type(error).__name__}") from error


def _checked(settings: Settings, claims: dict[str, Any], nonce: str) -> dict[str, Any]:
    from joserfc import jwt
    from joserfc.errors import JoseError

    client = settings.oidc_client_id
    rules = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY_SECONDS,
        iss={"essential": True, "value": settings.oidc_issuer},
        aud={"essential": True, "value": client},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        rules.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise NotVouched(f"its ID token: {type(error).__name__} {_claim_of(error)}") from error
    # Where there are several audiences, the token was made for one of them.
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client) != client:
        raise NotVouched("its ID token is for another client")
    return claims


def _claim_of(error: Exception) -> str:
    """Which of our own rules it broke; never what the token says."""
    claim = getattr(error, "claim", "")
    return claim if claim in {"iss", "aud", "nonce", "sub", "exp", "iat", "nbf"} else ""


def _identity(settings: Settings, claims: dict[str, Any]) -> Identity:
    subject, login = claims["sub"], claims.get(settings.oidc_claim)
    if len(subject) > _LONGEST_SUBJECT or has_control_character(subject):
        raise NotVouched("its subject is none")
    if not isinstance(login, str) or not login or len(login) > _LONGEST_LOGIN:
        raise NotVouched("the claim that is the login is missing or too long")
    if has_control_character(login) or normalize_line(login) != login:
        raise NotVouched("the claim that is the login is no login")
    if settings.oidc_claim == "email" and claims.get("email_verified") is not True:
        raise NotVouched("its e-mail address is not verified")
    domain = login.casefold().rpartition("@")[2] if "@" in login else ""
    if settings.oidc_domains and domain not in settings.oidc_domains:
        raise NotVouched("the domain is not among those of the settings")
    return Identity(settings.oidc_issuer, subject, login)

"""The settings' OpenID provider, asked over HTTP: where to send a browser, who came back."""

import asyncio
import base64
import json
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import aiohttp
from yarl import URL

from commentdesk.ledger.identities import Identity
from commentdesk.outgoing import open_session
from commentdesk.settings import Settings
from commentdesk.settings.sign_in import check_provider_address
from services.moderation.accounts.openid.asked import Asked
from services.moderation.accounts.openid.id_token import KeyUnknown, NotVouched, read_id_token

CALLBACK = "/login/openid/callback"
_TIMEOUT = aiohttp.ClientTimeout(total=5, connect=3)
_LONGEST_ANSWER = 256 * 1024
_KEPT_SECONDS = 3600
# Keys are fetched anew for a key we do not know, but not at every forged token.
_KEYS_APART_SECONDS = 30
_OK, _SERVER_ERROR = 200, 500


class ProviderAway(Exception):
    """The provider gave no answer that could be used."""


@dataclass(frozen=True)
class _Metadata:
    """What the provider says of itself (OpenID Connect Discovery 1.0 §3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    # Whether it names itself when it sends a browser back (RFC 9207).
    says_issuer: bool
    takes_secret_in_body: bool


class Provider:
    """Opened within the loop that uses it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = open_session()
        self._one_at_a_time = asyncio.Lock()
        self._metadata: _Metadata | None = None
        self._keys: Any = None
        self._metadata_from = self._keys_from = 0.0

    async def close(self) -> None:
        await self._session.close()

    async def address(self, asked: Asked) -> str:
        """Where the browser is sent to.

        Raises:
            ProviderAway
        """
        metadata = await self._discover()
        query = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._settings.moderation_url + CALLBACK,
            "scope": self._settings.oidc_scopes,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": asked.challenge,
            "code_challenge_method": "S256",
        }
        return str(URL(metadata.authorization_endpoint).update_query(query))

    async def identity(self, asked: Asked, code: str, issuer: str | None) -> Identity:
        """Who came back with this code; `issuer` is the answer's own word.

        Raises:
            NotVouched, ProviderAway.
        """
        metadata = await self._discover()
        if issuer != self._settings.oidc_issuer and (issuer is not None or metadata.says_issuer):
            raise NotVouched("the answer is another issuer's")
        token = await self._redeem(metadata, asked, code)
        fetched = await self._fetch_keys(metadata, _KEPT_SECONDS)
        try:
            return read_id_token(self._settings, token, self._keys, asked.nonce)
        except KeyUnknown:
            # Providers change their keys.
            if fetched or not await self._fetch_keys(metadata, _KEYS_APART_SECONDS):
                raise
        return read_id_token(self._settings, token, self._keys, asked.nonce)

    async def _discover(self) -> _Metadata:
        async with self._one_at_a_time:
            at = time.monotonic()
            if self._metadata is None or at - self._metadata_from > _KEPT_SECONDS:
                url = self._settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._metadata = self._read_metadata(await self._get(url))
                self._metadata_from = at
            return self._metadata

    def _read_metadata(self, document: dict[str, Any]) -> _Metadata:
        if document.get("issuer") != self._settings.oidc_issuer:
            raise ProviderAway("it says it is another issuer")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, keys = (str(document.get(name, "")) for name in names)
        for address in (authorization, token, keys):
            try:
                check_provider_address(address.partition("?")[0])
            except ValueError as error:
                raise ProviderAway("an address of its own is not plain") from error
        methods = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return _Metadata(
            authorization,
            token,
            keys,
            says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
            takes_secret_in_body="client_secret_basic" not in methods,
        )

    async def _redeem(self, metadata: _Metadata, asked: Asked, code: str) -> str:
        """The ID token for a code, which the provider takes once."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.moderation_url + CALLBACK,
            "code_verifier": asked.verifier,
        }
        headers = {}
        client = self._settings.oidc_client_id
        secret = self._settings.oidc_client_secret.get_secret_value()
        if not secret or metadata.takes_secret_in_body:
            form |= {"client_id": client} | ({"client_secret": secret} if secret else {})
        else:
            # RFC 6749 §2.3.1: both are form-encoded before they are joined.
            pair = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        answer = await self._call("POST", metadata.token_endpoint, data=form, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotVouched("there is no ID token in the answer")
        return token

    async def _fetch_keys(self, metadata: _Metadata, kept_seconds: float) -> bool:
        """Fetch the provider's keys where ours are older than that; whether they were fetched."""
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        at = time.monotonic()
        if self._keys is not None and at - self._keys_from < kept_seconds:
            return False
        document: Any = await self._get(metadata.jwks_uri)
        try:
            self._keys = KeySet.import_key_set(document)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProviderAway("its keys cannot be read") from error
        self._keys_from = at
        return True

    async def _get(self, url: str) -> dict[str, Any]:
        try:
            return await self._call("GET", url)
        except NotVouched as error:
            raise ProviderAway(str(error)) from error

    async def _call(self, method: str, url: str, **more: Any) -> dict[str, Any]:
        """A JSON object from the provider: no redirect followed, no endless answer read."""
        try:
            async with self._session.request(
                method, url, timeout=_TIMEOUT, allow_redirects=False, **more
            ) as response:
                if response.status != _OK:
                    wrong = ProviderAway if response.status >= _SERVER_ERROR else NotVouched
                    raise wrong(f"HTTP {response.status}")
                document = json.loads(await _read(response))
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError) as error:
            raise ProviderAway(type(error).__name__) from error
        if not isinstance(document, dict):
            raise ProviderAway("its answer is no JSON object")
        return document


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > _LONGEST_ANSWER:
            raise ProviderAway("its answer is too long")
    return content

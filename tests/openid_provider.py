"""A little OpenID provider of the tests' own, honest unless told otherwise."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from yarl import URL

CLIENT, SECRET = "the console", "p%ss wörd"


@dataclass
class Grant:
    """What a code stands for."""

    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class OpenIdProvider:
    """Listens on loopback. `claims` is who is logged in there; the rest is how it misbehaves."""

    claims: dict[str, Any] = field(default_factory=dict)
    # Put over the ID token's own claims; None takes a claim away.
    forged: dict[str, Any] = field(default_factory=dict)
    # Put over the metadata.
    said: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    signing_key: Any = None
    # Answers the token endpoint instead of an ID token.
    instead: web.Response | None = None
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self._grants: dict[str, Grant] = {}

    async def start(self) -> None:
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._metadata),
                web.get("/authorize", self._ask),
                web.get("/keys", self._keys),
                web.post("/token", self._token),
            ]
        )
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.issuer = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    def behave(self) -> None:
        """Honest again, and nothing asked yet."""
        self.forged, self.said, self.algorithm = {}, {}, "RS256"
        self.signing_key, self.instead, self.down = None, None, False
        self.asked.clear()

    def authorize(self, address: str) -> str:
        """What a person does there: log in; where they are sent back to."""
        url = URL(address)
        asked = dict(url.query)
        assert (url.path, asked["response_type"], asked["client_id"]) == (
            "/authorize",
            "code",
            CLIENT,
        )
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._grants[code] = Grant(asked["nonce"], asked["code_challenge"], asked["redirect_uri"])
        back = {"code": code, "state": asked["state"]}
        if self.said.get("authorization_response_iss_parameter_supported"):
            back["iss"] = self.issuer
        return str(URL(asked["redirect_uri"]).update_query(back))

    async def _metadata(self, _request: web.Request) -> web.Response:
        self._note("metadata")
        return web.json_response(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.said,
            }
        )

    async def _ask(self, request: web.Request) -> web.Response:
        """For a browser: whoever comes is logged in already and agrees."""
        return web.Response(status=302, headers={"Location": self.authorize(str(request.url))})

    async def _keys(self, _request: web.Request) -> web.Response:
        self._note("keys")
        return web.json_response(KeySet([self.key]).as_dict(private=False))

    async def _token(self, request: web.Request) -> web.Response:
        self._note("token")
        if self.instead is not None:
            return self.instead
        form = await request.post()
        kind, _, pair = request.headers.get("Authorization", "").partition(" ")
        client, _, secret = base64.b64decode(pair).decode().partition(":")
        known = (kind, unquote_plus(client), unquote_plus(secret)) == ("Basic", CLIENT, SECRET)
        grant = self._grants.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = unpadded(digest).decode()
        if not known or grant is None or grant.challenge != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        assert form["redirect_uri"] == grant.redirect_uri
        return web.json_response({"token_type": "Bearer", "id_token": self._id_token(grant.nonce)})

    def _id_token(self, nonce: str) -> str:
        at = int(time.time())
        honest = {
            "iss": self.issuer,
            "aud": CLIENT,
            "exp": at + 300,
            "iat": at,
            "nonce": nonce,
            **self.claims,
        }
        claims = {n: v for n, v in {**honest, **self.forged}.items() if v is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm in {"none", "HS256"}:
            return self._by_hand(header, claims)
        return jwt.encode(header, claims, self.signing_key or self.key)

    def _by_hand(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        """Unsigned, or with the public key, which everybody has, taken for a secret."""
        said = b".".join(unpadded(json.dumps(part).encode()) for part in (header, claims))
        secret = self.key.as_pem(private=False)
        signature = hmac.digest(secret, said, "sha256") if self.algorithm == "HS256" else b""
        return b".".join([said, unpadded(signature)]).decode()

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise web.HTTPBadGateway


def unpadded(data: bytes) -> bytes:
    """In base64, as tokens have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=")

"""Signing in by an OpenID provider (OpenID Connect Core 1.0, code flow with PKCE S256)."""

from services.moderation.accounts.openid.asked import Asked
from services.moderation.accounts.openid.id_token import NotVouched
from services.moderation.accounts.openid.provider import CALLBACK, Provider, ProviderAway

__all__ = ["CALLBACK", "Asked", "NotVouched", "Provider", "ProviderAway"]

"""The least settings a service can be made of, for tests that start none."""

from commentdesk.settings import Settings

LEAST = {
    "secret": "s" * 40,
    "service_token": "t" * 40,
    "ledger_url": "sqlite+aiosqlite:///ledger",
    "articles_database_url": "sqlite+aiosqlite:///articles",
    "redis_url": "redis://localhost",
}


def least_settings(**asked: str) -> Settings:
    """Those and what is asked for beside them."""
    return Settings.model_validate({**LEAST, **asked})

"""One process's way into the ledger."""

from functools import partial
from typing import Any

from commentdesk.database import Database
from commentdesk.ledger.chain import ChainKey, join_chain
from commentdesk.sealing import Sealing
from commentdesk.settings import Settings


class Ledger:
    """The database, the keys of personal data, receipts and audit, the clocks of hints."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.chain_key = ChainKey(settings.secret.get_secret_value())
        self.database = Database(settings.ledger_url, partial(join_chain, self.chain_key))
        self.personal = Sealing(settings.secret.get_secret_value(), "personal-data")
        self.receipts = Sealing(settings.secret.get_secret_value(), "receipts")

    def seal(self, text: str, context: str) -> bytes | None:
        """Encrypt a piece of personal data for the row `context`; None for nothing."""
        return self.personal.seal(text.encode(), context.encode()) if text else None

    def unseal(self, sealed: bytes | None, context: str) -> str:
        """What `seal` encrypted; empty for nothing."""
        return self.personal.unseal(sealed, context.encode()).decode() if sealed else ""

    def hashed(self, text: str) -> bytes | None:
        """A keyed hash for matching; None for nothing."""
        return self.personal.keyed_hash(text) if text else None

    def insert(self, table: Any) -> Any:
        return self.database.insert(table)

    async def close(self) -> None:
        await self.database.close()

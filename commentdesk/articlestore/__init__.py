"""Article stores: one small protocol, and the clients that speak it."""

from commentdesk.articlestore.builtin import BuiltinStore
from commentdesk.articlestore.protocol import (
    Article,
    ArticleStore,
    Delivery,
    StoredComment,
    StoreRefused,
    StoreUnavailable,
)

__all__ = [
    "Article",
    "ArticleStore",
    "BuiltinStore",
    "Delivery",
    "StoreRefused",
    "StoreUnavailable",
    "StoredComment",
]

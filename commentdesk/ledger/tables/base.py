"""The one collection of all the ledger's tables."""

import sqlalchemy as sql

metadata = sql.MetaData()

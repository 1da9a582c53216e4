"""Editions: all marts in PostgreSQL, what is new of them copied, shown by re-pointing views in one transaction.

Leaders see one whole edition or the one before it, never a mixture. What is held or failed leaves the last
good edition in place.
"""

from govlake.editions.model import Edition, Mart
from govlake.editions.publishing import publish
from govlake.editions.shown import list_editions, rollback, show

__all__ = ["Edition", "Mart", "list_editions", "publish", "rollback", "show"]

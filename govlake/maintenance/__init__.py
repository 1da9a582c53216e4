"""Keeping the lake fit: fewer and larger files, short logs, no leftovers; going back, and erasing a person.

Everything here may be killed at any moment and run again. Maintenance changes no row, and therefore makes no edition.
"""

from govlake.maintenance.table import LakeTable, find, named

__all__ = ["LakeTable", "find", "named"]

"""A city's own ledger, whatever its form, made into the inventory."""

from fmtool.inventory.importing.account import MERGED, REFUSED, STATUSES, USED
from fmtool.inventory.importing.run import ImportOutcome, import_files
from fmtool.inventory.importing.sources import read_source
from fmtool.inventory.importing.write import write_import

__all__ = ["MERGED", "REFUSED", "STATUSES", "USED", "ImportOutcome", "import_files", "read_source", "write_import"]

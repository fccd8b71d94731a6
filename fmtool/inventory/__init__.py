"""What a city owns: read, cleaned, checked and completed, with everything assumed named."""

from fmtool.inventory.columns import BY_NAME, COLUMNS, Column, column_of
from fmtool.inventory.quality import Quality, quality
from fmtool.inventory.read import Inventory, read_inventory
from fmtool.inventory.services import read_services

__all__ = [
    "BY_NAME",
    "COLUMNS",
    "Column",
    "Inventory",
    "Quality",
    "column_of",
    "quality",
    "read_inventory",
    "read_services",
]

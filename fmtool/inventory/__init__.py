"""What a city owns: read, cleaned, checked and completed, with everything assumed named."""

from fmtool.inventory.columns import BY_NAME, COLUMNS, Column, column_of
from fmtool.inventory.read import Inventory, read_inventory
from fmtool.inventory.services import merges, read_services

__all__ = ["BY_NAME", "COLUMNS", "Column", "Inventory", "column_of", "merges", "read_inventory", "read_services"]

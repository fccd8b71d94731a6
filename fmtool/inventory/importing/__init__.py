"""A city's own ledger, whatever its form, made into the inventory."""

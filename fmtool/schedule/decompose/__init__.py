"""The schedule by its prices: coupling rows priced, facilities answering each for itself, the last plan by a small MILP."""

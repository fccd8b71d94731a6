"""Funding programmes, bonds, the city's finances and its ratios: pure functions.

Nothing here knows of life plans or of a solver. Amounts are whole currency units, rates are fractions,
a year is a fiscal year.
"""

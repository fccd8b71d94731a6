"""Facility lifecycle-cost planning for cities."""

__version__ = "0.1.0"

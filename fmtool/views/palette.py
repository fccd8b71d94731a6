"""Colours of actions, shared by the map, the workbook, the charts and the report.

The hues are those of Okabe and Ito's palette for colour-blind readers, widened to twelve actions;
no picture relies on colour alone.
"""

from __future__ import annotations

ACTION_COLOURS: dict[str, str] = {
    "keep": "#77859a",
    "repair": "#a9cfe8",
    "renovate": "#0072B2",
    "extend": "#009E73",
    "rebuild": "#D55E00",
    "rebuild_smaller": "#E69F00",
    "retrofit": "#F0E442",
    "merge": "#CC79A7",
    "convert": "#8c6d00",
    "lease": "#56B4E9",
    "sell": "#5b3f95",
    "demolish": "#333333",
}
"""Action code to its colour."""

SERIES_COLOURS: dict[str, str] = {
    "replace": "#D55E00",
    "extend": "#009E73",
    "plan": "#0072B2",
    "keep": "#5f6b7a",
    "budget": "#1a1a1a",
}
"""Colour of a curve: the two baselines, the plan, doing nothing, and the budget line."""


_LINEAR_BELOW = 0.04045
"""Channel value under which sRGB is linear."""


def ink_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on ``colour``.

    The relative luminance and the contrast ratio are those of WCAG 2.2.

    >>> ink_on("#333333"), ink_on("#F0E442")
    ('#ffffff', '#000000')
    """
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= _LINEAR_BELOW else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    white, black = 1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05
    return "#ffffff" if white >= black else "#000000"

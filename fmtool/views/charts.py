"""Charts as SVG or PNG bytes: the same input gives the same bytes.

Amounts are whole currency units; an axis shows them in the unit that its title names. Japanese is
drawn only when a Japanese font is found on the machine; else a chart speaks English.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import ArrayLike, NDArray

from fmtool.text import Lang, Text
from fmtool.views.labels import SERIES, SHORT_SERIES, chart_unit, named
from fmtool.views.palette import ACTION_COLOURS, SERIES_COLOURS
from fmtool.vocabulary import ACTIONS

Format = Literal["svg", "png"]

FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Source Han Sans JP",
    "BIZ UDPGothic",
    "IPAexGothic",
    "IPAPGothic",
    "IPAGothic",
    "Yu Gothic",
    "Meiryo",
    "Hiragino Sans",
    "Hiragino Kaku Gothic ProN",
    "MS PGothic",
    "MS Gothic",
    "TakaoPGothic",
    "VL PGothic",
)
"""Japanese typefaces looked for, best first."""

NO_FONT = Text(
    "日本語フォントがないため、図の文字は英語になります（例: fonts-noto-cjk を入れると日本語になります）",
    "charts speak English: no Japanese font was found (for one, install fonts-noto-cjk)",
)

_LINES = {"replace": "--", "extend": "-.", "plan": "-", "keep": ":", "budget": (0, (4, 2))}
INK, _GRID = "#333333", "#d9dde3"
_log = logging.getLogger(__name__)
_CAPTION: ContextVar[Text | None] = ContextVar("_CAPTION", default=None)


@lru_cache(maxsize=1)
def japanese_font() -> str | None:
    """Return the name of a Japanese font on this machine, or None."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in FONTS if name in known), None)
    if found is None:  # the list kept by matplotlib may be older than a font
        listed = {font.fname for font in font_manager.fontManager.ttflist}
        for path in sorted(set(font_manager.findSystemFonts()) - listed):
            with suppress(OSError, RuntimeError):  # no file that can be read as a font
                font_manager.fontManager.addfont(path)
        known = {font.name for font in font_manager.fontManager.ttflist}
        found = next((name for name in FONTS if name in known), None)
    return found


def chart_lang(lang: Lang) -> Lang:
    """Return the language that charts can be drawn in on this machine."""
    if lang == "ja" and japanese_font() is None:
        say_no_font()
        return "en"
    return lang


@lru_cache(maxsize=1)
def say_no_font() -> None:
    """Say once a run, not once a chart, why charts speak English."""
    _log.warning(NO_FONT.en)


def costs_chart(
    years: Sequence[int],
    by_action: Mapping[str, ArrayLike],
    budget: ArrayLike | None = None,
    *,
    lang: Lang = "ja",
    currency: str = "JPY",
    title: Text | None = None,
    fmt: Format = "svg",
) -> bytes:
    """Draw each year's cost as bars stacked by action, against the budget line.

    Parameters
    ----------
    years
        Fiscal years.
    by_action
        Action code to yearly amounts in currency units; actions without cost are left out.
    budget
        Yearly money for works in currency units, one amount or one a year.
    lang, currency, title, fmt
        Language, three-letter currency, title above the chart, `svg` or `png`.
    """
    lang = chart_lang(lang)
    costs = {code: np.asarray(by_action[code], dtype=float) for code in ACTIONS if code in by_action}
    costs = {code: amounts for code, amounts in costs.items() if np.any(amounts != 0)}
    line = None if budget is None else np.broadcast_to(np.asarray(budget, dtype=float), (len(years),))
    total = np.sum(list(costs.values()), axis=0) if costs else np.zeros(len(years))
    divisor, unit = chart_unit(largest(total, line), currency, lang)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        base = np.zeros(len(years))
        for code, amounts in costs.items():
            axes.bar(
                years,
                amounts / divisor,
                0.86,
                bottom=base / divisor,
                color=ACTION_COLOURS[code],
                edgecolor="white",
                linewidth=0.4,
                label=named(ACTIONS, code, lang),
            )
            base = base + amounts
        if line is not None:
            edges = np.append(np.asarray(years) - 0.5, years[-1] + 0.5)
            steps = np.append(line, line[-1]) / divisor
            axes.step(edges, steps, where="post", color=INK, lw=1.6, ls="--", label=SERIES["budget"].say(lang))
        axes.set_ylabel(unit)
        axes.set_xlim(years[0] - 0.7, years[-1] + 0.7)
        year_axis(axes, lang)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncols=6, frameon=False, borderaxespad=0.4)

    return picture(draw, (10, 4.2), lang, title, fmt)


def baseline_chart(
    years: Sequence[int],
    replace: ArrayLike,
    extend: ArrayLike,
    plan: ArrayLike,
    budget: ArrayLike | None = None,
    *,
    lang: Lang = "ja",
    currency: str = "JPY",
    title: Text | None = None,
    size: tuple[float, float] = (11, 4.0),
    fmt: Format = "svg",
) -> bytes:
    """Draw replace, extend and plan in one picture: yearly against the budget, and cumulative.

    All amounts are yearly, in currency units; ``budget`` may be one amount; ``size`` is in inches.
    """
    lang = chart_lang(lang)
    series = {"replace": replace, "extend": extend, "plan": plan}
    yearly = {code: np.asarray(amounts, dtype=float) for code, amounts in series.items()}
    line = None if budget is None else np.broadcast_to(np.asarray(budget, dtype=float), (len(years),))
    shown = yearly if line is None else {**yearly, "budget": line}
    divisor, unit = chart_unit(largest(*(np.cumsum(amounts) for amounts in shown.values())), currency, lang)

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        for code, amounts in shown.items():
            style = {"drawstyle": "steps-mid"} if code == "budget" else {}
            label = SHORT_SERIES[code].say(lang)
            left.plot(years, amounts / divisor, color=SERIES_COLOURS[code], ls=_LINES[code], label=label, **style)
        left.set_title(Text("各年度", "Each year").say(lang), loc="left", fontsize=10)
        left.set_ylabel(unit)
        left.set_ylim(0, None)
        ends = {}
        for code, amounts in shown.items():
            total = np.cumsum(amounts) / divisor
            right.plot(years, total, color=SERIES_COLOURS[code], ls=_LINES[code])
            ends[f"{SHORT_SERIES[code].say(lang)}  {total[-1]:,.0f}"] = (total[-1], SERIES_COLOURS[code])
        right.set_title(Text("累計", "Cumulative").say(lang), loc="left", fontsize=10)
        right.set_ylabel(unit)
        right.set_ylim(0, None)
        end_labels(right, years[-1], ends)
        for axes in (left, right):
            year_axis(axes, lang)
        left.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncols=4, frameon=False, borderaxespad=0.4)

    return picture(draw, size, lang, title, fmt)


def curve_chart(
    years: Sequence[int],
    curves: Mapping[str, ArrayLike],
    condition: Mapping[str, ArrayLike] | None = None,
    *,
    lang: Lang = "ja",
    currency: str = "JPY",
    title: Text | None = None,
    labels: Mapping[str, Text] | None = None,
    size: tuple[float, float] | None = None,
    fmt: Format = "svg",
) -> bytes:
    """Draw lifecycle-cost curves: cumulative cost of each alternative, and the condition under it.

    Parameters
    ----------
    years
        Fiscal years.
    curves
        Label (`plan`, `keep`, `replace`, `extend`, or any other) to cumulative cost in currency units.
    condition
        The same labels to a condition index of 0-100; NaN once disposed of. None: no lower panel.
    labels
        Names of further labels; codes of actions are known.
    size
        Width and height in inches; letters keep their size.
    lang, currency, title, fmt
        Language, three-letter currency, title above the chart, `svg` or `png`.
    """
    lang = chart_lang(lang)
    names = {**ACTIONS, **SHORT_SERIES, **(labels or {})}
    lines = {label: np.asarray(amounts, dtype=float) for label, amounts in curves.items()}
    divisor, unit = chart_unit(largest(*lines.values()), currency, lang)

    def draw(figure: Figure) -> None:
        upper, lower = (
            figure.subplots(2, 1, sharex=True, height_ratios=(3, 2)) if condition else (figure.subplots(), None)
        )
        ends = {}
        for order, (label, amounts) in enumerate(lines.items()):
            colour, style = _line_of(label, order)
            upper.plot(years, amounts / divisor, color=colour, ls=style, lw=2.4 if label == "plan" else 1.6)
            ends[f"{drawable(named(names, label, lang))}  {amounts[-1] / divisor:,.1f}"] = (
                amounts[-1] / divisor,
                colour,
            )
        upper.set_ylabel(Text(f"累計費用（{unit}）", f"Cumulative cost ({unit})").say(lang))
        upper.set_ylim(min(0.0, upper.get_ylim()[0]), None)
        end_labels(upper, years[-1], ends, share=0.5 if condition else 0.8)
        if lower is not None and condition:
            for label, index in condition.items():
                colour, style = _line_of(label, list(lines).index(label) if label in lines else len(lines))
                lower.plot(years, np.asarray(index, dtype=float), color=colour, ls=style, lw=1.8)
            lower.set_ylabel(Text("健全度", "Condition").say(lang))
            lower.set_ylim(0, 105)
            year_axis(lower, lang)
        year_axis(upper, lang, with_name=lower is None)

    return picture(draw, size or (7.5, 4.6 if condition else 3.4), lang, title, fmt)


def level_chart(
    years: Sequence[int],
    level: ArrayLike,
    limit: ArrayLike,
    *,
    names: tuple[Text, Text],
    unit: Text,
    is_ceiling: bool = True,
    lang: Lang = "ja",
    fmt: Format = "svg",
) -> bytes:
    """Draw one indicator against its limit, such as floor area against its target.

    ``level`` and ``limit`` are in ``unit``; NaN in ``limit`` means no limit in that year.
    """
    lang = chart_lang(lang)
    values, bounds = np.asarray(level, dtype=float), np.asarray(limit, dtype=float)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.fill_between(years, values, step="mid", color=SERIES_COLOURS["plan"], alpha=0.18, lw=0)
        axes.step(years, values, where="mid", color=SERIES_COLOURS["plan"], lw=1.8, label=names[0].say(lang))
        if not np.all(np.isnan(bounds)):
            colour = SERIES_COLOURS["replace" if is_ceiling else "extend"]
            axes.step(years, bounds, where="mid", color=colour, ls="--", marker="o", ms=3, label=names[1].say(lang))
        axes.set_ylabel(unit.say(lang))
        axes.set_ylim(0, largest(values, bounds) * 1.15 or 1)
        year_axis(axes, lang)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, frameon=False, borderaxespad=0.4)

    return picture(draw, (5.4, 2.9), lang, None, fmt)


@contextmanager
def captioned(caption: Text) -> Iterator[None]:
    """Write a small caption under every chart drawn within: for pictures that leave the page which names their case."""
    before = _CAPTION.set(caption)
    try:
        yield
    finally:
        _CAPTION.reset(before)


def picture(draw: Any, size: tuple[float, float], lang: Lang, title: Text | None, fmt: Format) -> bytes:  # noqa: ANN401  - a callable
    """Return what ``draw`` draws on a figure of that size in inches, in the look that all charts share."""
    family = [name for name in (japanese_font(), "DejaVu Sans") if name]
    settings: Any = {
        "svg.hashsalt": "fmtool",
        "svg.fonttype": "path",
        "font.family": family,
        "font.size": 9.5,
        "axes.edgecolor": _GRID,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": _GRID,
        "lines.linewidth": 1.9,
    }
    with mpl.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=size, dpi=150, layout="constrained")
        draw(figure)
        if title is not None:
            figure.suptitle(drawable(title.say(lang)), x=0.01, ha="left", fontsize=12, parse_math=False)
        caption = _CAPTION.get()
        if caption is not None:
            said = drawable(caption.say(lang))
            figure.supxlabel(said, x=0.99, ha="right", fontsize=7.5, color="#586673", parse_math=False)
        out = io.BytesIO()
        if fmt == "png":
            figure.savefig(out, format="png", metadata={"Software": None})
        else:
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(out, format="svg", metadata=nothing)
    return out.getvalue()


def drawable(text: str) -> str:
    """Leave out what no font at hand can draw, so that no empty boxes appear."""
    return text if japanese_font() is not None else text.encode("latin-1", "ignore").decode("latin-1").strip()


def _line_of(label: str, order: int) -> tuple[str, Any]:
    colours = list(ACTION_COLOURS.values())
    colour = SERIES_COLOURS.get(label) or ACTION_COLOURS.get(label) or colours[2 + order % (len(colours) - 2)]
    return colour, _LINES.get(label, ("-", "--", "-.", ":")[order % 4])


def largest(*series: NDArray[np.float64] | None) -> float:
    """Return the largest size of any value that is a number; 0 where there is none."""
    tops = [float(np.nanmax(np.abs(values))) for values in series if values is not None and np.any(~np.isnan(values))]
    return max(tops, default=0.0)


def year_axis(axes: Any, lang: Lang, *, with_name: bool = True) -> None:  # noqa: ANN401  - matplotlib is untyped
    """Give axes by year whole years below, and amounts with commas beside."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    if with_name:
        axes.set_xlabel(Text("年度", "Fiscal year").say(lang), loc="right", labelpad=1)
    axes.tick_params(length=0)


def end_labels(axes: Any, year: int, ends: Mapping[str, tuple[float, str]], share: float = 0.75) -> None:  # noqa: ANN401  - matplotlib is untyped
    """Write each line's name at its end, moved apart where two would meet.

    ``share`` is about how much of the picture's height the axes take.
    """
    low, high = axes.get_ylim()
    step = (high - low) * 11.5 / (axes.figure.get_size_inches()[1] * 72 * share)
    place = -np.inf
    for label, (value, colour) in sorted(ends.items(), key=lambda item: item[1][0]):
        place = max(value, place + step)
        axes.annotate(
            label,
            (year, place),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=9,
            parse_math=False,
            annotation_clip=False,
        )

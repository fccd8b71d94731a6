"""Charts of what pays, what is owed, and of scenarios side by side; as SVG or PNG bytes like those of ``charts``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike, NDArray

from fmtool.schedule.result import SOURCES
from fmtool.text import Lang, Text
from fmtool.views.charts import Format, chart_lang, drawable, end_labels, largest, picture, year_axis
from fmtool.views.fiscal import SOURCE_COLOURS
from fmtool.views.labels import chart_unit
from fmtool.views.palette import SERIES_COLOURS
from fmtool.views.scenarios import scenario_look


def sources_chart(
    years: Sequence[int],
    by_source: Mapping[str, ArrayLike],
    *,
    lang: Lang = "ja",
    currency: str = "JPY",
    title: Text | None = None,
    fmt: Format = "svg",
) -> bytes:
    """Draw what pays for each year's works as stacked bars (財源内訳).

    Parameters
    ----------
    years
        Fiscal years.
    by_source
        Column of ``SOURCES`` to yearly amounts in currency units; sources that give nothing are left out.
    lang, currency, title, fmt
        Language, three-letter currency, title above the chart, `svg` or `png`.
    """
    lang = chart_lang(lang)
    paid = {name: np.asarray(by_source[name], dtype=float) for name in SOURCES if name in by_source}
    paid = {name: amounts for name, amounts in paid.items() if np.any(amounts != 0)}
    total = np.sum(list(paid.values()), axis=0) if paid else np.zeros(len(years))
    divisor, unit = chart_unit(largest(total), currency, lang)

    def draw(figure: Figure) -> None:
        axes, base = figure.subplots(), np.zeros(len(years))
        for name, amounts in paid.items():
            axes.bar(
                years, amounts / divisor, 0.86, bottom=base / divisor, color=SOURCE_COLOURS[name], edgecolor="white",
                linewidth=0.4, label=SOURCES[name].say(lang),
            )  # fmt: skip
            base = base + amounts
        axes.set_ylabel(unit)
        axes.set_xlim(years[0] - 0.7, years[-1] + 0.7)
        year_axis(axes, lang)
        if paid:
            axes.legend(loc="upper left", bbox_to_anchor=(0, -0.1), ncols=6, frameon=False, borderaxespad=0.4)

    return picture(draw, (10, 3.6), lang, title, fmt)


def ratio_chart(
    years: Sequence[int],
    ratio: ArrayLike,
    limit: float | None,
    *,
    name: Text,
    mean: ArrayLike | None = None,
    lang: Lang = "ja",
    title: Text | None = None,
    fmt: Format = "svg",
) -> bytes:
    """Draw a ratio of public finance by year against the ordinance's limit.

    ``ratio``, ``mean`` (its three-year mean) and ``limit`` are fractions; the axis shows per cent.
    """
    lang = chart_lang(lang)
    values = np.asarray(ratio, dtype=float) * 100
    means = None if mean is None else np.asarray(mean, dtype=float) * 100

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.bar(years, values, 0.86, color=SERIES_COLOURS["plan"], alpha=0.35, label=name.say(lang))
        if means is not None:
            label = Text("3か年平均", "Three-year mean").say(lang)
            axes.plot(years, means, color=SERIES_COLOURS["plan"], lw=2, label=label)
        if limit is not None:
            label = Text(f"上限 {limit:.1%}", f"Limit {limit:.1%}").say(lang)
            axes.axhline(limit * 100, color=SERIES_COLOURS["replace"], ls="--", label=label)
        top = max(largest(values, means), 0 if limit is None else limit * 100)
        axes.set_ylim(min(0.0, float(np.nanmin(values)) * 1.1), top * 1.15 or 1)
        year_axis(axes, lang)
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3, frameon=False, borderaxespad=0.4)

    return picture(draw, (5.4, 2.9), lang, title, fmt)


def debt_chart(
    years: Sequence[int],
    levels: Mapping[str, tuple[Text, ArrayLike]],
    *,
    lang: Lang = "ja",
    currency: str = "JPY",
    title: Text | None = None,
    fmt: Format = "svg",
) -> bytes:
    """Draw amounts at the ends of years as lines, such as bonds outstanding, the fund and the budget size.

    ``levels`` maps any key to a name and yearly amounts in currency units.
    """
    lang = chart_lang(lang)
    drawn = {key: (label, np.asarray(amounts, dtype=float)) for key, (label, amounts) in levels.items()}
    divisor, unit = chart_unit(largest(*(amounts for _, amounts in drawn.values())), currency, lang)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for order, (label, amounts) in enumerate(drawn.values()):
            colour, _ = scenario_look(order)
            axes.plot(
                years, amounts / divisor, color=colour, ls=("-", "--", "-.", ":")[order % 4], label=label.say(lang)
            )
        axes.set_ylabel(unit)
        axes.set_ylim(0, None)
        year_axis(axes, lang)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.12), ncols=3, frameon=False, borderaxespad=0.4)

    return picture(draw, (5.4, 2.9), lang, title, fmt)


def scenarios_chart(
    spend: Mapping[str, tuple[Sequence[int], NDArray[np.float64]]],
    *,
    lang: Lang = "ja",
    currency: str = "JPY",
    title: Text | None = None,
    fmt: Format = "svg",
) -> bytes:
    """Draw the works of several scenarios: each year, and cumulative.

    ``spend`` maps a scenario's name to its years and their works in currency units.
    """
    lang = chart_lang(lang)
    divisor, unit = chart_unit(largest(*(np.cumsum(amounts) for _, amounts in spend.values())), currency, lang)

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2)
        ends = {}
        for order, (name, (years, amounts)) in enumerate(spend.items()):
            colour, is_dashed = scenario_look(order)
            style = "--" if is_dashed else "-"
            total = np.cumsum(amounts) / divisor
            left.plot(years, amounts / divisor, color=colour, ls=style, lw=1.5)
            right.plot(years, total, color=colour, ls=style)
            ends[f"{drawable(name)}  {total[-1]:,.0f}"] = (float(total[-1]), colour)
        for axes, words in ((left, Text("各年度", "Each year")), (right, Text("累計", "Cumulative"))):
            axes.set_title(words.say(lang), loc="left", fontsize=10)
            axes.set_ylabel(unit)
            axes.set_ylim(0, None)
            year_axis(axes, lang)
        end_labels(right, max(years[-1] for years, _ in spend.values()), ends)

    return picture(draw, (11, 4.2), lang, title, fmt)

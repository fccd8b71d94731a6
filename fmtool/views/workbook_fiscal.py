"""Sheet 財政指標: the fund, what is borrowed and owed, and the ratios against the ordinance's limits."""

from __future__ import annotations

import numpy as np

from fmtool.schedule.result import PlanResult
from fmtool.text import Text
from fmtool.views.fiscal import Floats, cut_share, is_given, limit_of, owned_ratios, yearly_column
from fmtool.views.palette import SERIES_COLOURS
from fmtool.views.workbook_page import COUNT, HEAD_ROW, Book, Page, cell, finish_chart, span
from fmtool.views.workbook_yearly import (
    FIRST_COLUMN,
    FIRST_ROW,
    Column,
    Group,
    bound_years,
    level_chart,
    line_chart,
    pages_of,
    write_groups,
)

HALF = 0.5
"""Less of a currency unit is nothing."""
RATIO = {"ja": '0.0%;"△"0.0%', "en": "0.0%;-0.0%"}
"""A ratio; below zero it has a sign."""
BURDEN = '0.0%;"-"'
"""The future burden ratio: below zero it is published as a dash."""
_CHARTS_WIDE = 12
"""Columns that a chart beside the table takes."""
_MEAN_YEARS = 3


def write_fiscal(book: Book) -> None:
    """Write 財政指標; without the city's finances it holds the fund and the plan's own bonds only."""
    result = book.result
    page = book.page("fiscal", Text("財政指標", "Fiscal indicators"), _notes(result))
    places: dict[str, int] = {}
    groups = [*_ratio_groups(book, places), *_debt_groups(book, places), _fund(book, places)]
    foot = write_groups(page, groups, places)
    chart_column = FIRST_COLUMN + len(places) + 1
    page.widths([7, 9, *([12] * len(places)), 2])
    charts = _charts(page, places, chart_column)
    last = max(foot, HEAD_ROW + 18 * charts)
    page.set_up_print(last, chart_column + _CHARTS_WIDE, pages=pages_of(len(result.years)))


def _notes(result: PlanResult) -> list[Text]:
    amber = Text(
        "残高＝前年度の残高＋積立＋売却収入など（利子、初年度は当初残高を含む）−取崩。黄色のセルは、その年度に制約が計画を縛っていることを示します。",
        "Balance = last year's + paid in + sales etc. (with interest; in the first year the opening balance) - drawn. Amber: a year in which the limit holds the plan back.",
    )
    if owned_ratios(result):
        ratios = Text(
            "3か年平均は小数第2位以下を切り捨て、将来負担比率が負の年度は「-」で示します（公表の方式）。最初の2年度の平均には計画前の実績を含みます。",
            "The three-year mean is cut off after one decimal; a future burden ratio below zero shows as “-” (as published). The first two means include the years before the plan.",
        )
    else:
        ratios = Text(
            "市の財政（fmtool.toml の [files] finance）が入力されていないため、実質公債費比率・将来負担比率は計算していません。",
            "The ratios are not computed: the city's finances are not given ([files] finance in fmtool.toml).",
        )
    return [ratios, amber]


def _limit(result: PlanResult, ratio: str) -> Floats:
    limit = limit_of(result, ratio)
    return np.full(len(result.years), np.nan if limit is None else limit)


def _ratio_groups(book: Book, places: dict[str, int]) -> list[Group]:
    result, own = book.result, owned_ratios(book.result)
    groups = []
    if "debt_service_ratio" in own:
        met = bound_years(result, "debt_service")
        single, limit = yearly_column(result, "debt_service_ratio"), _limit(result, "debt_service_ratio")
        look = RATIO[book.lang]
        columns = [
            Column(Text("単年度", "Single year"), single, None, look, 1, is_summed=False, met_years=met, key="single"),
            *_mean_column(book, places),
            Column(Text("上限", "Limit"), limit, None, look, 1, is_summed=False, key="single_limit"),
        ]
        groups.append(Group(Text("実質公債費比率", "Real debt service ratio"), columns))
    if "future_burden_ratio" in own:
        met = bound_years(result, "future_burden")
        burden, limit = yearly_column(result, "future_burden_ratio"), _limit(result, "future_burden_ratio")
        columns = [
            Column(
                Text("年度末", "End of year"), burden, None, BURDEN, 1, is_summed=False, met_years=met, key="burden"
            ),
            Column(Text("上限", "Limit"), limit, None, BURDEN, 1, is_summed=False, key="burden_limit"),
        ]
        groups.append(Group(Text("将来負担比率", "Future burden ratio"), columns))
    return groups


def _mean_column(book: Book, places: dict[str, int]) -> list[Column]:
    """Return the three-year mean, live from its third year on; before, it takes in years that stand in no cell."""
    if not is_given(book.result, "debt_service_ratio_3y"):
        return []
    mean = np.array([cut_share(each) for each in yearly_column(book.result, "debt_service_ratio_3y")])

    def live(row: int) -> str:
        if row < FIRST_ROW + _MEAN_YEARS - 1:
            return f"={mean[row - FIRST_ROW]:.3f}"
        years = span(row - _MEAN_YEARS + 1, places["single"], row, places["single"])
        return f"=TRUNC(ROUND(AVERAGE({years})*1000,6))/1000"

    label = Text("3か年平均", "Three-year mean")
    return [Column(label, mean, live, RATIO[book.lang], 1, is_summed=False, is_strong=True, key="mean")]


def _debt_groups(book: Book, places: dict[str, int]) -> list[Group]:
    """Return what is borrowed and paid back, and what is owed against the budget size."""
    result, unit = book.result, book.unit
    labels = {
        "bonds": Text("新規発行", "Issued"),
        "debt_service": Text("元利償還金", "Debt service"),
        "tax_grant": Text("交付税措置", "Tax grant"),
    }
    found = [
        Column(label, yearly_column(result, name), key=name) for name, label in labels.items() if is_given(result, name)
    ]
    if {"debt_service", "tax_grant"} <= {column.key for column in found}:
        net = yearly_column(result, "debt_service") - yearly_column(result, "tax_grant")
        found.append(
            Column(
                Text("差引負担", "Net"),
                net,
                lambda row: f"={cell(row, places['debt_service'])}-{cell(row, places['tax_grant'])}",
                key="net_service",
            )
        )
    groups = [Group(Text(f"本計画の地方債（{unit}）", f"Bonds of this plan ({unit})"), found)] if found else []
    if is_given(result, "bond_outstanding"):
        share = result.fiscal_limits.get("outstanding_to_budget")
        size, met = yearly_column(result, "budget_size"), bound_years(result, "outstanding")
        owed = [
            Column(Text("残高", "Owed"), yearly_column(result, "bond_outstanding"), is_summed=False, met_years=met, key="owed"),
            Column(Text("予算規模", "Budget size"), size, is_summed=False, key="size"),
        ]  # fmt: skip
        if share is not None:
            owed.append(
                Column(
                    Text("上限", "Limit"),
                    size * share,
                    lambda row: f"={cell(row, places['size'])}*{share!r}",
                    is_summed=False,
                    key="owed_limit",
                )
            )
        groups.append(Group(Text(f"地方債残高（{unit}）", f"Bonds outstanding ({unit})"), owed))
    return groups


def _fund(book: Book, places: dict[str, int]) -> Group:
    result = book.result
    draw, deposit, balance = (
        result.yearly[name].to_numpy(float) for name in ("fund_draw", "fund_deposit", "fund_balance")
    )
    given = np.diff(balance, prepend=0.0) + draw - deposit
    given = np.where(np.abs(given) < HALF, 0.0, given)  # crumbs of adding

    def held(row: int) -> str:
        before = f"{cell(row - 1, places['balance'])}+" if row > FIRST_ROW else ""
        return f"={before}{cell(row, places['paid_in'])}+{cell(row, places['given'])}-{cell(row, places['drawn'])}"

    met = bound_years(result, "fund")
    columns = [
        Column(Text("取崩", "Drawn"), draw, key="drawn"),
        Column(Text("積立", "Paid in"), deposit, key="paid_in"),
        Column(Text("売却収入など", "Sales etc."), given, key="given"),
        Column(Text("基金残高", "Balance"), balance, held, is_summed=False, met_years=met, key="balance"),
    ]
    return Group(Text(f"公共施設整備基金（{book.unit}）", f"Facilities fund ({book.unit})"), columns)


def _charts(page: Page, places: dict[str, int], column: int) -> int:
    """Draw what the sheet holds; return how many charts there are."""
    unit = page.book.unit
    drawings = (
        (Text("実質公債費比率", "Real debt service ratio"), "single", ("mean", "single_limit"), "0%"),
        (Text("将来負担比率", "Future burden ratio"), "burden", ("burden_limit",), "0%"),
        (Text(f"地方債残高（{unit}）", f"Bonds outstanding ({unit})"), "owed", ("owed_limit",), COUNT),
        (Text(f"基金残高（{unit}）", f"Fund balance ({unit})"), "balance", (), COUNT),
    )
    order = 0
    for title, level, lines, pattern in drawings:
        if level not in places:
            continue
        chart = level_chart(page, places[level])
        found = [name for name in lines if name in places]
        styles = {"mean": (SERIES_COLOURS["plan"], "solid")}
        if found:
            series = [(places[name], *styles.get(name, (SERIES_COLOURS["replace"], "dash"))) for name in found]
            chart.combine(line_chart(page, series))
        finish_chart(chart, title.say(page.book.lang), size=(760, 330), pattern=pattern)
        place = {"description": title.say(page.book.lang)}
        page.sheet.insert_chart(HEAD_ROW - 1 + order * 16, column, chart, place)
        order += 1
    return order

"""Sheets on which a plan rests: 前提条件, 補完値 and 点検結果."""

from __future__ import annotations

from typing import Any

import pandas as pd

from fmtool.inventory.columns import read_columns
from fmtool.schedule.result import PlanResult
from fmtool.text import Text
from fmtool.views.estimates import by_effect, estimates_of
from fmtool.views.labels import (
    BASES,
    THOUSAND,
    assumption_name,
    coded_words,
    is_missing,
    million_unit,
    named,
    unit_word,
)
from fmtool.views.limits import binding_groups, named_limit, price_note, price_of
from fmtool.views.workbook_facilities import grand_total_range
from fmtool.views.workbook_page import AMBER, GREEN, HEAD_ROW, MONEY, RED, Book, Page, span, status_word
from fmtool.views.workbook_yearly import FIRST_ROW as YEARLY_FIRST_ROW
from fmtool.views.workbook_yearly import YearlyPlaces

FIRST_ROW = HEAD_ROW + 1
SMALLEST_SLACK = 1e-6
ROWS_A_PAGE = 90
"""Rows of a long list on one printed page."""


def write_assumptions(book: Book) -> None:
    """Write 前提条件: every assumption with value, unit, basis, source and price year."""
    frame, say = book.result.assumptions, book.lang
    assumed = int((frame["basis"] == "assumed").sum())
    page = book.page(
        "assumptions",
        Text("前提条件", "Assumptions"),
        [
            Text(
                f"{len(frame)}件のうち{assumed}件は出典のない仮定で、黄色で示します。補完した値は{len(book.result.guesses)}件（「補完値」シート）。",
                f"{assumed} of {len(frame)} are our assumptions without a published source (amber). Values filled in: {len(book.result.guesses)} (next sheet).",
            )
        ],
    )
    heads = (
        Text("項目", "Item"),
        Text("値", "Value"),
        Text("単位", "Unit"),
        Text("根拠の区分", "Basis"),
        Text("出典・理由", "Source or reason"),
        Text("価格年度", "Price year"),
        Text("項目名（設定）", "Key"),
        Text("ファイル", "File"),
    )
    page.heads([head.say(say) for head in heads], height=22)
    widths = (40, 30, 20, 13, 74, 10, 42, 24)
    for row, record in enumerate(frame.to_dict("records"), start=FIRST_ROW):
        looks: dict[str, Any] = {"bottom": 4, "bottom_color": "#C9D1DB"}
        looks |= {"bg_color": AMBER} if record["basis"] == "assumed" else {}
        label, unit = assumption_name(record["key"], record[f"label_{say}"], say), unit_word(record["unit"], say)
        page.text(row, 0, label, text_wrap=True, **looks)
        value = coded_words(record["value"], record["unit"], say)
        _value(page, row, 1, value, looks | {"text_wrap": value is not record["value"]})
        page.text(row, 2, unit, text_wrap=True, indent=1, **looks)
        page.text(row, 3, named(BASES, record["basis"], say), **looks)
        page.text(row, 4, record["source"], text_wrap=True, **looks)
        page.number(row, 5, record["price_year"], "0", align="center", **looks)
        page.text(row, 6, record["key"], font_color="#44505E", **looks)
        page.text(row, 7, record["file"], font_color="#44505E", **looks)
        said = value if isinstance(value, str) and value is not record["value"] else ""
        page.fit_row(row, (said, widths[1]), (label, widths[0]), (unit, widths[2] - 2), (record["source"], widths[4]))
    page.widths(widths)
    _finish(page, len(frame), len(heads))


def _value(page: Page, row: int, column: int, value: object, looks: dict[str, Any]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = "、".join(map(str, value)) if isinstance(value, list | tuple) else value
        page.text(row, column, shown, align="right", **looks)
        return
    whole = float(value).is_integer()
    page.number(row, column, value, "#,##0" if whole and abs(value) >= 10_000 else "General", **looks)  # noqa: PLR2004  - a year keeps no comma


def write_guesses(book: Book) -> None:
    """Write 補完値: what the ledger did not say and by which rule it was filled in."""
    frame, say, result = book.result.guesses, book.lang, book.result
    page = book.page(
        "guesses",
        Text("補完値", "Filled-in values"),
        [
            Text(
                "台帳に記載がなく、規則で補った値です。正しい値を台帳に記入すると、その値が使われます。",
                "Values missing in the ledger, filled in by rule. Enter the true value in the ledger and it will be used.",
            ),
            *_on_estimates(result),
        ],
    )
    heads = (
        Text("施設ID", "ID"),
        Text("施設名", "Name"),
        Text("列", "Column"),
        Text("補った値", "Filled in"),
        Text("規則", "Rule"),
        Text("項目名（台帳）", "Key"),
        Text("下の四分位（構造は割合）", "Lower quartile (structure: shares)"),
        Text("上の四分位", "Upper quartile"),
        Text(f"費用への影響（{result.currency}）", f"Effect on cost ({result.currency})"),
    )
    page.heads([head.say(say) for head in heads], height=22)
    frame = by_effect(frame)
    names = dict(zip(result.facilities["facility_id"], result.facilities["name"], strict=True))
    columns = {column.name: column for column in read_columns()}
    widths = (14, 34, 18, 26, 96, 22, 24, 14, 20)
    for row, record in enumerate(frame.to_dict("records"), start=FIRST_ROW):
        column = columns.get(str(record["column"]))
        page.text(row, 0, record["facility_id"])
        page.text(row, 1, names.get(record["facility_id"]))
        page.text(row, 2, record["column"] if column is None else column.title.say(say))
        coded = column is not None and str(record["value"]) in column.codes
        _value(page, row, 3, named(column.codes, record["value"], say) if column and coded else record["value"], {})
        page.text(row, 4, record[f"rule_{say}"], text_wrap=True, indent=1)
        page.text(row, 5, record["column"], font_color="#44505E")
        for place, name in ((6, "low"), (7, "high"), (8, "cost_effect")):
            if not pd.isna(record.get(name)):
                is_year = record["column"] == "built_year" and name != "cost_effect"
                page.number(row, place, float(record[name]), "0" if is_year else "#,##0")
        if isinstance(shares := record.get("shares"), str) and shares:
            page.text(row, 6, shares, text_wrap=True)
        page.fit_row(
            row, (record[f"rule_{say}"], widths[4] - 2), (shares if isinstance(shares, str) else "", widths[6])
        )
    page.widths(widths)
    _finish(page, len(frame), len(heads), pages=(1, -(-len(frame) // ROWS_A_PAGE)))


def _on_estimates(result: PlanResult) -> list[Text]:
    """Say on one line what rests on estimates; nothing where nothing does."""
    said = estimates_of(result).sentences(result.currency)
    return [Text("。".join(each.ja for each in said), "; ".join(each.en for each in said))] if said else []


def _finish(page: Page, rows: int, columns: int, pages: tuple[int, int] = (1, 0)) -> None:
    last = max(FIRST_ROW + rows - 1, FIRST_ROW)
    page.sheet.freeze_panes(FIRST_ROW, 1)
    page.sheet.autofilter(HEAD_ROW, 0, last, columns - 1)
    page.set_up_print(last, columns - 1, pages=pages)


def write_checks(book: Book, yearly: YearlyPlaces, facilities: Page) -> None:
    """Write 点検結果: how the plan was solved, what was checked, which limits bind."""
    result, say = book.result, book.lang
    page = book.page(
        "checks",
        Text("点検結果", "Checks"),
        [
            Text(
                "解法と独立した検算で、すべての制約を計画から数え直した結果です。",
                "Every limit, counted anew from the plan by a check that does not use the solver.",
            )
        ],
    )
    heads = (
        Text("制約", "Limit"),
        Text("式の名", "Row name"),
        Text("件数", "Rows"),
        Text("最小の余裕", "Least slack"),
        Text("単位", "Unit"),
        Text("判定", "Result"),
    )
    page.heads([head.say(say) for head in heads], height=22)
    row = FIRST_ROW
    for record in result.checks.to_dict("records"):
        page.text(row, 0, record[f"title_{say}"])
        page.text(row, 1, record["family"], font_color="#44505E")
        page.number(row, 2, record["rows"])
        page.number(row, 3, _slack(record["worst_slack"]), "#,##0.00;[Red]-#,##0.00;0")
        page.text(row, 4, unit_word(record["unit"], say, result.currency), indent=1)
        met = bool(record["is_met"])
        word = Text("適合", "Met").say(say) if met else Text("不適合", "Not met").say(say)
        page.text(row, 5, word, bg_color=GREEN if met else RED, align="center", bold=True)
        row += 1
    page.sheet.freeze_panes(FIRST_ROW, 1)
    page.sheet.autofilter(HEAD_ROW, 0, max(row - 1, FIRST_ROW), len(heads) - 1)
    row = _crosscheck(page, row + 1, yearly, facilities)
    row = _facts(page, row + 1)
    row = _limits(page, row + 1)
    page.widths([60, 22, 14, 24, 16, 12, 30])
    page.set_up_print(row, 6, head_row=1)  # several tables: the title repeats, not the first one's header


def _crosscheck(page: Page, row: int, yearly: YearlyPlaces, facilities: Page) -> int:
    """Compare the sheets with one another by live formulas."""
    book, say = page.book, page.book.lang
    page.heads([Text("シート間の突合", "Sheets against one another").say(say), book.unit], row=row, height=22)
    count = len(book.result.years)
    sheet = yearly.page.name
    by_year = f"SUM('{sheet}'!{span(YEARLY_FIRST_ROW, yearly.total_column, YEARLY_FIRST_ROW + count - 1, yearly.total_column)})"
    by_facility = f"SUM({grand_total_range(facilities)})"
    outlay, own = float(book.result.yearly["outlay"].sum()), float(book.result.facility_outlay.sum())
    lines = (
        (Text("年度別一覧の合計", "Total of the sheet by year"), f"={by_year}", outlay / THOUSAND),
        (Text("施設別年次計画の合計", "Total of the sheet by facility"), f"={by_facility}", own / THOUSAND),
        (Text("差", "Difference"), f"=ROUND({by_year}-{by_facility},3)", round((outlay - own) / THOUSAND, 3) + 0.0),
    )
    for at, (label, formula, value) in enumerate(lines, start=row + 1):
        page.text(at, 0, label.say(say))
        page.formula(at, 1, formula, value, "#,##0.000;[Red]-#,##0.000" if at == row + 3 else MONEY)
    return row + 1 + len(lines)


def _facts(page: Page, row: int) -> int:
    result, say = page.book.result, page.book.lang
    page.heads([Text("計画の素性", "About this plan").say(say), ""], row=row, height=22)
    texts: list[tuple[Text, object, str | None]] = [
        (Text("対象", "Case"), result.case_name.say(say), None),
        (Text("シナリオ", "Scenario"), result.scenario, None),
        (Text("計算状態", "Status"), status_word(result.status, say), None),
        (Text("目的関数値（現在価値）", "Objective (present value)"), result.objective / THOUSAND, MONEY),
        (Text("下界", "Best bound"), result.best_bound / THOUSAND, MONEY),
        (Text("最適性の差（ギャップ）", "Gap"), result.gap, "0.00%"),
        (Text("ソルバー", "Solver"), result.solver, None),
        (Text("計算時間（秒）", "Solve time (seconds)"), result.solve_seconds, "#,##0.0"),
        (Text("計画の初年度", "First year"), result.years[0], "0"),
        (Text("計画の最終年度", "Last year"), result.years[-1], "0"),
        (Text("価格基準年度", "Price year"), result.price_year, "0"),
        (Text("割引率（実質）", "Discount rate (real)"), result.discount_rate, "0.0%"),
        (Text("通貨と単位", "Currency and unit"), page.book.unit, None),
    ]
    for at, (label, value, pattern) in enumerate(texts, start=row + 1):
        page.text(at, 0, label.say(say))
        if pattern is None:
            page.text(at, 1, value)
        else:
            page.number(at, 1, value, pattern, align="left")
    return row + 1 + len(texts)


def _slack(value: object) -> object:
    """Return a slack without the crumbs of rounding.

    >>> _slack(-5.8e-11), _slack(2.5)
    (0.0, 2.5)
    """
    return 0.0 if not is_missing(value) and abs(float(value)) < SMALLEST_SLACK else value  # type: ignore[arg-type]  # a number when not missing


def _limits(page: Page, row: int) -> int:
    """List the limits that hold the plan back, by family and price, and those that were relaxed."""
    result, say = page.book.result, page.book.lang
    title = Text("計画を縛っている制約", "Limits that hold the plan back")
    price = Text(f"価格（{million_unit(result.currency, 'ja')}／単位）", f"Price ({result.currency} million per unit)")
    heads = (title, Text("式の名", "Row name"), Text("年度", "Year"), price, Text("単位", "Unit"))
    page.heads([head.say(say) for head in heads], row=row, height=22)
    if not result.binding:
        row += 1
        page.text(row, 0, Text("なし", "None").say(say))
    for group in binding_groups(result, say):
        items = [item for item in result.binding if str(item.get("family")) == group.family]
        for item in sorted(items, key=lambda item: -price_of(item)):
            row += 1
            page.text(row, 0, named_limit(item, result, say))
            page.text(row, 1, item.get("family"), font_color="#44505E")
            page.number(row, 2, item.get("year"), "0", align="center")
            page.number(row, 3, price_of(item) or None, "#,##0.000")
            page.text(row, 4, group.unit, indent=1)
    row += 1
    page.text(row, 0, price_note(result, say), font_color="#44505E")
    row += 2
    page.heads(
        [head.say(say) for head in (Text("緩和した制約", "Limits that were relaxed"), *heads[1:3])], row=row, height=22
    )
    for item in result.relaxed or [{say: Text("なし", "None").say(say)}]:
        row += 1
        page.text(row, 0, item.get(say))
        page.text(row, 1, item.get("family"), font_color="#44505E")
        page.number(row, 2, item.get("year"), "0", align="center")
    return row

"""The city's finances over the plan's years, from ``facilities/finance.csv``.

Letters A to E are those of 地方公共団体の財政の健全化に関する法律. Between two given years a figure is taken
along the straight line; before the first and after the last given year that year's figure is held.
Revenue (general funds, standard fiscal size, budget size) is then scaled by ``finance.revenue_factor`` and
grows by ``finance.revenue_growth_rate`` from the plan's first year on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fmtool.errors import InventoryError
from fmtool.finance.bonds import Floats
from fmtool.finance.ratios import real_debt_service_ratio
from fmtool.finance.rows import KEYS, RATIO, Points, read_rows
from fmtool.text import Text, listing
from fmtool.workspace import Workspace

REQUIRED = ("standard_fiscal_size", "budget_size", "debt_service", "grant_in_need", "outstanding", "expected_grants")
"""Figures without which no ratio can be told."""

ZERO_WITHOUT = ("specific_revenue", "other_burden", "other_funds", "expected_specific_revenue")
"""Figures taken as 0 where the file has none."""

OF_REVENUE = ("general_funds", "standard_fiscal_size", "budget_size")
"""Figures that the revenue scenario scales."""


@dataclass(frozen=True, eq=False)
class CityFinance:
    """The city's finances without the plan's new bonds; (Y,) arrays in whole currency units."""

    years: tuple[int, ...]
    general_funds: Floats | None
    """General funds for facilities (一般財源); None = the rule of ``[budget]``."""
    standard_fiscal_size: Floats
    """標準財政規模, with 臨時財政対策債発行可能額 (E)."""
    budget_size: Floats
    """予算規模 of the general account."""
    debt_service: Floats
    """元利償還金 and 準元利償還金 of today's debt (A + B)."""
    specific_revenue: Floats
    """Earmarked revenue set against it (特定財源, C)."""
    grant_in_need: Floats
    """Part of it counted in standard need (基準財政需要額算入額, D)."""
    outstanding: Floats
    """Today's bonds still owed at the end of the year (地方債現在高)."""
    other_burden: Floats
    """Other future burden (債務負担行為, 公営企業債等繰入見込額, 退職手当 …)."""
    other_funds: Floats
    """Funds set against the burden (充当可能基金), without the facilities fund."""
    expected_specific_revenue: Floats
    """特定財源見込額."""
    expected_grants: Floats
    """Standard need still to count the debt (基準財政需要額算入見込額)."""
    past_ratios: tuple[float, float] | None
    """Single-year real debt service ratios of the two years before the first, as fractions."""
    notices: tuple[Text, ...] = ()
    """What the user should know."""


def read_city_finance(workspace: Workspace, years: Sequence[int]) -> CityFinance | None:
    """Return the city's finances over ``years``; None when fmtool.toml names no finance file.

    Raises
    ------
    InventoryError
        With every fault of the file: rows that cannot be read, figures that lack.
    """
    file = workspace.config.files.finance
    if file is None:
        return None
    points = read_rows(workspace.path(file), file, workspace.config.case.currency)
    faults = [
        Text(
            f"{file}: `{key}`（{KEYS[key].ja}）の行がありません → 1年度以上の行を加えてください",
            f"{file}: no row of `{key}` ({KEYS[key].en}); add one for at least one fiscal year",
        )
        for key in REQUIRED
        if key not in points
    ]
    wanted = np.asarray(years)
    streams = {key: along(points[key], wanted) for key in points if key != RATIO}
    if not faults:
        faults = _size_faults(file, streams, years)
    if faults:
        raise InventoryError(
            Text(f"{file}: {len(faults)}件の誤りがあります", f"{file}: {len(faults)} to mend"),
            Text(
                "`fmtool init` が作る facilities/finance.csv を手本に直してください",
                "mend it after the facilities/finance.csv that `fmtool init` writes",
            ),
            faults,
        )
    finance = workspace.config.finance
    revenue = finance.revenue_factor * (1 + finance.revenue_growth_rate) ** np.arange(len(wanted))
    for key in OF_REVENUE:
        if key in streams:
            streams[key] = streams[key] * revenue
    streams |= {key: np.zeros(len(wanted)) for key in ZERO_WITHOUT if key not in streams}
    general_funds = streams.pop("general_funds", None)
    return CityFinance(
        years=tuple(years),
        general_funds=general_funds,
        past_ratios=_past_ratios(points, years[0]),
        notices=tuple(_notices(file, points, years)),
        **streams,
    )


def along(points: Points, wanted: Sequence[int] | np.ndarray) -> Floats:
    """Return the figure of each year: linear between given years, held before the first and after the last.

    >>> along({2026: 100.0, 2028: 80.0}, [2025, 2027, 2030]).tolist()
    [100.0, 90.0, 80.0]
    """
    return np.asarray(np.interp(np.asarray(wanted), list(points), list(points.values())), dtype=np.float64)


def _size_faults(file: str, streams: Mapping[str, Floats], years: Sequence[int]) -> list[Text]:
    """Find years in which neither ratio can be told: nothing is left of the fiscal size, or of the budget."""
    left = streams["standard_fiscal_size"] - streams["grant_in_need"]
    faults = []
    if np.any(left <= 0):
        first = years[int(np.argmax(left <= 0))]
        faults.append(
            Text(
                f"{file}: {first}年度の grant_in_need（算入額）が standard_fiscal_size（標準財政規模）以上です → 単位を確かめてください",
                f"{file}: in FY{first} grant_in_need is not below standard_fiscal_size; see to their units",
            )
        )
    if np.any(streams["budget_size"] <= 0):
        faults.append(
            Text(
                f"{file}: budget_size（予算規模）が0の年度があります → 金額を書いてください",
                f"{file}: budget_size is 0 in some year; give its amount",
            )
        )
    return faults


def _past_ratios(points: Mapping[str, Points], first: int) -> tuple[float, float] | None:
    """Return the ratios of the two years before the first: as given, else worked out where the figures reach back."""
    before = (first - 2, first - 1)
    given = points.get(RATIO, {})
    needed = [points[key] for key in ("standard_fiscal_size", "debt_service", "grant_in_need")]
    reaches = max(min(each) for each in needed)
    found = []
    for year in before:
        if year in given:
            found.append(given[year])
        elif year >= reaches:
            service, revenue, grant, size = (
                float(along(points[key], [year])[0]) if key in points else 0.0
                for key in ("debt_service", "specific_revenue", "grant_in_need", "standard_fiscal_size")
            )
            found.append(float(real_debt_service_ratio(service, revenue, grant, size)))
    return (found[0], found[1]) if len(found) == len(before) else None


def _notices(file: str, points: Mapping[str, Points], years: Sequence[int]) -> list[Text]:
    notices = []
    absent = [key for key in ZERO_WITHOUT if key not in points]
    if absent:
        ja, en = listing([KEYS[key].ja for key in absent]).ja, listing(absent).en
        notices.append(Text(f"{file}: 行のない項目を0とみました: {ja}", f"{file}: without a row, taken as 0: {en}"))
    held = {key: max(given) for key, given in points.items() if key != RATIO and max(given) < years[-1]}
    if held:
        ja = listing([f"{KEYS[key].ja}（{last}年度）" for key, last in held.items()], len(held)).ja
        en = listing([f"{key} (FY{last})" for key, last in held.items()], len(held)).en
        notices.append(
            Text(
                f"{file}: 最後に書かれた年度の値を以後据え置きました: {ja}",
                f"{file}: held from the last year given on: {en}",
            )
        )
    if _past_ratios(points, years[0]) is None:
        notices.append(
            Text(
                f"{file}: {years[0] - 2}・{years[0] - 1}年度の実質公債費比率（単年度）がないため、3か年平均は{years[0] + 2}年度から示します",
                f"{file}: without the single-year real debt service ratios of FY{years[0] - 2} and FY{years[0] - 1} "
                f"the three-year mean is shown from FY{years[0] + 2} on",
            )
        )
    return notices

"""All cities together: planned by workers, added up where that has a meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from fmtool.errors import FmtoolError
from fmtool.portfolio.cities import City
from fmtool.portfolio.outcome import STATUSES, CityPlan, Options, plan_city
from fmtool.text import Text, listed_faults, listing
from fmtool.vocabulary import ACTIONS
from fmtool.workers import Workers

Progress = Callable[[Text, float | None], None]

FIGURES: dict[str, Text] = {
    "city": Text("都市", "City"),
    "name_ja": Text("名称", "Name (Japanese)"),
    "name_en": Text("名称（英語）", "Name"),
    "status": Text("計算状態", "Status"),
    "facilities": Text("施設数", "Facilities"),
    "life_plans": Text("生涯計画の数", "Life plans"),
    "currency": Text("通貨", "Currency"),
    "price_year": Text("価格基準年度", "Price year"),
    "first_year": Text("最初の年度", "First year"),
    "last_year": Text("最終年度", "Last year"),
    "discount_rate": Text("割引率", "Discount rate"),
    "objective": Text("目的関数値", "Objective"),
    "best_bound": Text("下界", "Best bound"),
    "gap": Text("最適性の差", "Gap"),
    "works_total": Text("工事費等の合計", "Works, all years"),
    "need_replace": Text("従来型の必要額", "Need under replace"),
    "need_extend": Text("長寿命化型の必要額", "Need under extend"),
    "saving": Text("従来型からの削減率", "Saving against replace"),
    "debt_service_ratio": Text("実質公債費比率の最大", "Debt service ratio, highest"),
    "debt_service_ratio_year": Text("その年度", "in year"),
    "future_burden_ratio": Text("将来負担比率の最大", "Future burden ratio, highest"),
    "future_burden_ratio_year": Text("その年度", "in year"),
    "floor_area_first_m2": Text("延床面積 最初の年度（m²）", "Floor area, first year (m2)"),
    "floor_area_last_m2": Text("延床面積 最終年度（m²）", "Floor area, last year (m2)"),
    **{f"decisions_{code}": Text(f"決定: {name.ja}", f"Decisions: {name.en}") for code, name in ACTIONS.items()},
    "seconds": Text("秒", "Seconds"),
    "plan_sha256": Text("計画の照合値", "SHA-256 of the plan"),
    "said": Text("計画できなかった理由", "Why there is no plan"),
}
"""Columns of the national table."""

_SUMMED = (
    "facilities", "life_plans", "works_total", "need_replace", "need_extend", "floor_area_first_m2",
    "floor_area_last_m2", *(f"decisions_{code}" for code in ACTIONS), "seconds",
)  # fmt: skip


class CitiesNotPlannedError(FmtoolError):
    """Some cities have no plan; all others are done and written."""

    def __init__(self, message: Text, hint: Text | None, faults: Sequence[Text], exit_code: int = 1) -> None:
        super().__init__(message, hint, faults)
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True)
class National:
    """The cities in the order asked for."""

    cities: tuple[CityPlan, ...]

    @property
    def done(self) -> list[CityPlan]:
        """The cities that have a plan."""
        return [city for city in self.cities if city.is_done]

    @property
    def moneys(self) -> list[tuple[str, int]]:
        """Every currency with price year that a plan is in; amounts of different ones are never added."""
        return sorted({(city.currency, city.price_year) for city in self.done})

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a city, the columns of ``FIGURES``."""
        return [_row(city) for city in self.cities]

    def total(self) -> dict[str, Any] | None:
        """Return the sums over all cities planned; None where their amounts cannot be added."""
        if len(self.moneys) != 1:
            return None
        rows = [_row(city) for city in self.done]
        total: dict[str, Any] = dict.fromkeys(FIGURES)
        total |= {name: sum(row[name] for row in rows) for name in _SUMMED}
        total |= {"currency": self.moneys[0][0], "price_year": self.moneys[0][1]}
        if len({(city.discount_rate, city.years) for city in self.done}) == 1:  # one date, one way to discount
            total |= {name: sum(row[name] for row in rows) for name in ("objective", "best_bound")}
        need = total["need_replace"]
        return total | {"saving": 1 - total["works_total"] / need if need > 0 else math.nan}

    def yearly(self) -> list[dict[str, Any]]:
        """Return works and budget, city by city and year by year, then of all together where they can be added."""
        rows: list[dict[str, Any]] = [
            {
                "city": city.id,
                "year": year,
                "currency": city.currency,
                "price_year": city.price_year,
                "spend": spend,
                "budget": budget,
            }
            for city in self.done
            for year, spend, budget in zip(city.years, city.spend, city.budget, strict=True)
        ]
        if len(self.moneys) != 1:
            return rows
        by_year: dict[int, list[dict[str, Any]]] = {}
        for row in rows:
            by_year.setdefault(row["year"], []).append(row)
        return rows + [
            mine[0] | {"city": None, **{name: sum(row[name] for row in mine) for name in ("spend", "budget")}}
            for _, mine in sorted(by_year.items())
        ]

    def remarks(self) -> list[Text]:
        """Say what the table leaves out, and why."""
        told = []
        if len(self.moneys) > 1:
            counts = Counter((city.currency, city.price_year) for city in self.done)
            ja = listing([f"{money} {year}年価格 {counts[money, year]}都市" for money, year in self.moneys])
            en = listing([f"{counts[money, year]} in {money} of {year}" for money, year in self.moneys])
            told.append(
                Text(
                    f"通貨か価格基準年度が違うため、全都市の合計はありません（{ja.ja}）",
                    f"no totals: the cities' amounts are not in one currency of one price year ({en.en})",
                )
            )
        missing = len(self.cities) - len(self.done)
        if missing:
            told.append(
                Text(
                    f"{len(self.cities)}都市のうち{missing}都市は計画がなく、合計に入っていません",
                    f"{missing} of {len(self.cities)} cities have no plan and are in no total",
                )
            )
        return told

    def raise_faults(self) -> None:
        """Raise the faults of all cities that have no plan, if any, with the worst one's exit code."""
        missing = [city for city in self.cities if not city.is_done and city.said is not None]
        if not missing:
            return
        faults = [_first_line(city) for city in missing]
        raise CitiesNotPlannedError(
            Text(
                f"{len(self.cities)}都市のうち{len(missing)}都市は計画できませんでした。ほかは書き終えています",
                f"{len(missing)} of {len(self.cities)} cities could not be planned; the others are done and written",
            ),
            Text(
                "national.csv の最後の列に全文があります。直したあと、その都市だけ `fmtool -C フォルダー plan` で確かめられます",
                "the last column of national.csv holds the whole of it; try one with `fmtool -C DIR plan`",
            ),
            listed_faults(faults),
            max(city.exit_code for city in missing),
        )


def _first_line(city: CityPlan) -> Text:
    said = city.said or STATUSES[city.status]
    return Text(f"{city.id}: {said.ja.splitlines()[0]}", f"{city.id}: {said.en.splitlines()[0]}")


def plan_cities(cities: Sequence[City], options: Options, workers: Workers, tell: Progress | None = None) -> National:
    """Plan every city; one that cannot be planned does not keep the others from it."""
    label = Text(f"{len(cities)}都市の計画を作っています", f"planning {len(cities)} cities")
    return National(tuple(workers.map(plan_city, cities, repeat(options), label=label, tell=tell)))


def _row(city: CityPlan) -> dict[str, Any]:
    debt, burden = (each or (math.nan, None) for each in (city.debt_service_ratio, city.future_burden_ratio))
    return {
        "city": city.id,
        "name_ja": city.name.ja,
        "name_en": city.name.en,
        "status": city.status,
        "facilities": city.facilities if city.is_done else None,
        "life_plans": city.life_plans if city.is_done else None,
        "currency": city.currency,
        "price_year": city.price_year or None,
        "first_year": city.years[0] if city.years else None,
        "last_year": city.years[-1] if city.years else None,
        "discount_rate": city.discount_rate,
        "objective": city.objective,
        "best_bound": city.best_bound,
        "gap": city.gap,
        "works_total": city.works_total,
        "need_replace": city.need_replace,
        "need_extend": city.need_extend,
        "saving": city.saving,
        "debt_service_ratio": debt[0],
        "debt_service_ratio_year": debt[1],
        "future_burden_ratio": burden[0],
        "future_burden_ratio_year": burden[1],
        "floor_area_first_m2": city.floor_first_m2,
        "floor_area_last_m2": city.floor_last_m2,
        **{f"decisions_{code}": city.decisions.get(code, 0) if city.is_done else None for code in ACTIONS},
        "seconds": round(city.seconds, 2),
        "plan_sha256": city.plan_sha256,
        "said": None if city.said is None else city.said,
    }

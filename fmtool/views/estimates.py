"""How much of a plan rests on estimates, and which missing datum to collect first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fmtool.inventory import BY_NAME
from fmtool.lifecycle.uncertainty import collect_first, estimated_columns, is_estimated, resting_on_estimates
from fmtool.schedule.result import PlanResult
from fmtool.text import Text
from fmtool.units import fiscal_year
from fmtool.views.labels import amount_text

MEANING = Text(
    "費用への影響 = 推定値を下の四分位から上の四分位まで動かしたときの、その施設を持ち続ける費用（更新費と維持管理費、現在価値）の差",
    "effect on cost = how far the cost of keeping the facility (renewal and running, present value) moves as the value goes from lower to upper quartile",
)


@dataclass(frozen=True, slots=True)
class Estimates:
    """What a plan rests on beside the ledger."""

    count: int
    """Estimated values; what was assumed by rule is not among them."""
    facilities: int
    """Facilities with one at least."""
    outlay: float
    """Outlay of the plan for facilities whose year built or floor area is an estimate, in currency units."""
    outlay_rate: float
    """Its share of the whole outlay; 0 where there is none."""
    first: pd.DataFrame
    """By column, the one to collect first on top: facilities, effect, first_id, first_effect."""

    def sentences(self, currency: str) -> list[Text]:
        """Say it; nothing where nothing is estimated."""
        if not self.count:
            return []
        first = first_to_collect(self.first, currency)
        return [self.how_much(currency)] if first is None else [self.how_much(currency), first]

    def how_much(self, currency: str) -> Text:
        """Say how many values are estimates, and how much of the works rests on them."""
        amount = Text(amount_text(self.outlay, currency, "ja"), amount_text(self.outlay, currency, "en"))
        return Text(
            f"推定値 {self.count:,}件（{self.facilities:,}施設）を含みます。工事費等のうち{amount.ja}（{self.outlay_rate:.0%}）は、建築年度か延床面積が推定の施設の分です",
            f"Holds {self.count:,} estimated values ({self.facilities:,} facilities): {amount.en} of the works ({self.outlay_rate:.0%}) is for facilities whose year built or floor area is an estimate",
        )

    def fields(self) -> dict[str, float | int]:
        """Return it for programs, amounts in currency units."""
        return {
            "values": self.count,
            "facilities": self.facilities,
            "outlay": self.outlay,
            "outlay_rate": self.outlay_rate,
        }


def estimates_of(result: PlanResult) -> Estimates:
    """Count the estimates that a plan rests on."""
    told = result.guesses[is_estimated(result.guesses)]
    if told.empty:
        return Estimates(0, 0, 0.0, 0.0, collect_first(result.guesses))
    outlay = result.facility_outlay.sum(axis=1)
    amount = resting_on_estimates(result.guesses, result.facilities["facility_id"], outlay)
    whole = float(outlay.sum())
    return Estimates(
        count=len(told),
        facilities=int(told["facility_id"].nunique()),
        outlay=amount,
        outlay_rate=amount / whole if whole else 0.0,
        first=collect_first(result.guesses),
    )


def estimates_in_year(result: PlanResult, year: int) -> tuple[dict[str, float | int], list[Text]]:
    """Return what a plan, and its works of one year, rest on estimates: for programs, and in sentences."""
    whole, at = estimates_of(result), result.years.index(year)
    amount, total = float(outlay_on_estimates(result)[at]), float(result.facility_outlay[:, at].sum())
    rate = amount / total if total else 0.0
    fields = {**whole.fields(), "year_outlay": amount, "year_outlay_rate": rate}
    if not whole.count:
        return fields, []
    label = Text(fiscal_year(year, "ja", both=True), fiscal_year(year, "en"))
    money = Text(amount_text(amount, result.currency, "ja"), amount_text(amount, result.currency, "en"))
    said = Text(
        f"{label.ja}の工事費等のうち{money.ja}（{rate:.0%}）は、建築年度か延床面積が推定の施設の分です",
        f"{money.en} of the works of {label.en} ({rate:.0%}) is for facilities whose year built or floor area is an estimate",
    )
    return fields, [whole.how_much(result.currency), said]


def outlay_on_estimates(result: PlanResult) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the outlay of each year for facilities whose year built or floor area is an estimate."""
    facilities, outlay = result.facilities["facility_id"], result.facility_outlay
    return np.array([resting_on_estimates(result.guesses, facilities, outlay[:, at]) for at in range(outlay.shape[1])])


def estimates_words(guesses: pd.DataFrame, facility_id: str | None = None) -> Text | None:
    """Say in one sentence what is estimated of one facility, or of how many; None where nothing is.

    >>> told = pd.DataFrame({"facility_id": ["b", "c"], "column": ["built_year", "floor_area_m2"], "basis": "estimated"})
    >>> estimates_words(told).ja, estimates_words(told, "b").en, estimates_words(told, "a")
    ('推定値を含みます（2施設）。台帳にない値を補ったもので、実測ではありません', 'estimated, not surveyed: year built', None)
    """
    told = estimated_columns(guesses)
    if facility_id is not None:
        return columns_words(told.get(facility_id, []))
    if not told:
        return None
    return Text(
        f"推定値を含みます（{len(told):,}施設）。台帳にない値を補ったもので、実測ではありません",
        f"holds estimates ({len(told):,} facilities): filled in where the ledger is blank, not surveyed",
    )


def columns_words(columns: Sequence[str]) -> Text | None:
    """Say which columns of a facility are estimated; None where none is."""
    if not columns:
        return None
    titles = [BY_NAME[name].title for name in columns]
    ja, en = "、".join(title.ja for title in titles), ", ".join(title.en.lower() for title in titles)
    return Text(f"推定値（実測ではありません）: {ja}", f"estimated, not surveyed: {en}")


def first_to_collect(first: pd.DataFrame, currency: str) -> Text | None:
    """Name the column whose spread means most in money; None where nothing has a spread."""
    if first.empty:
        return None
    top, title = first.iloc[0], BY_NAME[str(first.index[0])].title
    whole = Text(*(amount_text(float(top["effect"]), currency, lang) for lang in ("ja", "en")))
    one = Text(*(amount_text(float(top["first_effect"]), currency, lang) for lang in ("ja", "en")))
    return Text(
        f"まず集めるとよいのは「{title.ja}」（{top['facilities']}施設。推定の幅による費用の差は計{whole.ja}、最も大きいのは {top['first_id']} の{one.ja}。現在価値）",
        f"Collect `{first.index[0]}` first ({top['facilities']} facilities; the spread of the estimates moves costs by {whole.en}, most of all at {top['first_id']}: {one.en}; present value)",
    )


def by_effect(guesses: pd.DataFrame) -> pd.DataFrame:
    """Return all guesses, those whose spread means most in money first, the others as they stand."""
    if "cost_effect" not in guesses:
        return guesses
    return guesses.assign(cost_effect=pd.to_numeric(guesses["cost_effect"])).sort_values(
        "cost_effect", ascending=False, kind="stable", ignore_index=True
    )

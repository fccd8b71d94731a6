"""The sentences of ``explain``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fmtool.schedule.families import FAMILIES, Family
from fmtool.schedule.infeasible import place_of
from fmtool.schedule.inputs import ScheduleInputs
from fmtool.text import Text
from fmtool.units import MILLION, fiscal_year, money
from fmtool.vocabulary import ACTIONS

if TYPE_CHECKING:
    from fmtool.schedule.explain import Option

_PARTS = 3
"""Limits named in one sentence."""
_SMALL = 0.05 * MILLION
"""Currency units under which a difference is not told."""


def facility_words(
    action: str,
    year: int | None,
    host: str | None,
    rival: Option | None,
    flip_share: float | None,
    currency: str,
    names: Mapping[str, str],
) -> Text:
    """Say what was chosen, how much dearer the next best is and through which limits, and what would flip it.

    ``names`` gives facilities by id.
    """
    chosen = _dated(action, year, host, names)
    if rival is None:
        return Text(
            f"{chosen.ja}を選びました。ほかに選べる対策がありません", f"{chosen.en}: no other action is possible"
        )
    other = _dated(rival.action, rival.year, rival.host_id, names)
    apart = _amount(abs(rival.difference), currency)
    why = _parts(rival, currency)
    if rival.difference < _SMALL:
        return Text(
            f"{chosen.ja}を選びました。次善の{other.ja}は共有する制限の価格では{apart.ja}安く、ほぼ同じです{why.ja}。"
            "施設を丸ごと選ぶ組合せの都合でこちらになりました",
            f"{chosen.en}. The next best, {other.en}, is {apart.en} cheaper at the prices of the shared limits, much the "
            f"same{why.en}; this one fits the whole plan",
        )
    flip = Text("", "")
    if flip_share is not None:
        flip = Text(
            f"。次善の事業費が{flip_share:.0%}超下がれば入れ替わります",
            f". It would be chosen were its works more than {flip_share:.0%} cheaper",
        )
    return Text(
        f"{chosen.ja}を選びました。次善の{other.ja}は現在価値で{apart.ja}高くなります{why.ja}{flip.ja}",
        f"{chosen.en}. The next best, {other.en}, is {apart.en} dearer at present value{why.en}{flip.en}",
    )


def _dated(action: str, year: int | None, host: str | None, names: Mapping[str, str]) -> Text:
    name = ACTIONS[action]
    when = Text("", "") if year is None else Text(f"（{fiscal_year(year, 'ja')}）", f" ({fiscal_year(year, 'en')})")
    into = "" if host is None else names.get(host, host)
    where = Text(f"→{into}", f" into {into}") if into else Text("", "")
    action_en = name.en.removesuffix(" into host") if into else name.en
    return Text(f"「{name.ja}{where.ja}」{when.ja}", f"{action_en}{where.en}{when.en}")


def _parts(rival: Option, currency: str) -> Text:
    """Name what the difference is made of: its own cost, and the limits that weigh most."""
    titles = {family.name: family.title for family in FAMILIES}
    weighty = sorted(rival.parts.items(), key=lambda item: -abs(item[1]))[:_PARTS]
    told = [(titles[name], value) for name, value in weighty if abs(value) >= _SMALL]
    if not told:
        return Text("", "")
    own = _signed(rival.own_difference, currency)
    ja = "、".join([f"自身の費用{own.ja}", *(f"{title.ja}{_signed(value, currency).ja}" for title, value in told)])
    en = ", ".join(
        [f"own cost {own.en}", *(f"{title.en.lower()} {_signed(value, currency).en}" for title, value in told)]
    )
    return Text(f"（{ja}）", f" ({en})")


def _amount(amount: float, currency: str) -> Text:
    return Text(money(amount, "ja", currency), money(amount, "en", currency))


def _signed(amount: float, currency: str) -> Text:
    sign = "+" if amount >= 0 else "−"
    size = _amount(abs(amount), currency)
    return Text(sign + size.ja, sign + size.en)


def excluded_words() -> tuple[str, str]:
    """Say that no life plan of an action was left to choose from."""
    return (
        "ほかの生涯計画に費用と制限のすべてで劣るか、それだけで制限を破ります",
        "every life plan of it is matched or bettered by another in cost and all limits, or breaks a limit by itself",
    )


def limit_words(
    inputs: ScheduleInputs, family: Family, place: str, year: int | None, saving: float, currency: str
) -> Text:
    """Say what one more unit of a limit would save."""
    where = place_of(inputs, family.name, ",".join(filter(None, (place, "" if year is None else str(year)))))
    amount = _amount(saving, currency)
    title = Text(f"{family.title.ja}（{where.ja}）", f"{family.title.en} ({where.en})")
    ratio = _ratio_step(inputs, family.name, year)
    if ratio is not None:
        gain = _amount(saving * ratio / MILLION * 0.001, currency)
        return Text(
            f"{title.ja}: 上限を0.1ポイント上げると{gain.ja}減ります",
            f"{title.en}: 0.1 points more would save {gain.en}",
        )
    one = Text(f"上限が1{family.unit.ja}多ければ", f"a limit higher by 1 ({family.unit.en})")
    if family.unit.en == "million":
        one = Text("あと100万あれば", "one more million")
    return Text(f"{title.ja}: {one.ja}{amount.ja}減ります", f"{title.en}: {one.en} would save {amount.en}")


def _ratio_step(inputs: ScheduleInputs, family: str, year: int | None) -> float | None:
    """Return, for a ratio, by how many currency units a whole unit of it moves the limit in that year."""
    if inputs.fiscal is None or year is None or family not in {"debt_service", "future_burden", "outstanding"}:
        return None
    at = inputs.years.index(year)
    if family == "outstanding":
        return float(inputs.fiscal.budget_size[at]) * MILLION
    return float(inputs.fiscal.standard_fiscal_size[at] - inputs.fiscal.grant_in_need[at]) * MILLION

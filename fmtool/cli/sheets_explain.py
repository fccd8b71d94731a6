"""What ``fmtool explain`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from fmtool.cli.output import Output, Sheet
from fmtool.errors import UsageError
from fmtool.schedule.explain import FacilityReasons, LimitPrice, Reasons
from fmtool.schedule.families import FAMILIES
from fmtool.schedule.result import PlanResult
from fmtool.schedule.verify import Verified
from fmtool.text import Text
from fmtool.units import MILLION, fiscal_year, money
from fmtool.views.estimates import columns_words, estimates_in_year
from fmtool.vocabulary import ACTIONS

_TITLES = {family.name: family.title for family in FAMILIES}


def show_facility(reasons: FacilityReasons, out: Output) -> None:
    """Print why a facility's action was chosen, the other actions with their extra cost, and those not possible."""
    out.data(facility=asdict(reasons))
    out.say(Text(f"{reasons.facility_id}: {reasons.ja}", f"{reasons.facility_id}: {reasons.en}"))
    if (told := columns_words(reasons.estimated)) is not None:
        out.say(told)
    out.sheet(
        Sheet(
            "options",
            Text("ほかの対策（選んだ計画との差、百万）", "Other actions (difference from the one chosen, millions)"),
            {
                "action": Text("対策", "Action"),
                "year": Text("開始年度", "Start"),
                "own": Text("自身の費用", "Own cost"),
                "limits": Text("共有する制限", "Shared limits"),
                "total": Text("計", "Total"),
                "through": Text("内訳", "Of which"),
            },
            [
                {
                    "action": ACTIONS[option.action],
                    "year": None if option.year is None else str(option.year),
                    "own": option.own_difference / MILLION,
                    "limits": sum(option.parts.values()) / MILLION,
                    "total": option.difference / MILLION,
                    "through": _through(option.parts),
                }
                for option in reasons.options
            ],
            frozenset({"action", "through"}),
        )
    )
    out.sheet(
        Sheet(
            "excluded",
            Text("選べない対策", "Actions not possible"),
            {"action": Text("対策", "Action"), "reason": Text("理由", "Reason")},
            [{"action": ACTIONS[each.action], "reason": Text(each.ja, each.en)} for each in reasons.excluded],
            frozenset({"action", "reason"}),
        )
    )


def _through(parts: dict[str, float]) -> Text:
    told = sorted(parts.items(), key=lambda item: -abs(item[1]))
    ja = "、".join(f"{_TITLES[name].ja}{value / MILLION:+,.1f}" for name, value in told)
    en = ", ".join(f"{_TITLES[name].en} {value / MILLION:+,.1f}" for name, value in told)
    return Text(ja, en)


def show_year(year: int, reasons: Reasons, result: PlanResult, out: Output) -> None:
    """Print the limits that bind in a year, what one more of each would save, and what rests on estimates."""
    found = [each for each in reasons.limits if each.year == year]
    estimates, said = estimates_in_year(result, year)
    out.data(year=year, limits=[asdict(each) for each in found], estimates=estimates)
    _show_limits(year, found, out)
    for sentence in said:
        out.say(sentence)


def _show_limits(year: int, found: Sequence[LimitPrice], out: Output) -> None:
    label = Text(fiscal_year(year, "ja", both=True), fiscal_year(year, "en"))
    if not found:
        out.say(
            Text(
                f"{label.ja}に計画の費用を上げている制限はありません", f"no limit raises the plan's cost in {label.en}"
            )
        )
        return
    out.say(
        Text(
            f"{label.ja}に計画の費用を上げている制限は{len(found)}件です",
            f"{'1 limit raises' if len(found) == 1 else f'{len(found)} limits raise'} the plan's cost in {label.en}",
        )
    )
    for each in found:
        out.say(Text(f"  {each.ja}", f"  {each.en}"))


def show_verified(found: Verified, currency: str, out: Output) -> None:
    """Print the predicted and the real saving side by side."""
    out.data(verified=asdict(found))

    def say(amount: float) -> Text:
        return Text(money(amount, "ja", currency), money(amount, "en", currency))

    amount, predicted, relaxed = say(found.amount), say(found.predicted), say(found.relaxed)
    real, about = say(found.scheduled), say(found.uncertainty)
    label = Text(fiscal_year(found.year, "ja"), fiscal_year(found.year, "en"))
    out.say(
        Text(
            f"{label.ja}の予算を{amount.ja}増やすと: 予測の節減 {predicted.ja}、緩和問題を解き直した節減 {relaxed.ja}、"
            f"計画を解き直した節減 {real.ja}（両計画のギャップ {about.ja} の範囲で不確か）",
            f"with {amount.en} more in {label.en}: predicted saving {predicted.en}, relaxation solved again {relaxed.en}, "
            f"schedule solved again {real.en} (uncertain within the two plans' gaps, {about.en})",
        )
    )


def pick(word: str, reasons: Reasons, years: tuple[int, ...], *, is_year_asked: bool) -> FacilityReasons | int:
    """Read the command's argument: a facility's id, else a year of the plan; a year first where only one makes sense.

    Raises
    ------
    UsageError
        When it is neither.
    """
    of_facility, is_year = reasons.of(word), word.isdecimal() and int(word) in years
    if of_facility is not None and not (is_year_asked and is_year):
        return of_facility
    if is_year:
        return int(word)
    raise UsageError(
        Text(
            f"「{word}」は費用を計算した施設のIDでも計画の年度でもありません",
            f"{word} is neither a costed facility nor a planned year",
        ),
        Text(
            f"施設IDは facilities/ の台帳に、年度は{years[0]}〜{years[-1]}です",
            f"ids stand in the ledger of facilities/; years are {years[0]} to {years[-1]}",
        ),
    )

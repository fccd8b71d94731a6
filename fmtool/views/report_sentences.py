"""The report's summary in plain sentences, every figure counted from the plan."""

from __future__ import annotations

import math

from fmtool.schedule.result import SOURCES, PlanResult
from fmtool.text import Lang, Text
from fmtool.units import fiscal_year
from fmtool.views.fiscal import RATIOS
from fmtool.views.labels import STATUSES, amount_text, share_text
from fmtool.views.limits import binding_groups
from fmtool.views.report_facts import Facts
from fmtool.views.report_tables import GIVEN_UP, KEPT_UP
from fmtool.vocabulary import ACTIONS


class Sentences:
    """Sentences about one plan, in one language."""

    def __init__(self, result: PlanResult, facts: Facts, lang: Lang) -> None:
        self.result = result
        self.facts = facts
        self.lang: Lang = lang

    def summary(self) -> list[tuple[str, str]]:
        """Return the summary, a heading and a paragraph an item."""
        told = (
            (Text("対象", "Scope"), self.scope()),
            (Text("費用", "Cost"), self.cost()),
            (Text("予算", "Budget"), self.budget()),
            *self.money_sentences(),
            (Text("施設", "Facilities"), self.choices()),
            (Text("面積", "Floor area"), self.floor()),
            (Text("制約", "Limits"), self.limits()),
            (Text("確かさ", "Trust"), self.trust()),
        )
        return [(head.say(self.lang), text.say(self.lang)) for head, text in told]

    def money(self, amount: float) -> Text:
        """Write an amount in both languages."""
        currency = self.result.currency
        return Text(amount_text(amount, currency, "ja"), amount_text(amount, currency, "en"))

    def scope(self) -> Text:
        """Say what is planned over which years."""
        facts, years = self.facts, self.result.years
        rest = facts.facilities - facts.costed
        tail_ja = f"（ほかに面積が分からないなどの理由で費用を計算しない{rest}施設があります）" if rest else ""
        tail_en = (
            f" ({rest} more {'is' if rest == 1 else 'are'} shown but not costed, for want of figures)" if rest else ""
        )
        return Text(
            f"{facts.costed}施設、延床面積{facts.floor_now_m2:,.0f}m²について、{fiscal_year(years[0], 'ja', both=True)}から"
            f"{fiscal_year(years[-1], 'ja', both=True)}までの{len(years)}年間の整備計画を立てました{tail_ja}。",
            f"The plan covers {_count(facts.costed)} with {facts.floor_now_m2:,.0f} m² of floor area, "
            f"over the {len(years)} years from {fiscal_year(years[0], 'en')} to {fiscal_year(years[-1], 'en')}{tail_en}.",
        )

    def cost(self) -> Text:
        """Compare the plan with both baselines."""
        facts, years = self.facts, len(self.result.years)
        replace, extend = self.money(facts.totals["replace"]), self.money(facts.totals["extend"])
        plan, mean = self.money(facts.totals["plan"]), self.money(facts.mean("plan", years))
        head = Text(
            f"今の施設をすべて持ち続け、30年で改修し60年で建て替えると{replace.ja}、"
            f"長寿命化して80年使うと{extend.ja}かかります。本計画の工事費等は{plan.ja}（年平均{mean.ja}）",
            f"Keeping every facility, renovated at 30 and rebuilt at 60 years, would cost {replace.en}; "
            f"used for 80 years, {extend.en}. This plan's works cost {plan.en} ({mean.en} a year)",
        )
        if facts.income_total:
            income = self.money(facts.income_total)
            tail = Text(f"ほかに貸付・売却の収入が{income.ja}あります。", f" Lease and sale income is {income.en}.")
        else:
            tail = Text("", "")
        gap, share = self.money(abs(facts.saving)), share_text(abs(facts.saving_share))
        if math.isnan(facts.saving_share):
            return Text(f"{head.ja}です。{tail.ja}", f"{head.en}.{tail.en}")
        if facts.saving >= 0:
            return Text(
                f"{head.ja}で、従来型より{gap.ja}（{share}）少なくなります。{tail.ja}",
                f"{head.en}, {gap.en} ({share}) less than replacing all.{tail.en}",
            )
        return Text(
            f"{head.ja}で、従来型より{gap.ja}（{share}）多くなります。{tail.ja}",
            f"{head.en}, {gap.en} ({share}) more than replacing all.{tail.en}",
        )

    def budget(self) -> Text:
        """Say whether the works fit the yearly budget and what the fund does."""
        facts, years = self.facts, len(self.result.years)
        mean, drawn, low = (
            self.money(facts.mean("budget", years)),
            self.money(facts.fund_drawn),
            self.money(facts.fund_low),
        )
        part = (
            Text("補助金と地方債を除く支出", "The outlay less subsidies and bonds")
            if facts.sources
            else Text("支出", "The outlay")
        )
        if facts.over_budget_years == 0:
            return Text(
                f"工事に充てる予算は年平均{mean.ja}で、{part.ja}はすべての年度で予算内に収まります。",
                f"The budget for works is {mean.en} a year on average. {part.en} exceeds it in no year.",
            )
        given = self.money(facts.fund_income)
        has_income = facts.fund_income >= 1
        return Text(
            f"工事に充てる予算は年平均{mean.ja}です。{facts.over_budget_years}年度は{part.ja}が予算を上回りますが、"
            f"先の年度に余った予算{f'と、土地の売却などの収入{given.ja}' if has_income else ''}を積み立てた基金から、"
            f"延べ{drawn.ja}を取り崩して賄います。"
            f"基金残高が最も少ないのは{fiscal_year(facts.fund_low_year, 'ja', both=True)}の{low.ja}です。",
            f"The budget for works is {mean.en} a year on average. {part.en} exceeds it in {facts.over_budget_years} of {years} years; "
            f"{drawn.en} in all is drawn from the fund, filled with what earlier years left over"
            f"{f' and with {given.en}, mostly from sales of land' if has_income else ''}. "
            f"The fund is lowest in {fiscal_year(facts.fund_low_year, 'en')}, at {low.en}.",
        )

    def money_sentences(self) -> list[tuple[Text, Text]]:
        """Say what pays, what is left to the city, and how the ratios stand; nothing where the plan does not tell."""
        told = []
        if self.facts.sources:
            told.append((Text("財源", "What pays"), self.sources()))
        if self.facts.worst:
            told.append((Text("財政指標", "Ratios"), self.ratios()))
        return told

    def sources(self) -> Text:
        """Say what pays for the works, and the own burden."""
        paid = {name: self.money(amount) for name, amount in self.facts.sources.items()}
        ja = "、".join(f"{SOURCES[name].ja}{amount.ja}" for name, amount in paid.items())
        en = ", ".join(f"{SOURCES[name].en.lower()} {amount.en}" for name, amount in paid.items())
        if math.isnan(self.facts.own_burden):
            return Text(f"工事費等の財源は{ja}です。", f"The works are paid by: {en}.")
        own = self.money(self.facts.own_burden)
        return Text(
            f"工事費等の財源は{ja}です。地方債の元利償還金と交付税措置、収入を差し引いた市の実質負担は期間中に{own.ja}です。",
            f"The works are paid by: {en}. With debt service, tax grants and income, {own.en} is left to the city in these years.",
        )

    def ratios(self) -> Text:
        """Say each ratio in its worst year against its limit."""
        ja, en = [], []
        for worst in self.facts.worst:
            name = RATIOS[worst.name]
            limit = (
                Text("", "") if worst.limit is None else Text(f"、上限{worst.limit:.1%}", f", limit {worst.limit:.1%}")
            )
            year = Text(fiscal_year(worst.year, "ja", both=True), fiscal_year(worst.year, "en"))
            ja.append(f"{name.ja}は最大{worst.say('ja')}（{year.ja}{limit.ja}）")
            en.append(f"{name.en.lower()} at most {worst.say('en')} ({year.en}{limit.en})")
        kept = all(worst.is_kept for worst in self.facts.worst)
        end = Text(
            "、いずれも上限の範囲内です" if kept else "で、上限を超える指標があります",
            "all within their limits" if kept else "not all within their limits",
        )
        told = f"{'; '.join(en)}: {end.en}."
        return Text(f"{'、'.join(ja)}{end.ja}。", told[:1].upper() + told[1:])

    def choices(self) -> Text:
        """Count the facilities by what is decided for them, each once."""
        given_up, kept_up, after = self._counts(GIVEN_UP), self._counts(KEPT_UP), self._after()
        first = Text(
            f"施設の見直しとして、{given_up.ja}を行います{f'（その後、{after.ja}）' if after.ja else ''}。"
            if given_up.ja
            else "統合・売却・貸付などの見直しはありません。",
            f"What changes hands or use: {given_up.en}{f' (afterwards {after.en})' if after.en else ''}. "
            if given_up.en
            else "Nothing is merged, sold or let. ",
        )
        second = Text(
            f"残す施設では、まず{kept_up.ja}を行います。" if kept_up.ja else "",
            f"What is kept up, by its first works: {kept_up.en}. " if kept_up.en else "",
        )
        rest = self.facts.without_works
        return Text(
            f"{first.ja}{second.ja}{f'{rest}施設は期間中に工事がありません。' if rest else ''}",
            f"{first.en}{second.en}{f'No works in these years: {_count(rest)}.' if rest else ''}".strip(),
        )

    def _counts(self, codes: tuple[str, ...]) -> Text:
        counts = self.facts.facilities_by_decision
        found = [code for code in codes if counts.get(code)]
        return Text(
            "、".join(f"{ACTIONS[code].ja}{counts[code]}施設" for code in found),
            ", ".join(f"{ACTIONS[code].en.lower()} {counts[code]}" for code in found),
        )

    def _after(self) -> Text:
        """Count the buildings and sites that are given up only after a merger or the like."""
        facts = self.facts
        more = {
            code: facts.facilities_by_action.get(code, 0) - facts.facilities_by_decision.get(code, 0)
            for code in ("demolish", "sell", "lease")
        }
        found = {code: count for code, count in more.items() if count > 0}
        words = {
            "demolish": Text("{}施設の建物を除却", "demolish {} buildings"),
            "sell": Text("{}施設の跡地を売却", "sell {} sites"),
            "lease": Text("{}施設の跡地を貸付", "let {} sites"),
        }
        return Text(
            "、".join(words[code].ja.format(count) for code, count in found.items()),
            ", ".join(words[code].en.format(count) for code, count in found.items()),
        )

    def limits(self) -> Text:
        """Say which limits hold the plan back."""
        groups = {lang: binding_groups(self.result, lang) for lang in ("ja", "en")}
        shown = {lang: sorted(found, key=lambda group: -group.count)[:4] for lang, found in groups.items()}
        if not shown["ja"]:
            return Text("計画を縛っている制約はありません。", "No limit holds the plan back.")
        ja = "、".join(f"{group.title}（{group.count}件）" for group in shown["ja"])
        en = ", ".join(f"{group.title.lower()} ({group.count})" for group in shown["en"])
        return Text(
            f"計画を縛っている制約は、多い順に{ja}などです。緩めれば費用を減らせます（「指標と制約」）。",
            f"Limits that hold the plan back, the most frequent first: {en}. With more room there it would cost less (see Indicators and limits).",
        )

    def floor(self) -> Text:
        """Say how floor area changes, and whether the target is met."""
        facts = self.facts
        sign_ja = "減ります" if facts.floor_share <= 0 else "増えます"
        sign_en = "falls" if facts.floor_share <= 0 else "rises"
        share = share_text(abs(facts.floor_share))
        head = Text(
            f"延床面積は{facts.floor_now_m2:,.0f}m²から{facts.floor_end_m2:,.0f}m²へ{share}{sign_ja}",
            f"Floor area {sign_en} by {share}, from {facts.floor_now_m2:,.0f} to {facts.floor_end_m2:,.0f} m²",
        )
        if facts.floor_target_year is None:
            return Text(f"{head.ja}。", f"{head.en}.")
        is_met = facts.floor_at_target_m2 <= facts.floor_target_m2 + 0.5
        year_ja, year_en = (
            fiscal_year(facts.floor_target_year, "ja", both=True),
            fiscal_year(facts.floor_target_year, "en"),
        )
        return Text(
            f"{head.ja}。{year_ja}の目標{facts.floor_target_m2:,.0f}m²を{'達成します' if is_met else '達成できません'}。",
            f"{head.en}; the target of {facts.floor_target_m2:,.0f} m² for {year_en} is {'met' if is_met else 'not met'}.",
        )

    def trust(self) -> Text:
        """Say how good the plan is known to be, and on what it rests."""
        result, facts = self.result, self.facts
        gap = share_text(result.gap, 2)
        room = self.money(max(result.objective - result.best_bound, 0.0))
        status = STATUSES[result.status]
        return Text(
            f"計算状態は「{status.ja}」です。これより良い計画があるとしても、その差は{gap}（{room.ja}）以内です。"
            f"金額は{result.price_year}年度の価格で、前提条件のうち{facts.assumed}件は出典のない仮定、"
            f"{facts.guessed_facilities}施設では台帳にない値を補っています。市の決定ではありません。",
            f"Status: {status.en}. Should a better plan exist, it is better by at most {gap} ({room.en}). "
            f"Amounts are at prices of {result.price_year}; {facts.assumed} of the assumptions have no published source, and "
            f"values missing in the ledger were filled in for {_count(facts.guessed_facilities)}. This is a trial, not a decision of the city.",
        )


def _count(facilities: int) -> str:
    """Count facilities in English.

    >>> _count(1), _count(1200)
    ('1 facility', '1,200 facilities')
    """
    return f"{facilities:,} facilit{'y' if facilities == 1 else 'ies'}"

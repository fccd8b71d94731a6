"""施設カルテ: every facility's decision, reason, works and what pays; names stay text; thousands fit one file."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fmtool.schedule.result import PlanResult
from fmtool.views import cards as cards_module
from fmtool.views.cards import read_cards, write_cards
from fmtool.vocabulary import ACTIONS

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


class _Words(HTMLParser):
    """Collects tags and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  - the parser names it
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def _read(path: Path) -> _Words:
    page = _Words()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_each_costed_facility_has_its_card(financed: PlanResult, tmp_path: Path) -> None:
    cards = {card["id"]: card for card in read_cards(financed, "ja")}
    costed = financed.facilities[financed.facilities["is_costed"].astype(bool)]
    assert list(cards) == costed["facility_id"].tolist()
    event = financed.events[financed.events["action"] == "rebuild"].iloc[0]
    card = cards[event["facility_id"]]
    assert card["action"] == ACTIONS["rebuild"].ja
    line = next(line for line in card["events"] if line["what"] == ACTIONS["rebuild"].ja)
    assert line["cost"] == f"{event['cost'] / 1e6:,.1f}"
    assert f"国庫支出金 {event['national_subsidy'] / 1e6:,.1f}" in line["paid"]
    assert card["next"].startswith("次点: ")
    assert cards["F00005"]["guessed"] == ["構造"]
    write_cards(financed, tmp_path / "cards.html", "ja")
    assert _read(tmp_path / "cards.html").tags.count("article") == len(costed)


def test_names_stay_text_and_nothing_is_loaded(result: PlanResult, tmp_path: Path) -> None:
    hostile = dataclasses.replace(result, facilities=result.facilities.assign(name="<script>alert(1)</script>"))
    write_cards(hostile, tmp_path / "cards.html", "ja")
    page = _read(tmp_path / "cards.html")
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in "".join(page.words)
    assert not re.search(r"(src|href)=", (tmp_path / "cards.html").read_text(encoding="utf-8"))


def test_the_english_cards_speak_english_only(financed: PlanResult, tmp_path: Path) -> None:
    write_cards(financed, tmp_path / "cards.html", "en")
    text = "".join(_read(tmp_path / "cards.html").words)
    for word in sorted({*financed.facilities["name"], *financed.facilities["district"]}, key=len, reverse=True):
        text = text.replace(word, "")
    assert not JAPANESE.search(text)


def test_equal_plans_give_equal_cards(result: PlanResult, tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        write_cards(result, tmp_path / name, "ja")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_of_too_many_facilities_the_dearest_have_cards(
    result_of: Callable[..., PlanResult], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plan = result_of(40)
    monkeypatch.setattr(cards_module, "MOST_CARDS", 10)
    shown = {card["id"] for card in read_cards(plan, "ja")}
    totals = dict(zip(plan.facilities["facility_id"], plan.facility_outlay.sum(axis=1), strict=True))
    assert len(shown) == 10
    assert min(totals[name] for name in shown) >= max(total for name, total in totals.items() if name not in shown)
    write_cards(plan, tmp_path / "cards.html", "en")
    assert "more stand in the workbook" in (tmp_path / "cards.html").read_text(encoding="utf-8")

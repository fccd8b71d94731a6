"""The identifier that is written is the one that is read back, by the next import and by the plan, whatever its signs."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fmtool.inventory.clean import clean
from fmtool.inventory.faults import Faults
from fmtool.inventory.importing import import_files
from fmtool.inventory.importing.run import ImportOutcome
from fmtool.inventory.importing.write import buildings_bytes
from fmtool.inventory.tables import read_table
from fmtool.inventory.values import guarded, plain_text, visible
from fmtool.workspace import CONFIG_NAME

HEAD = ["施設番号", "施設名", "用途分類", "建築年度", "延床面積", "備考", "所在地"]
WORDS = [
    "合計", "小計", "合計\u200b", "N/A", "N/A\u200b", "不明", "－", "なし", "0", "1.0", "001", "1e5", "１２", "Ⅳ", "①", "'", "''", "'=", "=",
    "=1", "'=1", "''=1", "@x", "-", "〃", "同上", "〃\u200b", "a \u200b", "\u200ba", "a\x02 ", "a  b", "e\u0301", "e\u200b\u0301", "\u00b4",
    "ﾊﾞ", "ﾊ\u200bﾞ", "2024/3/31", "45000", "nan", "true", "名称", "施設番号", "id", "ID", "name", "use", "計", "Total", "F0001", "7-2", "7",
    "a;b;c", "a\tb", "x\ny", "㈱", "\u2028", "a\x1cb", "\u3000", "用途", "RC", "図書館", "#REF!", "---", "*",
]  # fmt: skip


@pytest.fixture(scope="module")
def city(tmp_path_factory, request) -> Path:
    folder = tmp_path_factory.mktemp("city")
    shutil.copy(Path(request.config.rootpath) / CONFIG_NAME, folder / CONFIG_NAME)
    return folder


def imported(city: Path, lines: list[list[str]], name: str = "ledger.csv") -> ImportOutcome:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(lines)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(made.getvalue().encode("utf-8-sig", "replace"))
        return import_files([str(path)], city)


def read_again(city: Path, outcome: ImportOutcome) -> None:
    """See that the next import and the plan read what was written, to the letter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "buildings.csv"
        path.write_bytes(buildings_bytes(outcome.buildings))
        again = import_files([str(path)], city)
        assert buildings_bytes(again.buildings) == path.read_bytes()
        assert again.counts() == {"used": len(outcome.buildings), "merged": 0, "refused": 1}
        faults = Faults("buildings.csv")
        planned = clean(read_table(path, "buildings.csv"), faults)
        assert faults.found == []
        for name in ("id", "name", "use"):
            assert planned[name].tolist() == outcome.buildings[name].tolist()


@pytest.mark.parametrize("word", WORDS)
def test_a_facility_called_by_any_word_keeps_its_identifier_and_name(city, word):
    """Beside a plain facility, so that the header of names is never in doubt."""
    for own_id, name in ((word, "中央図書館"), ("A7", word), (word, word)):
        for place in (0, 1):
            lines = [["A1", "第一小学校", "学校", "1970", "5000", "", ""]]
            lines.insert(place, [own_id, name, "図書館", "1980", "900", word, ""])
            read_again(city, imported(city, [HEAD, *lines]))


@pytest.mark.parametrize("year", ["2099", "99999", "不明", ""])
def test_a_total_whose_year_cannot_be_is_read_back_as_it_was_taken(city, year):
    """The year 2099 makes the first import take the row for a facility, and is then left blank."""
    rows = [["A1", "第一小学校", "学校", "1970", "5000", "", ""], ["A2", "合計", "学校", year, "5000", "", ""]]
    read_again(city, imported(city, [HEAD, *rows]))


def test_facilities_called_by_words_of_headers_do_not_make_a_second_header(city):
    rows = [["施設番号", "施設名", "用途分類", "", "", "備考", ""], ["A2", "庁舎", "庁舎", "1970", "100", "", ""]]
    read_again(city, imported(city, [["No.", *HEAD[1:]], ["1", *rows[0][1:]], rows[1]]))
    own = [["id", "name", "use", "built_year", "floor_area_m2"], ["施設番号", "施設名", "school", "", ""]]
    outcome = imported(city, own, "buildings.csv")
    assert outcome.buildings["id"].tolist() == ["施設番号"]


def test_a_use_stated_in_the_inventory_holds_against_the_finer_class_beside_it(city):
    own = [
        ["id", "name", "use", "service", "built_year", "floor_area_m2"],
        ["A1", "甲", "other", "図書館", "1970", "10"],
    ]
    assert imported(city, own, "buildings.csv").buildings["use"].tolist() == ["other"]


def test_lines_put_below_the_inventory_by_hand_are_still_told_for_what_they_are(city):
    own = [
        ["id", "name", "use", "built_year", "floor_area_m2"],
        ["A1", "甲", "school", "1970", "100"],
        ["id", "name", "use", "built_year", "floor_area_m2"],
        ["A2", "乙", "図書館", "1970", "100"],
        ["", "合計", "", "", "200"],
        ["合計", "", "", "", "200"],
    ]
    outcome = imported(city, own, "buildings.csv")
    assert outcome.buildings["id"].tolist() == ["A1", "A2"]
    assert outcome.counts() == {"used": 2, "merged": 0, "refused": 4}


def test_numbers_and_remarks_too_large_to_read_back_are_not_written(city):
    rows = [
        ["A1", "甲", "学校", "1970", "100", "本館" * 10_000, ""],
        ["A1", "甲", "学校", "1971", "100", "別館" * 10_000, ""],
    ]
    rows.append(["㍿" * 10_000, "乙", "学校", "1970", "100", "", ""])
    outcome = imported(city, [[*HEAD, "利用者数"], *([*row, "9" * 30] for row in rows)])
    assert len(outcome.buildings) == 2
    read_again(city, outcome)


words = st.one_of(
    st.sampled_from(WORDS),
    st.text(max_size=6),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)).map("".join),
)


@given(rows=st.lists(st.tuples(words, words, words, words), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_words_stand_in_a_ledger_its_inventory_comes_back(city, rows):
    lines = [[own_id, name, "学校", "昭和45", "1,200", note, place] for own_id, name, note, place in rows]
    outcome = imported(city, [HEAD, ["A0", "第一小学校", "学校", "1970", "5000", "", ""], *lines])
    assert sum(outcome.counts().values()) == len(outcome.account)
    read_again(city, outcome)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(" '=+-@\u200b\u0301\u00b4\u3000\n\x1f\u2028ﾞ"))))
@settings(max_examples=500, deadline=None)
def test_a_word_as_kept_does_not_change_when_it_is_read_again(text):
    assert plain_text(guarded(plain_text(text))) == plain_text(text)
    assert visible(guarded(visible(text))) == visible(text)

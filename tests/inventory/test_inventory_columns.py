"""One table of columns serves reader, checks, documents and the Excel template."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from fmtool.inventory import COLUMNS, column_of
from fmtool.inventory.columns import HEADERS, folded_code
from fmtool.inventory.template import write_template
from fmtool.text import Lang
from fmtool.vocabulary import USES


def test_only_five_columns_are_required() -> None:
    required = {column.name for column in COLUMNS if column.is_required}
    assert required == {"id", "name", "use", "built_year", "floor_area_m2"}


def test_every_column_is_named_and_described_in_both_languages() -> None:
    for column in COLUMNS:
        assert column.title.ja
        assert column.title.en
        assert len(column.description.ja) > 3
        assert len(column.description.en) > 3
        assert (column.kind == "code") == bool(column.codes)


def test_no_two_columns_share_a_header_and_no_two_codes_a_spelling() -> None:
    assert len(set(HEADERS.values())) == len(COLUMNS)
    for column in COLUMNS:
        assert column_of(column.name) == column_of(column.title.ja) == column_of(column.title.en) == column.name
        for code, name in column.codes.items():
            for word in (code, name.ja, name.en):
                assert column.synonyms[folded_code(word)] == code, (column.name, word)


def test_the_uses_are_those_of_the_vocabulary() -> None:
    assert next(column for column in COLUMNS if column.name == "use").codes == USES


HEADERS_WITH_UNITS: dict[str, list[str]] = {
    "ja": ["延床面積（㎡）", "維持管理費（円/年）"],
    "en": ["Floor area (m2)", "Running cost (JPY/year)"],
}


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_excel_template_filled_in_reads_as_an_inventory(read_ledger, tmp_path: Path, lang: Lang) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, lang)
    book = load_workbook(path)
    sheet = book.worksheets[0]
    assert [column_of(cell.value) for cell in sheet[1]] == [column.name for column in COLUMNS]
    assert set(HEADERS_WITH_UNITS[lang]) <= {cell.value for cell in sheet[1]}
    assert all(
        column.description.ja in cell.comment.text and column.description.en in cell.comment.text
        for column, cell in zip(COLUMNS, sheet[1], strict=True)
    )
    lists = {str(rule.sqref).split("2:")[0] for rule in sheet.data_validations.dataValidation}
    assert len(lists) == sum(column.kind in {"code", "grade", "flag"} for column in COLUMNS)
    assert book.worksheets[1].max_row == len(COLUMNS) + 1
    filled = {"id": "F1", "name": "小学校", "use": USES["school"].say(lang), "built_year": 1990, "floor_area_m2": 5000}
    for place, column in enumerate(COLUMNS, start=1):
        sheet.cell(2, place, filled.get(column.name))
    book.save(path)
    inventory = read_ledger(path)
    assert inventory.buildings[["id", "use", "built_year"]].to_numpy().tolist() == [["F1", "school", 1990]]

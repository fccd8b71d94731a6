"""What one call prints: literal names, right columns, JSON that every reader takes."""

from __future__ import annotations

import json

import numpy as np

from fmtool.cli.output import Output, Sheet
from fmtool.text import Text

NAMES = {"name": Text("名称", "name"), "cost": Text("費用", "cost")}


def sheet(*rows):
    return Sheet(
        "costs", Text("表", "table"), NAMES, [{"name": name, "cost": cost} for name, cost in rows], frozenset({"name"})
    )


def test_a_name_in_brackets_is_a_name(capsys):
    Output("en").sheet(sheet(("[bold]仮称[/bold] [red]", 1.0)))
    assert "[bold]仮称[/bold] [red]" in capsys.readouterr().out


def test_a_column_has_one_number_of_decimals(capsys):
    Output("en").sheet(sheet(("a", 1.26), ("b", 12_345.6)))
    assert [line.split()[1] for line in capsys.readouterr().out.splitlines()[2:]] == ["1", "12,346"]


def test_small_amounts_keep_a_decimal_and_what_is_missing_stays_blank(capsys):
    Output("en").sheet(sheet(("a", 1.26), ("b", float("nan")), ("c", None)))
    assert [line.split()[1:] for line in capsys.readouterr().out.splitlines()[2:]] == [["1.3"], [], []]


def test_a_table_without_rows_is_not_printed(capsys):
    Output("en").sheet(sheet())
    assert capsys.readouterr().out == ""


def test_long_names_are_not_cut_in_a_pipe(capsys):
    name = "とても長い名前の施設" * 8
    Output("ja").sheet(sheet((name, 1.0)))
    assert name in capsys.readouterr().out


def test_json_is_one_document_without_nan(capsys):
    out = Output("ja", as_json=True)
    out.say(Text("文", "sentence"))
    out.sheet(sheet(("図書館", np.float64("inf")), ("b", np.int64(3))))
    out.data(years=np.arange(2), said=Text("可", "yes"), share=float("nan"))
    assert capsys.readouterr().out == ""
    out.finish()
    assert json.loads(capsys.readouterr().out) == {
        "costs": [{"name": "図書館", "cost": None}, {"name": "b", "cost": 3}],
        "years": [0, 1],
        "said": {"ja": "可", "en": "yes"},
        "share": None,
    }


def test_notes_and_progress_keep_off_standard_output(capsys):
    out = Output("en")
    with out.progress() as tell:
        tell(Text("求解", "solving"), 0.5)
    out.note(Text("注意", "beware"))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "beware\n"

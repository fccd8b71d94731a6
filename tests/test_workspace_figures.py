"""models/*.toml: no figure without unit, source and basis."""

from __future__ import annotations

from pathlib import Path

import pytest

from fmtool.errors import WorkspaceError
from fmtool.workspace import Figures, read_figures

GOOD = '{ value = 280_000, unit = "JPY/m2", price_year = 2016, source = "table 3", basis = "seen" }'


def read(folder: Path, text: str, name: str = "costs.toml") -> Figures:
    (folder / name).write_text(text, encoding="utf-8")
    return read_figures(folder)


def faults(folder: Path, text: str) -> list[str]:
    with pytest.raises(WorkspaceError) as caught:
        read(folder, text)
    return [fault.en for fault in caught.value.faults]


def test_a_figure_is_found_by_file_table_and_name(tmp_path):
    figures = read(tmp_path, f"[action.renovate]\ncost = {GOOD}\n")
    figure = figures["costs.action.renovate.cost"]
    assert (figure.number, figure.unit, figure.price_year, figure.source) == (280_000, "JPY/m2", 2016, "table 3")
    assert figures.under("costs.action") == {"renovate.cost": figure}


@pytest.mark.parametrize("field", ["unit", "source", "basis"])
def test_a_figure_lacking_a_field_names_file_key_and_field(tmp_path, field):
    parts = [part for part in GOOD.strip("{} ").split(", ") if not part.startswith(field)]
    told = faults(tmp_path, f"cost = {{ {', '.join(parts)} }}\n")
    assert f"models/costs.toml: `cost` has no {field}" in told


def test_an_empty_source_is_no_source(tmp_path):
    assert faults(tmp_path, f"cost = {GOOD.replace('table 3', '  ')}\n") == ["models/costs.toml: `cost` has no source"]


def test_a_bare_number_is_refused(tmp_path):
    assert faults(tmp_path, "[action]\ncost = 3\n") == [
        "models/costs.toml: `costs.action.cost` is a bare value without unit and source"
    ]


def test_money_needs_a_price_year(tmp_path):
    told = faults(tmp_path, f"cost = {GOOD.replace('price_year = 2016, ', '')}\n")
    assert told == ["models/costs.toml: `cost` is money and needs a price_year"]


@pytest.mark.parametrize(
    ("old", "new"), [('"seen"', '"guessed"'), ('"seen"', '"seen", sorce = "x"'), ("2016", '"2016"'), ("2016", "true")]
)
def test_what_a_field_may_not_hold_is_refused(tmp_path, old, new):
    assert len(faults(tmp_path, f"cost = {GOOD.replace(old, new)}\n")) == 1


def test_the_faults_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "broken.toml").write_text("[", encoding="utf-8")
    told = faults(tmp_path, f"a = 1\nb = 2\nc = {GOOD}\n")
    assert [line.split(":")[0] for line in told] == ["models/broken.toml", "models/costs.toml", "models/costs.toml"]


def test_a_missing_figure_says_which_file_lacks_it(tmp_path):
    with pytest.raises(WorkspaceError, match=r"models/costs\.toml: `rate` is missing"):
        read(tmp_path, f"cost = {GOOD}\n")["costs.rate"]


def test_text_is_not_a_number(tmp_path):
    figures = read(tmp_path, f"cost = {GOOD.replace('280_000', '"much"')}\n")
    with pytest.raises(WorkspaceError, match="must be a number"):
        figures.number("costs.cost")


def test_a_folder_without_assumptions_is_refused(tmp_path):
    with pytest.raises(WorkspaceError, match="no assumption files"):
        read_figures(tmp_path)


def test_a_rate_past_its_end_is_listed(tmp_path):
    figures = read(tmp_path, f"a = {GOOD[:-2]}, valid_to = 2026 }}\nb = {GOOD}\n")
    assert figures.past_end(2026) == []
    assert [figure.key for figure in figures.past_end(2027)] == ["costs.a"]


def test_every_figure_of_the_sample_says_where_it_is_from(workspace):
    assert len(workspace.figures) > 0
    assert all(figure.source and figure.unit and figure.basis for figure in workspace.figures.values())

"""Many cities: whoever plans them the numbers are the same, and a faulty one keeps none of the others from its plan."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import threading
from dataclasses import asdict, replace
from pathlib import Path

import openpyxl
import pytest

from fmtool.cli import main
from fmtool.errors import UsageError, WorkspaceError
from fmtool.portfolio import National, Options, check_out, find_cities, outcome, plan_cities, plan_city, write_national
from fmtool.portfolio.national import CitiesNotPlannedError
from fmtool.schedule.run import plan_schedule
from fmtool.workers import Here, open_workers
from fmtool.workspace import only_run, read_workspace

HOSTILE = '<img src=x onerror=alert(1)>{{ 7 * 7 }}"&市'
FORMULA = '=HYPERLINK("x")'


def numbers(national: National) -> list[dict[str, str]]:
    """Return all that must not depend on who planned, when and where, to the last digit (and with NaN like NaN)."""
    return [
        {key: repr(value) for key, value in asdict(city).items() if key not in {"seconds", "root", "map", "said"}}
        for city in national.cities
    ]


@pytest.fixture(scope="module")
def two():
    with open_workers("local:2") as workers:
        yield workers


def test_a_city_is_planned_as_fmtool_plan_does(alone):
    city = alone.done[0]
    result = plan_schedule(read_workspace(Path(city.root)).with_solver(threads=1))
    assert (city.objective, city.best_bound, city.gap) == (result.objective, result.best_bound, result.gap)
    assert city.works_total == pytest.approx(result.yearly["outlay"].sum())
    assert sum(city.decisions.values()) >= city.facilities
    kept = json.loads((Path(city.root) / "results" / "base" / "plan.json").read_text(encoding="utf-8"))
    assert kept["objective"] == round(city.objective)
    assert max(kept["indicators"]["debt_service_ratio"]) == pytest.approx(city.debt_service_ratio[0], abs=1e-5)


def test_workers_change_no_number(two, cities, alone):
    assert numbers(plan_cities(find_cities([cities]), Options(kept="none"), two)) == numbers(alone)
    assert not list(cities.glob("*/results"))


def test_a_worker_killed_in_the_middle_changes_no_number_and_leaves_nothing_half_written(two, cities, alone):
    processes = list(two.client.run(os.getpid).values())
    killer = threading.Timer(0.6, os.kill, [processes[0], signal.SIGKILL])
    killer.start()
    found = plan_cities(find_cities([cities]), Options(kept="light"), two)
    killer.join()
    two.client.wait_for_workers(2, timeout=60)
    assert set(two.client.run(os.getpid).values()) != set(processes)
    assert numbers(found) == numbers(alone)
    for mine, theirs in zip(found.done, alone.done, strict=True):
        files = [Path(each.root) / "results" / "base" / "plan.json" for each in (mine, theirs)]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert not list(cities.rglob("*.fmtool-new"))


def test_a_fault_of_the_program_in_one_city_leaves_the_others_their_plans(monkeypatch, cities):
    planned = outcome._planned

    def fails(city, options, started):
        if city.id == names[1]:
            raise KeyError("postgresql://clerk:secret@host/db")
        return planned(city, options, started)

    names = [city.id for city in find_cities([cities])]
    monkeypatch.setattr(outcome, "_planned", fails)
    found = plan_cities(find_cities([cities]), Options(kept="none"), Here())
    assert [city.status for city in found.cities] == ["optimal", "failed", "optimal", "bad_input"]
    assert "report it" in found.cities[1].said.en
    assert "secret" not in found.cities[1].said.ja + found.cities[1].said.en


def test_a_faulty_city_is_one_row_and_the_others_are_done(alone):
    assert [city.status for city in alone.cities] == ["optimal"] * 3 + ["bad_input"]
    faulty = alone.cities[-1]
    assert "fmtool.toml: " in faulty.said.en
    with pytest.raises(CitiesNotPlannedError, match="1 of 4 cities could not be planned") as caught:
        alone.raise_faults()
    assert caught.value.exit_code == 1
    National(tuple(alone.done)).raise_faults()


def test_the_worst_fault_gives_the_exit_code(cities, alone):
    """A city without money for its old buildings has no schedule: exit code 3."""
    city = find_cities([cities / "city-001"])[0]
    path = city.root / "fmtool.toml"
    text = re.sub("works_under_way = .*", "works_under_way = 0", path.read_text(encoding="utf-8"))
    path.write_text(re.sub("debt_service_ratio = .*", "debt_service_ratio = 0.0", text), encoding="utf-8")
    stuck = plan_city(city, Options(kept="none"))
    assert (stuck.status, stuck.exit_code) == ("infeasible", 3)
    with pytest.raises(CitiesNotPlannedError) as caught:
        National((*alone.cities, stuck)).raise_faults()
    assert caught.value.exit_code == 3


def test_a_city_in_which_another_run_is_at_work_is_told(cities):
    city = find_cities([cities / "city-001"])[0]
    with only_run(city.root):
        assert "another fmtool is at work" in plan_city(city, Options(kept="none")).said.en


def test_a_scenario_that_a_city_lacks_is_told(cities):
    city = find_cities([cities / "city-001"])[0]
    assert "no scenario `low`" in plan_city(city, Options("low", kept="none")).said.en


def test_totals_add_one_money_only(alone):
    total = alone.total()
    assert total["works_total"] == pytest.approx(sum(city.works_total for city in alone.done))
    assert total["facilities"] == sum(city.facilities for city in alone.done)
    assert sum(row["spend"] for row in alone.yearly() if row["city"] is None) == pytest.approx(total["works_total"])
    mixed = National((*alone.done[:2], replace(alone.done[2], currency="USD")))
    assert mixed.total() is None
    assert not [row for row in mixed.yearly() if row["city"] is None]
    assert "2 in JPY of 2016" in mixed.remarks()[0].en
    assert "1 in USD of 2016" in mixed.remarks()[0].en


def test_other_discount_rates_leave_the_objective_out_of_the_totals(alone):
    other = National((*alone.done[:2], replace(alone.done[2], discount_rate=0.03)))
    assert other.total()["objective"] is None
    assert other.total()["works_total"] == pytest.approx(alone.total()["works_total"])


def test_tables_hold_every_city_and_hostile_names_stay_text(alone, tmp_path):
    files = write_national(alone, tmp_path / "out", "en")
    assert [path.name for path in files] == ["national.csv", "national_yearly.csv", "national.xlsx", "national.html"]
    with files[0].open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["city"] for row in rows] == ["city-001", "city-002", "city-003", "faulty", "Total"]
    assert rows[1]["name_ja"] == HOSTILE
    assert rows[1]["name_en"] == f"'{FORMULA}"
    assert float(rows[0]["objective"]) == alone.done[0].objective
    sheet = openpyxl.load_workbook(files[2])["Cities"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value == FORMULA} == {"s"}
    assert HOSTILE in {cell.value for cell in cells}
    page = files[3].read_text(encoding="utf-8")
    assert "<img" not in page
    assert "49" not in page.split('id="fm-side"')[1].split("&lt;img")[1][:40]


def test_a_second_run_takes_the_place_of_the_first_but_of_nothing_else(alone, tmp_path):
    out = tmp_path / "out"
    write_national(alone, out, "ja")
    write_national(alone, out, "en")
    (out / "mine.txt").touch()
    with pytest.raises(UsageError, match="holds other files"):
        check_out(out)
    assert (out / "mine.txt").exists()


def test_cities_are_found_once_and_named_apart(cities):
    both = find_cities([cities, cities / "city-001"])
    assert [city.id for city in both] == ["city-001", "city-002", "city-003", "faulty"]
    with pytest.raises(WorkspaceError, match="workspaces of cities are missing"):
        find_cities([cities / "no-city"])
    with pytest.raises(WorkspaceError):
        find_cities([cities / "nowhere"])


def test_the_command_plans_on_workers_and_ends_with_the_worst_code(capsys, cities, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["--lang", "en", "--json", "portfolio", str(cities), "--workers", "2", "--results", "none"]) == 1
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert [row["status"] for row in told["cities"]] == ["optimal"] * 3 + ["bad_input"]
    assert told["total"]["currency"] == "JPY"
    assert "1 of 4 cities could not be planned" in said.err
    assert (tmp_path / "portfolio" / "national.html").is_file()
    assert main(["--lang", "en", "portfolio", str(cities / "city-001"), "--results", "none", "--out", "one"]) == 0
    assert "plans of 1 cities" in capsys.readouterr().out


def test_wrong_workers_are_one_sentence(capsys, cities, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["--lang", "en", "portfolio", str(cities), "--workers", "nine"]) == 1
    assert "error: --workers nine: no such kind of workers" in capsys.readouterr().err


def test_missing_scenarios_are_planned_on_workers(capsys, make_cities, tmp_path, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    city = make_cities(tmp_path, 1, 1, facilities=(7, 7), years=12, gap=0.08)[0]
    with (city / "fmtool.toml").open("a", encoding="utf-8") as file:
        file.write("\n[scenario.late.case]\ndiscount_rate = 0.04\n")
    assert main(["-C", str(city), "--json", "compare", "base", "late", "--plan", "--workers", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["scenario"] for row in told["scenarios"]] == ["base", "late"]
    assert (city / "results" / "late" / "schedule.xlsx").is_file()

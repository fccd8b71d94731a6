"""Input that a clumsy or hostile hand has made: exit codes, both languages, no traceback, earlier results untouched."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fmtool.cli import main

Spoil = Callable[[bytes], bytes]

HEAD = "id,name,use,built_year,floor_area_m2,lat,lon\n"
SHAPE = '{"type": "Feature", "properties": {"name": "東", "population": 5}, "geometry": %s}'
SQUARE = '{"type": "Polygon", "coordinates": [[[137.3, 34.7], [137.4, 34.7], [137.4, 34.8], [137.3, 34.7]]]}'
PEOPLE = "municipality,year,total,age_0_14,age_15_64,age_65_plus\n"


@pytest.fixture(autouse=True)
def plain_window(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LANG", "en_US.UTF-8")


@pytest.fixture
def city(workspace_folder: Path) -> Path:
    """Keep 21 facilities of the sample, and the results of an earlier run."""
    ledger = workspace_folder / "facilities" / "buildings.csv"
    with ledger.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["district"] in {"岩田", "東田", "豊"}]
    write_ledger(workspace_folder, rows)
    earlier = workspace_folder / "results" / "base"
    earlier.mkdir(parents=True)
    (earlier / "plan.json").write_text("of the last run", encoding="utf-8")
    return workspace_folder


def read_ledger(folder: Path) -> list[dict[str, str]]:
    with (folder / "facilities" / "buildings.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write_ledger(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "facilities" / "buildings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def replace(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(capsys, folder: Path, *command: str, code: int = 1) -> dict[str, str]:
    """Run a command in both languages; return what it says, once the promises of every refusal are seen to be kept."""
    said = {}
    for lang, error, hint in (("ja", "エラー: ", "対処: "), ("en", "error: ", "hint: ")):
        assert main(["-C", str(folder), "--lang", lang, *command]) == code
        captured = capsys.readouterr()
        assert captured.err.startswith(error)
        assert f"\n\n{hint}" in captured.err
        assert "Traceback" not in captured.err
        said[lang] = captured.err
    assert (folder / "results" / "base" / "plan.json").read_text(encoding="utf-8") == "of the last run"
    return said


def row(**given: str) -> bytes:
    cells = {
        "id": "F1",
        "name": "会館",
        "use": "school",
        "built_year": "1975",
        "floor_area_m2": "500",
        "lat": "34.75",
        "lon": "137.39",
    }
    return (HEAD + ",".join((cells | given).values()) + "\n").encode()


def features(*shapes: str) -> bytes:
    return ('{"type": "FeatureCollection", "features": [' + ", ".join(shapes) + "]}").encode()


LEDGER, DISTRICTS, POPULATION = "facilities/buildings.csv", "facilities/districts.geojson", "facilities/population.csv"
SERVICES = "models/services.csv"

FILES: dict[str, tuple[str, Spoil, str, str]] = {
    "ledger in EUC-JP": (LEDGER, lambda old: old.decode().encode("euc_jp", "replace"), "neither UTF-8 nor Shift_JIS", "文字コード"),
    "ledger in JIS": (LEDGER, lambda old: old.decode().encode("iso2022_jp", "replace"), "neither UTF-8 nor Shift_JIS", "文字コード"),
    "ledger in UTF-16, cut": (LEDGER, lambda old: old.decode().encode("utf-16")[:-1], "neither UTF-8 nor Shift_JIS", "文字コード"),
    "workbook named CSV": (LEDGER, lambda _: b"PK\x03\x04 and so on", "holds an Excel workbook", "Excelブック"),
    "no area at all": (LEDGER, lambda _: row(floor_area_m2="").replace(b"lon\n", b"lon,tenure\n").replace(b"137.39", b"137.39,leased_in"), "no facility can be costed", "費用を計算できる施設が一つもありません"),
    "area beyond belief": (LEDGER, lambda _: row(floor_area_m2="1e12"), "row 2, `floor_area_m2` '1e+12': is above 5,000,000", "5,000,000より大きい"),
    "negative area": (LEDGER, lambda _: row(floor_area_m2="-5"), "row 2, `floor_area_m2` '-5': is below 1", "1より小さい値です"),
    "text in a number": (LEDGER, lambda _: row(floor_area_m2="広い"), "row 2, `floor_area_m2` '広い': is not a number", "数として読めません"),
    "built in the future": (LEDGER, lambda _: row(built_year="2099"), "row 2, `built_year` '2099': lies after", "より後です"),
    "another country": (LEDGER, lambda _: row(lat="0", lon="0"), "lies outside the case's bounds", "座標が対象範囲の外です"),
    "duplicate id": (LEDGER, lambda _: row() + row().split(b"\n", 1)[1], "duplicate id (also row 3)", "重複しています（3行目と同じ）"),
    "duplicate id by width": (LEDGER, lambda _: row() + row(id="Ｆ１").split(b"\n", 1)[1], "duplicate id", "重複しています"),
    "zero rows": (LEDGER, lambda _: HEAD.encode(), "empty (no facility rows)", "空です"),
    "districts without end": (DISTRICTS, lambda old: old[:3000], "not readable as geographic data", "地理データとして読めません"),
    "no districts": (DISTRICTS, lambda _: features(), "empty (no districts)", "地区がありません"),
    "districts nameless": (DISTRICTS, lambda _: features(SHAPE.replace("name", "namae") % SQUARE), "`name`: a required attribute is missing", "geojson `name`: 必須の属性"),
    "ring that does not close": (DISTRICTS, lambda _: features(SHAPE % SQUARE.replace("[137.4, 34.7]", "[NaN, 34.7]").replace("[[[137.3", "[[[NaN")), "districts.geojson", "districts.geojson"),
    "districts in metres": (DISTRICTS, lambda _: features(SHAPE % SQUARE.replace("137", "15137")), "drawn outside the case's bounds", "対象範囲の外"),
    "district without area": (DISTRICTS, lambda _: features(SHAPE % SQUARE.replace("[137.4, 34.8]", "[137.35, 34.7]")), "is not an area", "面の図形ではありません"),
    "population column twice": (POPULATION, lambda old: old.replace(b"year,", b"year,year,", 1), "stands there more than once", "同じ列が2つ以上"),
    "no people": (POPULATION, lambda _: (PEOPLE + "豊橋市,2030,0,0,0,0\n").encode(), "row 2, `total` '0': is not a number of 1 or more", "1以上の数ではありません"),
    "a year in words": (POPULATION, lambda _: (PEOPLE + "豊橋市,来年,9,3,3,3\n").encode(), "row 2, `year` '来年': is not a year", "年として読めません"),
    "services: header only": (SERVICES, lambda old: old.split(b"\n")[0] + b"\n", "no row for the uses", "用途分類の行がありません"),
    "services: column twice": (SERVICES, lambda old: old.replace(b"service,", b"service,service,", 1), "columns twice: service", "同じ列が2つ以上"),
    "services: a cell too many": (SERVICES, lambda old: old.replace("小学校,".encode(), "小学校,x,".encode(), 1), "row 2: does not have 12 cells", "2行目: 列の数が12ではありません"),
    "services lack a use": (SERVICES, lambda old: old.replace(b"\npark,", b"\nparks,"), "no row for the uses park", "行がありません: park"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_used_is_told_with_its_place_and_the_way_out(capsys, city, case):
    file, spoil, en, ja = FILES[case]
    path = city / file
    path.write_bytes(spoil(path.read_bytes()))
    said = refused(capsys, city, "plan")
    assert en in said["en"]
    assert ja in said["ja"]
    assert file in said["ja"]
    assert refused(capsys, city, "check") == said


def test_all_faults_of_all_rows_are_told_at_once(capsys, city):
    rows = [old | {"floor_area_m2": "x", "built_year": "2099", "lat": "0"} for old in read_ledger(city)]
    write_ledger(city, rows)
    said = refused(capsys, city, "plan")
    assert said["en"].startswith(f"error: facilities/buildings.csv: {3 * len(rows)} faults")
    assert said["ja"].count("\n  - ") == 3 * len(rows)


def test_the_ledger_may_be_in_shift_jis_or_utf16(capsys, city):
    path = city / LEDGER
    text = path.read_text(encoding="utf-8")
    for encoding in ("cp932", "utf-16"):
        path.write_bytes(text.encode(encoding))
        assert main(["-C", str(city), "--json", "check"]) == 0
        assert json.loads(capsys.readouterr().out)["is_usable"]


@pytest.mark.usefixtures("sketches")
def test_an_empty_age_group_keeps_what_is_offered_today(capsys, city):
    (city / POPULATION).write_text(PEOPLE + "豊橋市,2026,9,0,6,3\n豊橋市,2065,9,1,5,3\n", encoding="utf-8")
    replace(city, "fmtool.toml", "floor_area_reduction_rate = 0.10", "floor_area_reduction_rate = 0.0")
    assert main(["-C", str(city), "--json", "plan", "--gap", "0.1", "--time-limit", "30"]) == 0
    assert json.loads(capsys.readouterr().out)["gap"] <= 0.1


CONFIG = {
    "negative budget": ("share_of_replace_mean = 0.25", "yearly = -5", "`budget.yearly` input should be greater than or equal to 0", "0以上の値にしてください"),
    "negative year": ("share_of_replace_mean = 0.25", "yearly = [1, -5]", "`budget.yearly.1` input should be greater", "`budget.yearly.1` 0以上"),
    "budget in words": ("share_of_replace_mean = 0.25", 'yearly = "百万"', "`budget.yearly` input should be a valid number", "引用符を付けずに"),
    "budget without end": ("share_of_replace_mean = 0.25", "yearly = inf", "`budget.yearly` input should be a finite number", "有限の数"),
    "two budgets": ("share_of_replace_mean = 0.25", "share_of_replace_mean = 0.6\nyearly = 5", "give exactly one of", "どちらか一つだけ"),
    "budget of two years": ("share_of_replace_mean = 0.25", "yearly = [1, 2]", "`budget.yearly` needs 40 amounts", "40年分必要"),
    "horizon 0": ("horizon_years = 40", "horizon_years = 0", "`case.horizon_years` input should be greater", "1以上の値に"),
    "horizon beyond the map": ("horizon_years = 40", "horizon_years = 91", "`case.horizon_years` input should be less", "90以下の値に"),
    "horizon yes": ("horizon_years = 40", "horizon_years = true", "`case.horizon_years` input should be a valid integer", "整数に"),
    "discount 150 %": ("discount_rate = 0.02", "discount_rate = 1.5", "`case.discount_rate` input should be less than 1", "1より小さい値に"),
    "discount nan": ("discount_rate = 0.02", "discount_rate = nan", "`case.discount_rate` input should be a finite number", "有限の数"),
    "gap 2": ("gap = 0.005", "gap = 2", "`solver.gap` input should be less", "1以下の値に"),
    "unknown key": ("[budget]", "[budget]\nshare = 3", "`budget.share` extra inputs", "`budget.share` 未知の項目です"),
    "unknown solver": ('name = "highs"', 'name = "gurobi"', "`solver.name` input should be 'highs' or 'cbc'", "'highs' or 'cbc' のいずれか"),
    "broken TOML": ("[budget]", "[budget", "not readable as TOML (row", "TOMLとして読めません（"),
    "bounds the other way": ("[122.0, 20.0, 154.0, 46.0]", "[154.0, 46.0, 122.0, 20.0]", "give west, south, east, north", "西、南、東、北の順"),
    "no file": ('"facilities/buildings.csv"', '""', "`files.buildings` string should have at least 1", "空欄にできません"),
    "a scenario named as the case": ("[solver]", "[scenario.base]\n[solver]", "choose another name", "別の名前に"),
    "system in degrees": ("EPSG:6675", "EPSG:4326", "`case.crs` must be a projected", "`case.crs` は単位がメートル"),
}  # fmt: skip


@pytest.mark.parametrize("case", CONFIG)
def test_a_configuration_that_cannot_be_used_names_the_entry(capsys, city, case):
    old, new, en, ja = CONFIG[case]
    replace(city, "fmtool.toml", old, new)
    said = refused(capsys, city, "plan")
    assert en in said["en"]
    assert ja in said["ja"]
    assert "Input should" not in said["ja"]
    assert "fmtool.toml" in said["ja"]
    assert refused(capsys, city, "check") == said


def test_a_configuration_saved_as_shift_jis_is_told_with_its_row(capsys, city):
    path = city / "fmtool.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp932"))
    assert "fmtool.toml: not in UTF-8 (row 4)" in refused(capsys, city, "check")["en"]


def test_check_reads_every_scenario(capsys, city):
    replace(city, "fmtool.toml", "[solver]", "[scenario.tight.limits]\nworks_under_way = -1\n[solver]")
    assert "`limits.works_under_way`" in refused(capsys, city, "check")["en"]


def test_a_limit_after_the_last_year_is_remarked(capsys, city):
    replace(city, "fmtool.toml", "floor_area_target_year = 2065", "floor_area_target_year = 2965")
    assert main(["-C", str(city), "--lang", "en", "check"]) == 0
    assert "`limits.floor_area_target_year` 2965 lies after the plan's last year (2065)" in capsys.readouterr().out


FIGURES = {
    "no source": ('source = "評価Dは', 'sauce = "評価Dは', "`failure_rate_in_d` has no source", "`failure_rate_in_d` に source がありません"),
    "no number": ("value = 0.1\n", 'value = "一割"\n', "must be a number (got '一割')", "数値でなければなりません（'一割'）"),
    "below zero": ("value = 0.1\n", "value = -0.1\n", "must be a finite number of 0 or more (got -0.1)", "0以上の有限の数"),
    "not finite": ("value = 0.1\n", "value = nan\n", "must be a finite number of 0 or more (got nan)", "0以上の有限の数"),
    "in per cent": ("value = 0.1\n", "value = 10\n", "must be 2 or less (60 per cent is 0.6) (got 10)", "60%は0.6"),
    "broken": ("[failure_rate_in_d]", "[failure_rate_in_d", "models/risk.toml: not readable as TOML (row 3", "3行目"),
    "bare": ("[failure_rate_in_d]", "rate = 5\n[failure_rate_in_d]", "`risk.rate` is a bare value", "`risk.rate` は数値だけ"),
}  # fmt: skip


@pytest.mark.parametrize("case", FIGURES)
def test_an_assumption_that_cannot_be_one_is_named(capsys, city, case):
    old, new, en, ja = FIGURES[case]
    replace(city, "models/risk.toml", old, new)
    said = refused(capsys, city, "plan")
    assert en in said["en"]
    assert ja in said["ja"]
    assert "models/risk.toml" in said["ja"]


@pytest.mark.parametrize("file", ["actions", "condition", "cycles", "inventory", "running", "unit_costs"])
@pytest.mark.parametrize("number", ["-3", "0", "3.7", "1e9"])
def test_no_number_in_any_assumption_ends_in_a_traceback(capsys, city, file, number):
    path = city / "models" / f"{file}.toml"
    path.write_text(
        re.sub(r"value = [0-9][0-9_.]*", f"value = {number}", path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    assert main(["-C", str(city), "--lang", "en", "check"]) in {0, 1}
    assert "Traceback" not in capsys.readouterr().err


def test_a_figure_that_is_divided_by_may_not_be_zero(capsys, city):
    path = city / "models" / "unit_costs.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("value = 0.5\n", "value = 0\n"), encoding="utf-8")
    said = refused(capsys, city, "plan")
    assert "models/unit_costs.toml: `land.floor_area_ratio` must be more than 0 (got 0)" in said["en"]


def test_a_layer_that_cannot_be_drawn_is_told_before_solving(capsys, monkeypatch, city):
    monkeypatch.setattr("fmtool.schedule.run.plan_schedule", lambda *_args, **_options: pytest.fail("solved"))
    (city / "maps" / "layers" / "outline.geojson").write_text("{", encoding="utf-8")
    assert "layers/outline.geojson: not readable as geographic data" in refused(capsys, city, "plan")["en"]
    assert "layers/outline.geojson" in refused(capsys, city, "check")["ja"]


def test_results_that_cannot_be_written_are_told_before_solving(capsys, monkeypatch, workspace_folder):
    monkeypatch.setattr("fmtool.schedule.run.plan_schedule", lambda *_args, **_options: pytest.fail("solved"))
    (workspace_folder / "results").write_text("a file", encoding="utf-8")
    assert main(["-C", str(workspace_folder), "--lang", "en", "plan"]) == 1
    assert "results: cannot be read or written" in capsys.readouterr().err
    assert (workspace_folder / "results").read_text(encoding="utf-8") == "a file"


def test_a_deadline_that_a_locked_decision_breaks_is_told_with_the_facility(capsys, city):
    rows = read_ledger(city)
    rows[0]["locked"], rows[1]["locked"] = "rebuild:2050", "keep"
    write_ledger(city, rows)
    said = refused(capsys, city, "plan", code=3)
    assert "2 facilities cannot be made safe by FY2040" in said["en"]
    assert "T001 is safe in FY2052 at the earliest (locked: rebuild:2050)" in said["en"]
    assert "T002: 計画期間には耐震化されません（決定済み: keep）" in said["ja"]


def test_a_deadline_in_the_past_names_a_dozen_facilities(capsys, city):
    replace(city, "fmtool.toml", "seismic_deadline_year = 2040", "seismic_deadline_year = 1999")
    write_ledger(city, [row | {"seismic_status": "unretrofitted"} for row in read_ledger(city)])
    said = refused(capsys, city, "plan", code=3)
    assert "facilities cannot be made safe by FY1999, whatever is done" in said["en"]
    assert said["en"].count("\n  - ") == 13
    assert "\n  - ほか" in said["ja"]


IMPOSSIBLE = {
    "merge:2030": ("no facility could take it in", "集約先となる施設がありません"),
    "convert:2030": ("its service has nothing to convert to", "転用先のサービスがありません"),
    "retrofit:2030": ("it needs no retrofit", "耐震改修を要しない建物です"),
    "rebuild:2020": ("its year lies outside the plan", "年度が計画期間の外です"),
    "explode": ("is not a decision that can be read", "決定済みの方針として読めません"),
}


@pytest.mark.parametrize("lock", IMPOSSIBLE)
def test_a_locked_decision_that_cannot_be_kept_is_named(capsys, city, lock):
    rows = read_ledger(city)
    rows[0] |= {"locked": lock, "service": "medical", "seismic_status": "new_standard"}
    write_ledger(city, rows)
    said = refused(capsys, city, "plan")
    assert IMPOSSIBLE[lock][0] in said["en"]
    assert IMPOSSIBLE[lock][1] in said["ja"]
    assert lock in said["ja"]


IDS = ["F 1", "F-1", "F_1", "F+1", "F[1]", "F(1)", "市民館1", "x" * 200, "館" * 200, "=cmd", "-1", "1", "01", "1.0", "<b>", "a,b",
       "no.3", "../etc", "a/b", "CON", "{{7}}"]  # fmt: skip
NAMES = ["<script>alert(1)</script>", '=HYPERLINK("http://x","y")', "+1+1", "@SUM(A1)", "\"a', b", "[red]仮称[/red]", "x" * 200, "🏫",
         "改\n行", "\x00\x02館", "</script><script>x", "\u202egnp", "a|b", "\\", "%s %d", "${x}", "&amp;", "-2", "' or 1", "`id`", "館"]  # fmt: skip


def test_ids_and_names_of_every_kind_go_through_to_all_results(capsys, city):
    rows = read_ledger(city)
    assert len(rows) == len(IDS) == len(NAMES)
    for old, name, title in zip(rows, IDS, NAMES, strict=True):
        old |= {"id": name, "name": title, "remarks": title}
    write_ledger(city, rows)
    assert main(["-C", str(city), "--json", "plan", "--gap", "0.1", "--time-limit", "30"]) == 0
    json.loads(capsys.readouterr().out)
    results = city / "results" / "base"
    plan = json.loads((results / "plan.json").read_text(encoding="utf-8"))
    assert {decision["facility_id"] for decision in plan["decisions"]} == set(IDS)
    with (results / "schedule.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "@"}]
    for page in ("map.html", "report.html"):
        text = (results / page).read_text(encoding="utf-8")
        assert "<script>alert(1)" not in text
        assert "</script><script>x" not in text
    written = set()
    for name in IDS:
        assert main(["-C", str(city), "--json", "curve", "--", name]) == 0
        written.update(json.loads(capsys.readouterr().out)["files"])
    assert len(written) == 2 * len(IDS)
    assert {Path(path).parent for path in written} == {results / "curves"}


@pytest.mark.parametrize(
    "words", [["plan", "-C"], ["-C"], ["plan", "--gap", "2"], ["plan", "--time-limit", "0"], ["curve"], ["map", "x"]]
)
def test_words_that_are_missing_or_too_many_end_with_2(capsys, words):
    assert main(["--lang", "en", *words]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert "hint: see `fmtool" in captured.err


def test_a_time_limit_without_end_ends_with_2(capsys, city):
    assert (
        "`time_limit_s` input should be a finite number"
        in refused(capsys, city, "plan", "--time-limit", "inf", code=2)["en"]
    )


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_no_time_at_all_says_that_a_schedule_may_still_exist(capsys, city, solver):
    said = refused(capsys, city, "plan", "--time-limit", "0.1", "--gap", "0", "--solver", solver, code=3)
    assert "one may still exist" in said["en"]
    assert "計画が存在しないとは限りません" in said["ja"]


def test_an_interruption_leaves_the_last_results(capsys, city, monkeypatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    # While writing, the latest moment at which an interruption can come.
    monkeypatch.setattr("fmtool.views.results.write_report", interrupted)
    assert main(["-C", str(city), "--lang", "en", "plan", "--gap", "0.05"]) == 130
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.endswith("error: interrupted\n")
    assert (city / "results" / "base" / "plan.json").read_text(encoding="utf-8") == "of the last run"
    assert [path.name for path in (city / "results").iterdir()] == ["base"]

"""A few tiny cities: three that can be planned, one of them with a hostile name, and one that cannot be read."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from fmtool.portfolio import National, Options, find_cities, plan_cities
from fmtool.workers import Here

HOSTILE = '<img src=x onerror=alert(1)>{{ 7 * 7 }}"&市'
FORMULA = '=HYPERLINK("x")'


@pytest.fixture(scope="session")
def make_cities(repository) -> Callable[..., list[Path]]:
    """Return the generator of the bench."""
    spec = importlib.util.spec_from_file_location("cities", repository / "bench" / "cities.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.make_cities


def rename(city: Path, name_ja: str, name_en: str) -> None:
    path = city / "fmtool.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    names = {"name_ja": name_ja, "name_en": name_en}
    lines = [
        f"{key} = '{names[key]}'" if (key := line.split(" = ")[0]) in names else line  # a literal string of TOML
        for line in lines
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(scope="session")
def folder(make_cities, tmp_path_factory) -> Path:
    """Return a folder of cities that no test changes."""
    made = tmp_path_factory.mktemp("portfolio") / "cities"
    cities = make_cities(made, 3, 1, facilities=(7, 9), years=12, gap=0.08)
    rename(cities[1], HOSTILE, FORMULA)
    (made / "faulty").mkdir()
    (made / "faulty" / "fmtool.toml").write_text("[case]\n", encoding="utf-8")
    (made / "no-city").mkdir()
    return made


@pytest.fixture
def cities(folder, tmp_path) -> Path:
    """Return a copy of the cities that a test may spoil."""
    return shutil.copytree(folder, tmp_path / "cities")


@pytest.fixture(scope="session")
def alone(folder, tmp_path_factory) -> National:
    """Plan the cities one after the other in this process, with plan and map of each."""
    mine = shutil.copytree(folder, tmp_path_factory.mktemp("alone") / "cities")
    return plan_cities(find_cities([mine]), Options(kept="light"), Here())

"""Reference pages made from the code and the sample, so that they cannot drift from either.

MkDocs runs this as a hook. Each function returns one page as Markdown; ``PAGES`` lists them.
"""

from __future__ import annotations

import ast
import contextlib
import csv
import importlib
import inspect
import io
import itertools
import os
import pkgutil
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

REPOSITORY = Path(__file__).resolve().parents[1]


def cli_page() -> str:
    """Return the help pages, as the program prints them."""
    from fmtool.cli.words import COMMANDS  # noqa: PLC0415  - the hook itself must load without the package

    golden = REPOSITORY / "tests" / "golden" / "help"
    parts = ["# Command line", "The help pages, in English and Japanese, as the program prints them."]
    for name in ["fmtool", *COMMANDS]:
        parts.append(f"## {'fmtool' if name == 'fmtool' else f'fmtool {name}'}")
        parts += [f"```text\n{(golden / f'{name}.{lang}.txt').read_text(encoding='utf-8')}```" for lang in ("en", "ja")]
    return "\n\n".join(parts) + "\n"


def configuration_page() -> str:
    """Return every entry of fmtool.toml with its type, default, range and meaning."""
    from fmtool.workspace.config import Config  # noqa: PLC0415

    sample = (REPOSITORY / "fmtool.toml").read_text(encoding="utf-8")
    parts = [
        "# Configuration",
        (
            "`fmtool.toml` holds the case. Amounts are whole currency units, rates are fractions, a year is a fiscal year. "
            "An entry that is not listed here is refused, so a slip of the pen is never ignored."
        ),
    ]
    for name, field in Config.model_fields.items():
        table = _table_of(field)
        if table is None:
            continue
        rows = [_entry(key, entry) for key, entry in table.model_fields.items()]
        said = " ".join(filter(None, [_first_line(table), field.description]))
        parts += [f"## [{name}]", said, _markdown(["entry", "type", "default", "range", "meaning"], rows)]
    parts += [
        "## [scenario.NAME]",
        (
            "Tables and entries laid over the others by `--scenario NAME`; the results go to `results/NAME/`. "
            "A `[scenario.NAME.budget]` replaces the budget as a whole."
        ),
        "```toml\n[scenario.tight.budget]\nshare_of_replace_mean = 0.5\n\n[scenario.tight.limits]\nworks_under_way = 40\n```",
        "## The sample's file",
        f"```toml\n{sample}```",
    ]
    return "\n\n".join(parts) + "\n"


def dictionary_page() -> str:
    """Return the columns of the inventory."""
    with (REPOSITORY / "fmtool" / "columns.csv").open(encoding="utf-8", newline="") as file:
        columns = list(csv.DictReader(file))
    rows = [
        [
            f"`{column['name']}`",
            column["ja"],
            column["type"],
            column["unit"],
            "yes" if column["required"] == "1" else "",
            f"{column['description_en']}<br>{column['description_ja']}",
        ]
        for column in columns
    ]
    parts = [
        "# Data dictionary",
        (
            "`facilities/buildings.csv`: one row a facility. A column may be named by its code or its Japanese header, in any "
            "order; further columns are left alone. CSV (UTF-8 or cp932), XLSX, GeoPackage, GeoJSON and GeoParquet are read."
        ),
        _markdown(["column", "Japanese header", "type", "unit", "required", "meaning"], rows),
        "## Codes",
    ]
    for column in columns:
        if column["codes"] and not column["codes"].startswith("@"):
            codes = [([*code.split("="), "", "", ""])[:4] for code in column["codes"].split("|")]
            parts.append(f"### {column['name']}")
            parts.append(
                _markdown(["code", "Japanese", "English", "also read"], [[f"`{c}`", j, e, a] for c, j, e, a in codes])
            )
    parts += ["### use", _uses()]
    return "\n\n".join(parts) + "\n"


def services_page() -> str:
    """Return the columns of models/services.csv and the sample's rows."""
    module = importlib.import_module("fmtool.inventory.services")
    with (REPOSITORY / "models" / "services.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return (
        "\n\n".join(
            [
                "# Services",
                _definitions(inspect.getdoc(module) or ""),
                "## The sample's rows",
                _markdown(rows[0], rows[1:]),
            ]
        )
        + "\n"
    )


def assumptions_page() -> str:
    """Return every figure of models/ with its unit, basis and source."""
    from fmtool.workspace import read_figures  # noqa: PLC0415

    figures = read_figures(REPOSITORY / "models")
    counts = {
        basis: sum(each.basis == basis for each in figures.values()) for basis in ("seen", "secondary", "assumed")
    }
    parts = [
        "# Assumptions",
        "Every figure of the sample's `models/`. **seen**: read in the source named. **secondary**: read in a text that "
        "quotes the source. **assumed**: nobody's but ours, to be replaced by the city's own. "
        + ", ".join(f"{count} {basis}" for basis, count in counts.items())
        + ".",
    ]
    for file in figures.files:
        rows = [
            [
                f"`{key.split('.', 1)[1]}`",
                f"{each.label.en}<br>{each.label.ja}",
                _shown(each.value),
                each.unit,
                each.basis,
                _source(each),
            ]
            for key, each in figures.items()
            if each.file == file
        ]
        parts += [f"## {file}", _markdown(["figure", "meaning", "value", "unit", "basis", "source"], rows)]
    return "\n\n".join(parts) + "\n"


SET_BY = {
    "one_life": "always",
    "budget": "`[budget]`",
    "fund": "`[fund]`",
    "works": "`limits.works_under_way`",
    "merges": "`limits.merges_per_district`",
    "closures": "`limits.closures_per_year`",
    "host": "where mergers are possible",
    "site": "where mergers are possible",
    "coverage": "`standard_rate` and `local_rate` of `models/services.csv`",
    "reach": "`reach_m` of `models/services.csv`",
    "floor": "`limits.floor_area_reduction_rate`, `limits.floor_area_target_year`",
    "funding": "`files.finance`, `models/funding.toml`",
    "bond_share": "`files.finance`, `models/funding.toml`",
    "debt_service": "`limits.debt_service_ratio`",
    "future_burden": "`limits.future_burden_ratio`",
    "outstanding": "`limits.outstanding_to_budget`",
    "spend": "`limits.level_rate`, `limits.peak_weight`",
    "level": "`limits.level_rate`, `limits.level_window_years`",
    "peak": "`limits.peak_weight`",
}
"""What in the workspace makes the rows of a family; a family without an entry stops the build."""


def method_page() -> str:
    """Return the optimisation problem: the objective, every family with its rows, and the check."""
    from fmtool.schedule.families import FAMILIES  # noqa: PLC0415

    before, after = (REPOSITORY / "docs" / "_method.md").read_text(encoding="utf-8").split("<!-- families -->")
    rows = [
        [f"`{each.name}`", each.title.ja, each.title.en, each.unit.en or "-", SET_BY[each.name], "late" * each.is_lazy]
        for each in FAMILIES
    ]
    parts = [
        before.rstrip(),
        (
            "Row names stand in the LP file and in messages; `f`, `g` are facilities, `d` districts, `k` service areas, `y` years. "
            "A service area is the whole city (named by the service), or the sites within `reach_m` of a district (`service@district`, `+2` where "
            "two more districts have the very same sites). Late rows enter the model when a schedule oversteps them; the checker looks at all of them."
        ),
        _markdown(["family", "Japanese", "English", "unit", "set by", "enters"], rows),
    ]
    for family in FAMILIES:
        source = Path(inspect.getsourcefile(family.rows) or "").resolve().relative_to(REPOSITORY)
        unit = f", in {family.unit.en}" if family.unit.en else ""
        parts.append(f"### {family.name}\n\n{family.title.en} ({family.title.ja}){unit}. `{source}`.")
        parts.append(f"```text\n{inspect.getdoc(family.rows)}\n```")
    return "\n\n".join([*parts, after.strip()]) + "\n"


def life_plans_page() -> str:
    """Return what each leading action does, and the formulas of a life plan's yearly amounts and limits."""
    from fmtool.schedule import prepare  # noqa: PLC0415

    parts = [(REPOSITORY / "docs" / "_life-plans.md").read_text(encoding="utf-8").rstrip()]
    for name in ("steps", "streams", "hosts", "rules", "locks", "generate"):
        module = importlib.import_module(f"fmtool.alternatives.{name}")
        parts += [f"## {name}", _prose(inspect.getdoc(module) or ""), *_functions(module)]
    limits = (prepare.service_areas, prepare.floor_target_m2)
    parts += ["## Demand and floor-area target", *(_function(each) for each in limits)]
    return "\n\n".join(parts) + "\n"


def formulas_page() -> str:
    """Return the docstring of every public function of the lifecycle package, with its worked example."""
    import fmtool.lifecycle  # noqa: PLC0415

    parts = [(REPOSITORY / "docs" / "_formulas.md").read_text(encoding="utf-8").rstrip()]
    for found in pkgutil.iter_modules(fmtool.lifecycle.__path__):
        module = importlib.import_module(f"fmtool.lifecycle.{found.name}")
        parts += [f"## {found.name}", _prose(inspect.getdoc(module) or ""), *_functions(module)]
    return "\n\n".join(parts) + "\n"


def finance_page() -> str:
    """Return how the city's finances are given, the funding programmes, and the formulas of bonds and ratios."""
    from fmtool.finance import city, programmes, rows  # noqa: PLC0415

    text = (REPOSITORY / "docs" / "_finance.md").read_text(encoding="utf-8").rstrip()
    needed = {**dict.fromkeys(city.REQUIRED, "needed"), **dict.fromkeys(city.ZERO_WITHOUT, "0 without")}
    meanings = {**_field_meanings(city.CityFinance), "debt_service_ratio": "Of the two years before the plan begins."}
    keys = [
        [f"`{key}`", name.ja, name.en, needed.get(key, ""), _prose(meanings[key])] for key, name in rows.KEYS.items()
    ]
    text = text.replace("<!-- keys -->", _markdown(["key", "Japanese", "English", "needed", "meaning"], keys))
    text = text.replace("<!-- entries -->", _definitions(inspect.getdoc(programmes) or ""))
    parts = [text.replace("<!-- programmes -->", _programmes())]
    for name in ("bonds", "ratios"):
        module = importlib.import_module(f"fmtool.finance.{name}")
        parts += [f"## {name}", _prose(inspect.getdoc(module) or ""), *_functions(module)]
    return "\n\n".join(parts) + "\n"


def _programmes() -> str:
    from fmtool.finance.bonds import own_burden_rate  # noqa: PLC0415
    from fmtool.finance.programmes import read_programmes  # noqa: PLC0415
    from fmtool.workspace import read_workspace  # noqa: PLC0415

    rows = [
        [
            f"`{each.code}`",
            f"{each.name.en}<br>{each.name.ja}",
            ", ".join(sorted(each.actions)),
            ", ".join(sorted(each.uses)) or "every use",
            f"{each.subsidy_rate + each.prefectural_subsidy_rate:.1%}",
            f"{each.bond_share:.0%}",
            f"{each.grant_rate:.1%}",
            f"{own_burden_rate(each.subsidy_rate + each.prefectural_subsidy_rate, each.bond_share, each.grant_rate):.1%}",
            "-" if each.valid_to is None else f"FY{each.valid_to} ({each.end_basis})",
            each.basis,
        ]
        for each in read_programmes(read_workspace(REPOSITORY))
    ]
    head = ["code", "programme", "actions", "uses", "subsidy", "bond share", "tax grant", "own burden", "ends", "basis"]
    return _markdown(head, rows)


def _field_meanings(table: type) -> dict[str, str]:
    """Return the string below each field of a class."""
    tree = ast.parse(inspect.getsource(table)).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        field.target.id: text.value.value
        for field, text in itertools.pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _functions(module: ModuleType) -> list[str]:
    return [
        _function(each)
        for name, each in vars(module).items()
        if inspect.isfunction(each) and each.__module__ == module.__name__ and not name.startswith("_")
    ]


def _function(function: Callable[..., object]) -> str:
    return f"### {function.__name__}\n\n```text\n{inspect.getdoc(function)}\n```"


def tutorial_page() -> str:
    """Return the tutorial, its console blocks filled with what the commands print here and now.

    A block opens with ``console``, or ``console 12 4`` to keep the first twelve and last four lines. A
    block whose command stands with its output already (the plan, which takes its time) is left as it is.
    """
    text = (REPOSITORY / "docs" / "_tutorial.md").read_text(encoding="utf-8")
    parts = re.split(r"^(```console.*\n)((?:.*\n)*?)```$", text, flags=re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder, _quiet_window(Path(folder)):
        for at in range(1, len(parts), 3):
            kept = [int(word) for word in parts[at].split()[1:]]
            command, *printed = parts[at + 1].splitlines()
            lines = printed or _printed(command.removeprefix("$ fmtool "))
            if kept and len(lines) > sum(kept):
                lines = [*lines[: kept[0]], "...", *lines[-kept[1] :]]
            parts[at : at + 2] = ["```console\n", "\n".join([command, *lines]) + "\n```"]
    return "".join(parts)


def performance_page() -> str:
    """Return how long schedules take: the written page around the table that ``bench/plot.py`` wrote."""
    folder = REPOSITORY / "docs"
    measured = (folder / "performance" / "table.md").read_text(encoding="utf-8")
    return (folder / "_performance.md").read_text(encoding="utf-8").replace("{table}", measured.rstrip())


PAGES: dict[str, Callable[[], str]] = {
    "tutorial.md": tutorial_page,
    "cli.md": cli_page,
    "configuration.md": configuration_page,
    "data-dictionary.md": dictionary_page,
    "services.md": services_page,
    "assumptions.md": assumptions_page,
    "method.md": method_page,
    "life-plans.md": life_plans_page,
    "formulas.md": formulas_page,
    "finance.md": finance_page,
    "performance.md": performance_page,
}
"""File of the site to the function that makes it."""


def on_files(files: Any, config: Any) -> Any:  # noqa: ANN401  - MkDocs' hook
    """Add the made pages to the site."""
    from mkdocs.structure.files import File  # noqa: PLC0415

    for name, make in PAGES.items():
        files.append(File.generated(config, name, content=make()))
    return files


@contextlib.contextmanager
def _quiet_window(folder: Path) -> Iterator[None]:
    with contextlib.chdir(folder):
        before = dict(os.environ)
        os.environ.update(NO_COLOR="1", TERM="dumb", COLUMNS="120", LANG="en_US.UTF-8")
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


def _printed(arguments: str) -> list[str]:
    from fmtool.cli import main as run  # noqa: PLC0415

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = run(arguments.split())
    if code != 0:
        raise RuntimeError(f"`fmtool {arguments}` ended with {code}")
    return [line.rstrip() for line in out.getvalue().rstrip().splitlines()]


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def _table_of(field: FieldInfo) -> type[BaseModel] | None:
    options = [field.annotation, *getattr(field.annotation, "__args__", ())]
    return next((each for each in options if inspect.isclass(each) and issubclass(each, BaseModel)), None)


def _entry(name: str, field: FieldInfo) -> list[str]:
    default = "required" if field.is_required() else ("-" if field.default is None else f"`{field.default}`")
    limits = [said for each in [*field.metadata, *_inner(field.annotation)] if (said := _limit(each))]
    meaning = _prose(" ".join((field.description or "").split()))
    return [f"`{name}`", _type(field.annotation), default, ", ".join(dict.fromkeys(limits)), meaning]


def _type(annotation: Any) -> str:  # noqa: ANN401  - whatever stands behind an entry's colon
    """Say a type in words.

    >>> _type(Annotated[float, "at least 0"] | list[float] | None)
    'number or list of numbers'
    """
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if annotation in names:
        return names[annotation]
    inside = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _type(inside[0])
    if get_origin(annotation) is Literal:
        return " or ".join(f'`"{each}"`' for each in inside)
    if get_origin(annotation) in {list, tuple}:
        count = f"{len(inside)} " if get_origin(annotation) is tuple else "list of "
        return f"{count}{_type(inside[0])}s"
    return " or ".join(dict.fromkeys(_type(each) for each in inside if each is not NoneType))


def _inner(annotation: Any) -> list[object]:  # noqa: ANN401  - as above
    """Return the limits that stand inside a type."""
    found = list(getattr(annotation, "__metadata__", ()))
    found = [each for item in found for each in getattr(item, "metadata", [item])]
    return found + [limit for each in get_args(annotation) for limit in _inner(each)]


def _limit(constraint: object) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    said = [f"{sign} {value}" for name, sign in signs.items() if (value := getattr(constraint, name, None)) is not None]
    pattern = getattr(constraint, "pattern", None)
    return " ".join(said) or (f"`{pattern}`" if pattern else "")


def _first_line(thing: object) -> str:
    return (inspect.getdoc(thing) or "").splitlines()[0]


def _prose(docstring: str) -> str:
    return docstring.replace("``", "`")


def _definitions(docstring: str) -> str:
    """Turn ``name`` lines with indented meanings into a list."""
    lines = _prose(docstring).splitlines()
    out = io.StringIO()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if line and not line.startswith(" ") and following.startswith("    "):
            out.write(f"\n- `{line.replace(', ', '`, `')}`:")
        elif line.startswith("    "):
            out.write(" " + line.strip())
        else:
            out.write(f"{line}\n")
    return out.getvalue()


def _uses() -> str:
    from fmtool.vocabulary import USES  # noqa: PLC0415

    return _markdown(["code", "Japanese", "English"], [[f"`{code}`", name.ja, name.en] for code, name in USES.items()])


def _shown(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _source(figure: Any) -> str:  # noqa: ANN401  - fmtool.workspace.Figure
    years = [f"prices of {figure.price_year}"] if figure.price_year else []
    years += [f"holds to FY{figure.valid_to}"] if figure.valid_to else []
    return "; ".join([figure.source, *years])


def main() -> None:
    """Write the pages into the folder named by ``FMTOOL_PAGES``, to look at them without MkDocs."""
    folder = Path(os.environ["FMTOOL_PAGES"])
    for name, make in PAGES.items():
        (folder / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()

"""The case of ``fmtool.toml``: horizon, money, limits, files and scenarios."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fmtool.errors import WorkspaceError
from fmtool.text import Lang, Text, listing
from fmtool.workspace.toml_faults import TOML_REMEDY, custom_fault, fault_text, is_other_form, not_toml

CONFIG_NAME = "fmtool.toml"


ScenarioName = Annotated[str, Field(pattern=r'^[^\s./\\:*?"<>|][^/\\:*?"<>|]*$')]
"""Names a folder of results/, on every system."""

FilePath = Annotated[str, Field(min_length=1)]
Amount = Annotated[float, Field(ge=0)]


class _Table(BaseModel):
    # The string below an entry is its description on the configuration page of the docs.
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class CaseConfig(_Table):
    """What is planned, from when, over how long, in which money."""

    name_ja: str
    """Name of the case in Japanese; stands on map, workbook and report."""
    name_en: str
    """Name of the case in English."""
    lang: Lang = "ja"
    """Language of output unless ``--lang`` says otherwise."""
    currency: str = Field("JPY", pattern=r"^[A-Z]{3}$")
    """Three-letter code of the currency of all amounts."""
    price_year: int = Field(ge=1900, le=2200)
    """Year whose prices the amounts are in."""
    start_year: int = Field(ge=1950, le=2200)
    """First fiscal year of the plan."""
    horizon_years: int = Field(40, ge=1, le=90)
    """Fiscal years that are planned."""
    discount_rate: float = Field(0.02, ge=0, lt=1)
    """Real yearly rate as a fraction."""
    construction_price_factor: float = Field(1.0, gt=0, le=10)
    """Construction prices of the first year over those of the unit costs' price year."""
    construction_escalation_rate: float = Field(0.0, ge=-0.2, le=0.5)
    """Real yearly rise of construction prices over other prices, as a fraction."""
    population_drift_rate: float = Field(0.0, ge=-0.1, le=0.1)
    """How much faster (or, below 0, slower) population grows each year than the forecast says, as a fraction."""
    crs: str = "EPSG:6675"
    """Projected coordinate system in which distances are measured."""
    bounds: tuple[float, float, float, float] = Field((122.0, 20.0, 154.0, 46.0), strict=False)
    """West, south, east, north: coordinates outside are refused."""

    @field_validator("bounds")
    @classmethod
    def _in_order(cls, bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        west, south, east, north = bounds
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):  # noqa: PLR2004  - the whole earth
            raise custom_fault("西、南、東、北の順に、度で書きます", "give west, south, east, north, in degrees")
        return bounds

    @property
    def name(self) -> Text:
        """The case's name."""
        return Text(self.name_ja, self.name_en)

    @property
    def years(self) -> tuple[int, ...]:
        """The fiscal years of the plan."""
        return tuple(range(self.start_year, self.start_year + self.horizon_years))


class FilesConfig(_Table):
    """Input files, relative to the workspace."""

    buildings: FilePath = "facilities/buildings.csv"
    """The ledger: CSV, XLSX, GeoPackage, GeoJSON or GeoParquet."""
    districts: FilePath | None = None
    """Polygons with ``name`` and ``population``; without them no rule holds by district."""
    population: FilePath | None = None
    """Population forecast by age group; without it demand stays as it is."""
    towns: FilePath | None = None
    """Points of towns (町丁目・大字), from which facilities without coordinates are placed by their address."""
    layers: FilePath = "maps/layers"
    """Folder of the boundaries and other layers that are drawn under the facilities."""
    services: FilePath = "models/services.csv"
    """What each kind of facility is for, and who may take it over."""
    finance: FilePath | None = None
    """The city's finances year by year; without it no ratio is held and no bond is planned."""
    works: FilePath | None = None
    """Works done or approved, with their actual cost; they fix the past when planning again."""
    population_area: str | None = None
    """Value of ``municipality`` to take from the population file when it holds several."""

    @field_validator("districts", "population", "towns", "finance", "works", "population_area", mode="before")
    @classmethod
    def _none(cls, named: object) -> object:
        return None if named == "" else named  # a scenario's way to do without a file that the base names


class InventoryConfig(_Table):
    """How the ledger's blanks are filled."""

    estimate_missing: bool = False
    """Whether a blank year built, floor area, structure, running cost or capacity is estimated from facilities of
    the same kind, with its spread; otherwise a blank year or area is a fault."""


class BudgetConfig(_Table):
    """Money for works each year: a share of the `replace` mean, one amount, or one a year (currency units)."""

    share_of_replace_mean: float | None = Field(None, gt=0, le=10)
    """The same amount every year: this share of the mean yearly need of `replace`."""
    yearly: Amount | list[Amount] | None = None
    """One amount for every year, or a list with one amount a year."""

    @model_validator(mode="after")
    def _one_rule(self) -> BudgetConfig:
        if (self.share_of_replace_mean is None) == (self.yearly is None):
            raise custom_fault(
                "share_of_replace_mean と yearly のどちらか一つだけを書きます",
                "give exactly one of share_of_replace_mean and yearly",
            )
        return self


class FundConfig(_Table):
    """The facilities fund (公共施設整備基金), in currency units."""

    opening: float = Field(0.0, ge=0)
    """Balance when the first year begins."""
    floor: float = Field(0.0, ge=0)
    """Balance that is never drawn below."""
    interest_rate: float = Field(0.0, ge=0, lt=1)
    """Real yearly interest on the balance, as a fraction."""
    deposit_limit: float | None = Field(None, ge=0)
    """Most that may be put in a year; without it, no limit."""
    draw_limit: float | None = Field(None, ge=0)
    """Most that may be taken out in a year; without it, no limit."""


class FinanceConfig(_Table):
    """How the city's finances of ``files.finance`` are read."""

    revenue_factor: float = Field(1.0, gt=0, le=10)
    """Multiplies general funds, standard fiscal size and budget size: 0.9 is a revenue 10 % lower."""
    revenue_growth_rate: float = Field(0.0, ge=-0.2, le=0.2)
    """Real yearly change of the same three, as a fraction."""
    has_facility_plan: bool = True
    """Whether the plans exist that some programmes ask for (公共施設等総合管理計画, 個別施設計画)."""


class LimitsConfig(_Table):
    """What the organisation can do at once, and what it has promised."""

    debt_service_ratio: float | None = Field(None, ge=0, le=1)
    """Highest real debt service ratio (実質公債費比率) of any single year, as a fraction: 0.125 is 12.5 %."""
    future_burden_ratio: float | None = Field(None, ge=0, le=10)
    """Highest future burden ratio (将来負担比率) at the end of any year, as a fraction: 1.75 is 175 %."""
    outstanding_to_budget: float | None = Field(None, ge=0, le=10)
    """Bonds outstanding at the end of any year over that year's budget size (予算規模)."""
    level_rate: float | None = Field(None, ge=0, le=10)
    """How far a year's works may lie from the mean of the years around it (平準化), as a share of that mean."""
    level_window_years: int = Field(5, ge=2, le=90)
    """Years of that mean, the year itself in the middle."""
    peak_weight: float = Field(0.0, ge=0, le=1000)
    """What each unit of the dearest year's works adds to the objective: above 0 the peak is lowered too."""

    works_under_way: int | None = Field(None, ge=0)
    """Projects that staff can look after at once."""
    merges_per_district: int | None = Field(None, ge=0)
    """Mergers that may begin in one district in one year."""
    closures_per_year: int | None = Field(None, ge=0)
    """Facilities whose service may close, move or change in one year, in the whole city: each needs consent."""
    floor_area_reduction_rate: float | None = Field(None, ge=0, lt=1)
    """Share of today's floor area to be given up by ``floor_area_target_year`` (総量縮減目標)."""
    floor_area_target_year: int | None = None
    """Fiscal year from which the reduced floor area holds."""
    seismic_deadline_year: int | None = None
    """No unretrofitted building of the old seismic standard stays open after this year."""


class SolverConfig(_Table):
    """How the schedule is solved."""

    name: Literal["highs", "cbc"] = "highs"
    """Solver."""
    gap: float = Field(0.005, ge=0, le=1)
    """Gap to the optimum at which a plan is good enough: 0.005 is 0.5 %."""
    time_limit_s: float = Field(120.0, gt=0)
    """Seconds the solver may take."""
    threads: int = Field(2, ge=1, le=64)
    """Processes that solve side by side."""
    method: Literal["auto", "whole", "decompose"] = "auto"
    """One problem, or part by part; auto decides by the number of facilities."""
    seed: int = Field(0, ge=0, le=2_147_483_647)
    """Seed of the solver's random choices: the same seed gives the same plan."""


class Config(_Table):
    """All of ``fmtool.toml`` after a scenario's overrides."""

    case: CaseConfig
    files: FilesConfig = FilesConfig()
    inventory: InventoryConfig = InventoryConfig()
    budget: BudgetConfig = BudgetConfig(share_of_replace_mean=0.6)
    fund: FundConfig | None = None
    """Without this table a year's money that is not spent is lost."""
    finance: FinanceConfig = FinanceConfig()
    limits: LimitsConfig = LimitsConfig()
    solver: SolverConfig = SolverConfig()
    scenario: dict[ScenarioName, dict[str, Any]] = Field(default_factory=dict)
    """Tables laid over the others by ``--scenario NAME``."""

    @field_validator("scenario")
    @classmethod
    def _not_the_case_itself(cls, scenario: dict[str, Any]) -> dict[str, Any]:
        if "compare" in scenario:
            raise custom_fault(
                "compare は比較の結果を置くフォルダーの名前です。別の名前にしてください",
                "compare is the folder of comparisons; choose another name",
            )
        if "base" in scenario:
            raise custom_fault(
                "base は他の表のままの計画の名前です。別の名前にしてください",
                "base names the plan of the other tables as they stand; choose another name",
            )
        return scenario

    def years_without_effect(self) -> list[Text]:
        """Return a remark for each limit that begins only after the plan's last year."""
        last = self.case.years[-1]
        return [
            Text(
                f"{CONFIG_NAME}: `limits.{name}` {year} は計画の最終年度（{last}）より後なので、この計画には効きません",
                f"{CONFIG_NAME}: `limits.{name}` {year} lies after the plan's last year ({last}) and limits nothing",
            )
            for name in ("floor_area_target_year", "seismic_deadline_year")
            if (year := getattr(self.limits, name)) is not None and year > last
        ]


def read_config(path: Path, scenario: str | None = None) -> Config:
    """Read ``fmtool.toml`` and lay a scenario's tables over it.

    Raises
    ------
    WorkspaceError
        With every faulty entry, or when the scenario does not exist.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise WorkspaceError(not_toml(str(path), error), TOML_REMEDY) from None
    if scenario is not None and scenario != "base":
        named = table.get("scenario", {})
        if not isinstance(named, dict) or scenario not in named:
            known = listing(["base", *named] if isinstance(named, dict) else ["base"])
            raise WorkspaceError(
                Text(f"{path.name}: シナリオ「{scenario}」がありません", f"{path.name}: no scenario `{scenario}`"),
                Text(f"あるもの: {known.ja}", f"there are: {known.en}"),
            )
        if isinstance(named[scenario], dict):
            table = _overlay(table, named[scenario])
    try:
        return Config.model_validate(table)
    except ValidationError as error:
        faults = [fault_text(path.name, item) for item in error.errors() if not is_other_form(item)]
        raise WorkspaceError(
            Text(f"{path.name} に{len(faults)}件の誤りがあります", f"{path.name}: {len(faults)} to mend"),
            Text(
                "docs/ の設定の頁に全項目の意味と範囲があります",
                "the configuration page of the docs lists every entry with its range",
            ),
            faults,
        ) from None


def _overlay(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in top.items():
        under = merged.get(key)
        # A budget rule replaces the other rule; every other table is laid over entry by entry.
        merged[key] = (
            _overlay(under, value) if isinstance(value, dict) and isinstance(under, dict) and key != "budget" else value
        )
    return merged

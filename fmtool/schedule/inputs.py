"""What the optimizer sees: arrays only, neither tables nor geometry.

N life plans of F facilities over Y years. Money is in millions of the currency. A year is an index
0 … Y-1; Y means "never". Every array is checked once, here, so that no NaN reaches a solver.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fmtool.errors import ScheduleInputsError
from fmtool.schedule.fiscal import Fiscal, Funding, Levelling
from fmtool.text import Text, listing

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FundInputs:
    """A fund that carries money from year to year; millions, rates as fractions."""

    opening: float = 0.0
    floor: float = 0.0
    interest_rate: float = 0.0
    deposit_limit: float = np.inf
    draw_limit: float = np.inf

    @property
    def is_free(self) -> bool:
        """Whether only the balance limits the fund, so that money spent later is never harder to find."""
        return bool(np.isinf(self.deposit_limit) and np.isinf(self.draw_limit))


@dataclass(frozen=True, slots=True, eq=False)
class ServiceArea:
    """A service at a place: the sites that reach it, the capacity it needs, and whether one must stay."""

    name: str
    service: int
    sites: Bools
    """(F,) sites whose offer reaches the area."""
    required: Floats
    """(Y,) capacity needed; zeros = nothing asked."""
    keep_one: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """Who offers what today, and what each life plan changes in it."""

    service: Ints
    """(F,) service offered today."""
    capacity: Floats
    """(F,) capacity offered today."""
    leave_year: Ints
    """(N,) first year in which the facility no longer serves as before; Y = never."""
    after_service: Ints
    """(N,) service offered from then on; -1 = none."""
    after_site: Ints
    """(N,) facility at whose place it is offered; -1 = none."""
    after_capacity: Floats
    """(N,) capacity offered there."""
    areas: tuple[ServiceArea, ...] = ()

    def is_closing(self, facility: Ints) -> Bools:
        """Tell which life plans end or move their facility's service; a smaller building on its site does not."""
        stays = (self.after_site == facility) & (self.after_service == self.service[facility])
        return np.asarray((self.after_service < 0) | ~stays)


@dataclass(frozen=True, slots=True, eq=False)
class Hosting:
    """Mergers: who moves where, and who can take them in."""

    host: Ints
    """(N,) facility that receives a merged one; -1 = none."""
    move_year: Ints
    """(N,) year of the move into the host; Y = never."""
    begin_year: Ints
    """(N,) year in which the merger begins; Y = never."""
    moved_floor_m2: Floats
    """(N,) floor area the host must take in."""
    host_from: Ints
    """(N,) first year from which this life plan keeps its facility open and sound to the end; Y = never."""
    room_m2: Floats
    """(F,) floor area that can be added at each site."""


@dataclass(frozen=True, slots=True, eq=False)
class ScheduleInputs:
    """Everything the schedule is made from. A limit that is None does not exist."""

    years: tuple[int, ...]
    facility_ids: tuple[str, ...]
    facility: Ints
    """(N,) facility of each life plan, ascending."""
    objective: Floats
    """(N,) present value of own burden + running + risk - income - residual."""
    outlay: Floats
    """(N, Y) money for works paid in each year."""
    budget: Floats | None = None
    """(Y,) general funds for works."""
    fund: FundInputs | None = None
    sale_income: Floats | None = None
    """(N, Y) income that goes to the fund."""
    services: Services | None = None
    hosting: Hosting | None = None
    works: Bools | None = None
    """(N, Y) True while a project is under way."""
    works_limit: Floats | None = None
    """(Y,) projects that staff can run at once."""
    district: Ints | None = None
    """(F,) district of each facility; -1 = none."""
    merges_limit: int | None = None
    """Mergers that may begin in one district in one year."""
    closures_limit: int | None = None
    """Facilities whose service may close, move or change in one year."""
    floor_m2: Floats | None = None
    """(N, Y) floor area held."""
    floor_target_m2: Floats | None = None
    """(Y,) floor area not to be exceeded; inf = no target that year."""
    funding: Funding | None = None
    """Programmes that pay for works; used where there is a budget."""
    fiscal: Fiscal | None = None
    """The city's own debt and the ordinance's limits."""
    levelling: Levelling | None = None
    labels: tuple[str, ...] = field(default=())
    """(N,) a name for each life plan, for LP files; made from position when empty."""

    @property
    def horizon(self) -> int:
        """Number of years."""
        return len(self.years)

    @property
    def first_row(self) -> Ints:
        """(F + 1,) where each facility's life plans begin."""
        return np.searchsorted(self.facility, np.arange(len(self.facility_ids) + 1)).astype(np.int32)

    def __post_init__(self) -> None:
        """Check shapes and numbers.

        Raises
        ------
        ScheduleInputsError
            When an array has another shape than promised, holds NaN, or a facility has no life plan.
        """
        n, f, y = len(self.facility), len(self.facility_ids), len(self.years)
        shapes: dict[str, tuple[Floats | Ints | Bools | None, tuple[int, ...]]] = {
            "objective": (self.objective, (n,)),
            "outlay": (self.outlay, (n, y)),
            "budget": (self.budget, (y,)),
            "sale_income": (self.sale_income, (n, y)),
            "works": (self.works, (n, y)),
            "works_limit": (self.works_limit, (y,)),
            "district": (self.district, (f,)),
            "floor_m2": (self.floor_m2, (n, y)),
            "floor_target_m2": (self.floor_target_m2, (y,)),
        }
        faults: list[Text] = []
        for name, (array, shape) in shapes.items():
            if array is None:
                continue
            if np.shape(array) != shape:
                faults.append(
                    Text(
                        f"{name} の形が {shape} ではありません",
                        f"{name} must have shape {shape}, not {np.shape(array)}",
                    )
                )
            elif np.isnan(np.asarray(array, dtype=float)).any():
                count = int(np.isnan(np.asarray(array, dtype=float)).sum())
                faults.append(
                    Text(
                        f"{name} に数値でない値が{count}件あります", f"{name} holds {count} values that are not numbers"
                    )
                )
        if not faults and n and np.any(np.diff(self.facility) < 0):
            faults.append(Text("施設の並びが昇順ではありません", "life plans must be ordered by facility"))
        if not faults:
            bare = np.setdiff1d(np.arange(f), self.facility)
            if bare.size:
                names = listing([self.facility_ids[i] for i in bare])
                faults.append(
                    Text(
                        f"選べる計画のない施設があります: {names.ja}",
                        f"{bare.size} facilities have no life plan: {names.en}",
                    )
                )
        if faults:
            raise ScheduleInputsError(
                Text("最適化への入力に誤りがあります", "the optimizer's inputs are faulty"), None, faults
            )

    def take(self, keep: Bools) -> ScheduleInputs:
        """Return the same case with the chosen life plans only."""

        def rows[T](array: T) -> T:
            return None if array is None else array[keep]  # type: ignore[index, return-value]

        services, hosting = self.services, self.hosting
        if services is not None:
            services = Services(
                services.service,
                services.capacity,
                rows(services.leave_year),
                rows(services.after_service),
                rows(services.after_site),
                rows(services.after_capacity),
                services.areas,
            )
        if hosting is not None:
            hosting = Hosting(
                rows(hosting.host),
                rows(hosting.move_year),
                rows(hosting.begin_year),
                rows(hosting.moved_floor_m2),
                rows(hosting.host_from),
                hosting.room_m2,
            )
        return ScheduleInputs(
            years=self.years,
            facility_ids=self.facility_ids,
            facility=rows(self.facility),
            objective=rows(self.objective),
            outlay=rows(self.outlay),
            budget=self.budget,
            fund=self.fund,
            sale_income=rows(self.sale_income),
            services=services,
            hosting=hosting,
            works=rows(self.works),
            works_limit=self.works_limit,
            district=self.district,
            merges_limit=self.merges_limit,
            closures_limit=self.closures_limit,
            floor_m2=rows(self.floor_m2),
            floor_target_m2=self.floor_target_m2,
            funding=None if self.funding is None else self.funding.take(keep),
            fiscal=self.fiscal,
            levelling=self.levelling,
            labels=tuple(np.asarray(self.labels, dtype=object)[keep]) if self.labels else (),
        )

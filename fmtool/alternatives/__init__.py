"""Every life plan a facility could take, as arrays; knows nothing of solvers."""

from fmtool.alternatives.generate import life_plans, objective
from fmtool.alternatives.hosts import Hosts, find_hosts, room_m2
from fmtool.alternatives.lifeplans import ACTION_CODES, Exclusion, LifePlans

__all__ = [
    "ACTION_CODES",
    "Exclusion",
    "Hosts",
    "LifePlans",
    "find_hosts",
    "life_plans",
    "objective",
    "room_m2",
]

"""Many cities planned together: each a workspace with its own plan, one national table and one national map."""

from fmtool.portfolio.cities import City, find_cities
from fmtool.portfolio.national import National, plan_cities
from fmtool.portfolio.outcome import CityPlan, Options, plan_city
from fmtool.portfolio.write import check_out, write_national

__all__ = [
    "City",
    "CityPlan",
    "National",
    "Options",
    "check_out",
    "find_cities",
    "plan_cities",
    "plan_city",
    "write_national",
]

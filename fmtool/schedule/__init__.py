"""The schedule: which life plan each facility takes, within money, service and limits."""

from fmtool.schedule.arrays import ArraySolution, solve_arrays

__all__ = ["ArraySolution", "solve_arrays"]

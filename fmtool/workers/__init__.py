"""Work done elsewhere: in this process, in processes of this machine, or on a Dask cluster of many machines.

Who hands work out asks :func:`open_workers` for :class:`Workers` and calls ``map``; where the calls run, how often
they had to be repeated and in which order they ended shows in no result.
"""

from fmtool.workers.beside import Beside
from fmtool.workers.door import Here, Shared, Workers, open_workers

__all__ = ["Beside", "Here", "Shared", "Workers", "open_workers"]

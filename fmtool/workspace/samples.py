"""The sample cities that ``fmtool init`` can begin a workspace with.

The starter itself is one, 豊橋市. Every other is laid over it from ``fmtool/samples/<name>/``, inside the package, so
that the repository stays one clean workspace and the wheel carries all of them. What the starter keeps of a city as a
scenario, in ``facilities/<name>/`` and ``maps/layers/<name>/``, is not stored twice: it becomes the sample's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fmtool.text import Text

DEFAULT: Final = "toyohashi"


@dataclass(frozen=True, slots=True)
class Sample:
    """A city to begin with."""

    title: Text
    without: frozenset[str] = frozenset()
    """Files of the starter's ``models/`` that say nothing about this city."""


SAMPLES: dict[str, Sample] = {
    DEFAULT: Sample(Text("豊橋市: 416施設、52地区", "Toyohashi: 416 facilities, 52 districts")),
    "nagareyama": Sample(
        Text(
            "流山市: 所在地だけが分かる59施設。年度と面積は推定", "Nagareyama: 59 places; years and areas are estimated"
        )
    ),
    "seattle": Sample(
        Text("シアトル市: 183施設、米ドル、地区なし", "Seattle: 183 public buildings, US dollars, no districts"),
        frozenset({"funding.toml", "reference_stock.csv"}),
    ),
}


def sample_parts(name: str, starter: Path) -> Iterator[tuple[Path, str]]:
    """Return what the sample's workspace is copied from: each source with its place in the workspace, in order.

    A later source is laid over an earlier one.
    """
    own = Path(__file__).resolve().parents[1] / "samples" / name
    if name == DEFAULT:
        own = starter
    yield own / "fmtool.toml", "fmtool.toml"
    yield starter / "models", "models"
    for folder in ("facilities", "maps/layers", "models"):
        kept = starter / folder / name
        source = kept if kept.is_dir() else own / folder
        if source.is_dir() and source != starter / "models":
            yield source, folder

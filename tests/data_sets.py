"""Where the recorded data sets are. Those that may not be copied stand outside the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NO_DATA = "not run: no data"


def find_data(name: str) -> Path | None:
    """The folder of a data set: our own copy, else in FLOORPULSE_DATA, else in ../shared/data; None when nowhere."""
    outside = os.environ.get("FLOORPULSE_DATA")
    folders = [ROOT / "tests" / "data", *([Path(outside)] if outside else []), ROOT.parent / "shared" / "data"]
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def shared_tool(name: str) -> Path | None:
    """A checking tool that stands beside the data sets; None when nowhere."""
    outside = os.environ.get("FLOORPULSE_DATA")
    folders = [*([Path(outside).parent / "tools"] if outside else []), ROOT.parent / "shared" / "tools"]
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def data_required() -> bool:
    """Whether a missing data set is a failure."""
    return os.environ.get("FLOORPULSE_REQUIRE_DATA") == "1"

"""Where Chromium is."""

from __future__ import annotations

import os
import shutil


def chromium_path() -> str:
    """The browser's program: CHROMIUM, else the one on the PATH. Raises FileNotFoundError when there is none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found:
        raise FileNotFoundError("there is no chromium on the PATH; install it, or set CHROMIUM")
    return found

"""Chromium of the system, as the tests and the pictures of the guides drive it: nothing of its own on the network."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Playwright

_NAMES = ("chromium", "chromium-browser")
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update"),
)


def launch(play: Playwright) -> Browser:
    """Start it; `scripts/setup --test` installs it."""
    program = next(
        (path for name in _NAMES if (path := Path("/usr/bin") / name).exists()), Path("/usr/bin") / _NAMES[0]
    )
    return play.chromium.launch(executable_path=program, args=list(_QUIET))

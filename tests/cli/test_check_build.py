"""What `presales check` need not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cases import DORM, ROOT

_SAYS = "import sys; from pipeline.cli import run; run({arguments}); print(*sys.modules, file=sys.stderr)"
_SLOW = {"openpyxl", "matplotlib", "pandas", "unittest"}
"""Each costs a third of a second and more, and is wanted by few."""


@pytest.mark.parametrize("arguments", [["--help"], ["check", str(ROOT / "samples" / DORM)]], ids=["help", "check"])
def test_what_is_slow_to_load_is_left_until_it_is_wanted(arguments: list[str]) -> None:
    program = _SAYS.format(arguments=arguments)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stderr.split())
    assert "pipeline.cli.check_build" in loaded
    assert loaded & _SLOW == set()

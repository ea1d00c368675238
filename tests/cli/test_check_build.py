"""What `presales check` need not load."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cases import DORM, ROOT

_SAYS = "import sys; from pipeline.cli import run; run({arguments}); print(*sys.modules, file=sys.stderr)"
_SLOW = {"openpyxl", "matplotlib", "pandas", "pyarrow", "unittest", "cn2an", "docx", "docxtpl", "pikepdf"}
_SLOW |= {"xlsxwriter", "bagit", "jinja2"}
"""Each costs a tenth of a second and more, and a check that finds nothing wants none of them."""


@pytest.mark.parametrize("command", ["check", "gates"])
def test_what_is_slow_to_load_is_left_until_it_is_wanted(command: str) -> None:
    program = _SAYS.format(arguments=[command, str(ROOT / "samples" / DORM)])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    loaded = set(done.stderr.split())
    assert "pipeline.check.judge" in loaded
    assert loaded & _SLOW == set()

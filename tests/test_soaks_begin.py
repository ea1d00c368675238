"""The long proofs stand on their own, outside a run of pytest: each is begun as `scripts/soak` begins it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.cases import ROOT
from tests.e2e.built import SHARED


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (("crash", "--moments", "1"), "1 trials, 0 left a trace"),
        (("races", "--races", "1"), "1 races, 0 went wrong"),
        (("mail", "--failures", "2", "--texts", "2"), "2 段文字:收件人不变"),
    ],
)
def test_a_proof_begins(proof: tuple[str, ...], said: str) -> None:
    own = {name: value for name, value in os.environ.items() if name != SHARED}
    begun = subprocess.run(
        [sys.executable, "-m", f"tests.soak.{proof[0]}", *proof[1:]],
        cwd=ROOT, env=own, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (begun.returncode, begun.stdout.strip().splitlines()[-1:]) == (0, [said]), begun.stderr

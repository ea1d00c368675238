"""What `presales check` says of the committed samples, word for word and figure for figure.

`pytest tests/test_golden.py --update-golden` writes the expected files again; the difference is then reviewed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.project_run import RunRequest, plan_jobs, run_jobs
from pipeline.render.report import as_json
from pipeline.settings import Settings
from tests.cases import AS_OF, DORM, ROOT, TV


def said(folder: Path) -> dict[str, Any]:
    """Project part of the JSON of `presales check`, without what a build makes."""
    run, failures = run_jobs(plan_jobs([folder], None, Settings(), RunRequest(AS_OF)).jobs, 1)
    assert failures == []
    project: dict[str, Any] = as_json(run)["projects"][0]
    compared = [
        [c["rule"], c["subject"], c["left"]["value"], c["right"]["value"], c["verdict"]] for c in project["comparisons"]
    ]
    kept = {key: project[key] for key in ("code", "name", "status", "stage", "next_gate", "missing", "findings")}
    return {**kept, "comparisons": [json.dumps(row, ensure_ascii=False) for row in compared]}


@pytest.mark.parametrize("name", [TV, DORM, "wrong-015"])
def test_sample_is_judged_as_expected(name: str, request: pytest.FixtureRequest) -> None:
    folder = ROOT / "samples" / name
    golden = folder / "expected" / "check.json"
    found = json.dumps(said(folder), ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--update-golden"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8")

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.audit import audit_pack
from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.project_run import audited
from pipeline.project_run.audited import PackAudit
from tests.deliver import made_up as made


def line(agreement: Agreement) -> Audited:
    return Audited("费用 合计", "PP1", "1.00", "2.00", "03 费用明细!K7", agreement, "原因")


def run(found: PackAudit, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr(audited, "audit_published", lambda _: found)
    return CliRunner().invoke(audit_pack, ["pack"])


AGREES = Audit(printed=3, figures=(line(Agreement.EQUAL),))


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        (PackAudit((), AGREES), 0, "复核一致"),
        (PackAudit((), Audit(remarks=("没有 03",), figures=(line(Agreement.EQUAL),))), 0, "能复核的都一致"),
        (PackAudit((), Audit(figures=(line(Agreement.UNCHECKED),))), 0, "未复核:费用 合计"),
        (PackAudit((), Audit((line(Agreement.DIFFERENT),))), 6, "另行计算 2.00"),
        (PackAudit(("x:缺少",), AGREES), 3, "x:缺少"),
        (PackAudit(("x:缺少",), Audit((line(Agreement.DIFFERENT),))), 6, "x:缺少"),
        (PackAudit((), Audit(remarks=("没有出处",))), 3, "没有出处"),
    ],
)
def test_the_exit_code_tells_a_difference_from_a_damaged_pack(
    found: PackAudit, code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(found, monkeypatch)
    assert (done.exit_code, said in done.output) == (code, True)


def test_a_pack_of_before_is_audited_as_far_as_it_goes(tmp_path: Path) -> None:
    pack = made.made_pack(tmp_path)
    done = CliRunner().invoke(audit_pack, [str(pack.archive)])
    assert done.exit_code in (0, 3)
    assert "合计数" in done.output


def test_pandas_and_openpyxl_are_loaded_by_the_audit_alone() -> None:
    loaded = "bool({'pandas', 'openpyxl'} & set(sys.modules))"
    script = f"import sys, pipeline.cli, pipeline.project_run.order; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0

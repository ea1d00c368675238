"""The house itself: layers that bite, a wheel that stands alone, references that are current."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.cases import DORM, ROOT

ALONE = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may spoil."""
    shutil.copytree(ROOT / "pipeline", tmp_path / "pipeline", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_layers_hold(copy: Path) -> None:
    assert lint_imports(copy).returncode == 0


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("core/money.py", "import pipeline.render.word.fill"),
        ("intake/convert.py", "import pipeline.check.case"),
        ("render/orders.py", "import pipeline.settings"),
        ("derive/amounts.py", "import pipeline.intake.gate"),
        ("core/places.py", "import pandas"),
        ("audit/figures.py", "import pipeline.derive.figures"),
        ("audit/frames.py", "import pipeline.adapters.ooxml.rows"),
        ("audit/docx_rows.py", "import pipeline.render.word.package"),
        ("tables/tidy.py", "import pipeline.intake.gate"),
        ("tables/frames.py", "import openpyxl"),
        ("derive/measures.py", "import pandas"),
    ],
)
def test_an_import_against_the_layers_is_caught(copy: Path, file: str, line: str) -> None:
    path = copy / "pipeline" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{line}\n", encoding="utf-8")
    assert lint_imports(copy).returncode == 1


def test_a_stray_module_is_caught(copy: Path) -> None:
    (copy / "pipeline" / "utils.py").write_text('"""Stray."""\n', encoding="utf-8")
    assert lint_imports(copy).returncode == 1


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of an empty environment that holds the wheel; its dependencies are lent by ours."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")], check=True)
    python = folder / "venv" / "bin" / "python"
    wheel = next(folder.glob("*.whl"))
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-index",
        "--no-deps",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    packages = next((folder / "venv" / "lib").glob("python3*/site-packages"))
    (packages / "lent.pth").write_text(sysconfig.get_paths()["purelib"], encoding="utf-8")
    return python


def test_wheel_checks_a_project_from_another_folder(installed: Path, tmp_path: Path) -> None:
    command = [str(installed.with_name("presales")), "check", str(ROOT / "samples" / DORM), "--json", "found.json"]
    done = subprocess.run(
        [*command, "--as-of", "2026-11-23"], env=ALONE, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["projects"][0]["status"] == "ok"


def test_wheel_carries_forms_and_templates(installed: Path, tmp_path: Path) -> None:
    code = "from pipeline.definitions.forms import data_folder as d; print(d('input_templates'), d('output_templates'))"
    done = subprocess.run(
        [str(installed), "-c", code], env=ALONE, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    forms, templates = map(Path, done.stdout.split())
    assert {p.name for p in forms.iterdir()} == {p.name for p in (ROOT / "input_templates").iterdir()}
    assert {p.name for p in templates.glob("*.docx")} == {p.name for p in (ROOT / "output_templates").glob("*.docx")}
    assert str(ROOT) not in done.stdout


def test_rules_reference_is_current() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "rules_reference.py"), "--check"]
    assert subprocess.run(command, check=False).returncode == 0, "run scripts/rules_reference.py"


LOCKS = ("requirements.lock", "requirements-test.lock")


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_of_a_registry_in_a_lock(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """Each library of a lock, with its version, marks and hashes."""
    blocks = re.split(r"^(?=[a-z0-9])", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = [[line for line in block.splitlines() if not line.startswith("    #")] for block in blocks if block]
    return {re.sub(r" \\$", "", one[0]): "".join(one[1:]) for one in lines}


def test_a_machine_that_runs_has_what_was_tested_and_no_tools_of_tests() -> None:
    run, test = (pins(name) for name in LOCKS)
    assert run.items() <= test.items()
    names = {pin.partition("=")[0] for pin in run}
    assert "hatchling" in names, "set-up builds the package with it"
    assert not names & {"pytest", "mypy", "ruff", "playwright", "hypothesis", "aiosmtpd", "cryptography", "pdf-oxide"}


def test_both_readmes_show_the_two_commands() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "scripts/demo" in text
        assert "scripts/test" in text


def test_every_link_in_the_readmes_leads_somewhere() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        links = [part.split(")")[0] for part in text.split("](")[1:]]
        assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


def test_what_the_procedure_says_has_the_signs_of_chinese_print() -> None:
    """Steps, gates and check lists are printed on papers, the page and letters."""
    half = re.compile(r"[\u4e00-\u9fff”》][,;:?(]|[,;:?)][\u4e00-\u9fff“《]")
    told = [
        f"{path.name}:{line}: {text}"
        for path in sorted((ROOT / "pipeline/derive/procedure").glob("*.py"))
        if path.name != "registry.py"  # what it says is for who writes a step
        for line, text in _texts(ast.parse(path.read_text(encoding="utf-8")))
        if half.search(text)
    ]
    assert told == []


def _texts(tree: ast.Module) -> list[tuple[int, str]]:
    """Texts of a module but its docstrings, with their lines."""
    told = {id(part.value) for part in ast.walk(tree) if isinstance(part, ast.Expr)}
    found = [part for part in ast.walk(tree) if isinstance(part, ast.Constant) and id(part) not in told]
    return [(part.lineno, part.value) for part in found if isinstance(part.value, str)]

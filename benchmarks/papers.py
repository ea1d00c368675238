"""All papers of one project, against what a user would pick instead, on the same documents.

    scripts/bench papers                      # sample 015, three rounds, the slow ways once
    scripts/bench papers --project LY-SQ-2026-007 --rounds 1

Ours checks the workbooks, fills the templates, draws the charts, converts, looks for every value in the PDFs, makes the
packs and audits them. The others are handed our finished DOCX: a script that calls `soffice --convert-to pdf` for each;
docxtpl, which renders each once more with nothing to fill, and as many unoservers as there are cores; Carbone CE, which
does the same by itself; and the floor, bare warm converters beside each other. unoserver and Carbone take part where
they are installed (`unoserver` on PATH, the folder of `node_modules` with Carbone in CARBONE, which looks for
LibreOffice in /opt). What fails is left out, and named.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from docxtpl import DocxTemplate

from benchmarks.tables import CORES, ROOT, Table, show, table
from pipeline.adapters.office.converters import converter
from pipeline.adapters.office.libreoffice import probe

_PORT = 20290
_STARTING = 100  # tries until a server has started
_CARBONE = """
const carbone = require('carbone'), fs = require('fs');
const [out, ...documents] = process.argv.slice(1);
carbone.set({factories: %d, startFactory: true, attempts: 2});
let left = documents.length;
for (const document of documents)
  carbone.render(document, {}, {convertTo: 'pdf'}, (error, content) => {
    if (error) { console.error(document, error); process.exit(1); }
    fs.writeFileSync(out + '/' + require('path').parse(document).name + '.pdf', content);
    if (--left == 0) process.exit(0);
  });
"""

Way = Callable[[Sequence[Path], Path], None]


def build(project: Path, out: Path) -> None:
    """Everything, as `presales build` does it."""
    run([str(ROOT / ".venv/bin/presales"), "build", str(project), "-o", str(out)])


def usual_script(documents: Sequence[Path], out: Path) -> None:
    """One soffice a document; its profile is there from the first one on."""
    soffice = str(probe().program / "soffice")
    for document in documents:
        profile = f"-env:UserInstallation=file://{out}/profile"
        run([soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(out), str(document)])


def docxtpl_unoserver(documents: Sequence[Path], out: Path) -> None:
    """Rendered by docxtpl, converted by as many warm unoservers as there are cores."""
    with ExitStack() as left, ThreadPoolExecutor(CORES) as threads:
        ports = [left.enter_context(_unoserver(out, number)) for number in range(CORES)]
        shares = [documents[number::CORES] for number in range(CORES)]
        for share in [threads.submit(_rendered, *both, out) for both in zip(shares, ports, strict=True)]:
            share.result()


@contextmanager
def _unoserver(out: Path, number: int) -> Iterator[str]:
    port, uno_port = str(_PORT + 2 * number), str(_PORT + 2 * number + 1)
    command = [
        "unoserver",
        "--port",
        port,
        "--uno-port",
        uno_port,
        "--user-installation",
        str(out / f"profile{number}"),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield port
        finally:
            server.terminate()


def _rendered(documents: Sequence[Path], port: str, out: Path) -> None:
    for document in documents:
        filled = out / document.name
        template = DocxTemplate(document)
        template.render({})
        template.save(filled)
        command = ["unoconvert", "--port", port, str(filled), str(filled.with_suffix(".pdf"))]
        for _ in range(_STARTING):
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.2)  # it does not say when it is ready
        else:
            raise subprocess.CalledProcessError(1, command)


def carbone(documents: Sequence[Path], out: Path) -> None:
    """Rendered and converted by Carbone, with as many LibreOffice as there are cores."""
    modules = os.environ["CARBONE"]
    command = ["node", "-e", _CARBONE % CORES, str(out), *map(str, documents)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | {"NODE_PATH": modules})


def floor(documents: Sequence[Path], out: Path) -> None:
    """As many bare warm converters as there are cores, beside each other."""
    with converter(count=CORES) as office:
        for document in documents:
            office.expect(document)
        for document in documents:
            office.to_pdf(document, out / f"{document.stem}.pdf")


def run(command: Sequence[str]) -> None:
    """Run a program; what it prints is of no interest."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def others() -> dict[str, tuple[Way, int, str]]:
    """The ways that there are on this machine: what it does, how often at most, what it is."""
    found: dict[str, tuple[Way, int, str]] = {
        "soffice, one a document": (usual_script, 1, "no checks, no charts, no packs"),
        f"floor, {CORES} warm converters": (floor, 3, "nothing but the conversions"),
    }
    if shutil.which("unoserver"):
        found[f"docxtpl + {CORES} unoserver"] = (docxtpl_unoserver, 1, "no checks, no charts, no packs")
    if os.environ.get("CARBONE"):
        found[f"Carbone CE, {CORES} LibreOffice"] = (
            carbone,
            1,
            f"{_carbone_version()}; no checks, no charts, no packs",
        )
    return found


def _carbone_version() -> str:
    return str(json.loads((Path(os.environ["CARBONE"]) / "carbone" / "package.json").read_bytes())["version"])


def seconds(work: Callable[[Path], None]) -> float:
    """Time of one round into a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        work(Path(folder))
        return time.perf_counter() - begin


def measure(code: str, rounds: int) -> Table:
    """The table of one sample."""
    project, ours = ROOT / "samples" / code, "presales build"
    with tempfile.TemporaryDirectory() as made:
        build(project, Path(made))
        found_docx = Path(made).glob(f"{code}/**/*.docx")
        documents = sorted(path for path in found_docx if not {"pack", "issued"} & set(path.parts))
        ways, found = others(), {ours: list[float]()}
        for turn in range(rounds):
            found[ours].append(seconds(lambda out: build(project, out)))
            for name, (way, most, _) in list(ways.items()):
                if turn < most:
                    try:
                        taken = seconds(lambda out, way=way: way(documents, out))  # type: ignore[misc]
                    except subprocess.CalledProcessError as error:
                        print(f"{name}: left out, it failed: {error}"[:200], flush=True)
                        del ways[name]
                        continue
                    found.setdefault(name, []).append(taken)
    remarks = {name: remark for name, (_, _, remark) in ways.items()}
    return table(f"All papers of {code}: {len(documents)} DOCX", found, remarks)


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--project", default="LY-SQ-2026-015")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    show(measure(chosen.project, chosen.rounds))


if __name__ == "__main__":
    main()

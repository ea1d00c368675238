#!/usr/bin/env python3
"""Put the shared look into every template: styles, heading numbers, fonts, settings, theme, header and footer.

The look is `output_templates/STYLES.docx`, edited in Word. A template keeps its own text, tables and sections; a page
edge (header or footer) that prints something is the shared one, its right tab at the width of its own section.

    scripts/template_styles.py            # apply
    scripts/template_styles.py --check    # say what differs; exit code 1 if anything does
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "output_templates"
SOURCE = "STYLES.docx"
SHARED = ("styles.xml", "numbering.xml", "fontTable.xml", "settings.xml", "theme/theme1.xml")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
NUMBERING = "application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"
RELS, TYPES = "word/_rels/document.xml.rels", "[Content_Types].xml"
Parts = dict[str, bytes]


def read(path: Path) -> Parts:
    """Parts of a .docx by name."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def written(parts: Parts) -> bytes:
    """The package; the same parts give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(parts, key=lambda n: (n != TYPES, n != "_rels/.rels", n)):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o600 << 16, 3
            package.writestr(info, parts[name])
    return out.getvalue()


def styled(parts: Parts, look: Parts) -> Parts:
    """The template with the shared look; its own text stays."""
    made = {**parts, **{f"word/{part}": look[f"word/{part}"] for part in SHARED}}
    _connect(made)
    for kind in ("header", "footer"):
        for part, width in _edges(made, kind).items():
            if _prints(made[part]):
                made[part] = _edge(look[f"word/{kind}1.xml"], width, number=int(re.findall(r"\d+", part)[0]))
    return made


def _connect(parts: Parts) -> None:
    """Relation and content type of the numbering part, where the template has none yet."""
    rels = etree.fromstring(parts[RELS])
    if not any(rel.get("Target") == "numbering.xml" for rel in rels):
        used = {rel.get("Id") for rel in rels}
        free = next(f"rId{n}" for n in range(1, 999) if f"rId{n}" not in used)
        new = etree.SubElement(rels, f"{{{RELATIONS}}}Relationship")
        new.attrib.update({"Id": free, "Type": f"{KIND}numbering", "Target": "numbering.xml"})
        parts[RELS] = etree.tostring(rels, xml_declaration=True, encoding="UTF-8", standalone=True)
    types = etree.fromstring(parts[TYPES])
    if not any(one.get("PartName") == "/word/numbering.xml" for one in types):
        new = etree.SubElement(types, types.tag.replace("Types", "Override"))
        new.attrib.update({"PartName": "/word/numbering.xml", "ContentType": NUMBERING})
        parts[TYPES] = etree.tostring(types, xml_declaration=True, encoding="UTF-8", standalone=True)


def _edges(parts: Parts, kind: str) -> dict[str, int]:
    """Header or footer parts and the text width of the first section that uses each, in twentieths of a point."""
    targets = {rel.get("Id"): f"word/{rel.get('Target')}" for rel in etree.fromstring(parts[RELS])}
    found: dict[str, int] = {}
    for section in etree.fromstring(parts["word/document.xml"]).iter(f"{W}sectPr"):
        size, margin = section.find(f"{W}pgSz"), section.find(f"{W}pgMar")
        width = int(size.get(f"{W}w")) - int(margin.get(f"{W}left")) - int(margin.get(f"{W}right"))
        for reference in section.iter(f"{W}{kind}Reference"):
            found.setdefault(targets[reference.get(f"{R}id")], width)
    return found


def _prints(part: bytes) -> bool:
    """Tell whether an edge holds more than the mark of a draft; a cover's, or the foot of a pack's front, does not."""
    return "{{" in part.decode() or "PAGE" in part.decode()


def _edge(shared: bytes, width: int, number: int) -> bytes:
    """The shared header or footer with its right tab at this width, and its own number in the watermark."""
    text = re.sub(r'(<w:tab w:val="right" w:pos=")\d+', rf"\g<1>{width}", shared.decode())
    text = text.replace('WaterMarkObject1"', f'WaterMarkObject{number}"').replace('_s2049"', f'_s{2048 + number}"')
    return text.encode()


def main(arguments: list[str]) -> int:
    """Apply the look, or check that it is there."""
    check = arguments == ["--check"]
    if arguments and not check:
        raise SystemExit((__doc__ or "").strip())
    look, changed = read(FOLDER / SOURCE), []
    for path in sorted(FOLDER.glob("*.docx")):
        if path.name == SOURCE:
            continue
        parts = read(path)
        made = styled(parts, look)
        if made != parts:
            changed.append(path.name)
            if not check:
                path.write_bytes(written(made))
    word = "differ" if check else "changed"
    print(f"template_styles: {len(changed)} {word}: {' '.join(changed)}" if changed else "template_styles: all alike")
    return int(check and bool(changed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

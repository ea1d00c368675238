"""Files as they come in: hand-made packages, and everything that is no .xlsx but is called one."""

from __future__ import annotations

import io
import itertools
import re
import struct
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_RELATIONS = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_QUOTE = {'"': "&quot;"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Parts = dict[str, bytes]


def zipped(parts: Mapping[str, bytes] | Sequence[tuple[str, bytes]]) -> bytes:
    """A zip with these parts, in their order; a name may come twice."""
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        warnings.filterwarnings("ignore", "Duplicate name")
        for name, content in parts.items() if isinstance(parts, Mapping) else parts:
            entry = zipfile.ZipInfo(name, (2026, 3, 5, 9, 30, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(entry, content)
    return out.getvalue()


def parts(
    sheets: Mapping[str, str],
    *,
    namespace: str = TRANSITIONAL,
    strings: Sequence[str] = (),
    formats: Sequence[str] = (),
    date1904: bool = False,
    names: Mapping[str, str] | None = None,
) -> Parts:
    """Parts of a workbook.

    Args:
        sheets: what stands between `<worksheet>` and `</worksheet>`, by sheet name.
        namespace: transitional or strict.
        strings: `<si>` elements of the shared strings, their inside.
        formats: number formats; cell style n has format n.
        date1904: date system of the Macintosh.
        names: defined names.
    """
    relations = _RELATIONS[namespace]
    numbered = list(enumerate(sheets, start=1))
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in numbered)
    defined = "".join(f'<definedName name="{n}">{escape(t)}</definedName>' for n, t in (names or {}).items())
    rels = "".join(
        f'<Relationship Id="rId{i}" Type="{relations}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i, _ in numbered
    )
    rels += f'<Relationship Id="s1" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/>' if strings else ""
    rels += f'<Relationship Id="s2" Type="{relations}/styles" Target="styles.xml"/>' if formats else ""
    properties = '<workbookPr date1904="1"/>' if date1904 else "<workbookPr/>"
    made = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType='
        f'"application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{relations}">{properties}'
        f"<sheets>{listed}</sheets><definedNames>{defined}</definedNames></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{rels}</Relationships>',
    }
    for index, name in numbered:
        made[f"xl/worksheets/sheet{index}.xml"] = f'<worksheet xmlns="{namespace}">{sheets[name]}</worksheet>'
    if strings:
        items = "".join(f"<si>{item}</si>" for item in strings)
        made["xl/sharedStrings.xml"] = f'<sst xmlns="{namespace}">{items}</sst>'
    if formats:
        own = "".join(f'<numFmt numFmtId="{164 + i}" formatCode="{escape(f, _QUOTE)}"/>' for i, f in enumerate(formats))
        used = "".join(f'<xf numFmtId="{164 + i}"/>' for i, _ in enumerate(formats))
        made["xl/styles.xml"] = (
            f'<styleSheet xmlns="{namespace}"><numFmts>{own}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'
        )
    return {name: (_HEAD + text).encode() for name, text in made.items()}


def workbook(rows: str, **options: object) -> bytes:
    """A workbook of one sheet `表` with this `<sheetData>`."""
    return zipped(parts({"表": f"<sheetData>{rows}</sheetData>"}, **options))


GOOD = parts({"表": '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'})


def good() -> bytes:
    """The smallest workbook that passes."""
    return zipped(GOOD)


def with_part(name: str, content: bytes) -> bytes:
    """The good workbook with one more part, or one part replaced."""
    return zipped({**GOOD, name: content})


def of_type(content_type: str) -> bytes:
    """The good workbook, its main part declared to be of another type."""
    types = GOOD["[Content_Types].xml"].replace(f"{_TYPE}.sheet.main+xml".encode(), content_type.encode())
    return with_part("[Content_Types].xml", types)


def ole(*streams: str, first: bytes = b"") -> bytes:
    """An OLE file with these streams in its directory, and the first bytes of its first sector."""
    entries = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in streams)
    return (_OLE.ljust(512, b"\0") + first.ljust(512, b"\0") + entries).ljust(4096, b"\0")


_BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00".ljust(20, b"\1")


def encrypted() -> bytes:
    """What Excel writes with a password: an OLE file with a stream EncryptedPackage."""
    return ole("Root Entry", "EncryptionInfo", "EncryptedPackage")


def old_xls(*, password: bool = False) -> bytes:
    """An OLE file with a stream Workbook; with a password its second record is FilePass."""
    return ole("Root Entry", "Workbook", first=_BOF + (b"\x2f\x00\x06\x00" if password else b"\xe1\x00\x02\x00"))


def ods(*, password: bool = False) -> bytes:
    """An OpenDocument spreadsheet."""
    manifest = b"<manifest:encryption-data/>" if password else b"<manifest:manifest/>"
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": b"<x/>", "META-INF/manifest.xml": manifest})


def with_symlink(name: str, target: str) -> bytes:
    """The good workbook with an entry that is a symbolic link, as Info-ZIP stores one."""
    out = io.BytesIO(good())
    entry = zipfile.ZipInfo(name, (2026, 3, 5, 9, 30, 0))
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(entry, target)
    return out.getvalue()


def password_zip() -> bytes:
    """A zip whose entries carry the flag for a password."""
    content = bytearray(good())
    for at in _central(bytes(content)):
        content[at + 8] |= 1
    return bytes(content)


def lying_size(name: str, difference: int) -> bytes:
    """The good workbook whose directory states another size for a part than it has."""
    content = bytearray(good())
    for at in _central(bytes(content)):
        length = struct.unpack_from("<H", content, at + 28)[0]
        if content[at + 46 : at + 46 + length].decode() == name:
            size = struct.unpack_from("<I", content, at + 24)[0]
            struct.pack_into("<I", content, at + 24, size + difference)
    return bytes(content)


def _central(content: bytes) -> list[int]:
    """Where the entries of the central directory begin."""
    start, found = content.find(b"PK\x01\x02"), []
    while start >= 0:
        found.append(start)
        start = content.find(b"PK\x01\x02", start + 4)
    return found


def rows_of(text: str) -> str:
    """`<row>` elements of a table drawn with bars, one line a row, first line row 1.

    A number is stored as a number, `'7` as the text 7, `=A1*2` as a formula never calculated, `!#REF!` as an error,
    `@46086` as a number in cell style 1, `{3}5` as 5 in cell style 3; an empty field is no cell.
    """
    lines = [line.strip() for line in text.strip().splitlines()]
    rows = enumerate((line.strip("|").split("|") for line in lines), start=1)
    return "".join(
        f'<row r="{r}">{"".join(_cell(r, c, f.strip()) for c, f in enumerate(row, 1))}</row>' for r, row in rows
    )


def _cell(row: int, column: int, text: str) -> str:
    ref = f"{chr(64 + column)}{row}"
    if styled := re.fullmatch(r"\{(\d+)\}(.*)", text):
        return _cell(row, column, styled[2]).replace("<c ", f'<c s="{styled[1]}" ', 1)
    if not text:
        return ""
    if text.startswith("="):
        return f'<c r="{ref}"><f>{escape(text[1:])}</f></c>'
    if text.startswith("!"):
        return f'<c r="{ref}" t="e"><f>1/0</f><v>{text[1:]}</v></c>'
    if text.startswith("@"):
        return f'<c r="{ref}" s="1"><v>{text[1:]}</v></c>'
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return f'<c r="{ref}"><v>{text}</v></c>'
    return f'<c r="{ref}" t="inlineStr"><is><t>{escape(text.removeprefix(chr(39)))}</t></is></c>'


def edited(source: Path, target: Path, edits: Mapping[str, Sequence[tuple[str, str]]]) -> Path:
    """Copy a workbook with texts replaced in its parts, each text exactly once.

    Cached values and everything else stay as they are, which no library that loads and saves would do.
    """
    with zipfile.ZipFile(source) as package:
        made = {entry.filename: package.read(entry) for entry in package.infolist()}
    for name, changes in edits.items():
        for old, new in changes:
            assert made[name].count(old.encode()) == 1, (name, old, made[name].count(old.encode()))
            made[name] = made[name].replace(old.encode(), new.encode())
    target.write_bytes(zipped(made))
    return target


# -- files found in the wild, made small (threats 3) ----------------------------------------------------------------


def corners() -> bytes:
    """Two cells whose box holds 17 thousand million."""
    return workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>')


def blanks(megabytes: int = 500) -> bytes:
    """A sheet that is so many megabytes of blanks, in a file a thousand times smaller."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in GOOD.items():
            if not name.startswith("xl/worksheets/"):
                package.writestr(name, content)
        with package.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(megabytes):
                part.write(b" " * (1 << 20))
    return out.getvalue()


def with_type(declaration: str, text: str = "&a;") -> bytes:
    """The good workbook whose sheet declares a document type."""
    body = f'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData>'
    sheet = f'<worksheet xmlns="{TRANSITIONAL}">{body}</worksheet>'
    return with_part("xl/worksheets/sheet1.xml", (_HEAD + declaration + sheet).encode())


def entity_bomb() -> bytes:
    """A thousand million laughs."""
    levels = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in itertools.pairwise("abcdefghij"))
    return with_type(f'<!DOCTYPE worksheet [<!ENTITY a "ha">{levels}]>', "&j;")


def many_sheets(count: int) -> bytes:
    """A workbook of so many empty sheets."""
    return zipped(parts({f"表{number}": "<sheetData/>" for number in range(count)}))


def many_merges(count: int) -> bytes:
    """A sheet with so many merged ranges."""
    merged = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, count + 1))
    return zipped(parts({"表": f"<sheetData/><mergeCells>{merged}</mergeCells>"}))


def reaching_out(address: str) -> bytes:
    """A workbook that reaches for an address in every way it can: formulas, links, names, pictures, DDE, a query."""
    relations = _RELATIONS[TRANSITIONAL]
    formulas = (f'WEBSERVICE("{address}")', f'HYPERLINK("{address}","看")', "[1]Sheet1!A1", "cmd|'/c calc'!A1")
    cells = "".join(
        f'<row r="{r}"><c r="A{r}"><f>{escape(f)}</f><v>1</v></c></row>' for r, f in enumerate(formulas, start=1)
    )
    body = f'<sheetData>{cells}</sheetData><hyperlinks><hyperlink ref="B9" r:id="h"/></hyperlinks>'
    made = parts({"表": body}, names={"far": "[1]Sheet1!$A$1"})
    sheet = made["xl/worksheets/sheet1.xml"]
    made["xl/worksheets/sheet1.xml"] = sheet.replace(b"<worksheet ", f'<worksheet xmlns:r="{relations}" '.encode())
    outside = 'TargetMode="External"'
    head = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    made["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'{head}<Relationship Id="h" Type="{relations}/hyperlink" Target="{address}" {outside}/>'
        f'<Relationship Id="p" Type="{relations}/image" Target="{address}.png" {outside}/></Relationships>'
    ).encode()
    made["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        f'{head}<Relationship Id="l" Type="{relations}/externalLinkPath" Target="file:///\\\\srv\\价.xlsx" {outside}/>'
        "</Relationships>"
    ).encode()
    made["xl/externalLinks/externalLink2.xml"] = (
        f'<externalLink xmlns="{TRANSITIONAL}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    ).encode()
    made["xl/connections.xml"] = (
        f'<connections xmlns="{TRANSITIONAL}"><connection id="1" name="查询"><webPr url="{address}"/></connection>'
        "</connections>"
    ).encode()
    return zipped(made)


def html(address: str = "x") -> bytes:
    """A page that a web system calls .xls, with a picture."""
    return f'<html><body><img src="{address}"/><table><tr><td>1</td></tr></table></body></html>'.encode()


def xml_2003() -> bytes:
    """SpreadsheetML 2003."""
    return (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>'
        b'<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>'
    )


def replaced(content: bytes, name: str, old: str, new: str) -> bytes:
    """A workbook with a text replaced in one of its parts, exactly once."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        made = {entry.filename: package.read(entry) for entry in package.infolist()}
    assert made[name].count(old.encode()) == 1, (name, old)
    return zipped({**made, name: made[name].replace(old.encode(), new.encode())})

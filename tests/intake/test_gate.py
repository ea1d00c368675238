from __future__ import annotations

import io
import random
import zipfile

import pytest

from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.reader import read_book
from pipeline.definitions.blanks import blank_path
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.intake import gate
from pipeline.intake.gate import refuse
from pipeline.intake.refusals import reasons
from tests.intake import made_files as made

SHEET = made.GOOD["xl/worksheets/sheet1.xml"]
DTD = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
GOOD = made.good()


def reason(content: bytes, name: str = "03_费用.xlsx") -> str:
    refusal = refuse(name, content)
    return refusal.reason if refusal else "read"


@pytest.mark.parametrize("name", ["~$03_费用.xlsx", ".~lock.03_费用.xlsx#", ".~03_费用.xlsx"])
def test_an_owner_file_is_told_from_a_workbook_under_such_a_name(name: str) -> None:
    assert reason(b"\x05LiLei".ljust(165, b"\0"), name) == "owner"
    assert reason(GOOD, name) == "read"


def test_a_workbook_passes() -> None:
    assert reason(GOOD) == "read"
    assert reason(blank_path(load_forms()["cost"], data_folder("input_templates")).read_bytes()) == "read"


def test_a_workbook_that_may_hold_macros_and_has_none_passes() -> None:
    types = made.GOOD["[Content_Types].xml"].decode()
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    types = types.replace(f"{made._TYPE}.sheet.main+xml", "application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    types = types.replace("</Types>", f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{sheet}"/></Types>')
    assert reason(made.with_part("[Content_Types].xml", types.encode())) == "read"


def test_parts_with_the_backslashes_of_old_programs_are_parts() -> None:
    content = made.zipped({name.replace("/", "\\"): part for name, part in made.GOOD.items()})
    assert reason(content) == "read"
    assert read_book(io.BytesIO(content)).sheets[0].cells[1, 1].text == "1"
    assert Editor(content).sheets == ("表",)


@pytest.mark.parametrize(
    ("wanted", "content"),
    [
        ("empty", b""),
        ("zeros", bytes(8192)),  # a file the network share allocated and never wrote
        ("large", b"PK\x03\x04" + bytes(gate.MAX_FILE)),
        ("encrypted", made.encrypted()),
        ("encrypted", made.password_zip()),
        ("encrypted", made.ods(password=True)),
        ("encrypted_xls", made.old_xls(password=True)),
        ("xls", made.old_xls()),
        ("xls", b"\x09\x08\x08\x00\x00\x05\x05\x00"),  # a bare BIFF5 stream
        ("word", made.ole("Root Entry", "WordDocument")),
        ("protected", made.ole("Root Entry", "DRMEncryptedDataSpace", "EncryptedPackage")),
        ("scrambled", b"%TSD-Header-###%" + bytes(600)),
        ("scrambled", b"b\x14#e?\0\1\0E-SafeNet\0LOCK" + bytes(600)),
        ("scrambled", random.Random(16).randbytes(9000)),
        ("kind", made.ole("Root Entry", "PowerPoint Document")),
        ("kind", made.ole("Root Entry", first=b"the word Workbook".ljust(60) + "Workbook".encode("utf-16-le"))),
        ("xlsb", made.of_type("application/vnd.ms-excel.sheet.binary.macroEnabled.main")),
        ("ods", made.ods()),
        ("csv", "序号,科目\n1,1001\n".encode()),
        ("csv", "序号,科目\n1,1001\n".encode("gb18030")),
        ("csv", b"\xef\xbb\xbf" + "序号,科目".encode()),
        ("csv", "序号\t科目".encode("utf-16")),  # Excel calls it Unicode text
        ("csv", b"ID;PWXL;N;E\r\n"),
        ("html", b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><html><table>"),
        ("html", b"<table><tr><td>1</td></tr></table>"),
        ("html", b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>'),
        ("xml", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:x"/>'),
        ("xml", '<?xml version="1.0"?><Workbook xmlns="urn:x"/>'.encode("utf-16")),
        ("ods", b'<?xml version="1.0"?><office:document xmlns:office="urn:x"/>'),
        ("html", b"MIME-Version: 1.0\r\nContent-Type: multipart/related"),
        ("kind", b'<?xml version="1.0"?><svg/>'),
        ("kind", bytes(range(256)) * 8),
        ("pdf", b"%PDF-1.7 \0\0"),
        ("word", b"{\\rtf1\\ansi"),
        ("picture", b"\x89PNG\r\n\x1a\n\0\0\0"),
        ("picture", b"\xff\xd8\xff\xe0\0\x10JFIF"),
        ("archive", b"Rar!\x1a\x07\x01\0"),
        ("archive", made.zipped({"项目/03_费用.xlsx": b"x"})),
        ("kind", made.zipped({})),
        ("kind", made.of_type("application/vnd.openxmlformats-officedocument.presentationml.main+xml")),
        ("word", made.of_type("application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")),
        ("macro", made.of_type("application/vnd.ms-office.vbaProject")),
        ("macro", made.with_part("xl/vbaProject.bin", b"x")),
        ("macro", made.with_part("xl/_rels/x.rels", b'<Relationship Type="http://x/vbaProject" Target="a.dat"/>')),
        ("xlm", made.with_part("xl/macrosheets/sheet1.xml", b"<x/>")),
        ("xlm", made.of_type("application/vnd.ms-excel.macrosheet+xml")),
        ("xlm", made.of_type("application/vnd.ms-excel.intlmacrosheet+xml")),
        ("xlm", made.with_part("xl/_rels/x.rels", b"<Relationship Type='http://x/xlMacrosheet' Target='a.xml'/>")),
        ("symlink", made.with_symlink("xl/media/image1.png", "/etc/passwd")),
        ("corrupt", made.lying_size("xl/workbook.xml", 100)),
        ("names", made.zipped([*made.GOOD.items(), ("xl/workbook.xml", b"<x/>")])),
        ("names", made.with_part("XL/Workbook.xml", b"<x/>")),
        ("names", made.with_part("../../etc/cron.d/x", b"x")),
        ("names", made.with_part("/etc/passwd", b"x")),
        ("names", made.with_part("xl\\..\\..\\evil.xml", b"x")),
        ("names", made.with_part("\\\\srv\\evil.xml", b"x")),
        ("names", made.with_part("xl\\workbook.xml", b"<x/>")),
        ("macro", made.with_part("xl\\vbaProject.bin", b"x")),
        ("dtd", made.with_part("xl\\worksheets\\sheet1.xml.x", DTD)),
        ("names", made.with_part("C:/evil.xml", b"x")),
        ("names", made.with_part("xl/a\tb.xml", b"x")),
        ("dtd", made.with_part("xl/worksheets/sheet1.xml", DTD)),
        ("dtd", made.with_part("xl/worksheets/sheet2.XML", DTD)),
        ("dtd", made.with_part("xl/worksheets/sheet2.bin", DTD)),
        ("dtd", made.with_part("xl/sharedStrings.xml", DTD.decode().encode("utf-16"))),
        ("dtd", made.with_part("xl/_rels/workbook.xml.rels", DTD)),
        ("dtd", made.with_part("xl/worksheets/sheet2.xml", b"<!--" + b"x" * (gate._CHUNK - 10) + b"-->" + DTD)),
        ("parts", made.zipped({**made.GOOD, **{f"xl/x{n}.xml": b"" for n in range(gate.MAX_PARTS)}})),
        (
            "parts",
            made.zipped({**made.GOOD, **{f"xl/worksheets/sheet{n}.xml": b"" for n in range(gate.MAX_SHEETS + 1)}}),
        ),
        ("expanded", made.with_part("xl/big.xml", bytes(gate.MAX_EXPANDED + 1))),
        ("expanded", made.with_part("xl/big.xml", bytes(11 * 1024 * 1024))),
    ],
)
def test_what_is_refused_and_why(wanted: str, content: bytes) -> None:
    assert reason(content) == wanted


def test_a_part_that_is_longer_than_it_says_is_refused() -> None:
    assert reason(made.lying_size("xl/workbook.xml", -10)) == "corrupt"


def test_a_directory_of_a_million_entries_is_not_even_read() -> None:
    """Counting them through a library takes 2 s and 400 MB."""
    assert reason(b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\0") * 400_000 + b"PK\x05\x06" + bytes(18)) == "parts"


@pytest.mark.parametrize(("name", "wanted"), [("费用.et", "et"), ("费用.xls", "xls"), ("费用.xlsx", "xls")])
def test_wps_is_told_from_excel_by_its_name_alone(name: str, wanted: str) -> None:
    assert reason(made.old_xls(), name) == wanted


@pytest.mark.parametrize("share", [10, 50, 90, 99])
def test_a_file_cut_off_is_incomplete(share: int) -> None:
    whole = blank_path(load_forms()["cost"], data_folder("input_templates")).read_bytes()
    assert reason(whole[: len(whole) * share // 100]) == "truncated"


def test_a_file_with_one_bad_byte_is_not_read() -> None:
    at = GOOD.find(b"xl/worksheets/sheet1.xml") + 40
    assert reason(GOOD[:at] + bytes([GOOD[at] ^ 0xFF]) + GOOD[at + 1 :]) == "corrupt"


def test_pictures_may_hold_what_parts_may_not() -> None:
    svg = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "x" "y"><svg/>'
    assert reason(made.with_part("xl/media/image1.svg", svg)) == "read"


def test_a_large_but_honest_workbook_is_read() -> None:
    """The ratio counts only beyond 10 MB; tables of numbers shrink well."""
    rows = b"".join(b'<row r="%d"><c r="A%d"><v>%d</v></c></row>' % (n, n, n) for n in range(1, 20000))
    content = made.with_part("xl/worksheets/sheet1.xml", SHEET.replace(b"</sheetData>", rows + b"</sheetData>"))
    assert reason(content) == "read"


@pytest.mark.parametrize("name", sorted(reasons()))
def test_every_reason_says_what_to_do_in_both_languages(name: str) -> None:
    words, refusal = reasons()[name], gate.Refusal(name)
    assert refusal.message() == f"{words.zh}。{words.do}。"
    assert words.do.startswith("请")
    assert refusal.message("en") == f"{words.en}. {words.do_en}."
    assert refusal.message("en").isascii()


def test_every_reason_has_a_sentence_of_its_own() -> None:
    for told in (lambda words: words.zh, lambda words: words.en):
        assert len({told(words) for words in reasons().values()}) == len(reasons())


def test_the_made_files_are_what_they_say() -> None:
    """Guards the generator: only the directory lies, the zip itself stays readable."""
    import io

    with zipfile.ZipFile(io.BytesIO(made.lying_size("xl/workbook.xml", 100))) as package:
        assert package.getinfo("xl/workbook.xml").file_size == len(made.GOOD["xl/workbook.xml"]) + 100

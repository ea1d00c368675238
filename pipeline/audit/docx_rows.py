"""What stands in a DOCX and its PDF: the rows of its tables, their totals, and the amounts that must arrive."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from lxml import etree

from pipeline.audit.papers import Paper, PrintedField, distinct
from pipeline.audit.printed_texts import number
from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.core.errors import DocumentFailed

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LARGEST = 64 << 20
_AMOUNT = re.compile(r"(?<![\d.,])-?\d{1,3}(?:,\d{3})*\.\d\d(?![\d,.])")
_TOTAL = re.compile(r"(?:(合计|总计)|.{0,12}小计)[::]?")
_ROWS_TOGETHER = 4
# 万元 are converted after adding, so a printed sum of them may be off by half of the last digit of each.
_HALF_WAN = Decimal("0.005")


@dataclass(frozen=True)
class Laid:
    """A DOCX: its tables as rows of cells by the column in which each begins, and the paragraphs outside of them."""

    tables: Sequence[Sequence[Mapping[int, str]]]
    paragraphs: Sequence[str] = ()


def laid(path: Path) -> Laid:
    """The body of a DOCX.

    Raises:
        DocumentFailed: it cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            part = package.getinfo("word/document.xml")
            if part.file_size > _LARGEST:
                raise DocumentFailed(f"{path.name}:正文太大(too large)")
            body = etree.fromstring(package.read(part), etree.XMLParser(resolve_entities=False, no_network=True))
    except (OSError, KeyError, zipfile.BadZipFile, etree.XMLSyntaxError) as problem:
        raise DocumentFailed(f"{path.name}:读不出文字(cannot read): {problem}") from problem
    outside = [p for p in body.iter(f"{_W}p") if next(p.iterancestors(f"{_W}tbl"), None) is None]
    tables = [[_row(row) for row in table.findall(f"{_W}tr")] for table in _outer(body, "tbl")]
    return Laid(tables, [squeezed(_text(paragraph)) for paragraph in outside])


def squeezed(text: str) -> str:
    """Text without any blanks."""
    return "".join(text.split())


def _outer(node: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Elements of a kind that lie in no other of that kind."""
    for found in node.iter(f"{_W}{tag}"):
        if next(found.iterancestors(f"{_W}{tag}"), None) is None:
            yield found


def _row(row: etree._Element) -> dict[int, str]:
    cells, column = {}, 0
    for cell in row.findall(f"{_W}tc"):
        cells[column] = _text(cell)
        span = cell.find(f"{_W}tcPr/{_W}gridSpan")
        column += int(span.get(f"{_W}val", "1")) if span is not None else 1
    return cells


def _text(node: etree._Element) -> str:
    parts = (one.text or "" if one.tag == f"{_W}t" else " " for one in node.iter(f"{_W}t", f"{_W}p", f"{_W}br"))
    return "".join(parts).strip()


def rows_found(paper: Paper, document: Laid) -> Audit:
    """Whether every printed row of a list stands in a table row with all its values in their order.

    A single value says nothing: it may stand anywhere. A list of which fewer than half are found so is printed in no
    table, and what stands in a paragraph is printed there.
    """
    texts = [text for table in document.tables for text in _windows(table)]
    printed = ((owner, run, [squeezed(text) for text in distinct(run)]) for owner, run in paper.items())
    rows = [(owner, run, said) for owner, run, said in printed if len(said) > 1]
    found: Counter[tuple[str, ...]] = Counter()
    lost: list[tuple[tuple[str, ...], str, list[PrintedField]]] = []
    for owner, run, said in rows:
        kind = _kind(run)
        if any(in_order(said, text) for text in texts):
            found[kind] += 1
        elif not any(in_order(said, text) for text in document.paragraphs):
            lost.append((kind, owner, run))
    gone = Counter(kind for kind, _, _ in lost)
    different = [_row_lost(paper, owner, run) for kind, owner, run in lost if found[kind] >= gone[kind]]
    return Audit(tuple(different), (), 0, sum(found.values()))


def _windows(table: Sequence[Mapping[int, str]]) -> list[str]:
    """Texts of rows, and of up to four that follow one another: an item may be printed over several."""
    rows = [squeezed("".join(row.values())) for row in table]
    return rows + ["".join(rows[at : at + n]) for n in range(2, _ROWS_TOGETHER + 1) for at in range(len(rows) - n + 1)]


def _kind(run: Iterable[PrintedField]) -> tuple[str, ...]:
    return tuple(re.sub(r"\[\d+\]", "[]", field.name) for field in run)


def in_order(texts: Sequence[str], row: str) -> bool:
    """Whether texts stand in a row one behind the other."""
    at = 0
    for text in texts:
        found = row.find(text, at)
        if found < 0:
            return False
        at = found + len(text)
    return True


def _row_lost(paper: Paper, owner: str, run: Sequence[PrintedField]) -> Audited:
    shown = " ".join(distinct(run))[:60]
    return Audited("表格的一行", f"{paper.file} {owner}", "", shown, "", Agreement.DIFFERENT, "这一行没有印在表格里")


def totals_hold(paper: Paper, document: Laid) -> list[Audited]:
    """Printed totals (合计, 总计, …小计) that are not the sum of the rows above them in the same table."""
    return [fault for table in document.tables for fault in _faults(paper, table)]


def _faults(paper: Paper, table: Sequence[Mapping[int, str]]) -> Iterator[Audited]:
    whole: list[Mapping[int, str]] = []
    part: list[Mapping[int, str]] = []
    for row in table[1:]:
        label = squeezed(next((cell for cell in row.values() if cell.strip()), ""))
        match = _TOTAL.fullmatch(label)
        if not match:
            whole.append(row)
            part.append(row)
            continue
        for column, cell in row.items():
            yield from _column_fault(paper, table[0], whole if match[1] else part, column, (label, cell))
        part = []


def _column_fault(
    paper: Paper, head: Mapping[int, str], rows: Sequence[Mapping[int, str]], column: int, total: tuple[str, str]
) -> Iterator[Audited]:
    """Hold a total against the column above it, where every cell of that column is a number or blank."""
    said, cells = number(total[1]), [row[column] for row in rows if row.get(column, " ").strip()]
    numbers = [value for cell in cells if (value := number(cell)) is not None]
    if said is None or not numbers or len(numbers) != len(cells):
        return
    name = squeezed(next((text for at, text in sorted(head.items(), reverse=True) if at <= column), ""))
    added = sum(numbers, Decimal(0))
    if abs(added - said) > (_HALF_WAN * (len(numbers) + 1) if "万" in name else 0):
        what = f"印出的{total[0]}({name})"
        yield Audited(what, paper.file, f"{said:,}", f"{added:,}", "", Agreement.DIFFERENT, "各行之和不等")


def amounts(text: str) -> Counter[str]:
    """Printed amounts with fen in a text, with how often each stands there."""
    return Counter(_AMOUNT.findall(text))


def amounts_lost(where: str, wanted: Counter[str], pdf_text: str) -> list[Audited]:
    """Amounts of DOCX files that stand less often in a PDF.

    Args:
        where: name of the PDF.
        wanted: amounts of the DOCX files.
        pdf_text: text of the PDF; a line may end within an amount.
    """
    text = squeezed(pdf_text)
    short = {one: _due(one, wanted) - text.count(one) for one in wanted}
    return [
        Audited("PDF 里的金额", where, f"少 {count} 处", amount, "", Agreement.DIFFERENT, "DOCX 里有,PDF 里没有")
        for amount, count in short.items()
        if count > 0
    ]


def _due(amount: str, wanted: Counter[str]) -> int:
    """How often an amount must stand in the text, counted within longer ones too: 34.50 in 1,234.50."""
    return sum(times * other.count(amount) for other, times in wanted.items())


def amounts_of(document: Laid) -> Counter[str]:
    """Amounts in the cells of a DOCX's tables."""
    return amounts("\n".join(cell for table in document.tables for row in table for cell in row.values()))

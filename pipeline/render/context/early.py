"""What went on before the contract, for those who take the project over (HND): drawn from workbooks 06 to 08.

A project without workbooks 07 and 08 has no such part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.records import SETTLED
from pipeline.render.context.shown import Node, Source, words

Line = tuple[str, tuple[Place, ...]]
"""A sentence, and the cells from which it is made."""


def early(source: Source) -> list[Node]:
    """A row a subject that has something to say: its name and its text."""
    project = source.project
    if not (project.has("support") or project.has("bids")):
        return []
    said = [(item, list(lines(source))) for item, lines in _SUBJECTS.items()]
    return [_row(f"early[{n}]", item, lines) for n, (item, lines) in enumerate(one for one in said if one[1])]


def _row(name: str, item: str, lines: Iterable[Line]) -> Node:
    cells = tuple(cell for _, places in lines for cell in places)
    text = "；".join(text.rstrip("。；") for text, _ in lines)
    return {"item": words(f"{name}.item", item, cells[:1]), "text": words(f"{name}.text", text, cells)}


def _visits(source: Source) -> Iterator[Line]:
    rows = [row for row in source.project.rows("records", "tracking") if not row.blank("date")]
    if rows:
        last = rows[-1]
        text, places = _said(last, "{date}{method}：{content}")
        yield f"共{len(rows)}次，最近{text}", places


def _promises(source: Source) -> Iterator[Line]:
    for row in source.project.rows("records", "agreements"):
        if row.text("origin") == "口头":
            yield _said(row, "{no} {name}：{content}")


def _negotiated(source: Source) -> Iterator[Line]:
    for row in source.project.rows("bids", "negotiations"):
        yield _said(row, "{topic}（{result}）：{ours}")


def _changed(source: Source) -> Iterator[Line]:
    for row in source.project.rows("records", "changes"):
        if row.text("status") in _AGREED:
            yield _said(row, "{no}：{after}")


def _open(source: Source) -> Iterator[Line]:
    """Problems of the review and of the customer that are not settled, and what is still to get better."""
    for sheet, text in (
        (("records", "problems"), "{no} {desc}"),
        (("support", "customer_issues"), "客户问题：{problem}"),
    ):
        for row in source.project.rows(*sheet):
            if row.text("status") not in SETTLED and not row.blank("no"):
                yield _said(row, text + "（{status}）")
    for row in source.project.rows("support", "customer_issues"):
        if row.blank("improved") and not row.blank("improvement"):
            yield _said(row, "改进措施：{improvement}")


def _shown(source: Source) -> Iterator[Line]:
    for row in source.project.rows("support", "demos"):
        yield _said(row, "{date}{kind}：{result}" if row.text("result") else "{date}{kind}")


def _tested(source: Source) -> Iterator[Line]:
    for row in source.project.rows("records", "test_results"):
        yield _said(row, "{no} {verdict}")


def _said(row: Record, pattern: str) -> Line:
    """The pattern with the cells of a row; of what is blank neither its brackets nor its colon are left."""
    keys = [part.split("}")[0] for part in pattern.split("{")[1:]]
    text = pattern.format(**{key: row.text(key) for key in keys})
    return text.replace("（）", "").strip("：； "), tuple(row.at(key) for key in keys)


_AGREED = frozenset({"已批准", "已实施"})
_SUBJECTS: Mapping[str, Callable[[Source], Iterator[Line]]] = {
    "用户跟踪": _visits,
    "口头承诺": _promises,
    "谈判结果": _negotiated,
    "批准的变更": _changed,
    "演示、试用": _shown,
    "测试": _tested,
    "没有解决的": _open,
}

# Names of the context, with what makes them.
EARLY: Mapping[str, Callable[[Source], Any]] = {"early": early}

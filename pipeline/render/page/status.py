"""The status page: all projects in one static HTML file, to be opened from a share without a server."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError
from markupsafe import Markup

from pipeline.core.errors import DefinitionError
from pipeline.core.findings import Finding
from pipeline.core.money import to_wan
from pipeline.core.portfolio import Line, Link, Portfolio
from pipeline.core.texts import on_paper
from pipeline.core.workdays import in_lists
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import data_folder
from pipeline.definitions.procedure import load_procedure
from pipeline.render.page import tables as status_tables
from pipeline.render.page.tables import place, text

Json = dict[str, Any]
_FINDINGS_SHOWN = 60
_TRACK = 60  # width of the bar under a state
_FAILED, _GAP = 7, 2
_BROKEN = "failed"
_NAMED = 2
_TITLED = re.compile(r"_([A-Z][A-Z0-9]{2})(?:-[^_]+)?_")


@dataclass(frozen=True)
class PageInfo:
    """What the page says of itself.

    Attributes:
        company: name in its head line.
        made: when it was made, in local time.
        money: show amounts.
        links: files of each project by code, relative to the page.
        report: address of the daily report relative to the page; empty: none.
        service: how the service was when the page was made, in a sentence; empty where there is none.
        troubles: what somebody should look at, a sentence each.
    """

    company: str
    made: datetime
    money: bool = False
    links: Mapping[str, Sequence[Link]] | None = None
    report: str = ""
    service: str = ""
    troubles: Sequence[str] = ()


def status_page(portfolio: Portfolio, info: PageInfo) -> str:
    """The page as text.

    Raises:
        DefinitionError: the template is wrong.
    """
    states = _states(portfolio)
    return page(
        data_folder("output_templates") / "status",
        company=info.company,
        as_of=portfolio.as_of.isoformat(),
        made=f"{info.made:%Y-%m-%d %H:%M}",
        money=info.money,
        report=info.report,
        service=info.service,
        troubles=info.troubles,
        cards=_cards(portfolio, info),
        states=states,
        states_alt="；".join(f"{one['name']}{one['count']}个" for one in states),
        managers=sorted({line.pm for line in portfolio.lines if line.pm}),
        views=_views(portfolio),
        projects=[_row(line, portfolio.as_of) for line in portfolio.lines],
        data={"projects": [_details(line, (info.links or {}).get(line.code, ())) for line in portfolio.lines]},
        **status_tables.tables(portfolio),
        measures=status_tables.measures(portfolio, money=info.money),
    )


def _cards(portfolio: Portfolio, info: PageInfo) -> list[Json]:
    """Counts; a click on one that has a view shows what it counts."""
    rate, statuses = portfolio.hit_rate, Counter(_status(line) for line in portfolio.lines)
    active = sum(1 for line in portfolio.lines if not line.ended)
    cards = [
        _card("项目", len(portfolio.lines), view="projects"),
        _card("在办", active, view="projects", state="*open"),
        _card("不通过的项目", statuses["errors"], "e", view="projects", status="errors"),
        _card("只有警告的项目", statuses["warnings"], "w", view="projects", status="warnings"),
        _card("逾期事项", len(portfolio.late), "w" if portfolio.late else "", view="late"),
        _card(f"命中率（{rate.won}/{rate.won + rate.lost}）", f"{rate.rate}%" if rate.rate is not None else "—", "g"),
    ]
    if broken := statuses[_BROKEN]:
        cards.append(_card("运行失败的项目", broken, "e", view="projects", status=_BROKEN))
    if info.money:
        cards.append(_card("已签合同（万元）", f"{to_wan(portfolio.signed_total):,.2f}"))
    return cards


def _card(label: str, value: object, tone: str = "", *, view: str = "", state: str = "", status: str = "") -> Json:
    return {"label": label, "value": value, "tone": tone, "view": view, "state": state, "status": status}


def _status(line: Line) -> str:
    """errors, warnings, ok; failed for what the program could not finish, which is no fault of staff."""
    return _BROKEN if line.failure else line.status


def _states(portfolio: Portfolio) -> list[Json]:
    """Parts of the bar that shows how many projects are in each state; 1000 wide in all."""
    tones = load_procedure().tones
    total, found, start = sum(count for _, count in portfolio.states), list[Json](), 0
    for name, count in portfolio.states:
        end = start + count
        x, until = 1000 * start // total, 1000 * end // total
        found.append(
            {"name": name, "count": count, "x": x, "width": max(until - x - _GAP, 1), "tone": tones.get(name, _FAILED)}
        )
        start = end
    return found


def _views(portfolio: Portfolio) -> list[Json]:
    waiting = sum(len(line.awaited) for line in portfolio.lines)
    over = [sum(1 for load in loads if load.over) for loads in (portfolio.people, portfolio.equipment)]
    views = (
        ("projects", "项目", len(portfolio.lines), ""),
        ("signing", "等谁签字", waiting, ""),
        ("people", "人员负荷", over[0] or None, "e"),
        ("equipment", "设备占用", over[1] or None, "e"),
        ("late", "逾期与到期", len(portfolio.late) or None, "w" if portfolio.late else ""),
        ("across", "跨项目问题", len(portfolio.findings), ""),
        *((("stages", "各流程阶段", len(portfolio.advances), ""),) if portfolio.advances else ()),
        ("measures", "指标", None, ""),
        ("returned", "退回文件", len(portfolio.night.returned), "w" if portfolio.night.returned else ""),
    )
    return [{"key": key, "title": title, "count": count, "tone": tone} for key, title, count, tone in views]


# -- a project ---------------------------------------------------------------------------------------------------------


def _row(line: Line, as_of: date) -> Json:
    """What stands in the table; everything else is in the data, and shown when the row is opened."""
    procedure = load_procedure()
    states = list(procedure.tones)
    last = states.index(procedure.last_state)
    step = states.index(line.state) if line.state in states else 0
    gate, missing = line.next_gate.partition("(")[0], len(line.missing)
    return {
        "code": line.code,
        "name": line.name,
        "customer": line.customer,
        "major": line.project_class == "重大项目",
        "masked": line.masked,
        "state": line.state,
        "step": step,
        "progress": _TRACK * min(step, last) // last,
        "status": _status(line),
        "gate": gate,
        "missing_short": f"还缺 {missing} 项：{on_paper(line.missing[0])}" if missing else "",
        "waiting": len(line.awaited),
        "since": line.since,
        "waited": (as_of - line.since).days if line.since and line.awaited else -1,
        "awaited_short": _short([one.person or one.role for one in line.awaited]),
        "errors": line.errors,
        "warnings": line.warnings,
        "pm": line.pm,
        "change": line.change,
        "ended": line.ended,
        "failure": line.failure,
        "amount": f"{to_wan(line.amount):,.2f}" if line.amount is not None else "",
        "amount_sort": str(line.amount if line.amount is not None else -1),
    }


def _short(names: Sequence[str]) -> list[str]:
    """The first names, and how many there are; none of them is broken over two lines."""
    known = list(dict.fromkeys(names))
    return known if len(known) <= _NAMED else [*known[: _NAMED - 1], f"{known[_NAMED - 1]}等{len(known)}人"]


def _details(line: Line, links: Sequence[Link]) -> Json:
    """What the script shows of a project; of a secret one nothing."""
    if line.masked:
        return {
            "code": line.code,
            "masked": True,
            "missing": [],
            "awaited": [],
            "findings": [],
            "failure": "",
            "stage": "",
            "since": "",
        }
    return {
        "code": line.code,
        "masked": False,
        "gate": on_paper(line.next_gate),
        "missing": [on_paper(one) for one in line.missing],
        "awaited": [{"what": one.what, "role": one.role, "person": one.person} for one in line.awaited],
        "stage": line.stage,
        "since": line.since.isoformat() if line.since and line.awaited else "",
        "kind": line.project_class,
        "ran": f"{line.ran_at.astimezone():%Y-%m-%d %H:%M}" if line.ran_at else "",
        "failure": line.failure,
        "findings": [_finding(finding) for finding in line.findings[:_FINDINGS_SHOWN]],
        "more": max(0, len(line.findings) - _FINDINGS_SHOWN),
        "hidden": line.hidden,
        "folders": _folders(links),
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule.code,
        "severity": finding.rule.severity.value,
        "pending": finding.pending,
        "text": text(finding),
        "place": place(finding.at),
        "remedy": finding.printed().remedy(),
    }


def _folders(links: Iterable[Link]) -> list[Json]:
    """Files by folder; the link without a file is the folder's own."""
    found: dict[str, Json] = {}
    for link in links:
        folder = found.setdefault(link.folder, {"name": link.folder or "项目文件夹", "href": "", "files": []})
        if link.name:
            folder["files"].append({"name": link.name, "title": _title(link.name), "href": link.href})
        else:
            folder["href"] = link.href
    return list(found.values())


def _title(name: str) -> str:
    """What a paper is called whose file name has a code: LY-SQ-2026-007_CRO-财务部_20260716.pdf."""
    code = _TITLED.search(name)
    form = load_documents().get(code[1]) if code else None
    part = code[0].strip("_").partition("-")[2] if code else ""
    return f"{form.title} {in_lists(part)}".strip() if form else ""


# -- the page itself ------------------------------------------------------------------------------------------------

# What could end the element or the line that the data stand in; inside JSON strings these read the same.
_UNSAFE = {ord(char): f"\\u{ord(char):04x}" for char in "<>&'\u2028\u2029"}


def page(folder: Path, **context: Any) -> str:
    """Fill `page.html` with `page.css` and `page.js` beside it; nothing but these two may style it or run in it.

    Args:
        folder: where the three lie.
        context: what the template prints; `data` becomes JSON that the script reads.

    Raises:
        DefinitionError: a file is missing, or the template is wrong.
    """
    loader = FileSystemLoader(folder)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    try:
        style, script = (_inline(folder / name) for name in ("page.css", "page.js"))
        own = {"style": style, "script": script, "style_hash": _hash(style), "script_hash": _hash(script)}
        data = Markup(json.dumps(context.pop("data"), ensure_ascii=False, separators=(",", ":")).translate(_UNSAFE))  # noqa: S704
        return environment.get_template("page.html").render(**context, **own, data=data)
    except TemplateError as error:
        raise DefinitionError(f"{folder.name}/page.html:{error.message}") from error
    except OSError as error:
        raise DefinitionError(f"{error.filename}:{error.strerror}(cannot read)") from error


def _inline(path: Path) -> Markup:
    """A file of ours that goes into the page as it is."""
    return Markup(path.read_text(encoding="utf-8").strip())  # noqa: S704


def _hash(text: str) -> str:
    """Source of the content security policy for an inline element (CSP level 2)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"

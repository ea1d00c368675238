"""Words of marked workbooks: the comment at a cell, and what the first sheet says around the findings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pipeline.core.findings import Finding
from pipeline.core.marks import MARKER
from pipeline.core.places import Place

LONGEST, MANY, RELATED_SHOWN = 300, 10, 6

WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "error": "错误",
        "warning": "警告",
        "info": "提示",
        "pending": "未到期",
        "found": "原值",
        "expected": "期望值",
        "remedy": "怎么改",
        "clause": "依据",
        "fact": "{name}：{text}",
        "related": "另见",
        "rest": " 等 {count} 格",
        "more": "还有 {count} 个问题，见第一张表“校验结果”。",
        "severity": "级别",
        "rule": "规则",
        "place": "位置（点一下跳过去）",
        "message": "问题",
        "group": "{rule}\n共 {count} 处",
        "count": "{word} {count} 处",
        "book": "整本工作簿",
        "project": "整个项目",
        "sheet": "整张表 {sheet}",
        "open_part": "一、要处理的问题",
        "none": "没有。",
        "pending_part": "二、未到期：以后的关口才要求，这次不用改",
        "next": "下一步",
        "steps": (
            "1. 逐条改。点“位置”跳到那一格；格子右上角有批注，写着错在哪里、应该是什么、怎么改。"
            "红 = 错误，必须改；橙 = 警告，要核对，确实如此可以不改；蓝 = 提示或未到期，这次不用改。\n"
            "2. 改好后保存，直接重新投放，替换原来的那一本（新旧两本不要同时放）。文件名不用改。\n"
            "3. 本表、批注和颜色不必删除：系统读取时不看它们，下次校验会自动去掉，再标新的。"
            "不要在本表里填数，填了也不会被读取。"
        ),
        "signed": (
            "4. 原文件带数字签名。本副本加了标注，签名不再有效，已经去掉；原文件没有动。"
            "改好后如需签名，请重新签（Excel：文件-信息-添加数字签名）。"
        ),
    },
    "en": {
        "error": "error",
        "warning": "warning",
        "info": "note",
        "pending": "pending",
        "found": "Found",
        "expected": "Expected",
        "remedy": "What to do",
        "clause": "Clause",
        "fact": "{name}: {text}",
        "related": "See also",
        "rest": " ({count} cells)",
        "more": "{count} more; see the first sheet.",
        "severity": "Severity",
        "rule": "Rule",
        "place": "Place (click to go there)",
        "message": "Finding",
        "group": "{rule}\n{count} cells",
        "count": "{word}: {count}",
        "book": "whole workbook",
        "project": "whole project",
        "sheet": "whole sheet {sheet}",
        "open_part": "1. To be dealt with",
        "none": "None.",
        "pending_part": "2. Pending: wanted by a later gate, nothing to do now",
        "next": "Next",
        "steps": (
            "1. Mend one after the other. A click on the place goes to the cell; its comment says what is wrong, what "
            "is expected and what to do. Red = error, must be mended; amber = warning, check it; blue = note or "
            "pending, nothing to do now.\n"
            "2. Save and drop the file again in place of the old one (never both). The name may stay.\n"
            "3. This sheet, the comments and the colours may stay: they are not read, and the next check replaces "
            "them. Type nothing on this sheet."
        ),
        "signed": (
            "4. The file came with a digital signature. It does not hold for this marked copy and was left out; the "
            "file itself is as it was. Sign again once all is mended (File, Info, Add a Digital Signature)."
        ),
    },
}


def severity_word(finding: Finding, lang: str) -> str:
    """Severity as people read it; a pending finding weighs nothing yet."""
    return WORDS[lang]["pending" if finding.pending else finding.rule.severity.value]


def shortened(text: str, longest: int = LONGEST) -> str:
    """A text of moderate length."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def comment_of(findings: Sequence[Finding], lang: str) -> str:
    """One comment for all findings at a cell."""
    parts = ["\n".join(_lines(finding.printed(), lang)) for finding in findings[:MANY]]
    if rest := findings[MANY:]:
        parts.append(WORDS[lang]["more"].format(count=len(rest)))
    return MARKER + "\n" + "\n\n".join(parts)


def _lines(finding: Finding, lang: str) -> list[str]:
    words = WORDS[lang]
    facts = {
        "found": shortened(finding.values.get("found", "")),
        "expected": shortened(finding.values.get("expected", "")),
        "clause": finding.rule.clause,
        "related": related(finding, lang),
        "remedy": finding.remedy(lang),
    }
    head = f"【{severity_word(finding, lang)} {finding.rule.code}】{shortened(finding.message(lang), 2 * LONGEST)}"
    return [head, *(words["fact"].format(name=words[key], text=text) for key, text in facts.items() if text)]


def related(finding: Finding, lang: str) -> str:
    """The other cells of a finding; the workbook is named where it is another one, a sheet once for all its cells."""
    places = finding.related
    shown = [
        "、".join([_near(same[0], finding), *(place.cell or "" for place in same[1:])])
        for _, group in groupby(places[:RELATED_SHOWN], key=lambda place: (place.workbook, place.sheet))
        for same in [list(group)]
    ]
    rest = WORDS[lang]["rest"].format(count=len(places)) if len(places) > RELATED_SHOWN else ""
    return "、".join(shown) + rest


def _near(place: Place, finding: Finding) -> str:
    return str(place).partition("]")[2] if place.workbook == finding.at.workbook else str(place)


def place_text(finding: Finding, lang: str) -> str:
    """Where a finding stands, inside its workbook."""
    words, at = WORDS[lang], finding.at
    if not at.workbook:
        return words["project"]
    if not at.sheet:
        return words["book"]
    return f"{at.sheet}!{at.cell}" if at.cell else words["sheet"].format(sheet=at.sheet)

"""Write docs/rules.md from the rule catalogue; with --check only say whether it is current."""

from __future__ import annotations

import sys
from pathlib import Path

from pipeline.core.findings import Rule, Severity
from pipeline.definitions.catalogue import load_catalogue

TARGET = Path(__file__).resolve().parent.parent / "docs" / "rules.md"
FAMILIES = {
    "F": "字段",
    "W": "工作簿内",
    "X": "跨工作簿核对",
    "G": "阶段关口",
    "B": "文件与批次",
    "P": "兄弟流程",
}
LEVELS = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "信息"}


def reference() -> str:
    """The whole page."""
    lines = [
        "# 规则目录",
        "",
        "由 `scripts/rules_reference.py` 从 `pipeline/definitions/rules.toml` 生成,不要手改。",
        "错误:不出正式文档;警告:照出,首页列数;信息:仅供参考。花括号里是运行时填入的值,阈值一律取自 00 工作簿。",
        "已不能补办的错误,可以由 06“偏差说明”经批准改为警告;级别写“错误*”的不能(都改得了)。",
    ]
    rules = load_catalogue().values()
    for letter, title in FAMILIES.items():
        members = [rule for rule in rules if rule.code.startswith(letter)]
        if members:
            lines += ["", f"## {letter} {title}", "", "| 编号 | 级别 | 条款 | 说明 | 处理办法 |"]
            lines += ["|---|---|---|---|---|"]
            lines += [_row(rule) for rule in members]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    level = LEVELS[rule.severity] + "*" * rule.firm
    cells = (f'<a id="{rule.code}"></a>{rule.code}', level, rule.clause, rule.zh, rule.remedy)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Write or check the page."""
    if "--check" in sys.argv:
        return 0 if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == reference() else 1
    TARGET.write_text(reference(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

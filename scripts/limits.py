"""The house limits: functions of at most 50 lines, modules of at most 400.

Usage: limits.py [FILE-OR-FOLDER ...]     (default: pipeline)
Prints one line for each excess; exit 1 when there is any.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE_LINES = 400
FUNCTION_LINES = 50


def excesses(path: Path) -> Iterator[str]:
    """Yield what is too long in one module; a function counts from its `def` to its last line."""
    text = path.read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > MODULE_LINES:
        yield f"{path}: {lines} lines, the limit is {MODULE_LINES}"
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name}() has {length} lines, the limit is {FUNCTION_LINES}"


def modules(roots: list[Path]) -> Iterator[Path]:
    """Yield every Python file in or under the roots, sorted; a root that is not there is an error."""
    for root in roots:
        if not root.exists():
            raise SystemExit(f"limits: no such file or folder: {root}")
        yield from sorted(root.rglob("*.py")) if root.is_dir() else [root]


def main(arguments: list[str]) -> int:
    """Print every excess under the arguments and return the exit code."""
    found = [line for path in modules([Path(name) for name in arguments or ["pipeline"]]) for line in excesses(path)]
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

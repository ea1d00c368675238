"""Words of letters and of the screen stand in two files, loaded strictly, that say what the program asks of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import pipeline
from pipeline.core.errors import DefinitionError
from pipeline.core.mail import MailState
from pipeline.definitions.wording import LETTERS, SCREEN, load_texts, say
from pipeline.service.post.sending import state_word

ROOT = Path(pipeline.__file__).parent
TEXTS = {**load_texts(LETTERS), **load_texts(SCREEN)}
# What runs without the file when it is what is wrong: the last word of the program, and the list of commands.
WITHOUT_FILE = {"cli/__init__.py", "cli/menu.py"}
# Write letters.
WRITERS = ("service/post/", "service/troubles.py", "deliver/")
# Speak to the operator, too.
BOTH = {"service/post/sending.py", "service/post/alert.py"}
# Put together what commands print.
FOR_COMMANDS = {f"service/{name}.py" for name in ("state", "health", "tidying", "arrivals/deciding")}
# A folder; parts of messages of exceptions; what the ledger keeps.
NOT_PRINTED = {
    "cli/forms.py": ["预填"],
    "service/arrivals/deciding.py": ["无"],
    "service/state.py": ["无", "有几份同名的,请写括号里的位置", "没有这个文件"],
    "service/tidying.py": ["保存期满,已清理", ",保存至 "],
}


@cache
def trees() -> dict[str, ast.Module]:
    """Modules of the program by their path."""
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8")) for path in ROOT.rglob("*.py")}


def speaking() -> dict[str, ast.Module]:
    """Modules that say texts of a file."""
    return {name: tree for name, tree in trees().items() if any(map(_says, ast.walk(tree)))}


def _says(node: ast.AST) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "pipeline.definitions.wording"


def calls() -> Iterator[tuple[list[str], set[str | None]]]:
    """Keys that a call of `say` names outright, and its values."""
    for tree in speaking().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield list(named(node.args[0])), {word.arg for word in node.keywords}


def named(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.IfExp):
        yield from (*named(key.body), *named(key.orelse))


def words(node: ast.AST) -> Iterator[str]:
    """Texts below a node; not docstrings, messages of exceptions, help of commands and options, and their metavars."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    fails = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fail"
    if isinstance(node, ast.Raise) or fails or (isinstance(node, ast.keyword) and node.arg in ("help", "metavar")):
        return
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)):
            yield from words(child)


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def test_every_call_gives_the_names_of_its_text() -> None:
    wrong = [key for keys, given in calls() for key in keys if key not in TEXTS or given != set(TEXTS[key].names)]
    assert wrong == []


def test_every_text_is_used() -> None:
    said = {word for tree in speaking().values() for word in words(tree)}
    states = {f"mail_{state.value}" for state in MailState}
    assert TEXTS.keys() - said - states == set()
    assert [state_word(state) for state in (MailState.HELD, MailState.SENT)] == ["待批准", "已发出"]


def test_a_key_says_in_which_file_it_stands() -> None:
    assert not any("." in key for key in load_texts(LETTERS))
    assert all("." in key for key in load_texts(SCREEN))


def test_a_letter_does_not_read_the_texts_of_the_screen() -> None:
    load_texts.cache_clear()
    say("trouble_more")
    assert load_texts.cache_info().currsize == 1


def test_no_letter_is_worded_elsewhere() -> None:
    """What else is Chinese in the modules that write letters are kinds, roles and folders, or lines of the log."""
    letters = {name: tree for name, tree in speaking().items() if name.startswith(WRITERS)}
    chinese = [
        (name, node.value)
        for name, tree in letters.items()
        if name not in BOTH
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and any(c in node.value for c in "。您请")
    ]
    assert len(letters) > 5
    assert chinese == []


def test_no_command_words_what_it_prints() -> None:
    """Nor do the modules that put together the lines of `status`, `why`, `tidy`, `confirm` and `withdraw --held`."""
    commands = {name: tree for name, tree in trees().items() if name.startswith("cli/") or name in FOR_COMMANDS}
    said = {name: [text for text in words(tree) if is_chinese(text)] for name, tree in commands.items()}
    assert {name: texts for name, texts in said.items() if texts and name not in WITHOUT_FILE} == NOT_PRINTED


def test_a_value_is_printed_as_it_is() -> None:
    assert say("returned", file="{where}%s\\") == "已退回：{where}%s\\"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[a]\nzh = "{hwo}"\nnames = ["who"]', "a:不能用“{hwo}”(unknown placeholder),是否应为“who”"),
        ('[a]\nzh = "{who.x}"\nnames = ["who"]', "{who.x}"),
        ('[a]\nzh = "{who[0]}"\nnames = ["who"]', "{who[0]}"),
        ('[a]\nzh = "{who!r:>9}"\nnames = ["who"]', "{who!r:>9}"),
        ('[a]\nzh = "{}"', "a:不能用“{}”"),
        ('[a]\nzh = "{who"\nnames = ["who"]', "花括号不成对"),
        ('[a]\nzh = " "', "没有字"),
        ('[a]\nzn = "x"', "没有“zn”这个键(unknown key),是否应为“zh”"),
        ("[a]\nnames = []", "缺少键“zh”"),
        ("[a]\nzh = 1", "a.zh"),
    ],
)
def test_a_wrong_file_is_told_with_text_and_name(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "letters.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_texts(path)
    assert said in str(caught.value).replace(" ", "") or said in str(caught.value)
    assert "letters.toml" in str(caught.value)


def test_a_text_may_leave_a_name_out_or_say_it_twice(tmp_path: Path) -> None:
    path = tmp_path / "letters.toml"
    path.write_text('[a]\nzh = "{who} {who} {{}}"\nnames = ["who", "what"]', "utf-8")
    assert load_texts(path)["a"].zh.format(who="我", what="") == "我 我 {}"


_HALF = re.compile(r"[,;:?!()]")
_ENGLISH = re.compile(r"（[^（）\u4e00-\u9fff]*）|https?://|tls://|[A-Za-z0-9/.-]+:[A-Za-z0-9/]+")


@pytest.mark.parametrize("key", [key for key, text in TEXTS.items() if re.search("[\u4e00-\u9fff]", text.zh)])
def test_a_chinese_sentence_has_chinese_signs(key: str) -> None:
    """English in brackets keeps its own, and so does what is typed."""
    text = _ENGLISH.sub("", re.sub(r"\{\w+\}", "", TEXTS[key].zh))
    assert not _HALF.findall(text)

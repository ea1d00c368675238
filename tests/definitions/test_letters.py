"""Words of letters stand in one file, which is loaded strictly and says what the program asks of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import pipeline
from pipeline.core.errors import DefinitionError
from pipeline.core.mail import MailState
from pipeline.definitions.letters import load_letters, say
from pipeline.service.post.sending import state_word

ROOT = Path(pipeline.__file__).parent


@cache
def trees() -> dict[str, ast.Module]:
    """Modules that write letters or speak of them, by their path."""
    texts = {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in ROOT.rglob("*.py")}
    return {name: ast.parse(text) for name, text in texts.items() if "letters import" in text}


def calls() -> Iterator[tuple[list[str], set[str | None]]]:
    """Keys that a call of `say` names outright, and its values."""
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
                yield list(named(node.args[0])), {word.arg for word in node.keywords}


def named(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.IfExp):
        yield from (*named(key.body), *named(key.orelse))


def test_every_call_gives_the_names_of_its_text() -> None:
    texts = load_letters()
    wrong = [key for keys, given in calls() for key in keys if key not in texts or given != set(texts[key].names)]
    assert wrong == []


def test_every_text_is_used() -> None:
    words = {str(n.value) for tree in trees().values() for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    states = {f"mail_{state.value}" for state in MailState}
    assert set(load_letters()) - words - states == set()
    assert [state_word(state) for state in (MailState.HELD, MailState.SENT)] == ["待批准", "已发出"]


def test_no_letter_is_worded_elsewhere() -> None:
    """What else is Chinese in the modules that write letters are kinds, roles and folders, or lines of the log."""
    chinese = [
        (name, node.value)
        for name, tree in trees().items()
        if name not in ("service/post/sending.py", "service/post/alert.py")  # speak to the operator
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and any(c in node.value for c in "。您请")
    ]
    assert chinese == []


def test_a_value_is_printed_as_it_is() -> None:
    assert say("returned", file="{where}%s\\") == "已退回:{where}%s\\"


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
        load_letters(path)
    assert said in str(caught.value).replace(" ", "") or said in str(caught.value)
    assert "letters.toml" in str(caught.value)


def test_a_text_may_leave_a_name_out_or_say_it_twice(tmp_path: Path) -> None:
    path = tmp_path / "letters.toml"
    path.write_text('[a]\nzh = "{who} {who} {{}}"\nnames = ["who", "what"]', "utf-8")
    assert load_letters(path)["a"].zh.format(who="我", what="") == "我 我 {}"

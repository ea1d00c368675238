"""Jinja, wrapped once: a sandbox that prints only leaves of a context and writes down what it printed.

A template may hold names, fields, `for`, `if` and one filter; anything else is refused when it is compiled, so
nothing that a template can say runs code or loops over more than the data (threats T12). Values are data: they are
escaped, and never become a template (T13).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes, pass_context
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from pipeline.core.documents import Printed
from pipeline.core.errors import DefinitionError
from pipeline.core.leaves import Shown, as_printed, xml_text

SINK, SIGNED = "_printed", "_signed"
FILTERS: Mapping[str, Callable[..., Any]] = {"length": len}
LOOP = {"index": 1, "index0": 0, "first": True, "last": True, "length": 1}
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.For,
    nodes.If,
    nodes.Const,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
)


@dataclass(frozen=True)
class Drawing:
    """WordprocessingML made by our own code, printed as it is; nothing from a workbook can become one."""

    xml: Callable[[], str]

    def __html__(self) -> str:
        """The mark-up, as markupsafe asks for it."""
        return self.xml()


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a template, and the line of its source (from 1)."""

    line: int
    text: str


@pass_context
def _finalize(context: Context, value: object) -> Markup | Drawing:
    """Write down what is printed, and escape it; braces too, because docxtpl rewrites some of them.

    Where the context has what was signed under the value's name, that is printed instead.
    """
    if isinstance(value, Drawing):
        return value
    text = xml_text(str(value)) if isinstance(value, Undefined) else xml_text(_leaf(value))
    said = _signed(context, value) or _printed(value, text)
    printed = context.get(SINK)
    if printed is not None:
        printed.append(said)
    environment: Any = context.environment
    return cast("Markup", escape(said.text).translate(environment.characters))


def _signed(context: Context, value: object) -> Printed | None:
    """What was signed under the name of a leaf."""
    found: Printed | None = (context.get(SIGNED) or {}).get(value.name) if isinstance(value, Shown) else None
    return found


def _leaf(value: object) -> str:
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise TemplateError(f"不是一个可以打印的值,而是一组({type(value).__name__} cannot be printed)")


def _printed(value: object, text: str) -> Printed:
    return as_printed(value, text) if isinstance(value, Shown) else Printed("", text, text)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment: no globals, no tests, one filter; fields of mappings, suffixes of leaves, and `loop`.

    Args:
        marks: mark-up that stands for a character of a value, by its code: ends of lines, tabs.
    """

    def __init__(self, marks: Mapping[int, str] | None = None) -> None:
        """Make an environment that knows nothing."""
        self.characters = {**_BRACES, **(marks or {})}
        super().__init__(autoescape=True, undefined=StrictUndefined, finalize=_finalize, cache_size=0)
        self.globals.clear()
        self.tests.clear()
        self.filters.clear()
        self.filters.update(FILTERS)
        self._compiled: dict[str, Template] = {}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Field of a mapping, suffix of a leaf, or one of `loop`; never an attribute of a Python object."""
        found: Any = None
        known: Iterable[str] = ()
        if isinstance(obj, Shown):
            found, known = obj.form(attribute), (*obj.forms, "text")
        elif isinstance(obj, Mapping):
            found, known = obj.get(attribute), obj
        elif isinstance(obj, LoopContext) and attribute in LOOP:
            found = getattr(obj, attribute)
        if found is None:
            return self.undefined(hint=f"没有“{attribute}”(no such field){_nearest(attribute, known)}", name=attribute)
        return found

    def getitem(self, obj: Any, argument: Any) -> Any:
        """The same as `getattr`; subscripts are refused at compile time."""
        return self.getattr(obj, str(argument))

    def from_string(
        self,
        source: str | nodes.Template,
        globals: MutableMapping[str, Any] | None = None,
        template_class: type[Template] | None = None,
    ) -> Template:
        """Compile once and keep; refuse what is not on the list.

        Raises:
            DefinitionError: the template holds something that is not allowed.
            TemplateError: it is no template.
        """
        if isinstance(source, nodes.Template):
            return super().from_string(source, globals, template_class)
        if source not in self._compiled:
            tree = self.parse(source)
            problems = forbidden(tree)
            if problems:
                raise DefinitionError("; ".join(dict.fromkeys(problem.text for problem in problems)))
            self._compiled[source] = super().from_string(tree, globals, template_class)
        return self._compiled[source]


# -- what a template may hold -------------------------------------------------------------------------------------


def forbidden(tree: nodes.Template) -> list[Problem]:
    """Everything in a parsed template that is not on the list: calls, arithmetic, other tags, `_` names."""
    return list(_forbidden(tree, ()))


def _forbidden(node: nodes.Node, loops: tuple[str, ...]) -> Iterator[Problem]:
    reason = _reason(node, loops)
    if reason:
        yield Problem(node.lineno, f"不允许的写法(not allowed): {reason}")
        return
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        loops = (*loops, node.target.name)
    for child in node.iter_child_nodes():
        yield from _forbidden(child, loops)


def _reason(node: nodes.Node, loops: tuple[str, ...]) -> str:
    if not isinstance(node, _ALLOWED):
        return type(node).__name__
    if isinstance(node, nodes.Name) and node.name.startswith("_"):
        return node.name
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        return node.attr
    if isinstance(node, nodes.Filter) and (node.name not in FILTERS or node.args or node.kwargs or node.node is None):
        return f"|{node.name}"
    return _loop_reason(node, loops) if isinstance(node, nodes.For) else ""


def _loop_reason(node: nodes.For, loops: tuple[str, ...]) -> str:
    if node.recursive or not isinstance(node.target, nodes.Name):
        return "for"
    source = dotted(node.iter)
    if not source:
        return "for"
    if loops and source.split(".")[0] not in loops:
        return f"for … in {source}(循环里的循环只能走外层变量的字段)"
    return ""


def dotted(node: nodes.Node | None) -> str:
    """`a.b.c` of a chain of names, empty for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        start = dotted(node.node)
        return f"{start}.{node.attr}" if start else ""
    return ""


# -- which names it uses --------------------------------------------------------------------------------------------


def undeclared(tree: nodes.Template, known: Mapping[str, Any]) -> list[Problem]:
    """Names that a template uses and a sample context does not have, nested ones too, with "did you mean".

    Args:
        tree: a parsed template.
        known: a full context; every list in it holds at least one row.
    """
    found: list[Problem] = []
    _visit(tree, known, found)
    return found


_MISSING = object()


def _visit(node: nodes.Node, scope: Mapping[str, Any], found: list[Problem]) -> None:
    if isinstance(node, nodes.For):
        rows = _resolve(node.iter, scope, found)
        row = _first(rows, node, found)
        inside = {**scope, str(getattr(node.target, "name", "")): row, "loop": LOOP}
        for child in [*node.body, *([node.test] if node.test else [])]:
            _visit(child, inside, found)
        for child in node.else_:
            _visit(child, scope, found)
    elif isinstance(node, nodes.Output):
        for part in node.nodes:
            _prints(part, scope, found)
    elif isinstance(node, nodes.Expr):
        _resolve(node, scope, found)
    else:
        for child in node.iter_child_nodes():
            _visit(child, scope, found)


def _first(rows: object, node: nodes.For, found: list[Problem]) -> object:
    if rows is _MISSING:
        return _MISSING
    if isinstance(rows, list) and rows:
        return rows[0]
    found.append(Problem(node.lineno, f"“{dotted(node.iter)}”不是列表(is no list)。"))
    return _MISSING


def _prints(node: nodes.Node, scope: Mapping[str, Any], found: list[Problem]) -> None:
    value = _resolve(node, scope, found)
    if isinstance(value, Mapping | list | bool):
        found.append(Problem(node.lineno, f"“{dotted(node)}”不是一个可以打印的值(cannot be printed)。"))


def _resolve(node: nodes.Node, scope: Mapping[str, Any], found: list[Problem]) -> object:
    """Sample value of an expression; `_MISSING` after a problem was noted."""
    if isinstance(node, nodes.Name):
        return _field(scope, node.name, node, found)
    if isinstance(node, nodes.Getattr):
        base = _resolve(node.node, scope, found)
        return base if base is _MISSING else _field(base, node.attr, node, found)
    parts = [child.expr if isinstance(child, nodes.Operand) else child for child in node.iter_child_nodes()]
    values = [_resolve(part, scope, found) for part in parts]
    if isinstance(node, nodes.And | nodes.Or):
        return values[0]
    return Shown("1")


def _field(base: object, name: str, node: nodes.Node, found: list[Problem]) -> object:
    known: Iterable[str] = ()
    if isinstance(base, Shown):
        form = base.form(name)
        if form is not None:
            return form
        known = (*base.forms, "text")
    elif isinstance(base, Mapping):
        if name in base:
            return base[name]
        known = base
    found.append(Problem(node.lineno, f"没有“{dotted(node) or name}”(unknown name){_nearest(name, known)}"))
    return _MISSING


def _nearest(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, [k for k in known if not k.startswith("_")], n=1, cutoff=0.5)
    return f",是否应为“{close[0]}”(did you mean {close[0]})?" if close else "。"

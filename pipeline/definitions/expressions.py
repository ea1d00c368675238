"""The small formula language of the form definitions: Excel syntax over field keys (FORMAT of the dictionary).

A bare key is the cell of the same row (in a total: the whole column), `sheet.field` a column of another sheet,
`master.sheet.field` a column of workbook 00. One syntax tree serves two readers: `excel` writes it as a cell
formula, `pipeline.definitions.calculate` works out its value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.core.errors import DefinitionError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|\"(?P<text>(?:[^\"]|\"\")*)\"|(?P<name>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<op><>|<=|>=|[-+*/&=<>(),]))"
)
_LEVELS = (("=", "<>", "<", "<=", ">", ">="), ("&",), ("+", "-"), ("*", "/"))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    text: str


@dataclass(frozen=True, slots=True)
class TextLiteral:
    """A quoted text, without its quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class FieldName:
    """A field key, a column or a special name."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and an operator."""

    op: str
    left: Node
    right: Node


Node = Number | TextLiteral | FieldName | Call | Binary


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.tokens = list(_tokens(source))
        self.at = 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, value: str | None = None) -> tuple[str, str]:
        kind, text = self.peek()
        if kind == "end" or (value is not None and (kind, text) != ("op", value)):
            raise DefinitionError(f"表达式“{self.source}”在“{text}”处有误(cannot read expression).")
        self.at += 1
        return kind, text

    def expression(self, level: int = 0) -> Node:
        if level == len(_LEVELS):
            return self.operand()
        left = self.expression(level + 1)
        while self.peek()[0] == "op" and self.peek()[1] in _LEVELS[level]:
            op = self.take()[1]
            left = Binary(op, left, self.expression(level + 1))
        return left

    def operand(self) -> Node:
        kind, text = self.take()
        if kind == "number":
            return Number(text)
        if kind == "text":
            return TextLiteral(text.replace('""', '"'))
        if kind == "name":
            return Call(text.upper(), self.arguments()) if self.peek() == ("op", "(") else FieldName(text)
        if text == "(":
            inner = self.expression()
            self.take(")")
            return inner
        raise DefinitionError(f"表达式“{self.source}”在“{text}”处有误(cannot read expression).")

    def arguments(self) -> tuple[Node, ...]:
        self.take("(")
        found = [self.expression()]
        while self.peek() == ("op", ","):
            self.take(",")
            found.append(self.expression())
        self.take(")")
        return tuple(found)


def _tokens(source: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(source.rstrip()):
        match = _TOKEN.match(source, at)
        if not match:
            raise DefinitionError(f"表达式“{source}”第{at + 1}个字符有误(cannot read expression).")
        at = match.end()
        kind = str(match.lastgroup)
        yield kind, match[kind]


def parse(source: str) -> Node:
    """Read an expression.

    Raises:
        DefinitionError: it is not in the language.
    """
    parser = _Parser(source)
    node = parser.expression()
    if parser.at != len(parser.tokens):
        raise DefinitionError(f"表达式“{source}”在“{parser.peek()[1]}”处有误(cannot read expression).")
    return node


def names(node: Node) -> Iterator[str]:
    """Every name in the expression, in the order of the text, repeats included."""
    if isinstance(node, FieldName):
        yield node.name
    elif isinstance(node, Call):
        for argument in node.arguments:
            yield from names(argument)
    elif isinstance(node, Binary):
        yield from names(node.left)
        yield from names(node.right)


def excel(node: Node, refer: Callable[[str], str]) -> str:
    """Write the expression as the text of a cell formula, without the leading equals sign.

    Args:
        node: the expression.
        refer: gives the reference (`K7`, `$K$7:$K$106`, `s_D03`, `"WIFI"`) for a name.
    """
    if isinstance(node, Number):
        return node.text
    if isinstance(node, TextLiteral):
        return _quoted(node.text)
    if isinstance(node, FieldName):
        return refer(node.name)
    if isinstance(node, Binary):
        return f"{_operand(node.left, node.op, refer)}{node.op}{_operand(node.right, node.op, refer)}"
    if node.function == "RMB":
        return _words_formula(excel(node.arguments[0], refer))
    return f"{node.function}({','.join(excel(argument, refer) for argument in node.arguments)})"


def _operand(node: Node, outer: str, refer: Callable[[str], str]) -> str:
    text = excel(node, refer)
    if isinstance(node, Binary) and _level(node.op) <= _level(outer):
        return f"({text})"
    return text


def _level(op: str) -> int:
    return next(index for index, ops in enumerate(_LEVELS) if op in ops)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _words_formula(cell: str) -> str:
    """Amount in words as Excel, WPS and LibreOffice can work it out (number format [DBNum2])."""
    digits = '"[DBNum2][$-804]General"'
    fen = f"ROUND({cell}*100,0)"
    jiao = f"INT(MOD({fen},100)/10)"
    return (
        f'"人民币"&IF({fen}=0,"零元整",IF(INT({cell})>0,TEXT(INT({fen}/100),{digits})&"元","")'
        f'&IF(MOD({fen},100)=0,"整",IF({jiao}>0,TEXT({jiao},{digits})&"角",IF(INT({cell})>0,"零",""))'
        f'&IF(MOD({fen},10)>0,TEXT(MOD({fen},10),{digits})&"分","")))'
    )

from __future__ import annotations

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.expressions import Binary, Call, FieldName, Number, TextLiteral, excel, names, parse


def refer(name: str) -> str:
    """`qty` stands in column Q, row 7; a column reference is a range."""
    return f"${name.upper()}$7:${name.upper()}$106" if "." in name else f"{name[0].upper()}7"


@pytest.mark.parametrize(
    ("source", "tree"),
    [
        ("qty", FieldName("qty")),
        ("1.25", Number("1.25")),
        ('"不明确"', TextLiteral("不明确")),
        ('"say ""no"""', TextLiteral('say "no"')),
        ('""', TextLiteral("")),
        ("master.units.unit", FieldName("master.units.unit")),
        ("a+b*c", Binary("+", FieldName("a"), Binary("*", FieldName("b"), FieldName("c")))),
        ("(a+b)*c", Binary("*", Binary("+", FieldName("a"), FieldName("b")), FieldName("c"))),
        ("a-b-c", Binary("-", Binary("-", FieldName("a"), FieldName("b")), FieldName("c"))),
        ('">="&a', Binary("&", TextLiteral(">="), FieldName("a"))),
        ("a+1>=b", Binary(">=", Binary("+", FieldName("a"), Number("1")), FieldName("b"))),
        ("sum(a)", Call("SUM", (FieldName("a"),))),
        (
            " IF ( a = 1 , b , c ) ",
            Call("IF", (Binary("=", FieldName("a"), Number("1")), FieldName("b"), FieldName("c"))),
        ),
    ],
)
def test_what_an_expression_says(source: str, tree: object) -> None:
    assert parse(source) == tree


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("ROUND(qty*unit_price,2", "处"),  # the end is missing
        ("ROUND(qty*,2)", "“,”处"),
        ("qty unit_price", "“unit_price”处"),
        ("qty)", "“)”处"),
        ("数量*单价", "第1个字符"),
        ("qty*单价", "第5个字符"),
        ('"open', "第1个字符"),
        ("qty^2", "第4个字符"),
        ("SUM()", "“)”处"),
        ("", "处"),
        ("1+", "处"),
        (")", "“)”处"),
        ("-1", "“-”处"),
    ],
)
def test_what_cannot_be_read_is_shown_with_its_place(source: str, place: str) -> None:
    with pytest.raises(DefinitionError) as problem:
        parse(source)
    assert source in str(problem.value)
    assert place in str(problem.value)


@pytest.mark.parametrize(
    ("source", "formula"),
    [
        ("ROUND(qty*unit_price,2)", "ROUND(Q7*U7,2)"),
        ("amount/(1+tax_rate/100)", "A7/(1+T7/100)"),
        ("a-(b-c)", "A7-(B7-C7)"),
        ("(a-b)-c", "(A7-B7)-C7"),
        ("a/(b*c)", "A7/(B7*C7)"),
        ("a*b+c", "A7*B7+C7"),
        ('a="x"', 'A7="x"'),
        ('"say ""no"""', '"say ""no"""'),
        (
            "sumifs(lines.amount,lines.scope,s)",
            "SUMIFS($LINES.AMOUNT$7:$LINES.AMOUNT$106,$LINES.SCOPE$7:$LINES.SCOPE$106,S7)",
        ),
        ('COUNTIFS(x.y,">="&start)', 'COUNTIFS($X.Y$7:$X.Y$106,">="&S7)'),
    ],
)
def test_written_as_a_cell_formula(source: str, formula: str) -> None:
    assert excel(parse(source), refer) == formula


@pytest.mark.parametrize("source", ["a-(b-c)", "a/(b*c)", "(a+b)*(c-d)/e", 'IF(a<>"x",b&c,d)', "a-b-c", "1-(2-3)-4"])
def test_a_written_formula_reads_back_to_the_same_order_of_operations(source: str) -> None:
    def itself(name: str) -> str:
        return name

    again = parse(excel(parse(source), itself))
    assert excel(again, itself) == excel(parse(source), itself)
    assert _shape(again) == _shape(parse(source))


def _shape(node: object) -> object:
    if isinstance(node, Binary):
        return (node.op, _shape(node.left), _shape(node.right))
    if isinstance(node, Call):
        return (node.function, *map(_shape, node.arguments))
    return node


def test_names_come_in_the_order_of_the_text() -> None:
    source = 'IF(dim="归属",SUMIFS(lines.amount,lines.scope,code),amount+dim)'
    assert list(names(parse(source))) == ["dim", "lines.amount", "lines.scope", "code", "amount", "dim"]

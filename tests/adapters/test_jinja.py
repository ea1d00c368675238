from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from jinja2 import TemplateError, UndefinedError

from pipeline.adapters.jinja import SINK, Drawing, Sandbox, forbidden, undeclared
from pipeline.core.documents import Printed
from pipeline.core.errors import DefinitionError
from pipeline.core.leaves import Shown
from pipeline.core.places import Place

K12 = Place("03.xlsx", "费用明细", "K12")
SECRET = Shown("机密", name="secret")
TOTAL = Shown("1,234.50", name="cost.total", value=Decimal("1234.5"), cells=(K12,), forms={"wan": lambda _: "0.12"})


def printed(template: str, **context: Any) -> tuple[str, list[Printed]]:
    sink: list[Printed] = []
    return Sandbox().from_string(template).render({**context, SINK: sink}), sink


@pytest.mark.parametrize(
    "template",
    [
        "{{ x.__class__ }}",
        "{{ x.__class__.__mro__ }}",
        "{{ x._private }}",
        "{{ _printed }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ lipsum() }}",
        "{{ joiner() }}",
        "{{ namespace(a=1) }}",
        "{{ dict(a=1) }}",
        "{{ range(10) }}",
        "{{ range(1000000000) }}",
        "{{ x.upper() }}",
        "{{ x.format(x) }}",
        "{{ rows.append(1) }}",
        "{{ rows.clear() }}",
        "{{ x['__class__'] }}",
        "{{ rows[0] }}",
        "{{ x[0:2] }}",
        "{{ x|attr('__class__') }}",
        "{{ rows|map(attribute='__class__')|list }}",
        "{{ x|safe }}",
        "{{ x|replace('a', 'b') }}",
        "{{ x|center(1000000000) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 'a' ~ x }}",
        "{{ 2 ** 999999999 }}",
        "{{ 1 + 1 }}",
        "{{ -x }}",
        "{{ [1, 2, 3] }}",
        "{{ {'a': 1} }}",
        "{{ x is defined }}",
        "{{ 'a' if x }}",
        "{% set y = x %}",
        "{% set y %}a{% endset %}",
        "{% include 'other' %}",
        "{% import 'other' as o %}",
        "{% from 'other' import o %}",
        "{% extends 'other' %}",
        "{% macro m() %}a{% endmacro %}{{ m() }}",
        "{% call m() %}{% endcall %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}a{% endfilter %}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "{% with y = x %}{{ y }}{% endwith %}",
        "{% for a, b in rows %}{% endfor %}",
        "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
        "{% for a in rows %}{% for b in rows %}{{ x }}{% endfor %}{% endfor %}",
        "{% for a in range(9) %}{% endfor %}",
        "{% for a in rows %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    ],
)
def test_a_payload_is_refused_before_it_runs(template: str) -> None:
    """Threat T12: cycler, __class__, lipsum, joiner, attr, nested loops, huge strings, include, macro."""
    with pytest.raises((DefinitionError, TemplateError)):
        printed(template, x=SECRET, rows=[SECRET])


@pytest.mark.parametrize(
    "typed",
    [
        "R&D 中心",
        "<24口>",
        "{{ x }}",
        "{% if %}",
        "{_{ }_} {_% %_}",
        "]]>",
        "&amp;",
        "&#x41;",
        "🧰网络",
        "  两格",
        "a\n\tb",
        '"引号"',
    ],
)
def test_a_value_is_escaped_and_written_down_letter_for_letter(typed: str) -> None:
    xml, sink = printed("{{ x }}", x=Shown(typed, name="x"))
    assert [value.text for value in sink] == [typed]
    assert "<" not in xml
    assert "{" not in xml


def test_characters_that_no_document_can_hold_become_a_replacement_character() -> None:
    _, sink = printed("{{ x }}", x=Shown("甲\x0b乙\ufffe丙\ud800丁\r\n戊\r己", name="x"))
    assert sink[0].text == "甲\ufffd乙\ufffd丙\ufffd丁\n戊\n己"


def test_prints_are_written_down_in_order_with_names_values_and_cells() -> None:
    rows = [{"name": Shown("甲", name="rows[0].name")}, {"name": Shown("乙", name="rows[1].name")}]
    _, sink = printed("{% for r in rows %}{{ loop.index }}{{ r.name }}{% endfor %}{{ t.wan }}", rows=rows, t=TOTAL)
    assert sink == [
        Printed("", "1", "1"),
        Printed("rows[0].name", "甲", "甲"),
        Printed("", "2", "2"),
        Printed("rows[1].name", "乙", "乙"),
        Printed("cost.total.wan", "0.12", "1234.5", (K12,)),
    ]


def test_a_field_goes_before_a_method_of_the_same_name() -> None:
    context = {"survey": {"items": Shown("114", name="survey.items"), "keys": [{"values": SECRET}]}}
    assert printed("{{ survey.items }}{% for k in survey.keys %}{{ k.values }}{% endfor %}", **context)[0] == "114机密"


@pytest.mark.parametrize(("name", "hint"), [("t.wann", "wan"), ("p.custmer", "customer"), ("nothing", "nothing")])
def test_an_unknown_name_stops_the_document(name: str, hint: str) -> None:
    with pytest.raises(UndefinedError, match=hint):
        printed("{{ " + name + " }}", t=TOTAL, p={"customer": SECRET})


@pytest.mark.parametrize("value", [{"a": SECRET}, [SECRET], True, None])
def test_only_leaves_are_printed(value: object) -> None:
    with pytest.raises(TemplateError):
        printed("{{ x }}", x=value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Shown(""), "没有"),
        (Shown("0.00", value=Decimal("0.00")), "没有"),
        (Shown("0"), "有"),
        (TOTAL, "有"),
        ([], "没有"),
        (False, "没有"),
    ],
)
def test_blank_and_zero_count_as_nothing(value: object, expected: str) -> None:
    assert printed("{% if x %}有{% else %}没有{% endif %}", x=value)[0] == expected


def test_a_drawing_of_ours_is_printed_as_it_is_and_not_written_down() -> None:
    assert printed("{{ c }}", c=Drawing(lambda: "<w:drawing/>")) == ("<w:drawing/>", [])


def test_a_template_is_compiled_once() -> None:
    sandbox = Sandbox()
    assert sandbox.from_string("{{ x }}") is sandbox.from_string("{{ x }}")


SAMPLE = {
    "project": {"customer": SECRET},
    "cost": {"total": TOTAL, "lines": [{"amount": TOTAL}], "groups": [{"lines": [{"no": SECRET}]}]},
}


@pytest.mark.parametrize(
    ("template", "lines"),
    [
        ("{{ project.customer }}{{ cost.total.wan }}{{ cost.total.text }}", []),
        ("{% for g in cost.groups %}{% for l in g.lines %}{{ l.no }}{{ loop.index }}{% endfor %}{% endfor %}", []),
        ("{{ project.customer }}\n{{ project.custmer }}", [(2, "customer")]),
        ("{% for l in cost.lines %}\n{{ l.amout }}\n{% endfor %}{{ l.amount }}", [(2, "amount"), (3, "l")]),
        ("{% for l in cost.line %}{{ l.whatever }}{% endfor %}", [(1, "lines")]),
        ("{% if project.custmer == 'a' and not cost.totl %}{% endif %}", [(1, "customer"), (1, "total")]),
        ("{{ cost.total.wann }}", [(1, "wan")]),
        ("{{ cost.lines }}", [(1, "cost.lines")]),
        ("{% for l in cost.total %}{% endfor %}", [(1, "cost.total")]),
        ("{{ cost.lines|length }}", []),
        ("{{ loop.index }}", [(1, "loop")]),
    ],
)
def test_nested_names_are_resolved(template: str, lines: list[tuple[int, str]]) -> None:
    found = undeclared(Sandbox().parse(template), SAMPLE)
    assert [problem.line for problem in found] == [line for line, _ in lines]
    for problem, (_, word) in zip(found, lines, strict=True):
        assert word in problem.text


def test_what_is_forbidden_has_a_line() -> None:
    found = forbidden(Sandbox().parse("{{ a }}\n{{ a() }}\n{% set b = 1 %}"))
    assert [problem.line for problem in found] == [2, 3]

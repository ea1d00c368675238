from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import Field, Form, data_folder, did_you_mean, load_forms

COST = "03_项目费用计划明细表.toml"
STAFFING = "05_项目人员需求一览表.toml"

Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """Copy the definitions and change one place in one of them."""

    def change(file: str, old: str, new: str) -> Path:
        for path in data_folder("input_templates").glob("*.toml"):
            shutil.copy(path, tmp_path)
        text = (tmp_path / file).read_text("utf-8")
        assert old in text, old
        (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
        return tmp_path

    return change


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("version.plan_versions.total", r"“plan_versions”.*did you mean plan_version"),
        ("version.plan_version.sum", "“sum”"),
    ],
)
def test_what_is_prefilled_beside_a_version_names_a_field_and_a_figure(spoil: Spoil, wrong: str, said: str) -> None:
    folder = spoil("06_过程记录.toml", "version.plan_version.total", wrong)
    with pytest.raises(DefinitionError, match=f"countersign.total.prefill.*{said}"):
        load_forms(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('key = "scope", label', 'key = "scope", lable', r"lines.*lable.*did you mean label"),
        ('name = "费用明细"', 'nmae = "费用明细"', r"sheet.*nmae.*did you mean name"),
        ('record_no = "JL-PM-02"', 'recordno = "JL-PM-02"', r"recordno.*did you mean record_no"),
        ('key = "scope", label = "归属", ', 'key = "scope", ', r"scope.*缺少键“label”"),
        ("prepared = 100", 'prepared = "100"', r"lines\).prepared.*'100'.*wrong type"),
        ("prepared = 100", "prepared = true", r"lines\).prepared.*True.*wrong type"),
        ("width = 6", 'width = "6"', r"no\).width.*wrong type"),
        ('aliases = ["金额", "金额(元)"]', 'aliases = "金额"', r"amount\).aliases.*wrong type"),
        ('allowed = ["售前", "工程"]', 'allowed = ["售前", 1]', r"scope\).allowed"),
        ('type = "money4"', 'type = "mony"', r"unit_price.*“mony”.*did you mean money"),
        ('kind = "table"', 'kind = "tabel"', r"lines.kind.*tabel.*did you mean table"),
        ('"ROUND(qty*unit_price,2)"', '"ROUND(qty*unitprice,2)"', r"“unitprice”.*did you mean unit_price"),
        ('"ROUND(qty*unit_price,2)"', '"RUOND(qty*unit_price,2)"', r"amount.formula.*“RUOND”.*did you mean ROUND"),
        ('"ROUND(qty*unit_price,2)"', '"ROUND(qty*unit_price,2"', r"ROUND\(qty\*unit_price,2.*有误"),
        ('"SUM(amount)"', '"SUM(amout)"', r"grand_total.formula.*“amout”.*did you mean amount"),
        ('column = "amount_excl"', 'column = "amount_exl"', r"“amount_exl”.*did you mean amount_excl"),
        ('required_when = "amount>=param.basis_limit"', 'required_when = ""', r"basis:required 为 C"),
        ('required = "C", required_when', 'required = "Y", required_when', r"basis:required 为 C"),
        ('required = "Y", min = 1', 'required = "J", min = 1', r"lines.no:required"),
        ('formula = "ROUND(qty*unit_price,2)", ', "", r"amount:fill 为 formula"),
        ('{key = "desc"', '{key = "acc"', r"lines.*“acc”出现两次"),
        ('key = "eng_subtotal"', 'key = "presales_subtotal"', r"total.*“presales_subtotal”出现两次"),
        ('key = "deposits"', 'key = "lines"', r"“lines”出现两次"),
        ('version = "1.0"', 'version = "1.1"', r"supported.*1.1"),
        ('supported = ["1.0"]', 'supported = ["1.0", "0.9"]', r"supported.*1.0.*last"),
        ('supported = ["1.0"]', 'supported = ["1.0", "1.0"]', r"supported.*“1.0”出现两次"),
        (r"""pattern = 'V\d+\.\d+|[A-Z]/\d+'""", "pattern = 'V('", r"head.version.pattern:.*no regular expression"),
        ('example = "A/1"', 'example = "A1"', r"head.version.example:“A1”.*does not match"),
        ('spelled = "V数字.数字,或大写字母/数字", ', "", r"head.version:.*pattern goes with spelled"),
        ('key = "qty", label', 'key = "qty", pattern = "1", label', r"lines.qty:.*codes only"),
        ('key = "acc", label', 'key = "acc", coded_by = "acc_regex", label', r"acc.coded_by.*did you mean acc_code"),
        ("param.basis_limit", "param.basis_limt", r"lines.basis.required_when.*“basis_limt”.*did you mean basis_limit"),
        ('"ROUND(qty*unit_price,2)"', '"ROUND(qty*param.basis_limit,2)"', r"amount.formula.*only in required_when"),
        ('no = "03"', "no = 03", COST),  # no TOML at all: the message of the reader, with its line
    ],
)  # fmt: skip
def test_a_wrong_definition_stops_at_start(spoil: Spoil, old: str, new: str, message: str) -> None:
    folder = spoil(COST, old, new)
    with pytest.raises(DefinitionError, match=message) as problem:
        load_forms(folder)
    assert COST in str(problem.value) or "表达式" in str(problem.value)
    assert problem.value.exit_code == 5


@pytest.mark.parametrize("at", ["lines.scope", "deposits.kind", "head.version"])
def test_a_field_of_a_version_that_the_form_does_not_name_says_what_to_raise(spoil: Spoil, at: str) -> None:
    """Accepted, every workbook that is out would be reported to lack the column."""
    key = at.split(".")[1]
    folder = spoil(COST, f'key = "{key}", label', f'key = "{key}", since = "1.1", label')
    with pytest.raises(DefinitionError) as problem:
        load_forms(folder)
    said = str(problem.value)
    assert said.startswith(f"{COST}: {at}.since:")
    assert 'version = "1.1",supported = ["1.0", "1.1"]' in said
    assert "raise the form's version" in said
    assert problem.value.exit_code == 5


def test_a_field_of_a_version_that_the_form_names_is_right(spoil: Spoil) -> None:
    folder = spoil(COST, 'key = "scope", label', 'key = "scope", since = "1.1", label')
    text = (folder / COST).read_text("utf-8")
    raised = text.replace('version = "1.0"', 'version = "1.1"').replace('["1.0"]', '["1.0", "1.1"]')
    (folder / COST).write_text(raised, "utf-8")
    assert load_forms(folder)["cost"].sheet_form("lines").field("scope").since == "1.1"


def test_every_pattern_is_obeyed_by_its_example() -> None:
    fields = [field for form in load_forms().values() for field in all_fields(form) if field.regex]
    assert len(fields) > 30
    for field in fields:
        assert field.regex
        assert field.regex.fullmatch(field.example), field
        assert not field.regex.fullmatch(f"{field.example}\n"), field


def all_fields(form: Form) -> Iterator[Field]:
    yield from form.head.fields
    for sheet in form.sheet:
        yield from (*sheet.fields, *sheet.header, *(item.field for item in sheet.items))


def test_two_forms_of_one_key(spoil: Spoil) -> None:
    folder = spoil(STAFFING, 'key = "staffing"', 'key = "cost"')
    with pytest.raises(DefinitionError, match=r"05_.*“cost”.*twice"):
        load_forms(folder)


def test_a_folder_without_workbook_00(spoil: Spoil) -> None:
    folder = spoil(COST, "no", "no")
    (folder / "00_公司基础资料.toml").unlink()
    with pytest.raises(DefinitionError, match="00"):
        load_forms(folder)


def test_a_definition_that_is_no_utf8(spoil: Spoil) -> None:
    folder = spoil(COST, "no", "no")
    (folder / COST).write_bytes("名称".encode("gb18030"))
    with pytest.raises(DefinitionError, match=COST):
        load_forms(folder)


def test_the_definitions_in_use() -> None:
    forms = load_forms()
    assert list(forms)[:6] == ["master", "survey", "plan", "cost", "materials", "staffing"]
    assert [form.no for form in forms.values()] == sorted(form.no for form in forms.values())
    assert len(forms["survey"].sheet_form("items").items) == 114


def test_numbers_of_a_definition_are_exact() -> None:
    unit_price = load_forms()["cost"].sheet_form("lines").field("unit_price")
    assert isinstance(unit_price.min, Decimal)
    assert isinstance(unit_price.width, Decimal)
    assert unit_price.numeric


def test_choices_are_literal_or_a_reference() -> None:
    lines = load_forms()["cost"].sheet_form("lines")
    assert lines.field("scope").choices == ("售前", "工程")
    assert lines.field("scope").reference == ""
    assert lines.field("unit").choices == ()
    assert lines.field("unit").reference == "master.units.unit"
    assert lines.field("dept").also_allowed == ("相关部门",)


def test_every_reference_leads_to_a_field() -> None:
    """`allowed = master.units.unit` and every name in a formula that goes to another workbook."""
    forms = load_forms()
    for form in forms.values():
        for sheet in form.sheet:
            for owner in (*sheet.fields, *(item.field for item in sheet.items)):
                if owner.reference and owner.reference != "survey_items.no":
                    workbook, key, column = owner.reference.split(".")
                    if workbook in forms:  # 06 and 07 come later
                        assert forms[workbook].sheet_form(key).field(column), f"{sheet.key}.{owner.key}"


def test_labels_and_aliases_of_a_sheet_are_unambiguous() -> None:
    for form in load_forms().values():
        for sheet in form.sheet:
            words = [word for f in sheet.fields for word in {f.label, *f.aliases}]
            twice = {word for word in words if words.count(word) > 1}
            assert not twice, f"{form.key}.{sheet.key}"


@pytest.mark.parametrize(
    ("word", "said"),
    [("lable", ",是否应为“label”(did you mean label)?"), ("zzz", "。")],
)
def test_the_nearest_word(word: str, said: str) -> None:
    assert did_you_mean(word, ["label", "type"]) == said


def test_a_survey_item_is_a_field_of_its_type() -> None:
    items = load_forms()["survey"].sheet_form("items")
    budget = items.item("B05")
    assert budget is not None
    assert (budget.field.type, budget.field.unit, budget.field.required) == ("money", "元", "Y")
    assert items.item("Z99") is None

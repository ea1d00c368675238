"""Drop-downs and input limits of a field. People, suppliers and lists that change only warn; choices are firm."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.definitions.forms import Field
from pipeline.definitions.lists import Lists, list_key
from pipeline.definitions.texts import in_print

_FIRM = "stop"
_SOFT = "warning"


def add_validation(sheet: Any, area: str, form_field: Field, lists: Lists) -> None:
    """Give the cells of a field their drop-down or limit, where it has one."""
    rule = _list_rule(form_field, lists) or _limit_rule(form_field)
    if rule:
        sheet.data_validation(area, {"ignore_blank": True, **rule})


def _list_rule(form_field: Field, lists: Lists) -> dict[str, Any]:
    key = list_key(form_field)
    if not key or not lists.filled(key):
        return {}
    firm = form_field.type == "enum" and not form_field.also_allowed
    message = "请从下拉列表中选择。" if firm else "不在下拉列表中;确需填写请点“是”。"
    if form_field.type == "list":
        message = "可多选:用“、”分隔;手工填写多项时请点“是”。"
    return {
        "validate": "list",
        "source": f"={lists.reference(key)}",
        "error_type": _FIRM if firm else _SOFT,
        "error_title": "请检查",
        "error_message": in_print(message),
    }


def _limit_rule(form_field: Field) -> dict[str, Any]:
    if form_field.type in {"date", "datetime"}:
        return {
            "validate": "date",
            "criteria": "between",
            "minimum": date(2000, 1, 1),
            "maximum": date(2099, 12, 31),
            "error_type": _SOFT,
            "error_title": "日期",
            "error_message": in_print("请填写日期,例如 2026-03-05。"),
        }
    low = form_field.min_exclusive if form_field.min_exclusive is not None else form_field.min
    if form_field.numeric and low is not None:
        limits: dict[str, Any] = {
            "criteria": ">" if form_field.min_exclusive is not None else ">=",
            "value": float(low),
        }
        if form_field.max is not None:
            limits = {"criteria": "between", "minimum": float(low), "maximum": float(form_field.max)}
        message = "请填写数字,单位不要写在单元格里。"
        return {
            "validate": "decimal",
            "error_type": _SOFT,
            "error_title": "数字",
            "error_message": in_print(message),
            **limits,
        }
    return {}

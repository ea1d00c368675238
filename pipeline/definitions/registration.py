"""The form 立项登记 that starts a project: written by the one writer, but no workbook of a project."""

from __future__ import annotations

from functools import cache

from pipeline.definitions.forms import Form, build, data_folder, read_toml
from pipeline.definitions.inspection import inspect_form

FOLDER = "登记"
KEY = "registration"


@cache
def registration_form() -> Form:
    """The form.

    Raises:
        DefinitionError: its definition is wrong.
    """
    path = data_folder("input_templates") / FOLDER / "立项登记.toml"
    form: Form = build(Form, read_toml(path), path.name)
    inspect_form(form, path.name)
    return form

"""Write one sheet of a workbook: title, stamp, labels, keys, cells, totals, names, drop-downs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pipeline.adapters.ooxml.raw import column_letter
from pipeline.definitions.calculate import FormulaError, Scalar, evaluate
from pipeline.definitions.expressions import excel, names
from pipeline.definitions.forms import Field, Form, Item, SheetForm, Total, node
from pipeline.definitions.layout import FORM_WIDTHS, Slot, lay_out
from pipeline.definitions.lists import Lists
from pipeline.definitions.sheet_page import set_page, write_opening
from pipeline.definitions.styles import FormStyles
from pipeline.definitions.texts import absolute, explain, in_print, lines_of
from pipeline.definitions.validation import add_validation
from pipeline.definitions.values import ErrorValue, Pasted, RawText, Values

# Stands for the number of the row in a formula that is the same in every row.
_ROW = "\0"
_ROOM, _LONG = 20, 3  # least width of a note beside a cell; lines that a long text has room for


class SheetWriter:
    """One sheet of one workbook while it is written."""

    def __init__(
        self, book: Any, form: Form, sheet: SheetForm, values: Values, styles: FormStyles, lists: Lists
    ) -> None:
        """Plan the sheet; `write` fills it."""
        self.book, self.form, self.sheet = book, form, sheet
        self.values, self.styles, self.lists = values, styles, lists
        self.first = form.sheet[0] is sheet
        self.rows = self.values.rows(sheet.key)
        self.layout = lay_out(form, sheet, len(self.rows), first_sheet=self.first)
        self.out = book.add_worksheet(sheet.name)
        self.siblings: Sequence[SheetWriter] = ()
        self._texts: dict[str, str] = {}

    def write(self, siblings: Sequence[SheetWriter]) -> None:
        """Write everything; `siblings` are all sheets of the workbook, for formulas across sheets."""
        self.siblings = siblings
        self._title()
        for slot in self.layout.slots:
            self._stamp(slot)
        if self.sheet.kind == "form":
            self._form()
        else:
            self._table()
        set_page(self.book, self.out, self.sheet, self.layout)

    # -- top of the sheet -------------------------------------------------------------------------------------

    def _title(self) -> None:
        first = 1 if self.sheet.kind == "form" else 0
        title = f"{self.form.name} — {self.sheet.name}" if len(self.form.sheet) > 1 else self.form.name
        self.out.set_row(0, 30)
        self.out.merge_range(0, first, 0, max(self.layout.columns - 1, first + 1), title, self.styles.look("title"))
        for column, width in enumerate(self.layout.widths):
            self.out.set_column(column, column, width)

    def _stamp(self, slot: Slot) -> None:
        self._span(slot.row, slot.label, in_print(slot.field.label), self.styles.look("stamp_label"))
        value = self.values.content.head.get(slot.field.key)
        if slot.field.key == "record_no":
            value = self.sheet.record_no or value or self.form.record_no
        if slot.field.key == "filled_by":
            value = self._person(value)
        name = f"f_head_{slot.field.key}"
        numbered_by_sheet = slot.field.key == "record_no" and any(s.record_no for s in self.form.sheet)
        if not self.first and not numbered_by_sheet:
            self._span(slot.row, slot.value, "", self.styles.cell(slot.field.type, "formula"))
            shown = self._cached(value)
            self.out.write_formula(
                slot.cell, f'=IF({name}="","",{name})', self.styles.cell(slot.field.type, "formula"), shown
            )
            return
        fill = "template" if slot.field.fill == "template" else "required" if self._due(slot.field) else "optional"
        self._span(slot.row, slot.value, "", self.styles.cell(slot.field.type, fill))
        self._put(slot.cell, value or None, self.styles.cell(slot.field.type, fill))
        if not self.first:
            return
        self.book.define_name(name, f"='{self.sheet.name}'!{absolute(slot.cell)}")
        if slot.field.key in {"filled_by", "filled_on"}:
            add_validation(self.out, slot.cell, slot.field, self.lists)

    def _due(self, field: Field) -> bool:
        """Whether a stamp must be filled: itself, or because a required cell is made from it."""
        made = (f for sheet in self.form.sheet for f in sheet.labelled if f.default == f"head.{field.key}")
        return field.required == "Y" or any(f.required == "Y" for f in made)

    def _span(self, row: int, span: tuple[int, int], text: str, look: Any) -> None:
        if span[0] == span[1]:
            self.out.write_string(row - 1, span[0] - 1, text, look)
        else:
            self.out.merge_range(row - 1, span[0] - 1, row - 1, span[1] - 1, text, look)

    # -- form sheets ------------------------------------------------------------------------------------------

    def _form(self) -> None:
        header = self.layout.first - 1
        if self.sheet.opening:
            write_opening(self.out, self.layout, self.styles, (header - 2, 1), in_print(self.sheet.opening))
        for column, text in enumerate(("项目", "内容", "说明"), start=1):
            self.out.write_string(header - 1, column, text, self.styles.look("label"))
        for index, form_field in enumerate(self.sheet.fields):
            row = self.layout.first + index
            self.out.write_string(row - 1, 0, form_field.key, self.styles.look("key"))
            self._label(row - 1, 1, form_field, "form_label")
            self.out.write_string(row - 1, 3, explain(form_field), self.styles.look("note"))
            lines = max(lines_of(explain(form_field), FORM_WIDTHS[3]), 5 if form_field.type == "long" else 1)
            given = self.rows[0].get(form_field.key) if self.rows else None
            lines = max(lines, lines_of(given, FORM_WIDTHS[2]) if isinstance(given, str) else 0)
            lines = max(lines, lines_of(f"{form_field.label}*", FORM_WIDTHS[1]))
            self.out.set_row(row - 1, 14.0 * lines + 5)
            self._field(f"C{row}", 0 if self.rows else -1, form_field)
            if form_field.fill == "input":
                add_validation(self.out, f"C{row}", form_field, self.lists)
            self.book.define_name(f"f_{self.sheet.key}_{form_field.key}", f"='{self.sheet.name}'!$C${row}")
        for slot in self.layout.slots:
            self.out.write_string(slot.row - 1, 0, f"head.{slot.field.key}", self.styles.look("key"))
        self.out.set_column(0, 0, 18, None, {"hidden": True})
        self.out.freeze_panes(header, 0)

    # -- tables -----------------------------------------------------------------------------------------------

    def _table(self) -> None:
        if opening := self.sheet.opening or self.sheet.unit_note or self.sheet.note:
            write_opening(self.out, self.layout, self.styles, (3, 0), in_print(opening))
        for slot in self.layout.header:
            self._header(slot)
        label_row, key_row = self.layout.label_row, self.layout.key_row
        heads = max(lines_of(f"{f.label}*", float(f.width)) for f in self.sheet.fields)
        self.out.set_row(label_row - 1, max(32, 15 * heads + 2))
        for column, form_field in enumerate(self.sheet.fields):
            self._label(label_row - 1, column, form_field, "label")
            self.out.write_string(key_row - 1, column, form_field.key, self.styles.look("key"))
            if note := explain(form_field):
                size = {"x_scale": 1.6, "y_scale": 0.9, "font_size": 9, "author": ""}
                self.out.write_comment(label_row - 1, column, note, size)
            self._column(column, form_field)
        self.out.set_row(key_row - 1, 10, None, {"hidden": True})
        for index, row in enumerate(self.rows):
            if (lines := self._lines(row)) > 1:
                self.out.set_row(self.layout.first + index - 1, 15.0 * lines + 3)
        for total in self.sheet.totals:
            self._total(total)
        for item_row, item in enumerate(self.sheet.items):
            cell = self.layout.cell("value", item_row)
            self.book.define_name(f"s_{item.no}", f"='{self.sheet.name}'!{absolute(cell)}")
        self.out.autofilter(label_row - 1, 0, self.layout.last - 1, len(self.sheet.fields) - 1)
        self.out.freeze_panes(key_row, min(3, len(self.sheet.fields) - 1) if len(self.sheet.fields) > 8 else 0)

    def _header(self, slot: Slot) -> None:
        """A labelled cell above the table."""
        self._span(slot.row, slot.label, "", self.styles.look("form_label"))
        self._label(slot.row - 1, slot.label[0] - 1, slot.field, "form_label")
        look = self._look(slot.field, None)
        self._span(slot.row, slot.value, "", look)
        given = self.values.heads(self.sheet.key).get(slot.field.key)
        self._labelled(slot.cell, slot.field, given, look)
        add_validation(self.out, slot.cell, slot.field, self.lists)
        if note := explain(slot.field):
            self._hint(slot, note)
        if lines := max(self._hint_lines(slot, note), self._lines_of(slot, given)):
            self.out.set_row(slot.row - 1, 14.0 * lines + 2)
        name = f"f_{self.sheet.key}_{slot.field.key}"
        self.book.define_name(name, f"='{self.sheet.name}'!{absolute(slot.cell)}")

    def _hint(self, slot: Slot, note: str) -> None:
        """What a labelled cell is for: beside it, on as many lines as it needs; a comment where nothing is left."""
        if not self._hint_lines(slot, note):
            self.out.write_comment(slot.row - 1, slot.label[0] - 1, note, {"font_size": 9, "author": ""})
            return
        self._span(slot.row, (slot.value[1] + 1, self.layout.columns), note, self.styles.look("hint"))

    def _hint_lines(self, slot: Slot, note: str) -> int:
        """Lines of the note beside a labelled cell; 0 where there is none, or no room for it."""
        width = sum(self.layout.widths[slot.value[1] :])
        return lines_of(note, width) if note and width >= _ROOM else 0

    def _lines_of(self, slot: Slot, given: Any) -> int:
        """Lines that a labelled cell needs beyond the first, with room for a long text; 0: one is enough."""
        width = sum(self.layout.widths[slot.value[0] - 1 : slot.value[1]])
        lines = max(lines_of(given, width) if isinstance(given, str) else 1, _LONG if slot.field.type == "long" else 1)
        return lines if lines > 1 else 0

    def _labelled(self, cell: str, form_field: Field, given: Any, look: Any) -> None:
        if form_field.default and not isinstance(given, Pasted | RawText | ErrorValue):
            expected = self._default(form_field)
            if given is None or given == expected:
                text = excel(node(form_field.default), self._refer)
                source = self._refer(next(names(node(form_field.default))))
                self.out.write_formula(cell, f'=IF({source}="","",{text})', look, self._cached(expected))
                return
        self._put(cell, self._persons(given, form_field), look)

    def _lines(self, row: Mapping[str, Any]) -> int:
        """Lines that the longest text of a row needs; programs that do not fit row heights on opening need it."""
        texts = ((f, row.get(f.key)) for f in self.sheet.fields)
        return max(lines_of(str(text), float(f.width)) for f, text in texts if isinstance(text, str) or text is None)

    def _column(self, column: int, form_field: Field) -> None:
        letter = column_letter(column + 1)
        plain = not (self.sheet.items or form_field.formula or form_field.default)
        given = len(self.rows) if plain else self.layout.count
        for index in range(given):
            self._field(f"{letter}{self.layout.first + index}", index, form_field)
        look = self._look(form_field, None)
        for index in range(given, self.layout.count):  # prepared rows, by numbers, which is much quicker
            self.out.write_blank(self.layout.first + index - 1, column, None, look)
        area = f"{letter}{self.layout.first}:{letter}{self.layout.last}"
        if form_field.fill == "input" and form_field.type != "any":
            add_validation(self.out, area, form_field, self.lists)
        name = f"f_{self.sheet.key}_{form_field.key}"
        self.book.define_name(name, f"='{self.sheet.name}'!{self.layout.range(form_field.key)}")

    def _label(self, row: int, column: int, form_field: Field, look: str) -> None:
        text = in_print(form_field.label)
        if form_field.required == "Y" and form_field.fill == "input":
            bold, star = self.styles.look("bold"), self.styles.look("star")
            self.out.write_rich_string(row, column, bold, text, star, "*", self.styles.look(look))
        else:
            self.out.write_string(row, column, text, self.styles.look(look))

    def _total(self, total: Total) -> None:
        row, cell = self.layout.total_row(total), self.layout.total_cell(total)
        self.out.write_string(row - 1, 0, in_print(total.row_label), self.styles.look("total_label"))
        look = self.styles.cell(total.type, "formula" if total.formula else "prefilled", bold=True)
        given = self.values.content.totals.get(self.sheet.key, {}).get(total.key)
        try:
            value: Any = self.values.total(self.sheet, total)
        except FormulaError as error:
            value = ErrorValue(str(error))
        if isinstance(given, Pasted | ErrorValue | RawText) or (total.default and given is not None):
            differs = isinstance(given, Pasted | ErrorValue | RawText) or given != self._fresh(total)
            if differs:
                self._put(cell, given, look)
                self._name_total(total, cell)
                return
        formula = excel(node(total.formula or total.default), self._refer_total)
        self.out.write_formula(cell, f"={formula}", look, self._cached(value))
        self._name_total(total, cell)

    def _fresh(self, total: Total) -> Scalar:
        try:
            return self.values.default(self.sheet, total)
        except FormulaError:
            return None

    def _name_total(self, total: Total, cell: str) -> None:
        for name in filter(None, (f"f_{self.sheet.key}_{total.key}", total.name)):
            self.book.define_name(name, f"='{self.sheet.name}'!{absolute(cell)}")

    # -- one cell ---------------------------------------------------------------------------------------------

    def _field(self, cell: str, index: int, form_field: Field) -> None:
        """Write a cell; a row index beyond the given rows (or -1) is a prepared one."""
        given = self.rows[index].get(form_field.key) if 0 <= index < len(self.rows) else None
        item = self.sheet.items[index] if self.sheet.items else None
        look = self._look(form_field, item)
        if item and form_field.key == "value":
            add_validation(self.out, cell, item.field, self.lists)
        if isinstance(given, Pasted | RawText | ErrorValue) and not self._error_of_formula(given, form_field):
            self._put(cell, given, look)
        elif form_field.formula:
            self._formula(cell, index, form_field, look, item)
        elif form_field.default and (given is None or given == self._default(form_field)):
            text = excel(node(form_field.default), self._refer_in(index))
            source = self._refer_in(index)(next(names(node(form_field.default))))
            self.out.write_formula(cell, f'=IF({source}="","",{text})', look, self._cached(self._default(form_field)))
        else:
            self._put(cell, self._persons(given, item.field if item else form_field), look)

    def _error_of_formula(self, given: Any, form_field: Field) -> bool:
        return isinstance(given, ErrorValue) and bool(form_field.formula)

    def _look(self, form_field: Field, item: Item | None) -> Any:
        kind = item.type if item and form_field.key == "value" else form_field.type
        if form_field.fill != "input":
            return self.styles.cell(kind, form_field.fill)
        if form_field.default or form_field.prefill:
            return self.styles.cell(kind, "prefilled")
        required = item.required if item and form_field.key == "value" else form_field.required
        return self.styles.cell(kind, "required" if required == "Y" else "optional")

    def _formula(self, cell: str, index: int, form_field: Field, look: Any, item: Item | None) -> None:
        guard = next((n for n in names(node(form_field.formula)) if n in self.sheet.by_key), "")
        text = self._text_of(form_field, index, guard, item)
        self.out.write_formula(cell, f"={text}", look, self._formula_value(index, form_field, guard))

    def _text_of(self, form_field: Field, index: int, guard: str, item: Item | None) -> str:
        """A formula as text; of the rows of a table, which differ by their number only, it is made once."""
        alike = self.sheet.kind != "form" and item is None and index >= 0
        if not alike:
            return self._guarded(form_field, guard, self._refer_in(index, item))
        if form_field.key not in self._texts:
            self._texts[form_field.key] = self._guarded(form_field, guard, self._refer_in_row)
        return self._texts[form_field.key].replace(_ROW, str(self.layout.first + index))

    def _guarded(self, form_field: Field, guard: str, refer: Callable[[str], str]) -> str:
        text = excel(node(form_field.formula), refer)
        return f'IF({refer(guard)}="","",{text})' if guard else text

    def _refer_in_row(self, name: str) -> str:
        if name == "rule":
            return '"ALL"'
        return f"{column_letter(self.layout.column(name))}{_ROW}" if name in self.sheet.by_key else self._refer(name)

    def _formula_value(self, index: int, form_field: Field, guard: str) -> Any:
        if not 0 <= index < len(self.rows):
            return ""
        try:
            if guard and self.values.cell(self.sheet, index, guard) in (None, ""):
                return ""
            return self._cached(self.values.cell(self.sheet, index, form_field.key))
        except FormulaError as error:
            return str(error)

    def _default(self, form_field: Field) -> Scalar:
        """Value of a default; blank while what it is made from is blank."""
        index = 0 if self.sheet.kind == "form" and self.rows else -1
        expression = node(form_field.default)
        if self.values.named(self.sheet, index, next(names(expression))) in (None, "", []):
            return None
        value = evaluate(expression, lambda name: self.values.named(self.sheet, index, name))
        return value if not isinstance(value, list) else None

    def _refer_in(self, index: int, item: Item | None = None) -> Any:
        def refer(name: str) -> str:
            if name == "rule":
                return f'"{item.applies if item else "ALL"}"'
            if name in self.sheet.by_key:
                return self.layout.cell(name, max(index, 0))
            return self._refer(name)

        return refer

    def _refer_total(self, name: str) -> str:
        total = next((t for t in self.sheet.totals if t.key == name), None)
        if total:
            return self.layout.total_cell(total)
        return self.layout.range(name).replace("$", "") if name in self.sheet.by_key else self._refer(name)

    def _refer(self, name: str) -> str:
        """Reference of a name that means the same in every row."""
        if name.startswith("s_"):
            return name
        if name.startswith("head."):
            return f"f_head_{name[5:]}"
        if name.startswith("header."):
            return f"f_{self.sheet.key}_{name[7:]}"
        if name.startswith(("master.", "lists.")):
            return self.lists.reference(name)
        sheet, key = name.split(".")
        sibling = next(s for s in self.siblings if s.sheet.key == sheet)
        return f"'{sibling.sheet.name}'!{sibling.layout.range(key)}"

    def _person(self, value: Any) -> Any:
        """Employee number with the name behind it, as the drop-down writes it."""
        if not isinstance(value, str):
            return value
        people = {str(row.get("emp_no")): str(row.get("name")) for row in self.values.master.rows("persons")}
        return f"{value} {people[value]}" if value in people else value

    def _persons(self, value: Any, form_field: Field) -> Any:
        """A person, or a list of persons, as the drop-down writes them."""
        if form_field.type == "emp":
            return self._person(value)
        if form_field.item_type == "emp" and isinstance(value, tuple):
            return tuple(self._person(one) for one in value)
        return value

    def _cached(self, value: Any) -> Any:
        if value is None:
            return ""
        if isinstance(value, ErrorValue):
            return value.name
        if isinstance(value, Decimal):
            return float(value)
        return value

    def _put(self, cell: str, value: Any, look: Any) -> None:
        """Write a constant: numbers as numbers, dates as dates, everything else as text."""
        if isinstance(value, Pasted):
            value = value.value
        if value is None:
            self.out.write_blank(cell, None, look)
        elif isinstance(value, ErrorValue):
            self.out.write_formula(cell, f"={value.name}", look, value.name)
        elif isinstance(value, Decimal | int | float):
            self.out.write_number(cell, float(value), look)
        elif isinstance(value, date | datetime):
            self.out.write_datetime(cell, value, look)
        else:
            text = value.text if isinstance(value, RawText) else "、".join(value) if isinstance(value, tuple) else value
            self.out.write_string(cell, text, look)

from __future__ import annotations

import json
from pathlib import Path

from pipeline.core.documents import Document, Printed, ProjectResult
from pipeline.core.places import Place
from pipeline.render.provenance import provenance
from tests.render.made_up import DAY, source

K12 = Place("03.xlsx", "费用明细", "K12")
TOTAL = Printed("cost.total", "1,234.50", "1234.5", (K12,))
HASHES = {"03.xlsx": "ab", "02.xlsx": "cd"}


def test_every_printed_field_with_text_value_and_cells_once() -> None:
    printed = (TOTAL, Printed("", "1", "1"), TOTAL, Printed("cost.total.wan", "0.12", "1234.5", (K12,)))
    document = Document("PP1", "费用", "A/1", "待签", DAY, Path("o/PP1.docx"), printed=printed)
    result = ProjectResult(
        "LY", "青岚", source().facts, documents=(document,), hashes={"03.xlsx": "ab", "02.xlsx": "cd"}
    )
    found = provenance(result)
    assert json.loads(json.dumps(found)) == found
    assert list(found["workbooks"].items()) == [("02.xlsx", "cd"), ("03.xlsx", "ab")]
    assert found["documents"][0]["file"] == "PP1.docx"
    cells = ["[03.xlsx]费用明细!K12"]
    assert found["documents"][0]["fields"] == [
        {"name": "cost.total", "text": "1,234.50", "value": "1234.5", "cells": cells},
        {"name": "cost.total.wan", "text": "0.12", "value": "1234.5", "cells": cells},
    ]

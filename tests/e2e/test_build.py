"""Both samples from workbooks to pack: figures, contents, bookmarks, provenance."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cases import DORM, TV
from tests.e2e import checks
from tests.e2e.built import Built, sample

DAYS = {TV: "347.5", DORM: "69.5"}
CHECKS = (
    checks.no_open_finding,
    checks.every_printed_value_is_in_the_pdf,
    checks.no_empty_page,
    checks.contents_name_the_right_pages,
    checks.pack_is_complete,
    checks.pack_has_bookmarks,
    checks.provenance_names_the_cells,
)


@pytest.fixture(scope="module", params=[TV, DORM])
def built(request: pytest.FixtureRequest) -> Built:
    return sample(request.param)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_sample(built: Built, check: Callable[[Built], None]) -> None:
    check(built)


def test_same_figures_everywhere(built: Built) -> None:
    checks.same_figures_everywhere(built, built.result.code, DAYS[built.result.code])

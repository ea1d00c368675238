"""How long the rules over all projects take: facts of N made-up projects, one company, busy people.

.venv/bin/python benchmarks/portfolio.py [N]
"""

from __future__ import annotations

import random
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pipeline.check.batch import Batch
from pipeline.check.portfolio import rules as portfolio
from pipeline.core.facts import Facts
from pipeline.definitions.catalogue import load_catalogue
from tests.cases import AS_OF
from tests.made_projects import company, due, loan, made, price, stamp, stay

STAYS, LOANS, PRICES = 20, 2, 20
FIRST = date(2026, 1, 5)


def project(number: int, chance: random.Random) -> Facts:
    """A project of the usual size."""

    def span() -> tuple[str, str]:
        start = FIRST + timedelta(days=chance.randrange(330))
        return start.isoformat(), (start + timedelta(days=chance.randrange(5, 40))).isoformat()

    return made(
        number,
        stamps=tuple(
            stamp(form, f"LY-SQ-2026-{number:03d}", f"项目{number}") for form in ("plan", "cost", "materials")
        ),
        name=f"第{chance.randrange(400)}{chance.choice(['中学', '医院', '园区', '电视台'])}网络改造项目",
        customer=f"客户{chance.randrange(40)}",
        customer_uscc=f"9135{chance.randrange(60)}",
        contract_no=f"LY-XS-{number}",
        appointed=f"E{100 + chance.randrange(60)}",
        stays=tuple(stay(f"L{n}", f"E{100 + chance.randrange(60)}", *span(), 30) for n in range(STAYS)),
        loans=tuple(loan(f"P{n}", "EQ-AP-05", *span()) for n in range(LOANS)),
        prices=tuple(
            price(f"H{n}", str(Decimal(1000 + chance.randrange(300))), f"设备{chance.randrange(300)}")
            for n in range(PRICES)
        ),
        dues=(due("D7", span()[1]),),
    )


def main() -> None:
    """Print seconds and findings of every check."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chance = random.Random(1)
    batch = Batch([project(number, chance) for number in range(count)], company(), load_catalogue(), AS_OF)
    whole = 0.0
    for check in portfolio.CHECKS:
        start = time.perf_counter()
        found = list(check(batch))
        spent = time.perf_counter() - start
        whole += spent
        print(f"{spent:7.3f} s {len(found):6d} {check.__doc__.splitlines()[0] if check.__doc__ else ''}")
    print(f"{whole:7.3f} s for {count} projects")


if __name__ == "__main__":
    main()

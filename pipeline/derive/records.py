"""The process records of workbook 06 as they count: last rounds, approvals, last results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.core.places import Sourced
from pipeline.core.sheets import Project, Record

WON = frozenset({"中标", "成交"})
LOST = frozenset({"未中标", "未成交", "废标", "撤回"})
IN_FORCE = frozenset({"已批准", "已实施"})
SETTLED = frozenset({"已解决", "接受风险"})
COORDINATION = ("cxo", "cxo_result", "cxo_date")
FAILED, _PASSED = "不通过", frozenset({"通过", "复测通过"})


def round_of(row: Record) -> int:
    """Round of a row; blank means the first."""
    value = row.value("round")
    return int(value) if isinstance(value, Decimal) else 1


def last_round(rows: Sequence[Record]) -> tuple[Record, ...]:
    """Rows of the last round: what rules and state look at; earlier rounds are kept and printed."""
    latest = max((round_of(row) for row in rows), default=1)
    return tuple(row for row in rows if round_of(row) == latest)


def last_of_each(rows: Sequence[Record]) -> tuple[Record, ...]:
    """Last row of every department: who signed a version of the plan need not sign the same version again."""
    ordered = sorted(rows, key=round_of)
    last = {(row.text("plan_version"), row.text("dept") or row.number): row for row in ordered}
    return tuple(row for row in rows if last[row.text("plan_version"), row.text("dept") or row.number] is row)


@dataclass(frozen=True)
class Records:
    """Workbook 06 of a project; everything is empty while there is none."""

    project: Project

    def head(self, sheet: str) -> Record:
        """Labelled cells of a sheet."""
        return self.project.head("records", sheet)

    def rows(self, sheet: str) -> tuple[Record, ...]:
        """Rows of a sheet, of the last round where there are rounds."""
        return last_round(self.project.rows("records", sheet))

    def day(self, sheet: str, key: str) -> Sourced[date] | None:
        """Date of a labelled cell."""
        return self.head(sheet).date(key)

    def latest(self, sheet: str, key: str) -> Sourced[date] | None:
        """Latest date in a column, last round."""
        return _latest(self.rows(sheet), key)

    @property
    def countersigns(self) -> tuple[Record, ...]:
        """Countersign rows of the plan version that the application names, of each department the last.

        Without an application those of the version of the last round.
        """
        rows, version = self.project.rows("records", "countersign"), self.head("application").text("att_plan")
        versions = {version} if version else {row.text("plan_version") for row in last_round(rows)}
        return last_of_each([row for row in rows if row.text("plan_version") in versions])

    @property
    def approved(self) -> bool:
        """The last round of the initiation ends with 批准."""
        rows = self.rows("approval")
        return bool(rows) and any(row.text("decision") == "批准" for row in rows) and not self.rejected

    @property
    def rejected(self) -> bool:
        """Somebody of the last round said 不批准."""
        return any(row.text("decision") == "不批准" for row in self.rows("approval"))

    @property
    def approval_date(self) -> Sourced[date] | None:
        """Date of the latest approval row."""
        return self.latest("approval", "date")

    @property
    def first_approval(self) -> Sourced[date] | None:
        """Day of the first round that ended with 批准: from it on the project may be carried out (6.4.1)."""
        rounds: dict[int, list[Record]] = {}
        for row in self.project.rows("records", "approval"):
            rounds.setdefault(round_of(row), []).append(row)
        for _, rows in sorted(rounds.items()):
            said = {row.text("decision") for row in rows}
            if "批准" in said and not said & {"不批准", "补充后再审"}:
                return _latest(rows, "date")
        return None

    @property
    def review_days(self) -> tuple[date, date]:
        """First and last day of the contract review: opinions, conclusion, problems (6.4.6); none: an empty stretch."""
        opinions = [row.date("date") for row in self.project.rows("records", "creview")]
        after = [self.day("creview", "conclusion_date"), *(row.date("close_date") for row in self.rows("problems"))]
        days = [day.value for day in opinions if day]
        return (min(days), max(days + [day.value for day in after if day])) if days else (date.max, date.min)

    @property
    def archive(self) -> Record:
        """Where the archiving is recorded: the handover's head, or the sheet for projects without a handover."""
        handover = self.head("handover")
        return handover if not handover.blank("archive_date") else self.head("archive")

    @property
    def open_problems(self) -> list[Record]:
        """Review problems that still stop the signature (6.5)."""
        return [row for row in self.rows("problems") if row.text("status") not in SETTLED]

    @property
    def no_problem(self) -> bool:
        """The contract review is concluded as passed and nobody raised a problem (6.4.6): there is none to register."""
        opinions = [row.text("opinion") for row in self.rows("creview")]
        agreed = bool(opinions) and all(opinion == "同意" for opinion in opinions)
        return agreed and not self.rows("problems") and self.head("creview").text("conclusion") == "评审通过"

    @property
    def commercial_change(self) -> Record | None:
        """The last commercial change that was approved up to the day of signing the contract."""
        return self.commercial_change_by(self.day("signing", "sign_date"))

    def commercial_change_by(self, until: Sourced[date] | None) -> Record | None:
        """The last commercial change that was approved up to a day."""
        rows = [row for row in self.rows("changes") if row.text("kind") == "商务" and row.text("status") in IN_FORCE]
        kept = [row for row in rows if until and (day := row.date("approve_date")) and day.value <= until.value]
        return kept[-1] if kept else None

    def supplements(self, agreement: Record) -> bool:
        """Whether an agreement is of after the signature: a supplement, no part of what was bid."""
        signed, written = self.day("signing", "sign_date"), agreement.date("written_date")
        return bool(signed and written and written.value > signed.value)

    @property
    def parts(self) -> list[Sourced[Decimal]]:
        """Amounts of further contracts that the customer signed for parts of the bid, in yuan."""
        rows = [row for row in self.rows("agreements") if not self.supplements(row)]
        return [amount for row in rows if (amount := row.money("part_amount"))]


def _latest(rows: Iterable[Record], key: str) -> Sourced[date] | None:
    return max((d for row in rows if (d := row.date(key))), key=lambda found: found.value, default=None)


def signed(row: Record) -> bool:
    """Whether a row of the countersigning names who signed, and when."""
    return not row.blank("signer") and row.date("sign_date") is not None


def coordinated(row: Record) -> bool:
    """Whether a chief officer settled what a department could not confirm in writing (6.3.2, note)."""
    return row.blank("opinion") and not any(row.blank(key) for key in COORDINATION)


def paused(project: Project) -> Record | None:
    """The pause that is not over; None while there is none."""
    rows = [row for row in project.rows("records", "pauses") if row.date("from")]
    return rows[-1] if rows and rows[-1].blank("until") else None


def last_result(rows: Sequence[Record], no: str) -> Record | None:
    """Last result of a test: by date, among those of one day and where a date is missing the lower row."""
    own = [row for row in rows if row.text("no") == no]
    if all(row.date("date") for row in own):
        own.sort(key=lambda row: found.value if (found := row.date("date")) else date.min)
    return own[-1] if own else None


def passes(result: Record) -> bool:
    """Whether a test result says what came out, and that it is a pass."""
    return result.text("verdict") in _PASSED and not result.blank("actual")

"""Who gets a letter: roles of workbook 00's 邮件分发 as people and departments, each with exactly one address."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.core.company import Company
from pipeline.core.entries import Entries
from pipeline.core.facts import Facts
from pipeline.core.mail import NotAnAddress, address, allowed
from pipeline.core.sheets import Record
from pipeline.definitions.wording import say
from pipeline.settings import Settings

PMO = "PMO"
_SPLIT = re.compile(r"[;;、]")


@dataclass(frozen=True)
class Target:
    """One address of a letter.

    Attributes:
        who: for people: 陆子昂(项目经理).
        held: why it waits for approval; empty where it may go.
        role: word of the rule by which it is here.
    """

    address: str
    who: str
    role: str
    held: str = ""


@dataclass(frozen=True)
class People:
    """The people of one project.

    Attributes:
        facts: None where nothing could be derived, or a letter belongs to no project.
        senders: employee numbers of who handed in the newest files.
    """

    company: Company
    settings: Settings
    facts: Facts | None = None
    senders: tuple[str, ...] = ()

    def targets(self, words: Iterable[str]) -> tuple[list[Target], list[str]]:
        """Addresses of some roles, each once, and what leads nowhere; with nobody at all it is the PMO."""
        found: dict[str, Target] = {}
        faults: list[str] = []
        for word in words:
            for text, who in self._who(word) or [("", word)]:
                try:
                    self._add(found, text, who, word)
                except NotAnAddress as error:
                    faults.append(f"{word}({who}):{error}")
        if not found and self.settings.mail_pmo:
            self._add(found, self.settings.mail_pmo, PMO, PMO)
        return list(found.values()), faults

    def operator(self) -> list[Target]:
        """Who runs the program: the PMO, where it has an address."""
        return self.targets(())[0]

    def person(self, number: str, role: str) -> list[tuple[str, str]]:
        """Address and name of an employee who is still here."""
        person = self.company.persons.get(number)
        return [(person.email, f"{person.name}({role})")] if person and person.active else []

    def _add(self, found: dict[str, Target], text: str, who: str, role: str) -> None:
        one = address(text)
        domains = [part for part in self.settings.mail_domains.split(",") if part.strip()]
        domains = domains or [self.settings.mail_from.rpartition("@")[2]]
        held = "" if allowed(one, domains) else say("other_domain", domain=one.rpartition("@")[2])
        found.setdefault(one, Target(one, who, role, held))

    def _who(self, word: str) -> list[tuple[str, str]]:
        if word in _ROLES:
            numbers = _ROLES[word](self)
            return [pair for number in dict.fromkeys(numbers) for pair in self.person(number, word)]
        if word in _GROUPS and self.facts:
            return [pair for name in _GROUPS[word](self.facts) for pair in self._department(name)]
        return self._department(word) or self._post(word) or self.person(word, word) or self._typed(word)

    def _department(self, name: str) -> list[tuple[str, str]]:
        dept = self.company.department_named(name)
        return [(dept.mail_group, name)] if dept else []

    def _post(self, post: str) -> list[tuple[str, str]]:
        found = (p for p in self.company.persons.values() if p.active and post in (p.post, p.name))
        return [(p.email, f"{p.name}({post})" if p.post == post else p.name) for p in found][:1]

    def _typed(self, word: str) -> list[tuple[str, str]]:
        """An address as such, but for one that only people have who have left."""
        owners = [person.active for person in self.company.persons.values() if person.email.lower() == word.lower()]
        return [(word, word)] if "@" in word and (any(owners) or not owners) else []

    @property
    def entries(self) -> Entries:
        """What the project's sheets name; nothing without a project."""
        return self.facts.entries if self.facts else Entries()

    def handed_in(self) -> Iterator[str]:
        """Who handed the files in, else who filled them in, else the sales representative."""
        numbers = self.senders or tuple(filler.emp_no for filler in self.entries.fillers)
        known = [number for number in numbers if self.person(number, "")]
        yield from known or self.sales()

    def sales(self) -> Iterator[str]:
        """The sales representative."""
        yield from [self.entries.sales_rep.value] if self.entries.sales_rep else []

    def manager(self) -> Iterator[str]:
        """The project manager."""
        yield from [self.entries.pm.value] if self.entries.pm else []

    def engineers(self) -> Iterator[str]:
        """Network engineers of the construction department in the team, and who takes the handover (clause 6.7)."""
        for stay in self.entries.stays:
            if self.company.site_engineer(stay.emp_no):
                yield stay.emp_no
        yield from [self.entries.receiver] if self.entries.receiver else []

    def mediators(self) -> Iterator[str]:
        """CXOs that mediate a countersign (clause 6.3.2)."""
        yield from self.entries.mediators


_ROLES: Mapping[str, Callable[[People], Iterable[str]]] = {
    "提交人": People.handed_in,
    "销售代表": People.sales,
    "项目经理": People.manager,
    "施工部门网络工程师": People.engineers,
    "接收人": lambda people: [people.entries.receiver],
    "协调CXO": People.mediators,
}
_GROUPS: Mapping[str, Callable[[Facts], Sequence[str]]] = {
    "会签部门": lambda facts: facts.countersigners,
    "评审部门": lambda facts: facts.reviewers,
    "通知部门": lambda facts: facts.entries.notify,
    "归档部门": lambda facts: [facts.entries.retention.dept] if facts.entries.retention else [],
}


def keepers(settings: Settings) -> list[str]:
    """Who keeps workbook 00, as words like those of 邮件分发; nobody: the PMO does."""
    return [word.strip() for word in re.split("[;;]", settings.mail_company) if word.strip()]


def words_of(company: Company, pack: str, trigger: str) -> list[str]:
    """Roles that 邮件分发 names for a pack and trigger, `to` before `cc`; the set that began last counts."""
    rows: Iterable[Record] = company.book.sheets["mail_rules"].rows
    named = [row for row in rows if (row.text("pack"), row.text("trigger")) == (pack, trigger)]
    begun = [(day.value if (day := row.date("valid_from")) else date.min, row) for row in named]
    last = max((day for day, _ in begun if day <= (company.day or date.max)), default=None)
    found = [row for day, row in begun if day == last]
    texts = [row.text(key) for key in ("to", "cc") for row in found]
    return list(dict.fromkeys(word.strip() for text in texts for word in _SPLIT.split(text) if word.strip()))

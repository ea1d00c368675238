"""From the inbox into the store: look, wait until files are whole, claim, keep, decide, move. One file at a time.

The order of the durable steps is what makes a crash harmless: renamed into `.处理中`; content in the store; verdict
in the ledger, with what goes back and must be told; reason beside the target; moved to the target; ledger told. A run
that finds a claim with a verdict finishes the move, one without puts the file back.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from pipeline.adapters.files import sha256
from pipeline.core.errors import PipelineError
from pipeline.service.arrivals import claiming
from pipeline.service.arrivals.claiming import ClaimedFile
from pipeline.service.arrivals.containers import BadContainer, is_container, members
from pipeline.service.arrivals.doubting import TOGETHER, Judge, Judged
from pipeline.service.arrivals.listing import Listing, Seen, look
from pipeline.service.arrivals.names import RETURNED, shown, shown_path
from pipeline.service.arrivals.outcome import RoundResult
from pipeline.service.arrivals.recognise import BadMember, Dropped, Recognised, Surroundings, is_attachment, recognise
from pipeline.service.arrivals.settling import FIXED, INCOMPLETE, PATIENCE, SETTLING, Ripeness, Setbacks, hindrance
from pipeline.service.arrivals.twice import Arrivals
from pipeline.service.clock import Clock
from pipeline.service.runs.premises import passes
from pipeline.workspace import doubts, inputs, refusals, store
from pipeline.workspace.doubts import Doubt, Doubts
from pipeline.workspace.given import Given
from pipeline.workspace.inputs import Claim
from pipeline.workspace.layout import Workspace
from pipeline.workspace.locks import locked
from pipeline.workspace.refusals import ReturnedFile

LOG = logging.getLogger("presales.inbox")
MOST_AT_ONCE = 200
# Whoever is slow to write goes on in the file that was taken from him; a night looks at what the night before took.
LOOK_BACK, LOOK_BACK_FIRST = timedelta(hours=1), timedelta(days=2)
ALONE = "等待同一文件夹里的工作簿"
VERDICTS = {"accepted": "已接收", "same": "重复", "returned": "退回", "held": "待确认"}
AGAIN = "同样的一份已经在“待确认”里,不用再放。等有人确认以后就收下,或者改好编号再投放。"
SAME = "内容与现用的版本相同,没有重复处理"
OUR_FAULT = "程序读这个文件时几次出错。请用 Excel 打开、另存为 .xlsx 后再投放;还是不行就把文件交给运行人员。"
INCOMPLETE_REASON = "文件不完整:超过 10 分钟没有写完,或复制、保存时中断。请重新保存后再投放。"


@dataclass(frozen=True)
class _Read:
    """A claimed file whose content is kept, and what it is."""

    held: ClaimedFile
    seen: Seen
    kept: store.Kept
    found: Recognised


@dataclass
class Intake:
    """Takes files from one inbox into one workspace.

    Attributes:
        inbox: the watched folder.
        ripeness: since when files have stood still; lives as long as the process.
        tell: letters are written about what goes back or is doubted, by this process or one after it.
        look_back: how long ago a file may have been taken that is looked at again in the next round.
        setbacks: files that could not be taken; lives as long as the process.
    """

    inbox: Path
    workspace: Workspace
    ledger: sqlite3.Connection
    clock: Clock
    ripeness: Ripeness
    tell: bool = False
    look_back: timedelta = LOOK_BACK_FIRST
    setbacks: Setbacks = field(default_factory=Setbacks)
    _late: list[_Read] = field(default_factory=list)
    _arrivals: Arrivals = field(default_factory=Arrivals)

    def round(self, known: Surroundings, *, wait: bool = True) -> RoundResult:
        """One look at the inbox: take everything that can be taken now.

        Args:
            known: what is needed to tell whose a file is.
            wait: until others have left the inbox; never while holding a project's lock (`confirm` holds the inbox).

        Raises:
            Busy: somebody else is at the inbox, and we do not wait.
            OSError: the inbox cannot be read (a share that is gone); nothing was decided about what lies there.
        """
        result = RoundResult()
        departments = sorted({department.name for department in known.company.departments.values() if department.name})
        with locked(self.workspace.locks, "inbox", wait=wait):
            self._late.clear()
            self._arrivals = Arrivals()
            self.recover(departments)
            self._take_back()
            self._release()
            listing = look(self.inbox, departments)
            ripe = self._ripe(listing, known, result)
            for one in sorted(_fairly(ripe)[:MOST_AT_ONCE], key=_arrival):
                self._take_one(one, known, result)
            for found in self._late:
                self._conclude(found, known, result)
            self._late.clear()
            claiming.remove_stale_folders(self.inbox, listing.empty, self.clock.now(), PATIENCE.total_seconds())
            if said := self.setbacks.said(listing.seen):
                inputs.see_waiting(self.ledger, result.waiting | said, self.clock.now())
        return result

    def recover(self, departments: Sequence[str]) -> None:
        """Bring what an interrupted run had claimed to where it belongs."""
        for department in ("", *departments):
            for held in list(claiming.left_over(self.inbox / department, department)):
                decided = inputs.claim_of(self.ledger, held.id)
                if decided and not decided.moved:
                    self._finish(held, decided)
                else:
                    claiming.put_back(held)
                    LOG.info("放回投放目录:%s", shown_path(held.path), extra={"claim": held.id})

    def _take_back(self) -> None:
        """Bring back what was written to after it had been taken: the rest of a slow copy, a save into the old file."""
        since, self.look_back = self.clock.now() - self.look_back, LOOK_BACK
        for one in inputs.watched(self.ledger, since):
            try:
                self._look_again(one)
            except OSError as error:
                LOG.warning("暂时不能重新接收 %s:%s", one.source, error)

    def _look_again(self, taken: Claim) -> None:
        path = self.inbox / taken.department / taken.target
        mark = claiming.mark_of(path)
        if mark is None or (mark.size, mark.changed) == (taken.size, taken.changed):
            return
        if mark.size == taken.size and sha256(path) == taken.sha256:
            inputs.seen_again(self.ledger, taken.id, mark.changed)
            return
        claiming.take_back(self.inbox, taken)
        inputs.mark_moved(self.ledger, taken.id, back=True)
        LOG.info("接收以后又有写入,重新接收:%s", taken.source, extra={"claim": taken.id})

    def _ripe(self, listing: Listing, known: Surroundings, result: RoundResult) -> list[tuple[Seen, str]]:
        """Files to take now, each with the reason to return it unseen (mostly none); the others are noted."""
        self.setbacks.keep(listing.seen)
        still = {one.key for one in self.ripeness.still(listing.seen, self.clock.monotonic())}
        waiting = {shown_path(PurePath(key)): why for key, why in listing.strange.items()}
        why_not = {one.key: self._hindrance(one, known) if one.key in still else SETTLING for one in listing.seen}
        waiting |= {shown_path(PurePath(key)): why for key, why in why_not.items() if why}
        since = inputs.see_waiting(self.ledger, self.setbacks.said(listing.seen) | waiting, self.clock.now())
        ripe = []
        for one in listing.seen:
            why = why_not[one.key]
            overdue = why in (INCOMPLETE, ALONE) and self.clock.now() - since[_shown(one)] >= PATIENCE
            if not why or overdue:
                reason = OUR_FAULT if self.setbacks.hopeless(one) else ""
                ripe.append((one, INCOMPLETE_REASON if why == INCOMPLETE else reason))
                waiting.pop(_shown(one), None)
        result.waiting = waiting
        return ripe

    def _hindrance(self, seen: Seen, known: Surroundings) -> str:
        """Why a file that stands still is not taken now."""
        if why := self.setbacks.rests(seen, self.clock.monotonic()):
            return why
        found = hindrance(self.inbox, seen, self.clock.now())
        if found or not seen.unit or not is_attachment(seen.path):
            return found
        return "" if known.code_in(seen.path) or self._beside(seen) else ALONE

    def _beside(self, seen: Seen) -> str:
        """Code of the only project whose workbooks were dropped in the same folder; empty otherwise."""
        since = self.clock.now() - TOGETHER
        codes = inputs.dropped_together(self.ledger, seen.box, shown(seen.unit), since) if seen.unit else set()
        return codes.pop() if len(codes) == 1 else ""

    def _take_one(self, ripe: tuple[Seen, str], known: Surroundings, result: RoundResult) -> None:
        """Take a file; one that cannot be taken stays where it is and does not keep the others waiting."""
        seen, reason = ripe
        with self._trying(seen, result):
            held = claiming.claim(self.inbox, seen)
            read = held and self._read(held, seen, reason, known)
            if read and self._judge(known).unsure(read.found.given):
                self._late.append(read)
            elif read:
                self._decide(read, known, result)

    def _conclude(self, read: _Read, known: Surroundings, result: RoundResult) -> None:
        """Decide about a file after all others of the round."""
        with self._trying(read.seen, result):
            self._decide(read, known, result)

    @contextmanager
    def _trying(self, seen: Seen, result: RoundResult) -> Iterator[None]:
        """Whatever goes wrong with one file is that file's trouble alone."""
        try:
            yield
        except sqlite3.Error:
            raise  # the ledger's trouble is that of all files
        except (OSError, PipelineError) as error:
            self._set_back(seen, error, result)
        except Exception as error:
            self._set_back(seen, error, result, ours=True)

    def _set_back(self, seen: Seen, error: Exception, result: RoundResult, *, ours: bool = False) -> None:
        """Say why a file was not taken; what it left in `.处理中` goes back at the next look."""
        fixed = isinstance(error, PermissionError)
        why = FIXED if fixed else f"{type(error).__name__}: {error}" if ours else str(error)
        self.setbacks.note(seen, self.clock.monotonic(), why, ours=ours, lasting=fixed, passes=passes(error))
        result.hampered |= passes(error)
        result.waiting[_shown(seen)] = f"暂时不能接收:{why}"
        LOG.warning("暂时不能接收 %s:%s", _shown(seen), why, exc_info=ours)

    def _read(self, held: ClaimedFile, seen: Seen, reason: str, known: Surroundings) -> _Read | None:
        """Keep a claimed file's content and say what it is; None for one that was written to meanwhile."""
        with claiming.opened(held) as stream:
            kept = store.keep(self.workspace.store, stream)
        if claiming.mark_of(held.file) != seen.mark:
            claiming.put_back(held)  # written to while it was read; what was kept counts for nothing
            return None
        dropped = Dropped(kept, held.path, held.department, self._beside(seen))
        found = Recognised(reason=reason) if reason else self._recognise(held, dropped, known)
        new = tuple(one for one in found.given if not self._counts(one))
        return _Read(held, seen, kept, replace(found, given=new))

    def _decide(self, read: _Read, known: Surroundings, result: RoundResult) -> None:
        held, seen, found, now = read.held, read.seen, read.found, self.clock.now()
        judge, folder = self._judge(known), shown(seen.unit) if seen.unit else ""
        judged = judge.judge(found.given, held.department, folder, now)
        recalled = judge.recalled(judged)
        given = [one.given for one in judged if not one.held]
        doubted = [
            Doubt(_name_of(seen, one, found), one.given, one.why, one.held, now, held.id, held.department)
            for one in judged
            if one.why and not (one.held and self._waits(one.given))
        ]
        for one in given:
            name = _name_of(seen, Judged(one), found)
            doubted += self._arrivals.take(one, name, held, seen.mark.changed, now)
        again = not given and not doubted and bool(judged)
        verdict, message = ("returned", AGAIN) if again else _verdict(found, given, doubted)
        goal = claiming.target(held, verdict, now)
        size = -1 if verdict == "returned" and message != INCOMPLETE_REASON else seen.mark.size
        decided = Claim(
            held.id, held.department, shown_path(held.path), read.kept.sha256, verdict, goal, message,
            size=size, changed=seen.mark.changed,
        )  # fmt: skip
        told = replace(found, reason=message if verdict == "returned" else "")
        refused = _refused(decided, told, now)
        inputs.decide(self.ledger, decided, given, now, refused, Doubts(doubted, recalled), tell=self.tell)
        result.held += sum(one.held for one in doubted) + len(recalled)
        result.projects |= {one.given.project for one in judged if recalled and one.held}
        _note(told, decided, given, refused, result)
        self._finish(held, decided, seen)

    def _judge(self, known: Surroundings) -> Judge:
        return Judge(self.ledger, self.workspace.store, known)

    def _waits(self, given: Given) -> bool:
        """Whether these very bytes are held already for the same place."""
        held = doubts.held(self.ledger, given.project)
        return any((one.given.slot, one.given.kept.sha256) == (given.slot, given.kept.sha256) for one in held)

    def _release(self) -> None:
        """Move held files about which somebody has decided out of 待确认."""
        for id_, counts, why in doubts.decided_claims(self.ledger):
            held, verdict = inputs.claim_of(self.ledger, id_), "accepted" if counts else "returned"
            try:
                goal = held and claiming.release(self.inbox, held, verdict, f"不收下:{why}", self.clock.now())
            except OSError as error:
                LOG.warning("暂时不能移走 %s:%s", held.target if held else id_, error)
                continue
            inputs.place_held(self.ledger, id_, verdict, goal or "")

    def _counts(self, given: Given) -> bool:
        """Whether these very bytes count already."""
        current = {one.slot: one.sha256 for one in inputs.current(self.ledger, given.project)}
        return current.get(given.slot) == given.kept.sha256

    def _finish(self, held: ClaimedFile, decided: Claim, seen: Seen | None = None) -> None:
        """Move a decided file to its target; one that was written to since goes back as a new arrival."""
        back = seen is not None and claiming.mark_of(held.file) != seen.mark
        if back:
            claiming.put_back(held)
        else:
            for one in refusals.members(self.ledger, decided.id):
                claiming.hand_back(store.place(self.workspace.store, one.content), held.box, one)
            goal = claiming.settle(held, decided)
            if goal != decided.target:
                inputs.retarget(self.ledger, decided.id, goal)
        inputs.mark_moved(self.ledger, decided.id, back=back)

    def _recognise(self, held: ClaimedFile, dropped: Dropped, known: Surroundings) -> Recognised:
        if not is_container(dropped.kept.path, dropped.path.name):
            return recognise(dropped, known)
        try:
            return self._members(held, dropped, known)
        except BadContainer as error:
            return Recognised(reason=str(error))

    def _members(self, held: ClaimedFile, dropped: Dropped, known: Surroundings) -> Recognised:
        """Everything in a zip: what can be taken is taken, the rest is to go to 退回 with its reasons."""
        kept = [(path, store.keep(self.workspace.store, stream)) for path, stream in members(dropped.kept.path)]
        if not kept:
            return Recognised(reason="压缩包是空的。")
        found = list(_recognised_together(kept, dropped, known))
        bad = [(path, content, one) for (path, content), one in zip(kept, found, strict=True) if one.reason]
        good = [one for one in found if not one.reason]
        if not good:
            return Recognised(reason="".join(f"{shown(path.name)}:{one.reason}" for path, _, one in bad[:5]))
        folder = f"{RETURNED}/{shown(held.path.stem)}_{dropped.kept.sha256[:8]}"
        refused = tuple(BadMember(f"{folder}/{shown_path(path)}", path, kept.sha256, one) for path, kept, one in bad)
        given = tuple({(g.project, g.slot, g.kept.sha256): g for one in good for g in one.given}.values())
        return Recognised(given, tuple(start for one in good for start in one.starting), refused=refused)


def _refused(decided: Claim, found: Recognised, at: datetime) -> list[ReturnedFile]:
    """What goes back with a claim: the file, or members of the zip that it is."""
    name = PurePath(decided.source).name
    if found.reason:
        told = (found.reason, at, found.project, found.filled_by)
        return [ReturnedFile(decided.department, name, *told, claim=decided.id, target=decided.target)]
    return [
        ReturnedFile(
            *(decided.department, f"{name}/{shown_path(one.path)}", one.why.reason, at),
            *(one.why.project, one.why.filled_by, decided.id, one.target, one.sha256),
        )
        for one in found.refused
    ]


def _note(
    found: Recognised, decided: Claim, given: Sequence[Given], refused: Sequence[ReturnedFile], result: RoundResult
) -> None:
    """Say what was decided about a file, and count it."""
    extra = {"claim": decided.id}
    LOG.info("%s:%s %s", VERDICTS[decided.verdict], decided.source, decided.message, extra=extra)
    for one in refused if decided.verdict != "returned" else ():
        LOG.info("%s:%s %s", VERDICTS["returned"], one.name, one.reason, extra=extra)
    result.projects |= {one.project for one in given}
    result.taken += decided.verdict == "accepted"
    result.same += decided.verdict == "same"
    result.starting += [one for one in found.starting if any(g.project == one.code for g in given)]
    result.returned += refused


def _verdict(found: Recognised, given: Sequence[Given], doubted: Sequence[Doubt]) -> tuple[str, str]:
    """What becomes of a file, and why."""
    if found.reason:
        return "returned", found.reason
    if waits := [one for one in doubted if one.held]:
        return "held", waits[0].why if len(waits) == 1 else ";".join(f"{one.file}:{one.why}" for one in waits[:5])
    return ("accepted", "") if given else ("same", SAME)


def _name_of(seen: Seen, one: Judged, found: Recognised) -> str:
    """The file as it was dropped; of several that came in a zip, with the zip's name before it."""
    name = shown(seen.path.name)
    return name if len(found.given) == 1 else f"{name}/{one.given.name}"


def _recognised_together(
    kept: Sequence[tuple[PurePath, store.Kept]], dropped: Dropped, known: Surroundings
) -> Iterator[Recognised]:
    """Members of a zip in its order; attachments belong to the only project among the workbooks beside them."""
    there = [Dropped(content, dropped.path.with_suffix("") / path, dropped.department) for path, content in kept]
    books = {one.path: recognise(one, known) for one in there if not is_attachment(one.path)}
    codes = Counter(given.project for found in books.values() for given in found.given)
    hint = next(iter(codes)) if len(codes) == 1 else known.code_in(dropped.path)
    for one in there:
        again = is_attachment(one.path) or not books[one.path].given
        yield recognise(Dropped(one.kept, one.path, one.department, hint), known) if again else books[one.path]


def _arrival(ripe: tuple[Seen, str]) -> tuple[bool, int, str, str]:
    """The order in which a round takes files: of two for one place the later one counts."""
    seen = ripe[0]
    return is_attachment(seen.path), seen.mark.changed, seen.path.name, seen.key


def _shown(seen: Seen) -> str:
    return shown_path(PurePath(seen.key))


def _fairly(ripe: Sequence[tuple[Seen, str]]) -> list[tuple[Seen, str]]:
    """Workbooks before attachments, oldest first, one of each department in turn."""
    ordered = sorted(ripe, key=lambda one: (is_attachment(one[0].path), one[0].mark.changed, one[0].key))
    turns: Counter[str] = Counter()
    ranked = []
    for one in ordered:
        box = one[0].box
        ranked.append((is_attachment(one[0].path), turns[box], one))
        turns[box] += 1
    return [one for _, _, one in sorted(ranked, key=lambda item: item[:2])]

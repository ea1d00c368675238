"""Mail against a server that fails at random, and texts against the headers: nothing twice, nothing lost unsaid."""

from __future__ import annotations

import argparse
import email
import email.policy
import logging
import random
import tempfile
from collections import Counter
from pathlib import Path

from pipeline.core.mail import Enclosure, Letter, MailState
from pipeline.deliver.mail.message import to_bytes
from pipeline.workspace import outbox
from tests.core.test_mail import PAYLOADS
from tests.deliver.mail.test_delivery import FAULTS
from tests.deliver.mail.test_message import STAMP, TO, hold
from tests.service.posting import Post
from tests.smtp_server import smtp_server

# What never answers costs its whole wait; it comes, but not often.
QUICK = [(stage, action) for stage, action, _ in FAULTS if str(action).removeprefix("keep+") not in {"hang", "drip"}]
SLOW = [(stage, action) for stage, action, _ in FAULTS if str(action).removeprefix("keep+") == "hang"]


def main() -> int:
    """Run the proof and print what it saw."""
    parser = argparse.ArgumentParser(prog="scripts/soak mail", description=__doc__)
    parser.add_argument("--failures", type=int, default=500)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    logging.disable(logging.WARNING)
    dice = random.Random(wanted.seed)
    with tempfile.TemporaryDirectory() as folder:
        fail_at_random(Path(folder), wanted.failures, dice)
    texts(wanted.texts, dice)
    return 0


def fail_at_random(folder: Path, failures: int, dice: random.Random) -> None:
    """One letter for each failure; the server then works, and everything that may still go goes."""
    with smtp_server(folder) as running:
        post = Post(folder / "ws", running, changes={"mail_per_minute": 10_000, "mail_daily_cap": 100_000})
        seen: Counter[str] = Counter()
        for number in range(failures):
            stage, action = dice.choice(SLOW if dice.random() < 0.03 else QUICK)
            running.faults = {stage: action}
            post.write(f"p{number}@lanyu.example", f"信{number}", sizes=(500,) if dice.random() < 0.3 else ())
            post.send_due()
            seen[stage] += 1
            post.clock.forward(seconds=4001)
        running.faults = {}
        for _ in range(20):
            post.send_due()
            post.clock.forward(seconds=4001)
        judge(post)
        print(f"{failures} 次故障:{dict(seen)};结果:{dict(Counter(post.states()))};服务器收下 {len(running.taken)} 封")


def judge(post: Post) -> None:
    """No recipient has a letter twice; what is not known is said; who is not in the ledger has none."""
    had = Counter(recipient for taken in post.running.taken for recipient in taken.recipients)
    wire = {argument.partition("<")[2].partition(">")[0] for argument in post.running.wire}
    mails = outbox.letters(post.ledger)
    assert wire <= {mail.recipient for mail in mails}
    assert max(had.values(), default=0) <= 1, "twice"
    for mail in mails:
        assert mail.state in (MailState.SENT, MailState.UNSURE, MailState.FAILED), mail
        if mail.state is not MailState.UNSURE:
            assert had[mail.recipient] == (mail.state is MailState.SENT), mail


def texts(count: int, dice: random.Random) -> None:
    """Payloads, cut and joined at random, in every text of a letter."""
    alphabet = "\r\n\u2028\u2029\u0085\x00,;:<>@\"'()[]=?_甲乙bcc: utf-8 \t\u202e\u200b"
    for _ in range(count):
        parts = [dice.choice(PAYLOADS), "".join(dice.choices(alphabet, k=dice.randrange(12))), dice.choice(PAYLOADS)]
        text = "".join(dice.sample(parts, 3))[: dice.randrange(1, 200)] or "x"
        letter = Letter(text, text, text, (Enclosure(f"{text}.pdf", "", 1, text),))
        hold(email.message_from_bytes(to_bytes(letter, TO, STAMP, lambda _: b"x"), policy=email.policy.default))  # type: ignore[arg-type]
    print(f"{count} 段文字:收件人不变")


if __name__ == "__main__":
    raise SystemExit(main())

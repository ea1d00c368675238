"""Fences that a child process of ours puts round itself before it touches what strangers wrote.

Standard library only: the child starts in a few milliseconds, and a plain script may use it.
"""

from __future__ import annotations

import ctypes
import resource
import signal
from contextlib import suppress

# Longest answer of a child, in bytes; what is longer is not read.
MAX_ANSWER = 64 << 20
_PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000


def limit(**limits: int) -> None:
    """Lower limits of this process, soft and hard; one that is lower already stays.

    Args:
        limits: by the name in `resource` without its prefix, in its own unit: `AS=1 << 30`, `CORE=0`.
    """
    for name, wanted in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        allowed = resource.getrlimit(kind)[1]
        bound = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
        resource.setrlimit(kind, (bound, bound))


def limit_cpu(seconds: float) -> None:
    """End this process after so many more seconds of CPU time, rounded up; each call gives the full time again."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, hard))


def die_with_parent() -> None:
    """Have this process killed when the thread that started it ends, where the kernel can: it may be killed unsaid."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_the_network() -> None:
    """Step into a network of our own without a single address, where the kernel lets us.

    Containers and some distributions refuse it; then other fences must do.
    """
    kernel = ctypes.CDLL(None)
    if kernel.unshare(CLONE_NEWNET) != 0:
        kernel.unshare(CLONE_NEWUSER | CLONE_NEWNET)

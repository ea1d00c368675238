"""Why a run cannot go on. A finding is for staff and is returned; an exception here is for the operator."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells the shell (design section 6)."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    FINDINGS = 3
    DEPENDENCY = 4
    DEFINITION = 5
    DOCUMENT = 6
    DELIVERY = 7
    BUSY = 8
    NOT_READY = 9
    INTERRUPTED = 130


class PipelineError(Exception):
    """We cannot go on; the message names the place, the fact and the remedy.

    Attributes:
        exit_code: what the process returns when nobody handles it.
    """

    exit_code = ExitCode.UNEXPECTED


class UsageProblem(PipelineError):
    """The command was called with something that cannot be used (a path that is not there, say)."""

    exit_code = ExitCode.USAGE


class DependencyMissing(PipelineError):
    """A program or font that we need is not installed; the message holds the command that installs it."""

    exit_code = ExitCode.DEPENDENCY


class DefinitionError(PipelineError):
    """A form definition, template or setting is wrong; the message names file, key and the nearest valid one."""

    exit_code = ExitCode.DEFINITION


class Outdated(DefinitionError):
    """A newer program has worked here; this one must be replaced."""


class DocumentFailed(PipelineError):
    """A document could not be made, or lost a value on its way to paper."""

    exit_code = ExitCode.DOCUMENT


class DeliveryFailed(PipelineError):
    """A pack or mail could not be put where it belongs."""

    exit_code = ExitCode.DELIVERY


class Busy(PipelineError):
    """Another process does the same on the same workspace; the message names it."""

    exit_code = ExitCode.BUSY


class NotReady(PipelineError):
    """Something stands in the way that passes by itself or with room: a full disk, a share that is not mounted."""

    exit_code = ExitCode.NOT_READY

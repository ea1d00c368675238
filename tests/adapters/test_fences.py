"""The fences hold: seen from inside a child that tries to get round them."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.adapters import fences


def inside(code: str) -> subprocess.CompletedProcess[str]:
    head = "from pipeline.adapters.fences import *\nimport json, os, resource, socket, sys\n"
    return subprocess.run([sys.executable, "-I", "-c", head + code], capture_output=True, text=True, check=False)


def test_limits_are_hard_and_only_go_down() -> None:
    done = inside(
        "limit(CORE=0, NOFILE=20)\nlimit(NOFILE=99)\n"
        "print(json.dumps([resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_NOFILE)]))"
    )
    assert json.loads(done.stdout) == [[0, 0], [20, 20]]


@pytest.mark.parametrize("attempt", ["socket.socket()", "open('/etc/passwd')", "os.pipe()"])
def test_without_descriptors_nothing_can_be_opened(attempt: str) -> None:
    done = inside(f"limit(NOFILE=3)\ntry:\n    {attempt}\nexcept OSError as error:\n    print(error.errno)")
    assert done.stdout.strip() == "24"


def test_a_busy_loop_ends() -> None:
    done = inside("limit(CORE=0)\nlimit_cpu(0)\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU


def test_parts_of_a_second_are_rounded_up() -> None:
    done = inside("limit_cpu(0.3)\nlimit_cpu(5.2)\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])")
    assert int(done.stdout) == 6


def test_each_call_gives_the_full_cpu_time_again() -> None:
    done = inside("limit_cpu(5)\nlimit_cpu(7)\nprint(resource.getrlimit(resource.RLIMIT_CPU)[0])")
    assert int(done.stdout) == 8


def test_out_of_the_network_no_address_is_left() -> None:
    done = inside(
        "leave_the_network()\nprint(len(open('/proc/self/net/route').readlines()), os.readlink('/proc/self/ns/net'))"
    )
    lines, namespace = done.stdout.split()
    if namespace == fences_namespace():
        pytest.skip("the kernel keeps us in its network")
    assert int(lines) <= 1  # the heading


def fences_namespace() -> str:
    return str(Path("/proc/self/ns/net").readlink())


def test_names_of_limits_are_those_of_the_system() -> None:
    with pytest.raises(AttributeError):
        fences.limit(NONSENSE=1)
    assert resource.RLIMIT_AS

import os
import socket
import subprocess
import sys

from isocortex.jobs import leases
from isocortex.jobs.leases import lease


def test_one_has_it_and_the_next_only_afterwards(tmp_path):
    with lease(tmp_path, "work") as first, lease(tmp_path, "work") as second:
        assert (first, second) == (True, False)
    with lease(tmp_path, "work") as third:
        assert third


def test_what_a_dead_process_held_is_taken_over(tmp_path):
    path = tmp_path / "leases" / "work.lease"
    path.parent.mkdir()
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    path.write_text(f"{socket.gethostname()} {process.pid}")
    with lease(tmp_path, "work") as ours:
        assert ours


def test_an_owner_elsewhere_is_dead_when_it_was_not_heard_of_for_long(tmp_path):
    path = tmp_path / "leases" / "work.lease"
    path.parent.mkdir()
    path.write_text("elsewhere 12")
    with lease(tmp_path, "work") as ours:
        assert not ours
    old = path.stat().st_mtime - leases.DEAD - 1
    os.utime(path, (old, old))
    with lease(tmp_path, "work") as ours:
        assert ours


def test_where_no_lease_can_be_had_work_goes_on(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(leases.os, "open", refuse)
    with lease(tmp_path, "work") as ours:
        assert ours

import os
import subprocess
import sys

from isocortex.jobs import leases
from isocortex.jobs.leases import lease
from isocortex.jobs.owners import SILENT, Owner, machine, this_process


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
    path.write_text(str(Owner(machine(), process.pid, "0")))
    with lease(tmp_path, "work") as ours:
        assert ours


def test_an_owner_elsewhere_is_dead_when_it_was_not_heard_of_for_long(tmp_path):
    path = tmp_path / "leases" / "work.lease"
    path.parent.mkdir()
    path.write_text("elsewhere+12+0")
    with lease(tmp_path, "work") as ours:
        assert not ours
    old = path.stat().st_mtime - SILENT - 1
    os.utime(path, (old, old))
    with lease(tmp_path, "work") as ours:
        assert ours


def test_where_no_lease_can_be_had_work_goes_on(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(leases.os, "open", refuse)
    with lease(tmp_path, "work") as ours:
        assert ours


def test_a_number_that_was_given_to_another_process_is_not_its_owner(tmp_path):
    path = tmp_path / "leases" / "work.lease"
    path.parent.mkdir()
    here = this_process()
    path.write_text(str(Owner(here.machine, here.pid, str(int(here.start) + 1))))
    with lease(tmp_path, "work") as ours:
        assert ours


def test_a_machine_of_the_same_name_is_another(tmp_path):
    here = this_process()
    name = here.machine.rpartition("-")[0]
    other = Owner(f"{name}-00000000", 999999999, "0")
    path = tmp_path / "leases" / "work.lease"
    path.parent.mkdir()
    path.write_text(str(other))
    with lease(tmp_path, "work") as ours:
        assert not ours, "no such process is here, and yet it may live there"


def test_a_clock_that_is_wrong_kills_nobody(tmp_path, monkeypatch):
    path = tmp_path / "leases" / "work.lease"
    path.parent.mkdir()
    path.write_text("elsewhere+12+0")
    monkeypatch.setattr("time.time", lambda: 4e9)
    with lease(tmp_path, "work") as ours:
        assert not ours

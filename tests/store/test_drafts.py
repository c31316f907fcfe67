"""Drafts of writers that were killed are cleared by the next one; those of others are left."""

import os
import signal
import subprocess
import sys
import time

import pytest

import isocortex as ic
from isocortex.store import drafts
from isocortex.store.atomic import whole, whole_folder
from isocortex.store.disk_errors import in_words
from isocortex.store.drafts import ABANDONED_AFTER, clear_drafts, draft_of, is_draft, place, started

KILLED = """
import os, signal
from pathlib import Path
from isocortex.store.atomic import whole, whole_folder
with {what}(Path({path!r})) as draft:
    {write}
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def looked_at_anew(monkeypatch):
    monkeypatch.setattr(drafts, "_looked", {})


def killed(what, path, write):
    code = KILLED.format(what=what, path=str(path), write=write)
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_writer_of_a_file_leaves_nothing_for_long(tmp_path):
    killed("whole", tmp_path / "a.npz", "draft.write_bytes(b'half')")
    (left,) = tmp_path.iterdir()
    assert is_draft(left)
    assert left.suffixes[-1] == ".npz"
    with whole(tmp_path / "b.txt") as draft:
        draft.write_text("whole")
    assert [each.name for each in tmp_path.iterdir()] == ["b.txt"]


def test_a_killed_writer_of_a_folder_leaves_nothing_for_long(tmp_path):
    killed("whole_folder", tmp_path / "a", "(draft / 'x').write_bytes(b'half')")
    assert len(list(tmp_path.iterdir())) == 1
    with whole_folder(tmp_path / "b") as draft:
        (draft / "x").write_text("whole")
    assert [each.name for each in tmp_path.iterdir()] == ["b"]


def test_drafts_of_the_living_stay(tmp_path):
    with whole(tmp_path / "a") as mine, whole(tmp_path / "a") as other:
        mine.write_text("mine")
        other.write_text("other")
        clear_drafts(tmp_path)
        assert mine.exists()
        assert other.exists()
    assert (tmp_path / "a").read_text() == "mine"


@pytest.mark.skipif(started(os.getpid()) is None, reason="needs /proc")
def test_a_number_that_another_process_has_now_does_not_protect(tmp_path):
    mine = draft_of(tmp_path / "a")
    began = f"-{os.getpid()}-{started(os.getpid())}-"
    assert began in mine.name
    other = mine.with_name(mine.name.replace(began, f"-{os.getpid()}-1-"))
    for each in (mine, other):
        each.write_text("x")
    clear_drafts(tmp_path)
    assert list(tmp_path.iterdir()) == [mine]


def test_drafts_of_other_machines_go_after_days(tmp_path):
    mine = draft_of(tmp_path / "a")
    young, old = (mine.with_name(mine.name.replace(place(), which)) for which in ("0" * 8, "1" * 8))
    for each in (young, old):
        each.write_text("x")
    before = time.time() - ABANDONED_AFTER - 60
    os.utime(old, (before, before))
    clear_drafts(tmp_path)
    assert list(tmp_path.iterdir()) == [young]


def test_nothing_else_is_ever_deleted(tmp_path):
    names = {
        ".part",
        ".part-",
        ".part-x-y-z.txt",
        ".part-00000000-1-1-00000000",
        "part-1",
        ".hidden",
        "a.part-1",
    }
    for name in names:
        (tmp_path / name).write_text("x")
    clear_drafts(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == names


def test_a_large_folder_is_not_looked_through_for_each_file(tmp_path, monkeypatch):
    looks = []

    def look(folder):
        looks.append(folder)
        time.sleep(0.05)
        return []

    monkeypatch.setattr(drafts, "_drafts", look)
    for i in range(50):
        with whole(tmp_path / str(i)) as draft:
            draft.write_text("x")
    assert len(looks) == 1


def test_a_sentence_stays_as_it_is(tmp_path):
    with pytest.raises(ic.StorageError, match="^first$"), whole(tmp_path / "a"):
        raise ic.StorageError("first")


def test_errors_of_libraries_in_one_line():
    raw = "Can't write (file write failed: errno = 28, error message = 'No', buf = 0x55,\ntotal 3)"
    assert in_words(OSError(raw)) == os.strerror(28)
    assert in_words(ValueError("I/O error: (os error 30)")) == os.strerror(30)
    assert in_words(ValueError("first line\nsecond")) == "first line"
    assert in_words(ValueError()) == "ValueError"

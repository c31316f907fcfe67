"""A folder of results that another machine left in the middle, copied, and continued elsewhere."""

import shutil

import pandas as pd
import pytest

import isocortex as ic
from isocortex.jobs import owners
from isocortex.jobs.owners import this_process
from isocortex.jobs.records import Recorder, recorder_of

ELSEWHERE = "node-7-0a1b2c3d+4242+99"


def numbers(table):
    return table.drop(columns=["seconds"])


@pytest.fixture
def left(folder, monkeypatch):
    """A study that was killed after 20 numbers, on a machine that is no more."""
    plain, written = Recorder._append, []

    def stop(self, line):
        if len(written) == 20:
            raise KeyboardInterrupt
        written.append(line)
        plain(self, line)

    with monkeypatch.context() as patch:
        patch.setattr(Recorder, "_append", stop)
        with pytest.raises(KeyboardInterrupt):
            ic.run(ic.Study.from_toml(folder / "study.toml"))
    results = folder / "results"
    recorder_of(results)._file.close()
    recorder_of.cache_clear()
    for path in (results / "records").iterdir():
        path.rename(path.with_name(path.name.replace(str(this_process()), ELSEWHERE)))
    return results


def moved(folder, left, place):
    """The folder as a user copies it, without the times of files."""
    other = place / "elsewhere"
    other.mkdir()
    for name in ("images", "fmri", "behaviour.npz", "study.toml"):
        (other / name).symlink_to((folder / name).resolve())
    shutil.copytree(left, other / "results", copy_function=shutil.copyfile)
    return other


def test_what_another_machine_left_is_continued_where_it_was_copied_to(
    folder, left, done, tmp_path, monkeypatch
):
    plan = ic.plan(ic.Study.from_toml(folder / "study.toml"))
    other = moved(folder, left, tmp_path)
    held = [batch for batch in plan.todo() if batch.tasks[0].layer is not None][-1]
    lease = other / "results" / "leases" / f"{held.key}.lease"
    lease.write_text(ELSEWHERE)
    monkeypatch.setattr(owners, "SILENT", 0.3)
    written = []
    plain = Recorder._append

    def counted(self, line):
        written.append(line)
        plain(self, line)

    monkeypatch.setattr(Recorder, "_append", counted)
    result = ic.run(ic.Study.from_toml(other / "study.toml"))
    assert len(written) == result.plan.n_tasks - 20, "what was recorded is not computed again"
    pd.testing.assert_frame_equal(numbers(result.table()), numbers(done.table()), rtol=1e-12)
    assert not list((other / "results" / "leases").iterdir())

import os

import pytest

from isocortex.errors import StorageError
from isocortex.jobs.owners import SILENT, machine
from isocortex.jobs.records import (
    ENDED,
    Recorder,
    ended,
    files_of,
    finished,
    line_of,
    read_records,
    records_in,
)


def test_records_come_back(tmp_path):
    recorder = Recorder(tmp_path)
    given = [{"key": f"{i}", "score": i / 3, "notes": ["µ\n"]} for i in range(5)]
    for each in given:
        recorder.write(each)
    recorder.close()
    assert list(read_records(tmp_path)) == given


@pytest.mark.parametrize("cut", range(1, 30, 3))
def test_of_a_file_that_was_cut_off_all_whole_records_are_read(tmp_path, cut):
    path = tmp_path / "a.jsonl"
    lines = [line_of({"key": "a"}), line_of({"key": "b", "score": 0.25})]
    path.write_bytes(b"".join(lines)[:-cut])
    whole = [{"key": "a"}] if cut <= len(lines[1]) else []
    assert list(records_in(path)) == whole


def test_a_changed_byte_makes_a_record_unread(tmp_path):
    path = tmp_path / "a.jsonl"
    line = bytearray(line_of({"key": "b", "score": 0.25}))
    line[-5] ^= 1
    path.write_bytes(line_of({"key": "a"}) + bytes(line))
    assert list(records_in(path)) == [{"key": "a"}]


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path)
    recorder.write({"key": "a"})

    class Full:
        def write(self, _line):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    recorder.close()
    monkeypatch.setattr(recorder, "_file", Full())
    with pytest.raises(StorageError, match="run the study again when there is room"):
        recorder.write({"key": "b"})
    assert [each["key"] for each in read_records(tmp_path)] == ["a"]


def test_after_half_a_line_a_new_file_is_begun(tmp_path, monkeypatch):
    recorder = Recorder(tmp_path)
    recorder.write({"key": "a"})
    file = recorder._file

    class Half:
        def write(self, line):
            return file.write(line[:10])

        def close(self):
            file.close()

    monkeypatch.setattr(recorder, "_file", Half())
    with pytest.raises(StorageError, match="No space left"):
        recorder.write({"key": "b"})
    recorder.write({"key": "c"})
    recorder.close()
    assert {each["key"] for each in read_records(tmp_path)} == {"a", "c"}


def test_who_was_taken_for_dead_writes_its_line_again(tmp_path):
    recorder = Recorder(tmp_path)
    recorder.write({"key": "a"})
    gone = ended(recorder.path)
    assert gone is not None
    assert [each["key"] for each in records_in(gone)] == ["a"]
    gone.unlink()
    recorder.write({"key": "b"})
    recorder.close()
    assert [each["key"] for each in read_records(tmp_path)] == ["b"]


def test_a_file_that_is_ended_between_listing_and_reading_is_read(tmp_path):
    recorder = Recorder(tmp_path)
    recorder.write({"key": "a"})
    path = recorder.path
    recorder.close()
    assert not path.exists()
    assert [each["key"] for each in records_in(path)] == ["a"]


def test_only_files_of_processes_that_are_no_more_are_finished(tmp_path):
    recorder = Recorder(tmp_path)
    recorder.write({"key": "a"})
    own = recorder.path
    assert not finished(own)
    dead = own.with_name(own.name.replace(f"+{os.getpid()}+", "+999999999+"))
    assert finished(dead)
    elsewhere = own.with_name(own.name.replace(machine(), "elsewhere"))
    elsewhere.touch()
    assert not finished(elsewhere)
    old = elsewhere.stat().st_mtime - SILENT - 1
    os.utime(elsewhere, (old, old))
    assert finished(elsewhere)
    recorder.close()
    assert [finished(each) for each in files_of(tmp_path) if each.name.endswith(ENDED)] == [True]

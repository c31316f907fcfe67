"""Runs a study in a process of its own, and writes each record that is written into a log.

``python interrupted.py STUDY LOG WHERE [SECONDS]``; also a preload of Dask's workers. Each number
takes SECONDS longer, so that there is time to kill something.
"""

import json
import os
import signal
import sys
import time
from multiprocessing import parent_process
from pathlib import Path

LOG, SLOWER, DEADLY = "STUDY_TEST_LOG", "STUDY_TEST_SLOWER", "STUDY_TEST_DEADLY"
GREEDY = "STUDY_TEST_GREEDY"


def watch() -> None:
    from isocortex.jobs.records import Recorder
    from isocortex.study.recordings import Recorded

    plain, load = Recorder.write, Recorded.load

    def logged(self, record):
        time.sleep(float(os.environ.get(SLOWER, "0")))
        plain(self, record)
        line = json.dumps([record["key"], record.get("error", ""), os.getpid()]) + "\n"
        with Path(os.environ[LOG]).open("a", encoding="utf-8") as file:
            file.write(line)

    def deadly(self):
        if f"{self.subject} {self.region}" == os.environ.get(DEADLY):
            die()
        return load(self)

    if plain.__name__ != "logged":
        Recorder.write, Recorded.load = logged, deadly


def die() -> None:
    """As a worker does that has taken all memory; in the run itself nothing happens."""
    if parent_process() is None and "distributed.cli" not in " ".join(sys.orig_argv):
        return
    if os.environ.get(GREEDY):
        held = []
        while True:
            held.append(b"x" * 20_000_000)
            time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)


if LOG in os.environ:
    watch()


if __name__ == "__main__":
    import isocortex as ic
    from isocortex.cli._stopped import one_sentence

    place = sys.argv[2]
    with one_sentence():
        study = ic.Study.from_toml(sys.argv[1])
        result = ic.run(study, int(place) if place.isdecimal() else place)
        sys.stdout.write(f"{len(result.failed)} failed\n")

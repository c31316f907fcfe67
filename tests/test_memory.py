"""Too little memory is a sentence, before work starts where it can be known."""

import subprocess
import sys

import numpy as np
import pytest

import isocortex as ic
from isocortex.memory import within_memory

LIMITED = """
import resource, sys
import numpy as np
import isocortex as ic
{before}
for room in {rooms}:
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room * 2**20, -1))
    try:
        {work}
        print("done")
    except ic.StorageError as error:
        print("sentence:", error)
"""
BRAIN = "r = ic.Responses(np.ones((9000, 2)) * np.arange(9000)[:, None], range(9000))"
NETWORK = """
import torch
network = ic.load_network(torch.nn.Sequential(torch.nn.Conv2d(3, 64, 3), torch.nn.ReLU()))
stimuli = ic.Stimuli.from_arrays(np.random.default_rng(0).random((40, 3, 64, 64)))
ic.extract(network, ic.Stimuli.from_arrays(np.zeros((2, 3, 64, 64))), "all")
"""


def limited(before, work, *rooms):
    """What is said when there is room for so many megabytes more."""
    code = LIMITED.format(before=before, work=work, rooms=rooms)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_rdms_of_more_stimuli_than_fit():
    (told,) = limited(BRAIN, "ic.rdms(r, 'euclidean')", 300)
    assert told.startswith("sentence: rdms: matrices of 9000 x 9000 stimuli need 1.3 GB of memory")


def test_extract_in_little_memory():
    told = limited(NETWORK, "ic.extract(network, stimuli, 'all')", 1, 10, 20, 200)
    assert told[-1] == "done"
    assert all(each.startswith("sentence: ") for each in told[:-1]), told


@pytest.mark.parametrize(
    "error",
    [MemoryError(), RuntimeError("can't start new thread"), RuntimeError("CUDA out of memory.\nx")],
)
def test_all_words_for_it_become_one_sentence(error):
    @within_memory("rdms", "Use fewer.")
    def verb():
        raise error

    with pytest.raises(ic.StorageError, match="rdms: there is too little memory.*free. Use fewer."):
        verb()


def test_other_errors_stay_as_they_are():
    with pytest.raises(RuntimeError, match="^else$"), within_memory("rdms", ""):
        raise RuntimeError("else")


def test_a_gram_too_large(monkeypatch):
    monkeypatch.setattr("isocortex.memory.available_bytes", lambda: 1000)
    monkeypatch.setattr("isocortex.memory._ALWAYS_THERE", 0)
    responses = ic.Responses(np.eye(20), range(20))
    with pytest.raises(ic.StorageError, match="gram: matrices of 20 x 20 stimuli need 6.4 kB"):
        ic.gram(responses)


def test_what_does_not_fit_is_said_by_one_rule(monkeypatch, tmp_path):
    from isocortex import memory, reading

    monkeypatch.setattr("isocortex.memory.available_bytes", lambda: 10**9)
    memory.refuse_beyond(10**9, "x: it needs")
    memory.refuse_square("rdms", 1000)
    reading.check_room(tmp_path, 10**9)
    with pytest.raises(ic.StorageError, match=r"^x: it needs 2 GB of memory, but 1 GB are free\.$"):
        memory.refuse_beyond(2 * 10**9, "x: it needs")
    with pytest.raises(ic.StorageError, match=r"rdms: matrices of 20000 x 20000 .*Use fewer"):
        memory.refuse_square("rdms", 20_000)
    with pytest.raises(ic.StorageError, match=r"': It needs 2 GB of memory, but 1 GB are free\.$"):
        reading.check_room(tmp_path, 2 * 10**9)

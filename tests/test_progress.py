"""``progress=`` means the same in every verb that can take long."""

import inspect
import io
import os
import pty
import re
import subprocess
import sys
import threading
import types

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import isocortex as ic
from isocortex.progress import Job, Progress, advance, bars, unheard

RNG = np.random.default_rng(0)
NAMES = [f"image {i:02d}" for i in range(24)]
LAYERS = [
    ic.Responses(RNG.normal(size=(24, 8)), NAMES, labels={"layer": f"conv{i}"}) for i in range(3)
]
VOXELS = ic.Responses(RNG.normal(size=(24, 5)), NAMES, labels={"region": "V1"})
MODELS = ic.rdms(LAYERS)
BRAIN = ic.RDMs(RNG.random((6, 276)), NAMES, {"subject": range(6)})
TRIALS = ic.Trials(RNG.normal(size=(24, 4, 5)), list("abcd") * 6, times=np.arange(5) / 10)
PEOPLE = ic.Scores(
    RNG.normal(size=(2, 8, 5)),
    {
        "layer": {"layer": ["conv1", "conv2"]},
        "subject": {"subject": range(8)},
        "time": {"time": np.arange(5) / 10},
    },
)
MAPS = ic.Responses(
    RNG.normal(size=(24, 12)), NAMES, {"parcel": np.repeat([1, 2, 3, 4], 3)}, {"subject": 1}
)
NEAR = ic.neighbours(MAPS, labels="parcel")


@pytest.fixture(scope="module")
def network():
    from torch import nn

    parts = nn.Conv2d(3, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 14 * 14, 1), nn.Sigmoid()
    return ic.load_network(nn.Sequential(*parts))


PICTURES = ic.Stimuli.from_arrays(RNG.integers(0, 256, (8, 16, 16, 3), dtype=np.uint8))
ONE_TIME = PEOPLE.select(time=0.2).mean("time")

VERBS = {
    "gram": lambda **p: ic.gram(LAYERS[0], **p).matrix,
    "rdms": lambda **p: ic.rdms(LAYERS, "manhattan", **p).values,
    "rdms of trials": lambda **p: ic.rdms(TRIALS, "crossnobis", **p).values,
    "compare": lambda **p: ic.compare(MODELS, BRAIN, n_permutations=50, **p).columns["p"],
    "compare, sequential": lambda **p: ic.compare(
        MODELS, BRAIN, permutations="sequential", n_permutations=90, **p
    ).columns["p"],
    "similarity": lambda **p: ic.similarity(LAYERS, VOXELS, **p).values,
    "decoding_rdms": lambda **p: ic.decoding_rdms(TRIALS, **p).values,
    "decoding_rdms, svm": lambda **p: ic.decoding_rdms([TRIALS] * 2, "svm", folds=3, **p).values,
    "generalization": lambda **p: ic.generalization(TRIALS, **p).values,
    "generalization, svm": lambda **p: ic.generalization(TRIALS, "svm", folds=3, **p).values,
    "encode": lambda **p: ic.encode(LAYERS, VOXELS, ic.Ridge([1.0, 10.0]), folds=3, **p).values,
    "encode with p": lambda **p: ic.encode(
        LAYERS, VOXELS, ic.Ridge([1.0, 10.0]), folds=3, permutations=20, **p
    ).columns["p"],
    "decode": lambda **p: ic.decode(VOXELS, LAYERS[0], ic.OLS(), folds=3, **p).values,
    "probe": lambda **p: (
        ic.probe(LAYERS, ["cat", "dog"] * 12, LogisticRegression(), folds=3, **p).values
    ),
    "probe of numbers": lambda **p: (
        ic.probe(LAYERS, np.arange(24.0), ic.Ridge([1.0, 10.0]), folds=3, **p).values
    ),
    "identification": lambda **p: (
        ic.identification(VOXELS, LAYERS[0], ic.Ridge([1.0]), folds=3, **p).values
    ),
    "clusters": lambda **p: ic.clusters(PEOPLE, n_permutations=100, **p).p,
    "clusters, all flips": lambda **p: ic.clusters(PEOPLE, n_permutations=300, **p).p,
    "interval": lambda **p: ic.interval(PEOPLE, **p).values,
    "difference": lambda **p: np.array(
        ic.difference(ONE_TIME, {"layer": "conv1"}, {"layer": "conv2"}, **p).p
    ),
    "infer": lambda **p: ic.infer(MODELS, BRAIN, "pearson", n=100, **p).table()["p"].to_numpy(),
    "infer, permutation": lambda **p: (
        ic.infer(MODELS, BRAIN, "pearson", over="stimulus", n=100, method="permutation", **p)
        .table()["p"]
        .to_numpy()
    ),
    "infer, fitted": lambda **p: (
        ic.infer({"all": ic.Weighted(MODELS)}, BRAIN, "pearson", n=100, **p).table()["p"].to_numpy()
    ),
    "fit_rdms": lambda **p: ic.fit_rdms(ic.Weighted(MODELS), BRAIN, "pearson", **p).weights,
    "partition": lambda **p: (
        ic.partition({"one": MODELS.select(layer="conv0")}, BRAIN, n=100, **p)
        .table()
        .iloc[:, 2:]
        .to_numpy(dtype=float)
    ),
    "recovery": lambda **p: (
        ic.recovery(MODELS, comparison="pearson", noise=[1.0], people=[5], n=20, **p)
        .table()
        .iloc[:, -1]
        .to_numpy(dtype=float)
    ),
    "searchlight": lambda **p: (
        ic.searchlight(MAPS, NEAR, ic.RSA(MODELS, "euclidean", "spearman"), **p).values
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_events_begin_at_0_rise_and_end_at_the_total_and_no_number_changes(verb):
    events = []
    heard = VERBS[verb](progress=events.append)
    assert_told(events)
    for silent in (None, False):
        np.testing.assert_array_equal(VERBS[verb](progress=silent), heard)


def assert_told(events):
    done = [event.done for event in events]
    assert done[0] == 0
    assert done == sorted(done)
    assert done[-1] == events[0].total > 0
    assert len({(event.what, event.total) for event in events}) == 1


PERMUTED = {
    "linear": lambda **p: ic.encode(LAYERS, VOXELS, ic.OLS(), **p),
    "linear, pooled": lambda **p: ic.encode(LAYERS, VOXELS, ic.OLS(), pooled=True, **p),
    "ranks, pooled": lambda **p: ic.encode(
        LAYERS, VOXELS, ic.OLS(), accuracy="spearman", pooled=True, **p
    ),
    "chosen": lambda **p: ic.decode(LAYERS, VOXELS, ic.Ridge([1.0, 10.0]), **p),
    "r2": lambda **p: ic.encode(LAYERS, VOXELS, ic.OLS(), accuracy="r2", **p),
    "one by one": lambda **p: ic.encode(LAYERS, VOXELS, ic.Univariate(), **p),
    "classes": lambda **p: ic.probe(LAYERS, ["cat", "dog"] * 12, LogisticRegression(), **p),
    "numbers, pooled": lambda **p: ic.probe(
        LAYERS, np.arange(24.0), ic.Ridge([1.0, 10.0]), pooled=True, **p
    ),
}


@pytest.mark.parametrize("verb", PERMUTED)
def test_permutations_are_steps_as_folds_are(verb, monkeypatch):
    from isocortex.mapping import null_scores, pooled_scores
    from isocortex.numerics.chance import rough_scores

    # So few columns at once that small arrays have blocks as large ones have.
    monkeypatch.setattr(rough_scores, "COLUMNS", 25)
    monkeypatch.setattr(null_scores, "_COLUMNS", 25)
    monkeypatch.setattr(pooled_scores, "_COLUMNS", 25)
    events = []
    PERMUTED[verb](folds=3, permutations=30, progress=events.append)
    assert_told(events)
    assert events[0].total == 3 * (3 + 30)
    # Some stand side by side, 25 columns of them, and nothing is told at the end alone.
    steps = np.diff([event.done for event in events])
    assert 1 <= steps.max() <= 25
    assert steps.sum() == 99


def test_lines_come_while_targets_are_permuted(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    monkeypatch.setattr(bars, "BETWEEN_LINES", 0.0)
    PERMUTED["ranks, pooled"](folds=3, permutations=1500, progress=True)
    assert len(out.getvalue().splitlines()) > 3 * 3 + 2


def test_networks_tell_it_too(network, tmp_path):
    events = []
    store = ic.extract(network, PICTURES, "all", batch_size=3, progress=events.append)
    assert_told(events)
    for once in ("first", "second"):  # The second finds all there.
        events.clear()
        ic.extract(network, PICTURES, "all", tmp_path / "s.zarr", progress=events.append)
        assert_told(events), once
    events.clear()
    ic.write_features(store, tmp_path / "mat", progress=events.append)
    assert_told(events)
    events.clear()
    labels = [True, False] * 4
    ic.train(network, PICTURES, labels, epochs=2, device="cpu", progress=events.append)
    assert_told(events)
    events.clear()
    ic.optimal_stimulus(network, "0", 0, steps=3, progress=events.append)
    assert_told(events)


def test_what_is_long_tells_more_than_its_two_ends():
    for verb in (
        "rdms",
        "similarity",
        "decoding_rdms, svm",
        "encode",
        "decode",
        "probe",
        "infer, fitted",
    ):
        events = []
        VERBS[verb](progress=events.append)
        assert {event.done for event in events} - {0, events[0].total}, verb


def test_every_verb_with_progress_is_here():
    elsewhere = {"extract", "train", "optimal_stimulus", "write_features", "read_bids", "run"}
    elsewhere |= {"score"}
    having = {
        name
        for name in dir(ic)
        if isinstance(getattr(ic, name), types.FunctionType)
        and "progress" in inspect.signature(getattr(ic, name)).parameters
    }
    assert having - elsewhere == {re.split(r"[ ,]", verb)[0] for verb in VERBS}
    for name in having:
        progress = inspect.signature(getattr(ic, name)).parameters["progress"]
        assert progress.default is None
        assert progress.kind is inspect.Parameter.KEYWORD_ONLY
        assert "True draws a bar" in ic_doc(name) or "As in :func:`" in ic_doc(name)


def ic_doc(name):
    return getattr(ic, name).__doc__ or ""


@pytest.mark.parametrize("verb", ["encode", "compare", "decoding_rdms", "clusters", "searchlight"])
def test_what_a_listener_raises_ends_the_verb_and_leaves_no_job_open(verb):
    class StoppedError(Exception):
        pass

    for at in (0, 1):
        seen = []

        def listen(event, at=at, seen=seen):
            seen.append(event)
            if len(seen) > at:
                raise StoppedError("enough")

        with pytest.raises(StoppedError, match="enough"):
            VERBS[verb](progress=listen)
        assert len(seen) == at + 1
        advance()  # Of no job.
        assert len(seen) == at + 1


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("wrong", ["bar", 3, [print]])
def test_what_is_no_listener_is_refused_before_the_work(verb, wrong):
    with pytest.raises(ic.InputError, match=r"progress=.*neither True .a bar.*nor a function"):
        VERBS[verb](progress=wrong)


def test_a_verb_inside_another_does_not_move_its_steps():
    events = []
    with Job(events.append, "outer", 4) as job:
        VERBS["encode"]()
        VERBS["clusters"](progress=False)
        job.step()
        with unheard():
            advance(3)
        advance()
    assert [event.done for event in events] == [0, 1, 2, 4]


def test_jobs_of_two_threads_do_not_meet():
    events = {"a": [], "b": []}

    def run(name):
        ic.encode(LAYERS, VOXELS, ic.OLS(), folds=4, progress=events[name].append)

    threads = [threading.Thread(target=run, args=(name,)) for name in events]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    for told in events.values():
        assert [event.done for event in told] == list(range(13))


def test_folds_done_by_processes_are_told_one_by_one():
    from joblib import parallel_config

    events = []
    with parallel_config(backend="threading", n_jobs=2):
        VERBS["probe"](progress=events.append)
    assert [event.done for event in events] == list(range(10))


# What is drawn.


def test_a_file_gets_a_line_now_and_then_and_none_of_what_is_short(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    VERBS["encode"](progress=True)
    assert out.getvalue() == ""
    monkeypatch.setattr(bars, "BETWEEN_LINES", 0.0)
    VERBS["encode"](progress=True)
    lines = out.getvalue().splitlines()
    assert lines[0] == "encode: 0 of 9"
    assert re.fullmatch(r"encode: 3 of 9, about \d+ s left", lines[3])
    assert lines[-1] == "encode: 9 of 9"


def test_a_terminal_gets_a_bar_that_goes_when_all_is_done():
    code = (
        "import numpy as np, isocortex as ic\n"
        "x = ic.Responses(np.random.default_rng(0).normal(size=(20, 5)))\n"
        "ic.encode(x, x, ic.OLS(), folds=4, pooled=True, progress=True)\n"
        "print('end')"
    )
    there, here = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        stderr=here,
        stdout=subprocess.PIPE,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "90"},
        check=True,
        timeout=120,
    )
    os.close(here)
    drawn = os.read(there, 2**16).decode()
    assert done.stdout == b"end\n"
    assert "encode" in drawn
    assert "4/4" in drawn or "0/4" in drawn
    assert "━" in drawn
    assert drawn.rstrip().endswith("\x1b[2K")  # The line is cleared.


def test_a_notebook_gets_a_bar_of_the_page_without_widgets(monkeypatch):
    shown = []
    kernel = types.SimpleNamespace(kernel=object())

    def display(drawn, display_id):
        assert display_id
        shown.append(drawn)
        return types.SimpleNamespace(update=shown.append)

    page = types.SimpleNamespace(get_ipython=lambda: kernel)
    monkeypatch.setitem(sys.modules, "IPython", page)
    monkeypatch.setitem(sys.modules, "IPython.display", types.SimpleNamespace(display=display))
    VERBS["encode"](progress=True)
    assert 'value="0" max="9"' in shown[0]._repr_html_()
    assert 'value="9" max="9"' in shown[-1]._repr_html_()
    assert repr(shown[-1]) == "encode: 9 of 9"


def test_names_that_a_terminal_would_obey_are_shown():
    event = Progress("extract \x1b[31m<b>", 1, 2, "\x1b]0;x\x07")
    line = bars._line(event, "")
    assert line == "extract \\x1b[31m<b>: 1 of 2 (\\x1b]0;x\\x07)"
    assert "<b>" not in bars._Drawn(event, "")._repr_html_().replace("<div>", "")

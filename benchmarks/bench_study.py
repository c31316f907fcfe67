"""A study of ten thousand small tasks: plan, run, table, and what a task costs beside its work.

`python benchmarks/bench_study.py` prints seconds of the clock and of the processor; with `workers`
it times one and two processes as well, in turn, on work that is bound by arithmetic and on work
that is bound by memory, beside what two processes gain with nothing around them.
"""

import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from common import sized
from PIL import Image

import isocortex as ic
from isocortex.progress import Progress
from isocortex.study.methods import METHODS
from isocortex.study.tasks import Batch
from isocortex.study.work import held_layer

N_STIMULI = 12
LAYERS = sized(20, 2)
TEXT = """
[study]
name = "ten thousand"
[stimuli]
folder = "images"
[[network]]
name = "resnet"
source = "cifar10_resnet20"
weights = "random"
layers = [{layers}]
[[recording]]
name = "fMRI"
files = "fmri/{{subject}}_{{region}}.npz"
[[method]]
name = "{name}"
{method}
"""


def material(folder: Path, people: int, regions: int, units: int, n: int = N_STIMULI) -> None:
    """Images of noise and recordings of noise."""
    rng = np.random.default_rng(0)
    (folder / "images").mkdir(parents=True)
    names = [f"image {i:04d}" for i in range(n)]
    for name in names:
        pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{name}.png")
    for person in range(people):
        for region in range(regions):
            noun = ic.Responses(rng.normal(size=(n, units)), names)
            ic.save(noun, folder / "fmri" / f"s{person:02d}_r{region:02d}.npz")


def study_in(folder: Path, name: str, method: str) -> ic.Study:
    """Twenty layers of a small network."""
    layers = ic.load_network("cifar10_resnet20", weights=None).layers
    chosen = [layers[i] for i in np.linspace(0, len(layers) - 1, LAYERS).astype(int)]
    text = TEXT.format(layers=", ".join(f'"{each}"' for each in chosen), name=name, method=method)
    return ic.Study.from_text(text, folder)


def timed(what: str, work: Callable[[], object]) -> tuple[object, float]:
    """What ``work`` gives, and seconds; both of the clock and of the processor are printed."""
    wall, cpu = time.perf_counter(), processor()
    found = work()
    wall, cpu = time.perf_counter() - wall, processor() - cpu
    print(f"{what:<46} {wall:7.2f} s, {cpu:7.2f} s of the processor", flush=True)
    return found, cpu


def processor() -> float:
    """Seconds of this process and of those of its children that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def small() -> None:
    """10 000 numbers: 20 layers, 50 people, 10 regions."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        material(folder, people=sized(50, 2), regions=sized(10, 2), units=6)
        study = study_in(folder, "CKA", 'kind = "similarity"')
        plan, _ = timed("plan, nothing done", lambda: ic.plan(study))
        n = plan.n_tasks
        result, whole = timed(f"run, {n} numbers (with its plan)", lambda: ic.run(study))
        timed("table", lambda: ic.StudyResult(result.plan).table())
        timed("table from the file", lambda: _read(result.path))
        _, again = timed("plan, all done", lambda: ic.plan(study))
        _, work = timed("the same numbers by the verb alone", lambda: bare(folder, result))
        print(f"beside the work: {1000 * (whole - again - work) / n:.3f} ms a number")
        files = [each for each in study.results.rglob("*") if each.is_file()]
        size = sum(each.stat().st_size for each in files) / 1e6
        print(f"{len(files)} files of {size:.1f} MB in the folder of results")


def _read(path: Path) -> object:
    import pandas as pd

    return pd.read_parquet(path)


def bare(folder: Path, result: ic.StudyResult) -> None:
    """The recordings read, and each layer compared with all of them by one call."""
    nouns = [ic.read(path) for path in sorted((folder / "fmri").glob("*.npz"))]
    from isocortex.store.grams import gram
    from isocortex.store.store import Store

    for extraction in result.plan.extractions:
        store = Store(result.study.results / extraction.store)
        for layer in extraction.layers:
            held = gram(store[layer.layer])
            ic.similarity(held, nouns, "cka")


KINDS = {
    "encoding (arithmetic)": ('kind = "encoding"\nfolds = 5', {"units": 600, "n": 120}),
    "RSA (memory)": ('kind = "rsa"\ncomparison = "spearman"', {"units": 100, "n": 1200}),
}


def workers() -> None:
    """One and two processes in turn: of a study, and of the same work with nothing around it."""
    for kind, (method, sizes) in KINDS.items():
        whole: dict[int, list[float]] = {1: [], 2: []}
        steady: dict[int, list[float]] = {1: [], 2: []}
        for _ in range(2):
            for count in whole:
                seconds, marks = by_workers(method, sizes, count)
                whole[count].append(seconds)
                steady[count].append(marks[-1] - marks[0])
                print(f"{kind}, {count} processes: {seconds:.1f} s", flush=True)
        for what, found in (("in all", whole), ("between first and last numbers", steady)):
            print(f"{kind}, {what}: {np.median(found[1]) / np.median(found[2]):.2f} times")
        print(f"{kind}, nothing around it: {by_hand(method, sizes):.2f} times")


def by_workers(method: str, sizes: dict[str, int], count: int) -> tuple[float, list[float]]:
    """Seconds of a study whose networks are extracted, and when numbers came in."""
    marks: list[float] = []

    def told(event: Progress) -> None:
        if event.done:
            marks.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as name:
        study = prepared(Path(name), method, sizes)
        start = time.perf_counter()
        ic.run(study, where=count, progress=told)
        return time.perf_counter() - start, marks


def prepared(folder: Path, method: str, sizes: dict[str, int]) -> ic.Study:
    """A study of 30 recordings whose networks are extracted."""
    material(folder, people=5, regions=6, **sizes)
    ic.run(study_in(folder, "ready", 'kind = "similarity"'))
    return study_in(folder, "measured", method)


def by_hand(method: str, sizes: dict[str, int]) -> float:
    """Two processes against one, each of which does the same batches by itself."""
    with tempfile.TemporaryDirectory() as name:
        study = prepared(Path(name), method, sizes)
        batches = [each for each in ic.plan(study).todo() if each.tasks[0].layer is not None][:12]
        seconds = []
        for count in (1, 2):
            with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as pool:
                list(pool.map(alone, [study.results] * count, [batches[:1]] * count))
                start = time.perf_counter()
                list(pool.map(alone, [study.results] * count, [batches] * count))
                seconds.append(time.perf_counter() - start)
    return 2 * seconds[0] / seconds[1]


def alone(results: Path, batches: list[Batch]) -> None:
    """The numbers of some batches, recorded nowhere."""
    for batch in batches:
        layer = held_layer(results, batch.tasks[0].layer, METHODS[batch.method.kind].activations)
        nouns = [task.recorded[0].load() for task in batch.tasks]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            list(METHODS[batch.method.kind].numbers(batch.method, layer, nouns, batch.seed))


if __name__ == "__main__":
    small()
    if "workers" in sys.argv[1:]:
        workers()

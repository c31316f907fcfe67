"""A study of ten thousand small tasks: plan, run, table, and what a task costs beside its work.

`python benchmarks/bench_study.py` prints seconds of the clock and of the processor; with `workers`
it times one and two processes on tasks of some milliseconds as well, in turn.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

import isocortex as ic

N_STIMULI = 12
LAYERS = 20
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
        material(folder, people=50, regions=10, units=6)
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


def workers() -> None:
    """The same tasks of some milliseconds by one and by two processes, in turn."""
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(2):
        for count, seconds in found.items():
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                material(folder, people=10, regions=6, units=300, n=90)
                study = study_in(folder, "encoding", 'kind = "encoding"\nfolds = 5')
                ic.run(study_in(folder, "RSA", 'kind = "rsa"'))
                ic.plan(study)
                start = time.perf_counter()
                ic.run(study, where=count)
                seconds.append(time.perf_counter() - start)
                print(f"{count} processes: {seconds[-1]:.1f} s", flush=True)
    print(f"one to two: {np.median(found[1]) / np.median(found[2]):.2f} times")


if __name__ == "__main__":
    small()
    if "workers" in sys.argv[1:]:
        workers()

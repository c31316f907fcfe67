"""What does extraction cost beyond the forward pass that it cannot do without?

AlexNet's five convolutions for 1000 images, in one process for each way (so that peak memory
is its own), several times in turn; medians are compared. The images are decoded and
normalized beforehand for all ways alike. Weights are random: they do not change the time.

    python benchmarks/bench_extraction.py [n_images] [python of an environment with thingsvision]
"""

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WAYS = ("bare", "grams", "store", "one_pass_per_layer", "thingsvision")
LAYERS = ("features.0", "features.3", "features.6", "features.8", "features.10")
ROUNDS = 3
BATCH = 64
THREADS = 2


def pixels(n):
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (n, 224, 224, 3), dtype=np.uint8)


def loaded():
    import torch

    import isocortex as ic

    torch.set_num_threads(THREADS)
    steps = ic.Preprocessing(mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    network = ic.load_network("alexnet", weights=None, preprocessing=steps)
    network.trace((3, 224, 224))
    return network


def bare(images):
    """Forward passes over tensors that are ready, nothing kept."""
    import numpy as np
    import torch

    network = loaded()
    batches = [
        torch.from_numpy(np.stack([network.preprocessing(each) for each in images[i : i + BATCH]]))
        for i in range(0, len(images), BATCH)
    ]
    module = network.module.eval()
    with torch.inference_mode():
        module(batches[0])
        start = time.perf_counter()
        for batch in batches:
            module(batch)
        return time.perf_counter() - start


def warmed(images):
    """A network and prepared stimuli, after a small extraction that imports what is needed."""
    import numpy as np

    import isocortex as ic

    network = loaded()
    ready = [np.asarray(network.preprocessing(each)) for each in images]
    network = ic.load_network(network.module, preprocessing="as_they_are", name="alexnet")
    network.trace((3, 224, 224))
    few = ic.Stimuli.from_arrays(ready[:BATCH])
    for keep in ("activations", "grams"):
        with tempfile.TemporaryDirectory() as folder:
            ic.extract(network, few, list(LAYERS), Path(folder) / "s.zarr", keep=keep)
    return network, ic.Stimuli.from_arrays(ready)


def extracted(images, **options):
    import isocortex as ic

    network, stimuli = warmed(images)
    start = time.perf_counter()
    ic.extract(network, stimuli, list(LAYERS), batch_size=BATCH, **options)
    return time.perf_counter() - start


def grams(images):
    with tempfile.TemporaryDirectory() as folder:
        return extracted(images, into=Path(folder) / "s.zarr", keep="grams")


def store(images):
    with tempfile.TemporaryDirectory() as folder:
        return extracted(images, into=Path(folder) / "s.zarr")


def one_pass_per_layer(images):
    import isocortex as ic

    network, stimuli = warmed(images)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        for layer in LAYERS:
            ic.extract(network, stimuli, [layer], Path(folder) / f"{layer}.zarr", batch_size=BATCH)
            shutil.rmtree(Path(folder) / f"{layer}.zarr")
    return time.perf_counter() - start


def thingsvision(images):
    """Runs in an environment of its own; all layers in one call, features in memory."""
    import numpy as np
    import torch

    torchvision_beside_a_cpu_torch(torch)
    np.AxisError = np.exceptions.AxisError  # noqa: NPY201 - thingsvision 2.7.3 is older than NumPy 2.
    from thingsvision import get_extractor_from_model
    from torchvision.models import alexnet

    torch.set_num_threads(THREADS)
    mean, std = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
    extractor = get_extractor_from_model(
        model=alexnet(weights=None).eval(), device="cpu", backend="pt"
    )

    batches = []
    for i in range(0, len(images), BATCH):
        x = (images[i : i + BATCH].astype(np.float32) / 255 - mean) / std
        batches.append(torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2))))

    with torch.inference_mode():
        extractor.model(torch.zeros(BATCH, 3, 224, 224))
    start = time.perf_counter()
    extractor.extract_features(
        batches=batches,
        module_names=list(LAYERS),
        flatten_acts=True,
        output_type="ndarray",
    )
    return time.perf_counter() - start


def torchvision_beside_a_cpu_torch(torch):
    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        torch._kept_for_torchvision = library


def touched(gigabytes=5):
    """Memory that this machine has handed out before: a virtual one is slow to do so at first."""
    import numpy as np

    np.empty(gigabytes * 2**30, dtype=np.uint8)[::4096] = 1


def child(way, n):
    seconds = globals()[way](pixels(n))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": seconds, "gigabytes": peak}))


def run(way, n, python):
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS)}
    done = subprocess.run(
        [python, __file__, "--way", way, str(n)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        print(f"{way}: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    other = sys.argv[2] if len(sys.argv) > 2 else None
    found = {way: [] for way in WAYS}
    for _ in range(ROUNDS):
        for way in WAYS:
            subprocess.run([sys.executable, __file__, "--touch"], check=True)
            if way == "thingsvision" and other is None:
                continue
            result = run(way, n, other if way == "thingsvision" else sys.executable)
            if result is not None:
                found[way].append(result)
                print(f"{way}: {result['seconds']:.2f} s, {result['gigabytes']:.2f} GB", flush=True)
    base = statistics.median(each["seconds"] for each in found["bare"])
    print(f"AlexNet, 5 convolutions, {n} images, batches of {BATCH}, {THREADS} threads")
    print(f"{'way':20}{'seconds':>10}{'x bare':>9}{'peak GB':>9}")
    for way, results in found.items():
        if results:
            seconds = statistics.median(each["seconds"] for each in results)
            peak = max(each["gigabytes"] for each in results)
            print(f"{way:20}{seconds:10.2f}{seconds / base:9.2f}{peak:9.2f}")


if __name__ == "__main__":
    if "--touch" in sys.argv:
        touched()
    elif "--way" in sys.argv:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        main()

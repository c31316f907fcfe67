"""What does extraction cost beyond the forward pass that it cannot do without?

Three parts. ``arrays``: CIFAR-sized pictures in memory, against a plain loop with hooks. ``files``:
pictures on disk, against the same loop around Pillow. ``alexnet``: five convolutions, in one
process for each way (so that peak memory is its own), several times in turn. Weights are random,
which does not change the time. Beside the clock stands processor time, which a busy machine
changes less.

    python benchmarks/bench_extraction.py arrays 5000 50000
    python benchmarks/bench_extraction.py files 300
    python benchmarks/bench_extraction.py alexnet 1000 [python of an environment with thingsvision]

``ROUNDS``, ``THREADS`` and ``FRESH`` are environment variables. With ``FRESH=1`` a process meets
memory that a virtual machine has not handed out before, which can take longer than all that is
computed.
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

WAYS = ("bare", "plain_loop", "grams", "store", "one_pass_per_layer", "one_by_one", "thingsvision")
LAYERS = ("features.0", "features.3", "features.6", "features.8", "features.10")
ROUNDS = int(os.environ.get("ROUNDS", "3"))
THREADS = int(os.environ.get("THREADS", "2"))
BATCH = 64
PART = 10
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Clock:
    """Seconds by the clock and of the processor."""

    def __enter__(self):
        self._start = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        wall, cpu = time.perf_counter(), time.process_time()
        self.seconds, self.processor = wall - self._start[0], cpu - self._start[1]

    def told(self, scale=1):
        return {"seconds": scale * self.seconds, "processor": scale * self.processor}


def plain(module, layers, batches, pooled=False):
    """The loop that everybody writes: hooks, a list for each layer, one array at the end."""
    import numpy as np
    import torch

    kept = {layer: [] for layer in layers}

    def keep(layer):
        def hook(_module, _inputs, output):
            output = output.mean((2, 3)) if pooled and output.ndim == 4 else output
            # A copy, since a ReLU may work in place on what was given.
            kept[layer].append(output.flatten(1).numpy().copy())

        return hook

    by_name = dict(module.named_modules())
    hooks = [by_name[layer].register_forward_hook(keep(layer)) for layer in layers]
    with torch.inference_mode():
        for batch in batches:
            module(batch)
    for hook in hooks:
        hook.remove()
    return {layer: np.concatenate(each) for layer, each in kept.items()}


def normalized(pixels):
    """(n, height, width, 3) in 8 bits as a network takes them."""
    import numpy as np
    import torch

    x = (pixels.astype(np.float32) / 255 - np.float32(MEAN)) / np.float32(STD)
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


def compared(name, ours, theirs):
    """Both in turn; medians of the clock and of processor time."""
    times = {"ours": [], "plain": []}
    for _ in range(ROUNDS + 1):
        for which, job in (("ours", ours), ("plain", theirs)):
            with Clock() as clock:
                job()
            times[which].append(clock)
    for kind in ("seconds", "processor"):
        # The first of each warms up.
        mine, other = (
            statistics.median(getattr(each, kind) for each in of[1:]) for of in times.values()
        )
        print(f"{name}: {kind} {mine:.3g}, plain {other:.3g}, {mine / other:.2f} times", flush=True)


def small_network():
    """So small that what is done beside the pass can be seen."""
    import torch
    from torch import nn

    import isocortex as ic

    torch.manual_seed(0)
    blocks = [
        nn.Sequential(nn.Conv2d(a, b, 3, 2, 1), nn.BatchNorm2d(b), nn.ReLU())
        for a, b in ((3, 16), (16, 32))
    ]
    module = nn.Sequential(*blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
    how = ic.Preprocessing(resize=(32, 32), mean=MEAN, std=STD)
    return ic.load_network(module.eval(), preprocessing=how, name="small")


def arrays(*sizes):
    """Pictures of 32 x 32 in memory; layers are averaged over space and kept in arrays."""
    import numpy as np
    import torch

    import isocortex as ic

    torch.set_num_threads(THREADS)
    network, layers = small_network(), ["0", "1", "4"]
    for n in map(int, sizes or ("5000", "50000")):
        pixels = np.random.default_rng(0).integers(0, 256, (n, 32, 32, 3), dtype=np.uint8)
        stimuli = ic.Stimuli.from_arrays(pixels)

        def ours(stimuli=stimuli):
            return ic.extract(network, stimuli, layers, pooling="mean", batch_size=BATCH)

        def loop(pixels=pixels):
            batches = (normalized(pixels[i : i + BATCH]) for i in range(0, len(pixels), BATCH))
            return plain(network.module, layers, batches, pooled=True)

        found, right = ours(), loop()
        same = all(np.array_equal(found[layer].numpy(), right[layer]) for layer in layers)
        compared(f"{n} arrays of 32 x 32 (bits equal: {same})", ours, loop)


def files(n="300"):
    """JPEGs of 320 x 240, which are resized and cropped for AlexNet; its convolutions, pooled."""
    import numpy as np
    import torch
    from PIL import Image

    import isocortex as ic

    torch.set_num_threads(THREADS)
    network = ic.load_network("alexnet", weights=None, preprocessing="imagenet")
    network.module.eval()
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(int(n)):
            coarse = Image.fromarray(rng.integers(0, 256, (15, 20, 3), dtype=np.uint8))
            coarse.resize((320, 240)).save(Path(folder) / f"{i:05}.jpg", quality=95)
        stimuli = ic.Stimuli.from_folder(folder)

        def ours():
            return ic.extract(network, stimuli, list(LAYERS), pooling="mean", batch_size=BATCH)

        def decoded(path):
            with Image.open(path) as image:
                whole = image.convert("RGB").resize((341, 256), Image.Resampling.BILINEAR)
            return np.asarray(whole)[16:240, 58:282]

        def loop():
            paths = sorted(Path(folder).iterdir())
            batches = (
                normalized(np.stack([decoded(each) for each in paths[i : i + BATCH]]))
                for i in range(0, len(paths), BATCH)
            )
            return plain(network.module, LAYERS, batches, pooled=True)

        compared(f"{n} JPEGs through AlexNet", ours, loop)


def pixels(n):
    import numpy as np

    return np.random.default_rng(0).integers(0, 256, (n, 224, 224, 3), dtype=np.uint8)


def loaded():
    import torch

    import isocortex as ic

    torch.set_num_threads(THREADS)
    steps = ic.Preprocessing(mean=MEAN, std=STD)
    network = ic.load_network("alexnet", weights=None, preprocessing=steps)
    network.trace((3, 224, 224))
    network.module.eval()
    return network


def batched(images):
    return [normalized(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]


def bare(images):
    """Forward passes over tensors that are ready, nothing kept."""
    import torch

    module, batches = loaded().module, batched(images)
    handed_out()
    with torch.inference_mode():
        module(batches[0])
        with Clock() as clock:
            for batch in batches:
                module(batch)
    return clock.told()


def plain_loop(images):
    """All layers in arrays, by hooks."""
    module, batches = loaded().module, batched(images)
    handed_out()
    plain(module, LAYERS, batches[:1])
    with Clock() as clock:
        plain(module, LAYERS, batches)
    return clock.told()


def one_by_one(images):
    """A file for each picture, shown alone, as Net2Brain's extractor does; a tenth, scaled."""
    import numpy as np

    module, batches = loaded().module, [normalized(each[None]) for each in images[::PART]]
    plain(module, LAYERS, batches[:1])
    with tempfile.TemporaryDirectory() as folder, Clock() as clock:
        for i, batch in enumerate(batches):
            np.savez(Path(folder) / f"{i}.npz", **plain(module, LAYERS, [batch]))
    return clock.told(PART)


def warmed(images):
    """A network and prepared stimuli, after a small extraction that imports what is needed."""
    import isocortex as ic

    network = loaded()
    ready = [each for batch in batched(images) for each in batch.numpy()]
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
    handed_out()
    with Clock() as clock:
        ic.extract(network, stimuli, list(LAYERS), batch_size=BATCH, **options)
    return clock.told()


def grams(images):
    with tempfile.TemporaryDirectory() as folder:
        return extracted(images, into=Path(folder) / "s.zarr", keep="grams")


def store(images):
    with tempfile.TemporaryDirectory() as folder:
        return extracted(images, into=Path(folder) / "s.zarr")


def one_pass_per_layer(images):
    import isocortex as ic

    network, stimuli = warmed(images)
    with tempfile.TemporaryDirectory() as folder, Clock() as clock:
        for layer in LAYERS:
            ic.extract(network, stimuli, [layer], Path(folder) / f"{layer}.zarr", batch_size=BATCH)
            shutil.rmtree(Path(folder) / f"{layer}.zarr")
    return clock.told()


def thingsvision(images):
    """Runs in an environment of its own; all layers in one call, features in memory."""
    import numpy as np
    import torch

    torchvision_beside_a_cpu_torch(torch)
    np.AxisError = np.exceptions.AxisError  # noqa: NPY201 - thingsvision 2.7.3 is older than NumPy 2.
    from thingsvision import get_extractor_from_model
    from torchvision.models import alexnet

    torch.set_num_threads(THREADS)
    extractor = get_extractor_from_model(
        model=alexnet(weights=None).eval(), device="cpu", backend="pt"
    )
    batches = batched(images)
    with torch.inference_mode():
        extractor.model(torch.zeros(BATCH, 3, 224, 224))
    handed_out()
    with Clock() as clock:
        extractor.extract_features(
            batches=batches,
            module_names=list(LAYERS),
            flatten_acts=True,
            output_type="ndarray",
        )
    return clock.told()


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


def handed_out(gigabytes=3):
    """Memory that this machine has handed out before: a virtual one is slow to do so at first."""
    import numpy as np

    if os.environ.get("FRESH"):
        return
    np.empty(gigabytes * 2**30, dtype=np.uint8)[::4096] = 1
    if Path("/proc/self/clear_refs").exists():
        Path("/proc/self/clear_refs").write_text("5")  # The peak is counted from here on.


def child(way, n):
    result = globals()[way](pixels(n))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({**result, "gigabytes": peak}))


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


def alexnet(n="1000", other=None):
    found = {way: [] for way in WAYS if way != "thingsvision" or other is not None}
    for _ in range(ROUNDS):
        for way, results in found.items():
            result = run(way, int(n), other if way == "thingsvision" else sys.executable)
            if result is not None:
                results.append(result)
                print(way, {key: round(value, 2) for key, value in result.items()}, flush=True)
    print(f"AlexNet, 5 convolutions, {n} images, batches of {BATCH}, {THREADS} threads")
    print(f"{'way':20}{'seconds':>10}{'x bare':>9}{'processor':>11}{'x bare':>9}{'peak GB':>9}")

    def middle(way, kind):
        return statistics.median(each[kind] for each in found[way])

    for way, results in found.items():
        if results:
            clock, cpu = middle(way, "seconds"), middle(way, "processor")
            parts = clock / middle("bare", "seconds"), cpu / middle("bare", "processor")
            peak = max(each["gigabytes"] for each in results)
            print(f"{way:20}{clock:10.2f}{parts[0]:9.2f}{cpu:11.2f}{parts[1]:9.2f}{peak:9.2f}")


def main():
    from common import say_machine

    parts = {"arrays": arrays, "files": files, "alexnet": alexnet}
    say_machine((1, THREADS))
    asked = sys.argv[1:]
    if asked and asked[0] in parts:
        parts[asked[0]](*asked[1:])
        return
    for part in parts.values():
        part()


if __name__ == "__main__":
    if "--way" in sys.argv:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        main()

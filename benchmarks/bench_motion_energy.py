"""Motion energy beside pymoten's, on the same frames, one after the other.

python benchmarks/bench_motion_energy.py
"""

import time

import moten
import numpy as np
from common import sized

from isocortex.numerics.signal.motion_energy import motion_energy


def _seconds(function, *given, **options):
    start = time.process_time()
    found = function(*given, **options)
    return time.process_time() - start, found


def main():
    frames = np.random.default_rng(0).uniform(0, 100, (sized(100, 30), 68, 160))
    pyramid = moten.get_default_pyramid(vhsize=(68, 160), fps=25)
    for _ in range(2):
        ours, found = _seconds(motion_energy, frames, 25)
        theirs, right = _seconds(
            moten.core.project_stimulus, frames, pyramid.filters, dtype="float64"
        )
        print(
            f"100 frames of 68 x 160, {found.shape[1]} filters: {ours:.3f} s of processor, pymoten "
            f"{theirs:.3f} s, {theirs / ours:.1f} times; largest difference "
            f"{np.abs(found - right).max():.1e}"
        )


if __name__ == "__main__":
    main()

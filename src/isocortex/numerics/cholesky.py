"""Many small symmetric positive definite systems, solved on every core at once.

scipy's own wrapper of LAPACK keeps Python's interpreter lock while it works, so that threads wait
for each other. The same compiled routine, called through its published pointer, does not.
"""

import ctypes
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import cython_lapack  # pyright: ignore[reportAttributeAccessIssue]
from threadpoolctl import threadpool_info, threadpool_limits


@cache
def _posv() -> Any:
    capsule = cython_lapack.__pyx_capi__["dposv"]
    get_name = ctypes.pythonapi.PyCapsule_GetName
    get_name.restype, get_name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    get_pointer = ctypes.pythonapi.PyCapsule_GetPointer
    get_pointer.restype = ctypes.c_void_p
    get_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
    address = get_pointer(capsule, get_name(capsule))
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 8)(address)


def solve_in_place(matrix: np.ndarray, right: np.ndarray) -> bool:
    """Replace ``right`` by the solution of ``matrix @ w = right``, destroying ``matrix``.

    Parameters
    ----------
    matrix : array, shape (n, n)
        float64, C-ordered, symmetric positive definite; only the part on and above the
        diagonal is read.
    right : array, shape (n,) or (n_right, n)
        float64, C-ordered.

    Returns
    -------
    done : bool
        False if the matrix is not positive definite.
    """
    n, info = ctypes.c_int(len(matrix)), ctypes.c_int(0)
    n_right = ctypes.c_int(right.size // max(len(matrix), 1))
    # What lies above the diagonal in C order lies below it in Fortran order.
    lower = ctypes.c_char(b"L")
    size = ctypes.addressof(n)
    _posv()(
        ctypes.addressof(lower),
        size,
        ctypes.addressof(n_right),
        matrix.ctypes.data,
        size,
        right.ctypes.data,
        size,
        ctypes.addressof(info),
    )
    return info.value == 0


def on_all_cores(
    work: Callable[[Sequence[int]], None], n_items: int, *, whole: bool = False
) -> None:
    """Share out ``range(n_items)`` among threads, each with linear algebra of one thread.

    There are as many threads as the linear algebra library would have used itself; ``whole``
    gives each a single share, otherwise the shares are smaller, so that none waits long.
    """
    threads = max((each["num_threads"] for each in threadpool_info()), default=1)
    if threads == 1 or n_items < 2:
        work(range(n_items))
        return
    n_parts = min(n_items, threads if whole else 4 * threads)
    with threadpool_limits(1), ThreadPoolExecutor(threads) as pool:
        parts = [range(part, n_items, n_parts) for part in range(n_parts)]
        for _ in pool.map(work, parts):
            pass

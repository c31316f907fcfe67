"""Small symmetric positive definite systems, many of them: solved one by one or inverted in stacks.

scipy's own wrapper of LAPACK keeps Python's interpreter lock while it works, so that threads wait
for each other. The same compiled routine, called through its published pointer, does not.
"""

import ctypes
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import cython_lapack  # pyright: ignore[reportAttributeAccessIssue]


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


def inverse(matrices: np.ndarray) -> np.ndarray:
    """Inverses of a stack of positive definite matrices; NaN where one is not."""
    root = inverse_root(matrices)
    return np.matmul(np.swapaxes(root, -1, -2), root)


def inverse_root(matrices: np.ndarray) -> np.ndarray:
    r"""Lower triangular X with :math:`X S X^\top = I` for a stack of positive definite S.

    Inverse Cholesky factors, by halves: small triangles for the whole stack at once, the rest
    by matrix products. Three times faster than inverting small matrices one by one.

    Parameters
    ----------
    matrices : array, shape (..., p, p)

    Returns
    -------
    root : array of the same shape
        NaN where a matrix is not positive definite.
    """
    stack = matrices.reshape(-1, *matrices.shape[-2:])
    try:
        factors = np.linalg.cholesky(stack)
    except np.linalg.LinAlgError:
        factors = np.full_like(stack, np.nan)
        for factor, one in zip(factors, stack, strict=True):
            with suppress(np.linalg.LinAlgError):
                factor[:] = np.linalg.cholesky(one)
    root = np.zeros_like(factors)
    with np.errstate(all="ignore"):
        _invert_triangles(factors, root)
    return root.reshape(matrices.shape)


def _invert_triangles(factors: np.ndarray, out: np.ndarray) -> None:
    p = factors.shape[1]
    if p > 12:
        half = p // 2
        upper, lower = out[:, :half, :half], out[:, half:, half:]
        _invert_triangles(factors[:, :half, :half], upper)
        _invert_triangles(factors[:, half:, half:], lower)
        out[:, half:, :half] = -np.matmul(lower, np.matmul(factors[:, half:, :half], upper))
        return
    # The stack comes last, so that each operation runs along it.
    small = np.ascontiguousarray(factors.transpose(1, 2, 0))
    inverted = np.zeros_like(small)
    for i in range(p):
        inverted[i, i] = 1 / small[i, i]
        if i:
            row = np.einsum("jn,jkn->kn", small[i, :i], inverted[:i, :i])
            inverted[i, :i] = -inverted[i, i] * row
    out[:] = inverted.transpose(2, 0, 1)

"""Preloaded by workers on this machine: Ctrl-C is for the run, which ends its workers itself."""

import signal
import threading
from typing import Any


def dask_setup(_worker: Any) -> None:
    """Leave interrupts to the run: a worker would only say where it was."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

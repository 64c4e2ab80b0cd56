"""What every program needs, the pool of threads and the driver, made ready beside its capture.

On an empty cache both are compiled, which takes as long as a small program; LLVM holds no lock of
Python's meanwhile.
"""

import threading

from .parallel import parallel_for
from .table import driver

_first = threading.Lock()  # they are made once, whoever asks


class Ahead:
    """with Ahead(): what stands inside runs beside the preparation; at the end both are done."""

    def __enter__(self):
        self.thread = None
        if not driver.cache_info().currsize:
            self.thread = threading.Thread(target=self.quietly)
            self.thread.start()

    def __exit__(self, *error):
        if self.thread is not None:
            self.thread.join()

    def quietly(self):
        """Make both. Whoever needs them makes them again where that fails, and has the error."""
        try:
            with _first:
                parallel_for()
                driver()
        except Exception:
            return

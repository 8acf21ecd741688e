"""Seconds of steps, the best of several, and what a side reports in the end."""

import json
import resource
import sys
import time

import numpy as np


class Steps:
    """Seconds and processor seconds by step, told on stderr as they pass."""

    def __init__(self):
        self.seconds, self.processor_seconds = {}, {}

    def best(self, name, work, *, times=3):
        """Do the work so often, keep the shortest time, and return what it gave."""
        for _ in range(times):
            started, processor = time.perf_counter(), time.process_time()
            result = work()
            self._keep(name, time.perf_counter() - started, time.process_time() - processor)
        spent = f"{self.seconds[name]:8.3f} s {self.processor_seconds[name]:8.3f} s of processors"
        print(f"    {name:<28}{spent}", file=sys.stderr, flush=True)
        return result

    def _keep(self, name, seconds, processor_seconds):
        self.seconds[name] = min(self.seconds.get(name, np.inf), seconds)
        self.processor_seconds[name] = min(self.processor_seconds.get(name, np.inf), processor_seconds)


def errors(expected, actual):
    """Give the error of the sum, the root mean square error and the correlation."""
    return {
        "off": float(expected.sum() / actual.sum() - 1),
        "rmse": float(np.sqrt(np.mean((expected - actual) ** 2))),
        "correlation": float(np.corrcoef(expected, actual)[0, 1]),
    }


def report(**found):
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found | {"peak_mb": peak}))

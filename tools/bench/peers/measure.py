"""Times a peer on one thread, its best nearly everywhere, and prints samples as JSON of the same form as
`understudy bench --json`. Import it before numpy and torch: it fixes their threads."""

import argparse
import json
import os
import platform
import statistics
import sys
import time

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[pool] = "1"


def options(description, torch=True):
    """Reads --repeats and --seconds, as in `understudy bench`. With `torch`, refuses a PyTorch on a slow BLAS."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--repeats", type=int, default=5, help="samples of each measurement (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a sample, s (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.repeats < 1 or not arguments.seconds > 0:
        parser.error("want at least one repeat of positive length")
    if not torch:
        return arguments
    import torch

    torch.set_num_threads(1)
    torch.ones(64, 64) @ torch.ones(64, 64)
    with open("/proc/self/maps") as loaded:
        if "openblas" not in loaded.read():  # the comparison would flatter us tenfold
            sys.exit("PyTorch runs on a BLAS other than OpenBLAS; install libopenblas0-pthread and look at: "
                     "update-alternatives --display libblas.so.3-$(uname -m)-linux-gnu")
    return arguments


def rate(name, transitions_per_batch, train, arguments):
    """Transitions per second of `train(batches)`: warmed up, then `repeats` samples of about `seconds` each."""
    train(20)
    started = time.perf_counter()
    train(50)
    batches = max(50, round(50 * arguments.seconds / (time.perf_counter() - started)))
    samples = []
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        train(batches)
        samples.append(batches * transitions_per_batch / (time.perf_counter() - started))
    return measurement(name, "transitions/s", samples)


def duration(name, work, arguments):
    """Seconds that `work()` takes, `repeats` times."""
    samples = []
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        work()
        samples.append(time.perf_counter() - started)
    return measurement(name, "s", samples)


def measurement(name, unit, samples):
    return {"name": name, "unit": unit, "median": statistics.median(samples), "samples": samples}


def report(peer, measurements):
    document = {"program": peer, "python": platform.python_version(), "threads": 1, "measurements": measurements}
    if "torch" in sys.modules:
        document["torch"] = sys.modules["torch"].__version__
    json.dump(document, sys.stdout, indent=2)
    print()

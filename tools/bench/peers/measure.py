"""Times a peer and prints samples as JSON of the same form as `understudy bench --json`. Import it before numpy and
torch: it fixes their threads, to one, the peers' best nearly everywhere, or to what --threads says."""

import argparse
import json
import os
import platform
import statistics
import sys
import time

_threads = argparse.ArgumentParser(add_help=False)
_threads.add_argument("--threads", type=int, choices=range(1, 65), metavar="N", default=1,
                      help="threads of its matrix products and operators (default: %(default)s)")
threads = _threads.parse_known_args()[0].threads
for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[pool] = str(threads)
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"  # or PyTorch's threads spin while OpenBLAS's want the cores


def options(description, torch=True):
    """Reads --repeats, --seconds and --threads. With `torch`, refuses a PyTorch on a slow BLAS."""
    parser = argparse.ArgumentParser(description=description, parents=[_threads])
    parser.add_argument("--repeats", type=int, default=5, help="samples of each measurement (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="length of a sample, s (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.repeats < 1 or not arguments.seconds > 0:
        parser.error("want at least one repeat of positive length")
    if not torch:
        return arguments
    import torch

    torch.set_num_threads(threads)
    # OpenBLAS's kernels prefetch beyond the panels at hand. While nobody has written there, each prefetch walks the
    # page tables, which costs up to three quarters of the speed on a virtual machine; a large product maps it all.
    torch.ones(2000, 2000) @ torch.ones(2000, 2000)
    with open("/proc/self/maps") as loaded:
        if "openblas" not in loaded.read():  # the comparison would flatter us tenfold
            sys.exit("PyTorch runs on a BLAS other than OpenBLAS; install libopenblas0-pthread and look at: "
                     "update-alternatives --display libblas.so.3-$(uname -m)-linux-gnu")
    return arguments


def rate(name, items_per_batch, run, arguments, unit="transitions/s", warmup=20, trial=50):
    """Items per second of `run(batches)`: warmed up, timed by a trial, then `repeats` samples of about `seconds`."""
    run(warmup)
    started = time.perf_counter()
    run(trial)
    batches = max(trial, round(trial * arguments.seconds / (time.perf_counter() - started)))
    samples = []
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        run(batches)
        samples.append(batches * items_per_batch / (time.perf_counter() - started))
    return measurement(name, unit, samples)


def duration(name, work, arguments):
    """Seconds that `work()` takes, `repeats` times."""
    samples = []
    for _ in range(arguments.repeats):
        started = time.perf_counter()
        work()
        samples.append(time.perf_counter() - started)
    return measurement(name, "s", samples)


def measurement(name, unit, samples):
    return {"name": name, "unit": unit, "threads": threads, "median": statistics.median(samples), "samples": samples}


def report(peer, measurements):
    document = {"program": peer, "python": platform.python_version(), "measurements": measurements}
    if "torch" in sys.modules:
        document["torch"] = sys.modules["torch"].__version__
    json.dump(document, sys.stdout, indent=2)
    print()

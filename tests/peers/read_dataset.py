#!/usr/bin/env python3
"""Reads a file that `understudy record` wrote with h5py, robomimic and Minari, compares what they show value by value,
and trains robomimic's behavioural cloning on it. Exit code 1 and one line on any difference.

usage: read_dataset.py demos.h5 --minari ROOT      (ROOT from: understudy data convert --minari ROOT demos.h5)
"""

import argparse
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore", category=DeprecationWarning)

import h5py

import h5py_view
import minari_view
import robomimic_view


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("file", type=pathlib.Path, help="dataset that understudy wrote")
    parser.add_argument("--minari", type=pathlib.Path, required=True, metavar="ROOT",
                        help="folder that `understudy data convert --minari` wrote")
    parser.add_argument("--epochs", type=int, default=10, help="epochs of robomimic's BC (default: %(default)s)")
    # Over Reach and Drive, 6 to 18 demonstrations of a noisy expert, it fell by factors of 5.8 to 14.7 in 10 epochs.
    parser.add_argument("--factor", type=float, default=3.0,
                        help="how far its training loss must fall at least (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        dataset = h5py_view.read(arguments.file)
        print(f"h5py {h5py.__version__}: {len(dataset.demos)} demonstrations, {sum(map(len, dataset.demos))} steps, "
              f"{len(dataset.masks['train'])} to train and {len(dataset.masks['valid'])} to validate", flush=True)
        print(minari_view.check(arguments.file, arguments.minari, dataset), flush=True)
        print(robomimic_view.check(arguments.file, dataset, arguments.epochs, arguments.factor), flush=True)
    except (h5py_view.Difference, OSError, KeyError) as difference:
        sys.exit(f"read_dataset.py: {difference}")


if __name__ == "__main__":
    main()

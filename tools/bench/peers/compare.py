#!/usr/bin/env python3
"""Joins the samples of interleaved benchmark rounds and prints medians, spreads and ratios.

usage: compare.py understudy.1.json ... -- peer.1.json ...
"""

import json
import statistics
import sys


def read(paths):
    """Returns {name: (unit, samples, programs)} over all files, in order of appearance."""
    joined = {}
    for path in paths:
        with open(path) as file:
            document = json.load(file)
        for one in document["measurements"]:
            unit, samples, program = joined.setdefault(one["name"], (one["unit"], [], document["program"]))
            if unit != one["unit"]:
                sys.exit(f"compare.py: {path}: {one['name']}: want {unit}, found {one['unit']}")
            samples.extend(one["samples"])
    return joined


def main():
    if "--" not in sys.argv[1:]:
        sys.exit("usage: compare.py understudy.json ... -- peer.json ...")
    split = sys.argv.index("--")
    ours, peers = read(sys.argv[1:split]), read(sys.argv[split + 1:])
    print(f"{'workload, one thread':46} {'understudy':>12} {'spread':>7}  {'peer':>12} {'spread':>7}  {'unit':14}"
          f"{'times':>6}  peer's name")
    for name, (unit, theirs, program) in peers.items():
        peer = statistics.median(theirs)
        tail = f"{peer:12.6g} {spread(theirs):6.0%}  {unit:14}"
        if name not in ours:
            print(f"{name:46} {'not measured':>12} {'':>7}  {tail}{'':>6}  {program}")
            continue
        if ours[name][0] != unit:
            sys.exit(f"compare.py: {name}: understudy measures {ours[name][0]}, the peer {unit}")
        our = statistics.median(ours[name][1])
        ratio = peer / our if unit == "s" else our / peer
        print(f"{name:46} {our:12.6g} {spread(ours[name][1]):6.0%}  {tail}{ratio:5.1f}x  {program}")


def spread(samples):
    """Highest over lowest sample, less one."""
    return max(samples) / min(samples) - 1


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Joins the samples of interleaved benchmark rounds and prints medians, spreads and ratios: our speed over the peer's.

usage: compare.py FOLDER_OF_OUR_JSON FOLDER_OF_PEERS_JSON [FOLDER_OF_PEERS_JSON_BY_DEFAULT]

The third folder holds what the peers reach with the kernel that their BLAS takes by itself.
"""

import json
import pathlib
import statistics
import sys


def read(folder):
    """Returns {(program, workload, threads): (unit, samples)} over all files, in order of appearance."""
    joined = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        document = json.loads(path.read_text())
        for one in document["measurements"]:
            key = document["program"], one["name"], one.get("threads", 1)
            unit, samples = joined.setdefault(key, (one["unit"], []))
            if unit != one["unit"]:
                sys.exit(f"compare.py: {path}: {one['name']}: want {unit}, found {one['unit']}")
            samples.extend(one["samples"])
    return joined


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: compare.py FOLDER_OF_OUR_JSON FOLDER_OF_PEERS_JSON [FOLDER_OF_PEERS_JSON_BY_DEFAULT]")
    ours = {key[1:]: found for key, found in read(sys.argv[1]).items()}
    peers = read(sys.argv[2])
    defaults = read(sys.argv[3]) if len(sys.argv) == 4 else {}
    print(f"{'workload':48} {'threads':>7} {'understudy':>12} {'spread':>7}  {'peer':>12} {'spread':>7}  {'unit':14}"
          f"{'times':>6}  peer's name" + (", by default" if defaults else ""))
    for (program, name, threads), (unit, theirs) in sorted(peers.items(), key=lambda one: one[0][1:]):
        peer = statistics.median(theirs)
        _, samples = defaults.get((program, name, threads), (unit, []))
        by_default = f", {statistics.median(samples):.6g}" if samples else ""
        head = f"{name:48} {threads:7}"
        tail = f"{peer:12.6g} {spread(theirs):7.0%}  {unit:14}"
        if (name, threads) not in ours:
            print(f"{head} {'not measured':>12} {'':>7}  {tail}{'':>6}  {program}{by_default}")
            continue
        our_unit, samples = ours[name, threads]
        if our_unit != unit:
            sys.exit(f"compare.py: {name}: understudy measures {our_unit}, the peer {unit}")
        our = statistics.median(samples)
        ratio = peer / our if unit == "s" else our / peer
        print(f"{head} {our:12.6g} {spread(samples):7.0%}  {tail}{ratio:5.1f}x  {program}{by_default}")


def spread(samples):
    """Highest over lowest sample, less one."""
    return max(samples) / min(samples) - 1


if __name__ == "__main__":
    main()

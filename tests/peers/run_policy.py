#!/usr/bin/env python3
"""Runs a policy.pt with Python's torch alone, from raw observations, and compares its actions with those that the
C++ program took; and works out the file's checksum as docs/policy-format.md says. Exit code 1 and one line on any
difference.

usage: run_policy.py policy.pt trace.csv           (trace from: understudy eval policy.pt --trace trace.csv)
The trace has the header obs_0,...,action_0,... and one line per step with nine significant digits, which give back
a float's exact bits.
"""

import argparse
import csv
import hashlib
import json
import sys
import zipfile

import numpy as np
import torch


def read_trace(path):
    """Returns observations [steps, obs_dim] and actions [steps, act_dim], float32."""
    with open(path, newline="") as file:
        rows = csv.reader(file)
        header = next(rows, [])
        obs_dim = sum(name.startswith("obs/") for name in header)
        act_dim = sum(name.startswith("action/") for name in header)
        if header[:2] != ["episode", "step"] or len(header) != 2 + obs_dim + act_dim or obs_dim == 0 or act_dim == 0:
            raise ValueError(f"{path}: want the header episode,step,obs/...,action/..., found {','.join(header)[:80]}")
        rows = list(rows)
        if any(row[0] != "0" for row in rows):
            raise ValueError(f"{path}: want one episode, found several")
        values = np.array([[float(cell) for cell in row[2:]] for row in rows], dtype=np.float32)
    if len(values) == 0:
        raise ValueError(f"{path}: no steps")
    return values[:, :obs_dim], values[:, obs_dim:]


def check_sha256(path):
    """Raises ValueError unless the checksum in the file is the one of its records."""
    with zipfile.ZipFile(path) as archive:
        records = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    text = records["extra/understudy.json"]
    named = json.loads(text)["sha256"]
    records["extra/understudy.json"] = text.replace(named.encode(), b"0" * 64)
    records.pop(".data/serialization_id", None)
    digest = hashlib.sha256()
    for name in sorted(records):
        digest.update(f"{name}\n{len(records[name])}\n".encode() + records[name])
    if digest.hexdigest() != named:
        raise ValueError(f"{path}: understudy.json says SHA-256 {named}, its records have {digest.hexdigest()}")


def actions_of(policy, observations):
    """Yields name and actions of every way to run the policy over one episode."""
    def one_at_a_time():
        return np.stack([policy(torch.from_numpy(row)).numpy() for row in observations])

    if hasattr(policy, "reset"):  # it remembers: the steps of an episode come one after the other
        yield "one observation at a time", one_at_a_time()
        policy.reset()
        yield "the same once more after reset()", one_at_a_time()
    else:
        yield "the whole trace as one batch", policy(torch.from_numpy(observations)).numpy()
        yield "one observation at a time", one_at_a_time()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("policy", help="policy.pt")
    parser.add_argument("trace", help="CSV that `understudy eval --trace` wrote")
    parser.add_argument("--tolerance", type=float, default=1e-5, help="largest difference (default: %(default)s)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)

    observations, actions = read_trace(arguments.trace)
    extra = {"understudy.json": ""}
    policy = torch.jit.load(arguments.policy, map_location="cpu", _extra_files=extra)
    if not isinstance(json.loads(extra["understudy.json"]), dict):
        raise ValueError(f"{arguments.policy}: understudy.json is no JSON object")
    check_sha256(arguments.policy)
    with torch.no_grad():
        ways = list(actions_of(policy, observations))
    for name, found in ways:
        if found.shape != actions.shape:
            raise ValueError(f"{arguments.policy}: {name}: want actions {actions.shape}, found {found.shape}")
        differences = np.abs(found - actions)
        step, entry = np.unravel_index(np.argmax(differences), differences.shape)
        if not differences[step, entry] <= arguments.tolerance:  # also true for NaN
            raise ValueError(f"{arguments.policy}: {name}: step {step}, action {entry}: C++ took "
                             f"{actions[step, entry]:.9g}, Python {found[step, entry]:.9g}; they may differ by "
                             f"{arguments.tolerance:g}")
        print(f"torch {torch.__version__}: {name}: {len(actions)} actions, largest difference "
              f"{differences[step, entry]:.2g}")
    # A policy that ignores its input would agree with itself.
    if np.ptp(actions, axis=0).max() == 0:
        raise ValueError(f"{arguments.trace}: every action is the same; the comparison says nothing")


if __name__ == "__main__":
    try:
        main()
    except (ValueError, OSError, RuntimeError) as error:
        sys.exit(f"run_policy.py: {' '.join(str(error).split())}")

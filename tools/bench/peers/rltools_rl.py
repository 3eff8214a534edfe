#!/usr/bin/env python3
"""SAC and TD3 of RLtools (C++, headers only) in its own training loop on OpenBLAS (rltools_loops.cpp): steps per
second, each with an update. RLTOOLS=/path/to/a/checkout takes its headers from there instead of from PyPI's package."""

import measure  # first: it fixes the threads

import hashlib
import importlib.metadata
import os
import pathlib
import subprocess
import sys
import sysconfig

SOURCE = pathlib.Path(__file__).with_name("rltools_loops.cpp")
# As its README and its package build it. Debian's OpenBLAS is also the one under PyTorch.
FLAGS = ("-std=c++17", "-O3", "-march=native", "-ffast-math", "-w", "-DRL_TOOLS_BACKEND_ENABLE_OPENBLAS")


def headers():
    """Returns the folder and the name of what is in it."""
    checkout = os.environ.get("RLTOOLS")
    if checkout:
        return pathlib.Path(checkout) / "include", "RLtools of RLTOOLS"
    package = pathlib.Path(sysconfig.get_path("purelib")) / "rltools/external/rl_tools/include"
    return package, f"RLtools {importlib.metadata.version('rltools')}"


def program(include):
    """Compiled once; again when source, headers' place or flags are others."""
    if not (include / "rl_tools").is_dir():
        sys.exit(f"rltools_rl.py: {include}: want RLtools' headers there; let RLTOOLS name a checkout of it")
    key = hashlib.sha256(f"{SOURCE.read_text()}{include}{FLAGS}".encode()).hexdigest()[:16]
    binary = pathlib.Path(sys.prefix) / f"rltools_loops-{key}"
    if not binary.exists():
        done = subprocess.run(["g++", *FLAGS, f"-I{include}", SOURCE, "-o", binary, "-l:libopenblas.so.0"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"rltools_rl.py: could not compile against {include}:\n{done.stderr}")
    return binary


def main():
    include, name = headers()
    if sys.argv[1:] == ["--compile"]:  # and no more
        program(include)
        return
    arguments = measure.options(__doc__, torch=False)
    output = subprocess.run([program(include), str(arguments.repeats), str(arguments.seconds)], check=True,
                            capture_output=True, text=True).stdout
    samples = {}
    for line in output.splitlines():
        workload, sample = line.split()
        samples.setdefault(workload, []).append(float(sample))
    measure.report(name, [measure.measurement(workload, "updates/s", found) for workload, found in samples.items()])


if __name__ == "__main__":
    main()

"""Loads every robot of two public collections with the program and with PyBullet, and lets our experts drive them.

usage: robots.py PROGRAM TABLE [NAME]
  PROGRAM  the understudy binary
  TABLE    file to write: a line per URDF, separated by tabs
  NAME     only files whose path holds it

Needs the PyPI packages pybullet (which brings pybullet_data) and example-robot-data. A file counts as loaded when
PyBullet makes a body of it; as refused by us when `understudy envs JointControl:FILE` gives any line but the one
that nothing in it moves. Exits with 1 when we refuse what PyBullet loads without a reason on the list below, when
the expert of JointControl brings fewer than 90 % of 20 episodes to the target, or that of Reach where it names a
hand itself.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import sysconfig

EPISODES = 20
WANTED = 0.9
# Lines of ours that are right though PyBullet says nothing: what stands in them cannot be simulated as it says.
EXPLAINED = {
    "want a friction below the effort": "its drive cannot overcome its friction: nothing moves it in PyBullet either",
    "$(": "a xacro file that was never expanded: PyBullet reads such numbers as 0",
    "is not a valid float": "PyBullet reads as much of it as is a number",
    "unknown geometry <plane>": "no geometry of URDF's",
    "corner that is not finite": "PyBullet keeps the damaged mesh",
    "planar": "a planar joint has three degrees of freedom and no motor",
    "no room between its limits": "its <limit> leaves no way to go",
    "more than 100 m": "its <limit> is no limit",
    "within minutes": "its <limit effort> moves nothing",
    "no body has this inertia": "PyBullet computes another inertia from the shapes",
    "positive definite": "PyBullet computes another inertia from the shapes",
    "neither it nor what hangs on it has mass": "PyBullet lets it hang still",
    "want a positive": "a shape of size 0, or less",
    "STL, OBJ or DAE": "a mesh that we do not read",
    "want a mesh file, found nothing there": "PyBullet leaves the contact shape out",
}


def pybullet_verdict(path):
    """'loads N' with the number of joints that move, or why not. In a child, because PyBullet may crash."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        import pybullet

        pybullet.connect(pybullet.DIRECT)
        pybullet.setAdditionalSearchPath(str(path.parent))
        try:
            body = pybullet.loadURDF(str(path), useFixedBase=True)
            moving = sum(pybullet.getJointInfo(body, j)[2] != pybullet.JOINT_FIXED for j in range(pybullet.getNumJoints(body)))
            answer = f"loads {moving}"
        except pybullet.error as error:
            answer = f"refuses: {error}"
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    answer = os.read(read, 1000).decode()
    os.close(read)
    os.waitpid(child, 0)
    return answer or "crashes"


def ours(program, *arguments, seconds=600):
    """Exit code, standard output, and the program's one line without its name."""
    try:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=seconds, errors="replace")
    except subprocess.TimeoutExpired:
        return 124, "", f"takes more than {seconds} s"
    lines = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
    return done.returncode, done.stdout, " ".join(lines).removeprefix("understudy: ")


def success(program, task):
    """Success rate of the task's expert, or its line."""
    code, output, line = ours(program, "eval", "expert", "--env", task, "--episodes", str(EPISODES), "--threads", "2", "--json")
    if code != 0:
        return line or f"exit code {code}"
    return json.loads(output)["policies"][0]["success_rate"]


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    program, table = sys.argv[1:3]
    site = pathlib.Path(sysconfig.get_paths()["purelib"])
    files = sorted(site.glob("pybullet_data/**/*.urdf")) + sorted(site.glob("cmeel.prefix/**/*.urdf"))
    if len(sys.argv) == 4:
        files = [file for file in files if sys.argv[3] in str(file)]
    counts = collections.Counter()
    wrong = []
    with open(table, "w", encoding="utf-8") as out:
        print("file", "PyBullet", "here", "JointControl", "Reach", sep="\t", file=out)
        for file in files:
            name = str(file.relative_to(site))
            peer = pybullet_verdict(file)
            code, _, line = ours(program, "envs", f"JointControl:{file}")
            still = "no joint can be driven" in line
            joint = reach = ""
            if code == 0:
                here = "loads"
                joint = success(program, f"JointControl:{file}")
                reach = success(program, f"Reach:{file}")
            else:
                here = "loads, nothing moves" if still else f"refuses: {line}"
            loaded = code == 0 or still
            counts["loaded by both" if loaded and peer.startswith("loads") else
                   "loaded here only" if loaded else
                   "loaded by PyBullet only" if peer.startswith("loads") else "loaded by neither"] += 1
            if code not in (0, 1):
                wrong.append(f"{name}: exit code {code}: {line}")
            if not loaded and peer.startswith("loads") and not any(word in line for word in EXPLAINED):
                wrong.append(f"{name}: {line}")
            if isinstance(joint, str) and code == 0 or isinstance(joint, float) and joint < WANTED:
                wrong.append(f"{name}: JointControl: {joint}")
            if isinstance(reach, float) and reach < WANTED:
                wrong.append(f"{name}: Reach: {reach}")
            if isinstance(joint, float):
                counts["driven by JointControl's expert"] += joint >= WANTED
                counts["that can be driven"] += 1
            if isinstance(reach, float):
                counts["reached by Reach's expert"] += reach >= WANTED
                counts["with a hand"] += 1
            print(name, peer, here, joint, reach, sep="\t", file=out, flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:6} {what}")
    for line in wrong:
        print("WRONG", line)
    sys.exit(1 if wrong else 0)


main()

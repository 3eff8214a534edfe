"""The same URDF with the same torques in PyBullet and in our robot_trace: do the joints agree?

usage: pybullet_view.py ROBOT_TRACE FILE.urdf:fixed|free:TORQUE:HEIGHT ...
Each robot runs 240 steps in the air and, unless HEIGHT is "-", 60 steps from HEIGHT [m], where it meets the ground soon.
Joint and base positions must agree to 1e-9 without contact and to 1e-4 with it.
"""

import math
import os
import re
import subprocess
import sys
import tempfile

import numpy as np
import pybullet as bullet

# PyBullet writes warnings to the program's output from within the library: to nowhere with them.
sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
MOVING = (bullet.JOINT_REVOLUTE, bullet.JOINT_PRISMATIC)


def for_pybullet(file):
    """PyBullet knows <capsule>, urdfdom does not: our files name a cylinder '..._capsule'."""
    text = open(file).read()
    text = re.sub(r'(_capsule">(?:(?!</collision>|</visual>).)*?)<cylinder ', r"\1<capsule ", text, flags=re.S)
    copy = tempfile.NamedTemporaryFile("w", suffix=".urdf", delete=False, dir=os.path.dirname(file))
    copy.write(text)
    copy.close()
    return copy.name


def run(file, starts, steps, fixed, height, torque, ground):
    client = bullet.connect(bullet.DIRECT)
    bullet.setGravity(0, 0, -9.81)
    bullet.setPhysicsEngineParameter(deterministicOverlappingPairs=1)  # as we do: the order of contacts matters
    if ground:
        bullet.createMultiBody(0, bullet.createCollisionShape(bullet.GEOM_PLANE))
    copy = for_pybullet(file)
    try:
        flags = bullet.URDF_USE_INERTIA_FROM_FILE | bullet.URDF_USE_IMPLICIT_CYLINDER
        robot = bullet.loadURDF(copy, [0, 0, height], useFixedBase=fixed, flags=flags)
    finally:
        os.unlink(copy)
    joints = [bullet.getJointInfo(robot, i) for i in range(bullet.getNumJoints(robot))]
    dofs = []
    for info in joints:
        size = {bullet.JOINT_FIXED: 0, bullet.JOINT_PLANAR: 3, bullet.JOINT_SPHERICAL: 3}.get(info[2], 1)
        dofs.append((info[0], info[2], size))
        if info[2] in MOVING:
            bullet.setJointMotorControl2(robot, info[0], bullet.VELOCITY_CONTROL, force=0)
    moving = [joint for joint, kind, _ in dofs if kind in MOVING]
    for joint, start in zip(moving, starts, strict=True):
        bullet.resetJointState(robot, joint, start)
    rows = []
    for step in range(steps):
        index = 0
        for joint, kind, size in dofs:
            if kind in MOVING:
                force = torque * math.sin(0.05 * step + index)
                bullet.setJointMotorControl2(robot, joint, bullet.TORQUE_CONTROL, force=force)
            index += size
        bullet.stepSimulation()
        position, turn = bullet.getBasePositionAndOrientation(robot)
        row = list(position) + list(turn)
        for joint, kind, size in dofs:
            if size == 1:
                row.append(bullet.getJointState(robot, joint)[0])
            row += bullet.getLinkState(robot, joint, computeForwardKinematics=True)[0]
        rows.append(row)
    bullet.disconnect(client)
    return np.array(rows)


def compare(program, file, steps, fixed, height, torque, ground, tolerance):
    command = [program, file, str(steps), "fixed" if fixed else "free", str(height), str(torque)]
    text = subprocess.run(command + ["ground"] * ground, check=True, capture_output=True, text=True).stdout
    starts, *lines = [[float(x) for x in line.split()] for line in text.splitlines()]
    ours = np.array(lines)
    theirs = run(file, starts, steps, fixed, height, torque, ground)
    if fixed:  # a fixed base has no inertia in PyBullet, so its principal axes are not turned
        ours, theirs = ours[:, 7:], theirs[:, 7:]
    difference = np.abs(ours - theirs)
    moved = np.abs(ours[-1] - ours[0]).max()
    worst = difference.max()
    verdict = "agree" if worst <= tolerance else "DIFFER"
    place = "on the ground" if ground else "in the air"
    base = "fixed base" if fixed else "free base"
    print(f"{os.path.basename(file):28} {place}, {base:10} {steps} steps: worst difference {worst:.2e} "
          f"(after 10 steps {difference[:10].max():.1e}), moved {moved:.2f}: {verdict}")
    return worst <= tolerance


def main():
    program, files = sys.argv[1], sys.argv[2:]
    good = True
    for entry in files:
        file, base, torque, height = entry.split(":")
        good &= compare(program, file, 240, base == "fixed", 5.0, float(torque), False, 1e-9)
        if height != "-":
            good &= compare(program, file, 60, base == "fixed", float(height), float(torque), True, 1e-4)
    sys.exit(not good)


if __name__ == "__main__":
    main()

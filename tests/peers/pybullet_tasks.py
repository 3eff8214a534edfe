"""Our tasks beside PyBullet's environments of the same names, from the same start with the same actions.

usage: pybullet_tasks.py TASK_TRACE

What is compared, and why not more:
- At the start every entry of the observation, to 1e-6, on all nine tasks.
- After each of 100 actions of the pendulums and Reacher, and of the walkers' first actions, before anything touches the
  ground, the joints' angles and velocities, to 1e-6. After a contact rounding grows without bound, in PyBullet against
  itself too. Places of links are left out: PyBullet shows them as they were one physics step before.
- Not Ant and Humanoid after the start: PyBullet's have joint axes longer than 1 (see envs/tasks/locomotion/ant.h). robot_trace compares
  these two robots from our own files.
- Not Reacher's cosine and sine of the shoulder, of which PyBullet shows those of another angle (envs/tasks/classic/reacher.h).
"""

import os
import subprocess
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "tools", "bench", "peers"))
import pybullet_gym

BASE = 13  # entries of a robot's base in our state
SKIPPED = {"Hopper": 3, "Walker2D": 3, "HalfCheetah": 3}  # degrees of freedom before the driven joints
ACTIONS = {"Hopper": 2, "Walker2D": 2, "HalfCheetah": 2, "Ant": 0, "Humanoid": 0}  # else 100
JOINTS = {  # entries of the observation that say where the joints are
    "InvertedPendulum": range(5),
    "InvertedPendulumSwingup": range(5),
    "InvertedDoublePendulum": [0, 1, 3, 4, 5, 6, 7, 8],
    "Reacher": [0, 1, 6, 7, 8],
    "Hopper": range(8, 14),
    "Walker2D": range(8, 20),
    "HalfCheetah": range(8, 20),
}


def trace(program, name, actions):
    """Joint positions at the start, then (action, observation, terminated) per line of our program."""
    text = subprocess.run([program, name, "3", str(actions), "0.3"], check=True, capture_output=True, text=True).stdout
    first, *rest = text.splitlines()
    state = np.array([float(x) for x in first.split()[1:]])
    steps = []
    for line in rest:
        action, observation, _, terminated = line.split("|")
        steps.append((np.array(action.split(), float), np.array(observation.split(), float), int(terminated)))
    return state, steps


def place(name, environment, state):
    """Puts PyBullet's robot where ours started and returns what it observes."""
    robot = environment.robot
    if name == "Reacher":
        joints = [robot.jdict[j] for j in ("joint0", "joint1", "target_x", "target_y")]
        angles = np.concatenate([state[BASE:BASE + 4:2], state[BASE + 4:BASE + 6]])
    else:
        joints = robot.ordered_joints
        first = BASE + 2 * SKIPPED.get(name, 0)
        angles = state[first:first + 2 * len(joints):2]
    for joint, angle in zip(joints, angles):
        joint.reset_current_position(angle, 0)
    if hasattr(robot, "initial_z"):
        robot.initial_z = 0.8 if name == "Humanoid" else None
    return robot.calc_state()


def compare(program, name):
    actions = ACTIONS.get(name, 100)
    state, steps = trace(program, name, max(1, actions))
    environment = pybullet_gym.make(name)
    if name not in ("Reacher",):
        environment.reset()
    theirs = place(name, environment, state)
    ours = steps[0][1]
    if name == "Reacher":
        ours, theirs = np.delete(ours, [4, 5]), np.delete(theirs, [4, 5])
    start = np.abs(ours - theirs).max()
    worst, done = 0.0, 0
    for action, observation, terminated in steps[1:actions + 1]:
        entries = list(JOINTS[name])
        worst = max(worst, np.abs(observation - environment.step(action)[0])[entries].max())
        done += 1
        if terminated:
            break
    environment.close()
    good = start < 1e-6 and worst < 1e-6
    print(f"{name:24} start {start:.1e}, joints over {done} actions {worst:.1e}: {'agree' if good else 'DIFFER'}")
    return good


if __name__ == "__main__":
    results = [compare(sys.argv[1], name) for name in pybullet_gym.TASKS]
    sys.exit(not all(results))

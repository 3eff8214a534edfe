#!/usr/bin/env python3
"""LeRobot's own reader and writer against tools/lerobot/convert.py and `understudy data convert`, value by value.
Runs in a Python that has `lerobot` 0.4 or newer, which needs a newer PyTorch than Debian 12's: not part of run.sh.

usage: lerobot_files.py PROGRAM DEMOS FOLDER
  DEMOS    a dataset of understudy, with or without images
  FOLDER   everything is made in here; must not exist
"""

import json
import os
import pathlib
import subprocess
import sys

os.environ["HF_HUB_OFFLINE"] = "1"

import h5py
import numpy as np

CONVERT = pathlib.Path(__file__).resolve().parents[2] / "tools/lerobot/convert.py"


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def same(what, want, found):
    if want.shape != found.shape or want.dtype != found.dtype or not np.array_equal(want, found):
        sys.exit(f"lerobot_files.py: {what}: want {want.dtype} {want.shape}, found {found.dtype} {found.shape} or other values")


def main():
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    program, demos, folder = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    folder.mkdir(parents=True)
    with h5py.File(demos) as file:
        order = [field["name"] for field in json.loads(file["understudy"].attrs["observation_space"])]
        task = file["understudy"].attrs["environment_id"]
        ours = [{"obs": np.concatenate([demo[f"obs/{name}"][()] for name in order], axis=1),
                 "actions": demo["actions"][()], "rewards": demo["rewards"][()],
                 "images": {key: demo[f"obs/{key}"][()] for key in demo["obs"] if key.endswith("_image")}}
                for demo in (file[f"data/demo_{i}"] for i in range(len(file["data"])))]

    run(sys.executable, CONVERT, "to-lerobot", demos, folder / "theirs")
    theirs = LeRobotDataset(repo_id="understudy/theirs", root=folder / "theirs")
    row = 0
    for i, demo in enumerate(ours):
        for t in range(len(demo["actions"])):
            frame = theirs[row]
            row += 1
            at = f"episode {i} step {t}"
            same(at, demo["obs"][t], frame["observation.state"].numpy())
            same(at, demo["actions"][t], frame["action"].numpy())
            same(at, demo["rewards"][t], frame["next.reward"].numpy().reshape(()))
            for key, images in demo["images"].items():
                found = frame[f"observation.images.{key.removesuffix('_image')}"].numpy()  # [3, h, w], 0 to 1
                same(f"{at} {key}", images[t], np.rint(found.transpose(1, 2, 0) * 255).astype(np.uint8))
    if row != len(theirs):
        sys.exit(f"lerobot_files.py: want {row} frames, found {len(theirs)}")
    print(f"LeRobot's reader: {len(ours)} episodes, {row} frames equal to ours")

    run(sys.executable, CONVERT, "from-lerobot", folder / "theirs", folder / "between.h5")
    run(program, "data", "convert", folder / "between.h5", "--env", task, "--out", folder / "back.h5")
    with h5py.File(folder / "back.h5") as file:
        for i, demo in enumerate(ours):
            steps = len(demo["actions"]) - 1  # what the last action led to is not in LeRobot's
            back = file[f"data/demo_{i}"]
            same(f"episode {i} back", demo["obs"][: steps + 1],
                 np.concatenate([back[f"obs/{name}"][()] for name in order], axis=1))
            same(f"episode {i} back", demo["actions"][:steps], back["actions"][()])
            same(f"episode {i} back", demo["rewards"][:steps], back["rewards"][()])
    print(run(program, "data", "validate", folder / "back.h5").strip())

    # A file of LeRobot's own making: names as its robots have them, actions in degrees.
    rng = np.random.default_rng(1)
    joints = [f"{name}.pos" for name in ("shoulder_pan", "shoulder_lift", "elbow", "wrist", "gripper")]
    features = {key: {"dtype": "float32", "shape": (5,), "names": joints} for key in ("action", "observation.state")}
    made = LeRobotDataset.create(repo_id="x/so100", fps=25, features=features, root=folder / "so100", robot_type="so100",
                                 use_videos=False)
    known = []
    for _ in range(3):
        states = (90 * rng.standard_normal((12, 5))).astype(np.float32)
        for t in range(12):
            made.add_frame({"observation.state": states[t], "action": states[(t + 1) % 12], "task": "pick"})
        made.save_episode()
        known.append(states)
    made.finalize()
    run(sys.executable, CONVERT, "from-lerobot", folder / "so100", folder / "so100.h5")
    refused = subprocess.run([program, "data", "convert", folder / "so100.h5", "--out", folder / "so100_ours.h5"],
                             capture_output=True, text=True)
    if refused.returncode != 1 or "--rescale" not in refused.stderr:
        sys.exit(f"lerobot_files.py: want actions in degrees refused with --rescale, found {refused}")
    run(program, "data", "convert", folder / "so100.h5", "--rescale", "--out", folder / "so100_ours.h5")
    with h5py.File(folder / "so100_ours.h5") as file:
        scale = json.loads(file["understudy"].attrs["action_scale"])
        for i, states in enumerate(known):
            demo = file[f"data/demo_{i}"]
            same(f"so100 episode {i}", states, demo["obs/state"][()])
            back = np.float64(scale["scale"]) * demo["actions"][()] + np.float64(scale["offset"])
            worst = np.abs(back - states[1:12]).max()
            if worst > 1e-4:
                sys.exit(f"lerobot_files.py: actions come back by their scale with an error of {worst}")
    print(run(program, "data", "validate", folder / "so100_ours.h5").strip())
    print("LeRobot: as said")


main()

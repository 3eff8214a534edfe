#!/usr/bin/env python3
"""Datasets as robomimic's users have them, made with h5py and robomimic's own tools from a recording of ours: each is
trained on, or refused in one line that says why.

usage: foreign_files.py PROGRAM DEMOS FOLDER
  PROGRAM  the understudy binary
  DEMOS    a recording of Reach
  FOLDER   where the files are made
"""

import json
import pathlib
import subprocess
import sys

import h5py
import numpy as np
from robomimic.scripts.split_train_val import split_train_val_from_hdf5


def robomimic_file(demos, path, names, compression=None, text=False):
    """The layout of robomimic's dataset_states_to_obs.py: as many observations as actions, the next ones beside them,
    a model file, states, and nothing of ours. `names`: by array, the columns of Reach's observation that it holds."""
    with h5py.File(demos) as source, h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps({"env_name": "Reach", "env_version": "1.4.1", "type": 1, "env_kwargs": {}})
        for i in range(len(source["data"])):
            old = source[f"data/demo_{i}"]
            # What a task of ours reads is in the order of its fields, which HDF5 does not keep.
            order = json.loads(source["understudy"].attrs["observation_space"])
            flat = np.concatenate([old[f"obs/{field['name']}"][()] for field in order], axis=1)
            new = data.create_group(f"demo_{i}")
            steps = len(old["actions"])
            new.attrs["num_samples"] = steps
            new.attrs["model_file"] = "<mujoco/>"
            options = {"compression": compression} if compression else {}
            new.create_dataset("actions", data=old["actions"][()], **options)
            new.create_dataset("rewards", data=old["rewards"][()])
            new.create_dataset("dones", data=(np.arange(steps) == steps - 1).astype(np.int64))
            new.create_dataset("states", data=np.zeros((steps, 32)))
            for name, columns in names.items():
                new.create_dataset(f"obs/{name}", data=flat[:steps, columns], **options)
                new.create_dataset(f"next_obs/{name}", data=flat[1 : steps + 1, columns], **options)
            if text:
                new.create_dataset("obs/instruction", data=["reach"] * steps, dtype=h5py.string_dtype())
        data.attrs["total"] = sum(len(data[f"{demo}/actions"]) for demo in data)


def masked(path, mask):
    """How many episodes a mask has."""
    with h5py.File(path) as file:
        return len(file[f"mask/{mask}"])


def main():
    program, demos, folder = sys.argv[1:]
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with h5py.File(demos) as file:
        width = sum(field["size"] for field in json.loads(file["understudy"].attrs["observation_space"]))
    whole = {"flat": slice(0, width)}

    def train(path, *more):
        done = subprocess.run(
            [program, "train", "bc", "--data", str(path), "--env", "Reach", "--epochs", "2", "--eval-episodes", "1",
             "--final-episodes", "1", "--force", "--out", str(folder / "run"), *more], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr, done.stderr.strip()

    def want(what, true, found):
        print(("ok     " if true else "WRONG  ") + what)
        if not true:
            sys.exit(f"foreign_files.py: {what}: {found}")

    path = folder / "foreign_name.h5"
    robomimic_file(demos, path, whole)
    code, output, _ = train(path)
    want("one array of another name is trained on", code == 0, output)

    path = folder / "several_names.h5"
    robomimic_file(demos, path, {"robot0_eef_pos": slice(0, 3), "object": slice(3, width)})
    code, output, line = train(path)
    want("arrays that the task does not know are refused by name", code in (1, 2) and line.count("\n") == 0 and
         "robot0_eef_pos" in line, output)

    path = folder / "masks.h5"
    robomimic_file(demos, path, whole)
    split_train_val_from_hdf5(str(path), val_ratio=0.3)
    code, output, _ = train(path)
    split = json.loads((folder / "run/manifest.json").read_text())["dataset"] if code == 0 else {}
    want("robomimic's own split is trained on and held out", split.get("training_episodes") == masked(path, "train") and
         split.get("validation_episodes") == masked(path, "valid"), output + json.dumps(split))

    path = folder / "overlap.h5"
    robomimic_file(demos, path, whole)
    with h5py.File(path, "a") as file:
        file["mask/train"] = np.array(["demo_0", "demo_1"], dtype="S")
        file["mask/valid"] = np.array(["demo_1"], dtype="S")
    code, output, line = train(path)
    want("an episode that is trained on and held out is named", code in (1, 2) and "demo_1" in line, output)

    path = folder / "lzf.h5"
    robomimic_file(demos, path, whole, compression="lzf")
    code, output, line = train(path)
    want("LZF is named, with what to do", code in (1, 2) and "LZF" in line and "gzip" in line, output)

    path = folder / "text.h5"
    robomimic_file(demos, path, whole, text=True)
    code, output, _ = train(path)
    want("text beside the numbers is left out", code == 0, output)
    info = subprocess.run([program, "data", "info", str(path)], capture_output=True, text=True).stdout
    want("and named", "instruction" in info, info)
    print("foreign files: as said")


main()

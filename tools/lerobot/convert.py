#!/usr/bin/env python3
"""Datasets of understudy as LeRobot's (format v3), and LeRobot's for `understudy data convert`.

usage: convert.py to-lerobot IN.h5 OUT_DIR [--fps HZ] [--task TEXT]
       convert.py from-lerobot DIR OUT.h5

Runs in a Python of your own that has `lerobot` (0.4 or newer, tested with 0.4.4) and `h5py`. from-lerobot writes
robomimic's layout: bring that in with `understudy data convert OUT.h5 --out demos.h5`.
"""

import argparse
import json
import os
import pathlib
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # folders of this machine alone

import h5py
import numpy as np


class Refused(Exception):
    """One line for the user."""


def parts_of(names, width):
    """Consecutive entries that one field holds, from names like "position.0": [(name, width), ...], or None."""
    fields = []
    for i in range(width):
        stem, dot, entry = str(names[i]).rpartition(".") if names is not None and i < len(names) else ("", "", "")
        if not dot or not stem:
            return None
        if entry == "0":
            fields.append([stem, 1])
        elif fields and fields[-1][0] == stem and entry == str(fields[-1][1]):
            fields[-1][1] += 1
        else:
            return None
    return fields if len({name for name, _ in fields}) == len(fields) else None


def lerobot_dataset():
    """LeRobot's class; its import takes seconds. Its own bars would interrupt the line that is ours."""
    from datasets.utils.logging import disable_progress_bar
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    disable_progress_bar()
    return LeRobotDataset


def to_lerobot(source, folder, fps, task):
    with h5py.File(source) as file:
        if "understudy" not in file:
            raise Refused(f"{source}: want a dataset of understudy, found none; bring it in with `understudy data convert`")
        ours = file["understudy"].attrs
        observation, action = json.loads(ours["observation_space"]), json.loads(ours["action_space"])
        images = json.loads(ours["images"])["fields"] if "images" in ours else []
        images = {f"{image['camera']}_image": f"observation.images.{image['camera']}" for image in images}
        images = {key: theirs for key, theirs in images.items() if f"data/demo_0/obs/{key}" in file}
        rate = fps or float(ours["control_rate"])
        if rate != round(rate):
            raise Refused(f"{source}: want a whole number of actions a second for LeRobot, found {rate:g}; give --fps")

        def entries(fields):
            return [f"{field['name']}.{i}" for field in fields for i in range(field["size"])]

        def numbers(names):
            return {"dtype": "float32", "shape": (len(names),), "names": names}

        features = {
            "observation.state": numbers(entries(observation)),
            "action": numbers(entries(action)),
            "next.reward": {"dtype": "float32", "shape": (1,), "names": None},
            "next.done": {"dtype": "bool", "shape": (1,), "names": None},
            "next.success": {"dtype": "bool", "shape": (1,), "names": None},
        }
        for key, theirs in images.items():
            shape = file[f"data/demo_0/obs/{key}"].shape[1:]
            features[theirs] = {"dtype": "image", "shape": shape, "names": ["height", "width", "channels"]}
        name = str(ours["environment_id"]) or "demonstrations"
        made = lerobot_dataset().create(repo_id=f"understudy/{folder.name}", fps=round(rate), features=features,
                                     root=folder, robot_type=name, use_videos=False)
        count = len(file["data"])
        for i in range(count):
            demo = file[f"data/demo_{i}"]
            steps = len(demo["actions"])
            states = np.concatenate([demo[f"obs/{field['name']}"][:steps] for field in observation], axis=1)
            actions, rewards = demo["actions"][()], demo["rewards"][()]
            for t in range(steps):
                last = t == steps - 1
                frame = {
                    "observation.state": states[t], "action": actions[t], "next.reward": rewards[t : t + 1],
                    "next.done": np.array([last]), "next.success": np.array([last and bool(demo.attrs["success"])]),
                    "task": task or name}
                for key, theirs in images.items():
                    frame[theirs] = demo[f"obs/{key}"][t]
                made.add_frame(frame)
            made.save_episode()
            print(f"\r{i + 1}/{count} episodes", end="", file=sys.stderr, flush=True)
        made.finalize()
    print(file=sys.stderr)
    print(f"{folder}: {count} episodes for LeRobot; what the last action of each led to is left out, as LeRobot has no place for it")


def from_lerobot(folder, target):
    if not (folder / "meta/info.json").is_file():
        raise Refused(f"{folder}: want a folder of LeRobot's with meta/info.json, found none")
    if target.exists():
        raise Refused(f"{target}: there is a file already; choose another name")
    info = json.loads((folder / "meta/info.json").read_text())
    if not str(info.get("codebase_version", "")).startswith("v3"):
        raise Refused(f"{folder}: want format v3, found {info.get('codebase_version')}; LeRobot converts older ones: "
                      "python -m lerobot.datasets.v30.convert_dataset_v21_to_v30")
    dataset = lerobot_dataset()(repo_id=f"local/{folder.name}", root=folder)
    # As columns of numpy: pictures, which are left out, need not be decoded for it.
    columns = dataset.hf_dataset.with_format("numpy")
    numbers = ("float32", "float64", "int64", "int32", "int16", "int8", "uint8", "bool")
    kept, left_out = [], []
    for key, feature in dataset.meta.features.items():
        if key.startswith("observation"):
            (kept if feature["dtype"] in numbers and len(feature["shape"]) == 1 else left_out).append(key)
    if "action" not in dataset.meta.features or not kept:
        raise Refused(f"{folder}: want an action and observations of numbers, found {sorted(dataset.meta.features)}")
    temporary = target.with_name(target.name + ".tmp")
    try:
        with h5py.File(temporary, "w") as file:
            data = file.create_group("data")
            total = 0
            for i in range(dataset.meta.total_episodes):
                entry = dataset.meta.episodes[i]
                rows = range(entry["dataset_from_index"], entry["dataset_to_index"])
                table = columns.select(rows)

                def column(key):
                    return np.stack([np.atleast_1d(np.asarray(value)) for value in table[key]])

                demo = data.create_group(f"demo_{i}")
                steps = len(rows)
                demo.attrs["num_samples"] = steps
                demo.attrs["task"] = "; ".join(entry["tasks"])
                demo.create_dataset("actions", data=column("action"), compression="gzip", shuffle=True)
                for key in kept:
                    values = column(key)
                    short = key.removeprefix("observation.") if key != "observation" else "observation"
                    fields = parts_of(dataset.meta.features[key].get("names"), values.shape[1]) or [[short, values.shape[1]]]
                    first = 0
                    for name, width in fields:
                        demo.create_dataset(f"obs/{name.replace('/', '_')}", data=values[:, first : first + width],
                                            compression="gzip", shuffle=True)
                        first += width
                if "next.reward" in dataset.meta.features:
                    demo.create_dataset("rewards", data=column("next.reward")[:, 0])
                if "next.success" in dataset.meta.features:
                    demo.attrs["success"] = bool(column("next.success")[:, 0].any())
                total += steps
                print(f"\r{i + 1}/{dataset.meta.total_episodes} episodes", end="", file=sys.stderr, flush=True)
            data.attrs["total"] = total
            data.attrs["env_args"] = json.dumps({"env_name": dataset.meta.robot_type or "", "type": 2,
                                                 "env_kwargs": {"control_freq": dataset.fps}})
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    print(file=sys.stderr)
    if left_out:
        print(f"left out: {', '.join(left_out)}")
    print(f"{target}: {dataset.meta.total_episodes} episodes, {total} steps; bring them in with\n"
          f"understudy data convert '{target}' --out demos.h5")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    ways = parser.add_subparsers(dest="way", required=True)
    way = ways.add_parser("to-lerobot", help="a dataset of understudy as LeRobot's")
    way.add_argument("file", type=pathlib.Path)
    way.add_argument("folder", type=pathlib.Path, help="must not exist yet")
    way.add_argument("--fps", type=int, help="actions a second (default: the dataset's)")
    way.add_argument("--task", default="", help="what the robot is told to do (default: the task's name)")
    way = ways.add_parser("from-lerobot", help="LeRobot's dataset in a layout that understudy brings in")
    way.add_argument("folder", type=pathlib.Path)
    way.add_argument("file", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        if arguments.way == "to-lerobot":
            if arguments.folder.exists():
                raise Refused(f"{arguments.folder}: there is one already; choose another name")
            to_lerobot(arguments.file, arguments.folder.absolute(), arguments.fps, arguments.task)
        else:
            from_lerobot(arguments.folder.absolute(), arguments.file)
    except (Refused, OSError, KeyError) as refused:
        sys.exit(f"convert.py: {refused}")
    except ModuleNotFoundError as missing:
        sys.exit(f"convert.py: {missing}: install LeRobot in this Python: pip install lerobot h5py")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Shows that the checks of read_dataset.py can fail: spoils copies of a good dataset, each in one way, and demands
that each is refused for that reason.

usage: spoiled_files.py demos.h5 --minari ROOT
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile

import h5py
import numpy as np

import h5py_view
import minari_view
import robomimic_view


def own_copy(file, path):
    """Replaces a hard link by a copy of what it leads to."""
    values = file[path][()]
    del file[path]
    file[path] = values


def unlinked_actions(file, _):
    own_copy(file, "episode_0/actions")


def last_observation_missing(file, _):
    for key in list(file["data/demo_0/obs"]):
        values = file[f"data/demo_0/obs/{key}"][:-1]
        del file[f"data/demo_0/obs/{key}"]
        file[f"data/demo_0/obs/{key}"] = values


def stranger_in_data(file, _):
    file.create_group("data/notes")


def array_as_step_count(file, _):
    attributes = file["data/demo_0"].attrs
    steps = attributes["num_samples"]
    del attributes["num_samples"]
    attributes["num_samples"] = np.array([steps])


def overlapping_masks(file, _):
    names = np.concatenate([file["mask/train"][()], file["mask/valid"][()]])
    del file["mask/valid"]
    file["mask/valid"] = names


def flags_as_bytes(file, _):
    values = file["episode_0/terminations"][()].astype(np.uint8)
    del file["episode_0/terminations"]
    file["episode_0/terminations"] = values


def fixed_length_text(file, _):
    attributes = file["data"].attrs
    text = attributes["env_args"]
    del attributes["env_args"]
    attributes["env_args"] = np.bytes_(text)


def wrong_total(_, metadata):
    metadata["total_steps"] += 1


def undeclared_observation(_, metadata):
    space = json.loads(metadata["observation_space"])
    space["subspaces"].popitem()
    metadata["observation_space"] = json.dumps(space)


def narrow_space(_, metadata):
    space = json.loads(metadata["observation_space"])
    for box in space["subspaces"].values():
        box["high"] = [low + 1e-6 for low in box["low"]]
    metadata["observation_space"] = json.dumps(space)


SPOILERS = {
    unlinked_actions: "same object",
    last_observation_missing: "rows",
    stranger_in_data: "demo_<number>",
    array_as_step_count: "dataspace",
    overlapping_masks: "in train and in valid",
    flags_as_bytes: "type",
    fixed_length_text: "utf-8",
    wrong_total: "steps",
    undeclared_observation: "keys",
    narrow_space: "outside its space",
}


def refused(path, root, spoil, folder):
    """What the checks say about a copy spoiled by `spoil`; empty when they accept it."""
    spoiled = folder / "demos.h5"
    shutil.copy(path, spoiled)
    shutil.copytree(root, folder / "minari")
    (data,) = (folder / "minari").rglob("metadata.json")
    metadata = json.loads(data.read_text())
    with h5py.File(spoiled, "r+") as file:
        spoil(file, metadata)
    data.write_text(json.dumps(metadata))
    shutil.copy(spoiled, data.parent / "main_data.hdf5")
    try:
        minari_view.check(spoiled, folder / "minari", h5py_view.read(spoiled))
    except h5py_view.Difference as difference:
        return str(difference)
    return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("--minari", type=pathlib.Path, required=True, metavar="ROOT")
    arguments = parser.parse_args()
    for spoil, reason in SPOILERS.items():
        with tempfile.TemporaryDirectory() as folder:
            said = refused(arguments.file, arguments.minari, spoil, pathlib.Path(folder))
        if reason not in said:
            sys.exit(f"spoiled_files.py: {spoil.__name__}: want a refusal that says '{reason}', found '{said}'")

    # Values that the views hand out differently from what was read before.
    dataset = h5py_view.read(arguments.file)
    dataset.demos[-1].rewards[-1] += 1
    for view in (lambda: minari_view.check(arguments.file, arguments.minari, dataset),
                 lambda: robomimic_view.check_items(arguments.file, dataset)):
        try:
            view()
        except h5py_view.Difference:
            continue
        sys.exit("spoiled_files.py: a changed reward went unnoticed")
    print(f"spoiled files: {len(SPOILERS) + 2} of {len(SPOILERS) + 2} refused, each for its reason")


if __name__ == "__main__":
    main()

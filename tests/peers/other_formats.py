#!/usr/bin/env python3
"""One recording of ours in every layout that `understudy data convert` brings in, written by Minari's own writer, by
ML-Agents' own messages, and by h5py as robomimic, robosuite, Isaac Lab and D4RL lay theirs out. Each has to come in with
the same transitions to the last bit, keep the contract, be trained on and evaluated. Then spaces of Minari's that are
nested, and what is written for robomimic, in its own hands.

usage: other_formats.py PROGRAM DEMOS FOLDER
  PROGRAM  the understudy binary
  DEMOS    a recording of Reach
  FOLDER   where the files are made
"""

import json
import os
import pathlib
import subprocess
import sys
import types

import h5py
import numpy as np

FLAT = "observations"


def recording(demos):
    """(episodes, fields) of a dataset of ours; observations flat, in the order of the fields."""
    with h5py.File(demos) as file:
        fields = [(field["name"], field["size"]) for field in json.loads(file["understudy"].attrs["observation_space"])]
        episodes = []
        for i in range(len(file["data"])):
            demo = file[f"data/demo_{i}"]
            episodes.append({
                "obs": np.concatenate([demo[f"obs/{name}"][()] for name, _ in fields], axis=1),
                "actions": demo["actions"][()], "rewards": demo["rewards"][()],
                "terminated": bool(demo.attrs["terminated"]), "seed": int(demo.attrs["seed"])})
    return episodes, fields


def split(values, fields):
    first = 0
    for name, size in fields:
        yield name, values[:, first : first + size]
        first += size


def robomimic(path, episodes, fields):
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs["env_args"] = json.dumps({"env_name": "Theirs", "env_version": "1.4.1", "type": 1, "env_kwargs": {}})
        for i, episode in enumerate(episodes):
            demo = data.create_group(f"demo_{i}")
            steps = len(episode["actions"])
            demo.attrs["num_samples"] = steps
            demo["actions"] = episode["actions"].astype(np.float64)
            demo["rewards"] = episode["rewards"]
            demo["dones"] = (np.arange(steps) == steps - 1).astype(np.int64)
            demo["states"] = np.zeros((steps, 32))
            for (name, values) in split(episode["obs"], fields):
                demo[f"obs/{name}"] = values[:-1]
                demo[f"next_obs/{name}"] = values[1:]
            demo["obs/agentview_image"] = np.zeros((steps, 8, 8, 3), dtype=np.uint8)


def robosuite(path, episodes, _):
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs.update(date="1-1-2026", time="12:00:00", repository_version="1.5.0", env="Lift",
                          env_info=json.dumps({"env_name": "Lift", "robots": "Panda"}))
        for i, episode in enumerate(episodes):
            demo = data.create_group(f"demo_{i + 1}")
            demo.attrs["model_file"] = "<mujoco/>"
            demo["states"] = episode["obs"][:-1].astype(np.float64)
            demo["actions"] = episode["actions"].astype(np.float64)


def isaaclab(path, episodes, fields):
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs.update(total=sum(len(episode["actions"]) for episode in episodes),
                          env_args=json.dumps({"env_name": "Isaac-Reach-Franka-v0", "type": 2}))
        for i, episode in enumerate(episodes):
            demo = data.create_group(f"demo_{i}")
            demo.attrs.update(num_samples=len(episode["actions"]), seed=episode["seed"], success=True)
            demo.create_dataset("actions", data=episode["actions"], compression="gzip")
            demo.create_dataset("initial_state/articulation/robot/joint_position", data=np.zeros((1, 9), np.float32))
            demo.create_dataset("states/articulation/robot/joint_position", data=np.zeros((len(episode["actions"]), 9)))
            for name, values in split(episode["obs"], fields):
                demo.create_dataset(f"obs/{name}", data=values[:-1], compression="gzip")


def d4rl(path, episodes, _):
    with h5py.File(path, "w") as file:
        for name, rows in (("observations", [e["obs"][:-1] for e in episodes]),
                           ("next_observations", [e["obs"][1:] for e in episodes]),
                           ("actions", [e["actions"] for e in episodes]), ("rewards", [e["rewards"] for e in episodes])):
            file.create_dataset(name, data=np.concatenate(rows), compression="gzip")
        ends = [np.arange(len(e["actions"])) == len(e["actions"]) - 1 for e in episodes]
        file["terminals"] = np.concatenate([end & e["terminated"] for end, e in zip(ends, episodes)])
        file["timeouts"] = np.concatenate([end & (not e["terminated"]) for end, e in zip(ends, episodes)])
        file["infos/qpos"] = np.zeros((len(file["actions"]), 3))


def minari(root, episodes, name="test/flat-v0", observation=None, wrap=lambda values: values):
    """By Minari's own writer; returns the dataset's folder."""
    os.environ["MINARI_DATASETS_PATH"] = str(root)
    import gymnasium
    from minari import create_dataset_from_buffers
    from minari.data_collector import EpisodeBuffer

    width, act = episodes[0]["obs"].shape[1], episodes[0]["actions"].shape[1]
    buffers = []
    for i, episode in enumerate(episodes):
        steps = len(episode["actions"])
        last = np.arange(steps) == steps - 1
        buffers.append(EpisodeBuffer(
            id=i, seed=episode["seed"] % 2**31, observations=wrap(episode["obs"]), actions=episode["actions"],
            rewards=list(episode["rewards"]), terminations=list(last & episode["terminated"]),
            truncations=list(last & (not episode["terminated"])), infos={"success": np.append(last, True)}))
    create_dataset_from_buffers(
        name, buffers, action_space=gymnasium.spaces.Box(-1, 1, (act,), np.float32),
        observation_space=observation or gymnasium.spaces.Box(-np.inf, np.inf, (width,), np.float32), data_format="hdf5")
    return root / name


def mlagents(path, episodes, _):
    """By the messages of mlagents_envs, as its recorder in Unity puts them into a file."""
    import importlib.util

    # The package's own __init__ asks for more than its messages need.
    folder = pathlib.Path(importlib.util.find_spec("mlagents_envs").submodule_search_locations[0])
    package = types.ModuleType("mlagents_envs")
    package.__path__ = [str(folder)]
    sys.modules["mlagents_envs"] = package
    from google.protobuf.internal.encoder import _EncodeVarint
    from mlagents_envs.communicator_objects.agent_info_action_pair_pb2 import AgentInfoActionPairProto
    from mlagents_envs.communicator_objects.brain_parameters_pb2 import BrainParametersProto
    from mlagents_envs.communicator_objects.demonstration_meta_pb2 import DemonstrationMetaProto

    def put(file, message):
        text = message.SerializeToString()
        _EncodeVarint(file.write, len(text))
        file.write(text)

    pairs = []
    for i, episode in enumerate(episodes):
        steps = len(episode["actions"])
        for t in range(steps + 1):
            pair = AgentInfoActionPairProto()
            info = pair.agent_info
            info.id = i
            info.reward = episode["rewards"][t - 1] if t > 0 else 0
            info.done = t == steps
            info.max_step_reached = t == steps and not episode["terminated"]
            sensor = info.observations.add()
            sensor.shape.append(episode["obs"].shape[1])
            sensor.float_data.data.extend(episode["obs"][t].tolist())
            sensor.name = "VectorSensor"
            pair.action_info.continuous_actions.extend(
                (episode["actions"][t] if t < steps else np.zeros(episode["actions"].shape[1])).tolist())
            pairs.append(pair)
    brain = BrainParametersProto()
    brain.brain_name = "Reacher"
    brain.action_spec.num_continuous_actions = episodes[0]["actions"].shape[1]
    with open(path, "wb") as file:
        put(file, DemonstrationMetaProto(api_version=1, demonstration_name="reach", number_steps=len(pairs),
                                         number_episodes=len(episodes), mean_reward=1.0))
        file.write(b"\0" * (33 - file.tell()))
        put(file, brain)
        for pair in pairs:
            put(file, pair)


def want(what, true, found=""):
    if not true:
        sys.exit(f"other_formats.py: {what}: {found}")


def same(what, expected, found):
    want(what, expected.shape == found.shape and np.array_equal(expected, found),
         f"want {expected.dtype} {expected.shape}, found {found.dtype} {found.shape} or other values")


def main():
    program, demos, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).absolute()
    folder.mkdir(parents=True, exist_ok=True)

    def run(*command):
        done = subprocess.run([program, *map(str, command)], capture_output=True, text=True)
        want(" ".join(map(str, command)), done.returncode == 0, done.stdout + done.stderr)
        return done.stdout

    def compare(path, fields, lost, rewards=True):
        run("data", "validate", path)
        with h5py.File(path) as file:
            want(f"{path}: episodes", len(file["data"]) == len(episodes), len(file["data"]))
            for i, episode in enumerate(episodes):
                demo = file[f"data/demo_{i}"]
                steps = len(episode["actions"]) - lost
                same(f"{path} {i}", episode["obs"][: steps + 1],
                     np.concatenate([demo[f"obs/{name}"][()] for name, _ in fields], axis=1))
                same(f"{path} {i}", episode["actions"][:steps], demo["actions"][()])
                if rewards:
                    same(f"{path} {i}", episode["rewards"][:steps], demo["rewards"][()])

    episodes, fields = recording(demos)
    for name, write, lost in (("robomimic.hdf5", robomimic, 0), ("robosuite.hdf5", robosuite, 1),
                              ("isaaclab.hdf5", isaaclab, 1), ("d4rl.hdf5", d4rl, 0), ("mlagents.demo", mlagents, 0)):
        write(folder / name, episodes, fields)
        ours = folder / (name + ".h5")
        run("data", "convert", folder / name, "--env", "Reach", "--successful", "--out", ours)
        compare(ours, fields, lost, rewards=name not in ("robosuite.hdf5", "isaaclab.hdf5"))
        out = folder / "run"
        run("train", "bc", "--data", ours, "--env", "Reach", "--epochs", "2", "--eval-episodes", "1",
            "--final-episodes", "1", "--force", "--out", out)
        run("eval", out, "--env", "Reach", "--episodes", "2", "--data", ours)
        print(f"ok     {name}: {len(episodes)} episodes, transitions equal to the last bit; trained and evaluated", flush=True)

    made = minari(folder / "minari", episodes)
    run("data", "convert", made, "--env", "Reach", "--out", folder / "minari.h5")
    compare(folder / "minari.h5", fields, 0)
    run("train", "bc", "--data", folder / "minari.h5", "--env", "Reach", "--epochs", "2", "--eval-episodes", "1",
        "--final-episodes", "1", "--force", "--out", folder / "run")
    print("ok     Minari's own writer, Box: the same", flush=True)

    import gymnasium.spaces as spaces

    def box(size, kind=np.float32):
        return spaces.Box(-np.inf, np.inf, (size,), kind)

    width = episodes[0]["obs"].shape[1]
    nested = spaces.Dict({"b": box(2, np.float64), "a": spaces.Tuple((box(1), spaces.Dict({"x": box(2), "n": spaces.Discrete(5)}))),
                          "rest": box(width - 5)})
    numbers = [np.arange(len(episode["obs"])) % 5 for episode in episodes]
    by_length = {len(values): values for values in numbers}
    made = minari(folder / "minari", episodes, "test/nested-v0", nested, lambda obs: {
        "b": obs[:, :2].astype(np.float64) / 3, "a": (obs[:, 2:3], {"x": obs[:, 3:5], "n": by_length[len(obs)]}),
        "rest": obs[:, 5:]})
    run("data", "convert", made, "--out", folder / "nested.h5")
    run("data", "validate", folder / "nested.h5")
    with h5py.File(folder / "nested.h5") as file:
        for i, episode in enumerate(episodes):
            obs = file[f"data/demo_{i}/obs"]
            same("nested b", (episode["obs"][:, :2].astype(np.float64) / 3).astype(np.float32), obs["b"][()])
            same("nested a/0", episode["obs"][:, 2:3], obs["a__index_0"][()])
            same("nested a/1/x", episode["obs"][:, 3:5], obs["a__index_1_x"][()])
            same("nested a/1/n", numbers[i].astype(np.float32)[:, None], obs["a__index_1_n"][()])
            same("nested rest", episode["obs"][:, 5:], obs["rest"][()])
            want("nested success", bool(file[f"data/demo_{i}"].attrs["success"]))
    print("ok     Minari's own writer, Dict and Tuple in one another: the same", flush=True)

    run("data", "convert", demos, "--to", "robomimic", "--out", folder / "for_robomimic.hdf5")
    import robomimic.utils.obs_utils as ObsUtils
    from robomimic.utils.dataset import SequenceDataset

    names = [name for name, _ in fields]
    ObsUtils.initialize_obs_utils_with_obs_specs({"obs": {"low_dim": names}})
    view = SequenceDataset(str(folder / "for_robomimic.hdf5"), obs_keys=names, dataset_keys=("actions", "rewards", "dones"),
                           load_next_obs=True, hdf5_cache_mode="low_dim", filter_by_attribute=None)
    row = 0
    for episode in episodes:
        for t in range(len(episode["actions"])):
            item = view[row]
            row += 1
            for key, first in (("obs", t), ("next_obs", t + 1)):
                same(f"robomimic {key}", episode["obs"][first],
                     np.concatenate([np.ravel(item[key][name][0]) for name in names]).astype(np.float32))
            same("robomimic actions", episode["actions"][t], item["actions"][0].astype(np.float32))
    want("robomimic: transitions", row == len(view), len(view))
    print(f"ok     robomimic's own reader on --to robomimic: {row} transitions with their outcomes, equal", flush=True)
    print("other formats: as said")


main()

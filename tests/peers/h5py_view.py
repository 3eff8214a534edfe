"""The dataset as plain h5py shows it: its structure is checked against docs/dataset-format.md, and what was read is
what the views through robomimic and Minari are compared with."""

import json
import re
from dataclasses import dataclass

import h5py
import numpy as np


class Difference(Exception):
    """The file is not what it should be. The message names the place, what was expected and what was found."""


def expect(place, what, want, found):
    if want != found:
        raise Difference(f"{place}: {what}: want {want}, found {found}")


def require(condition, place, what):
    if not condition:
        raise Difference(f"{place}: {what}")


def expect_array(place, want, found):
    """Same shape, type and bits (NaN never occurs in a valid file)."""
    found = np.asarray(found)
    expect(place, "shape", want.shape, found.shape)
    expect(place, "type", want.dtype, found.dtype)
    if not np.array_equal(want, found):
        at = tuple(int(i) for i in np.argwhere(want != found)[0])
        raise Difference(f"{place}{list(at)}: want {want[at]!r}, found {found[at]!r}")


@dataclass
class Demo:
    """One demonstration, T actions. Arrays as stored."""

    name: str
    seed: int
    obs: dict  # key: [T + 1, size] float32
    actions: np.ndarray  # [T, act_dim] float32
    rewards: np.ndarray  # [T]
    dones: np.ndarray  # [T]
    terminations: np.ndarray  # [T] bool
    truncations: np.ndarray  # [T] bool

    def __len__(self):
        return len(self.actions)


@dataclass
class Dataset:
    demos: list
    masks: dict  # key: names
    action_dim: int


def read(path):
    """Checks structure and returns the contents. Raises Difference."""
    with h5py.File(path, "r") as file:
        # Superblock 3 would mean the `latest` version bounds, whose files survive a crash least.
        superblock = file.id.get_create_plist().get_version()[0]
        require(superblock < 3, path, f"superblock version {superblock}: written with the latest version bounds")
        for group in ("data", "mask", "understudy"):
            require(group in file, f"{path}:/{group}", "missing")
        check_attributes(file, path)
        file.visititems(lambda name, item: check_attributes(item, f"{path}:/{name}"))
        demos = read_demos(file, path)
        masks = read_masks(file, path, [demo.name for demo in demos])
        episodes = {name for name in file if name.startswith("episode_")}
        expect(f"{path}:/", "episodes", sorted(f"episode_{i}" for i in range(len(demos))), sorted(episodes))
        return Dataset(demos, masks, demos[0].actions.shape[1])


def check_attributes(item, place):
    """Every attribute is a scalar, every string variable-length UTF-8."""
    for name in item.attrs:
        attribute = item.attrs.get_id(name)
        expect(f"{place}@{name}", "dataspace", (), attribute.shape)
        string = h5py.check_string_dtype(attribute.dtype)
        if string is not None:
            expect(f"{place}@{name}", "string (encoding, length)", ("utf-8", None), (string.encoding, string.length))


def read_demos(file, path):
    data = file["data"]
    names = list(data)
    for name in names:  # robomimic parses every child's name
        require(re.fullmatch(r"demo_\d+", name), f"{path}:/data/{name}", "only demo_<number> may live in /data")
    require(names, f"{path}:/data", "no demonstration")
    env_args = json.loads(data.attrs["env_args"])
    expect(f"{path}:/data@env_args", "keys", ["env_kwargs", "env_name", "type"], sorted(env_args))
    require(isinstance(env_args["env_kwargs"], dict) and env_args["type"] in (1, 2, 3), f"{path}:/data@env_args",
            f"want an object env_kwargs and a type of 1, 2 or 3, found {env_args}")
    names.sort(key=lambda name: int(name[5:]))
    expect(f"{path}:/data", "demonstrations", [f"demo_{i}" for i in range(len(names))], names)
    demos = [read_demo(file, path, index) for index in range(len(names))]
    expect(f"{path}:/data@total", "steps", sum(map(len, demos)), int(data.attrs["total"]))
    shapes = [{key: value.shape[1:] for key, value in demo.obs.items()} for demo in demos]
    for demo, shape in zip(demos, shapes):
        expect(f"{path}:/data/{demo.name}/obs", "arrays as in demo_0", shapes[0], shape)
    return demos


def read_demo(file, path, index):
    name = f"demo_{index}"
    group = file["data"][name]
    place = f"{path}:/data/{name}"
    steps = int(group.attrs["num_samples"])
    if "variation" in group.attrs:
        variation = json.loads(group.attrs["variation"])
        require(variation and all(isinstance(value, (int, float)) for value in variation.values()),
                f"{place}@variation", "want a JSON object of numbers")
    require(steps >= 1, place, "no steps")

    actions = read_rows(group, "actions", np.float32, steps, place, columns=True)
    require(np.all(np.abs(actions) <= 1), f"{place}/actions", "outside [-1, 1]")
    rewards = read_rows(group, "rewards", np.float32, steps, place)
    dones = read_rows(group, "dones", None, steps, place)
    require(np.all((dones == 0) | (dones == 1)), f"{place}/dones", "want 0 or 1 only")
    if "states" in group:
        states = group["states"]
        expect(f"{place}/states", "type", np.float64, states.dtype)
        require(states.ndim == 2 and len(states) in (steps, steps + 1), f"{place}/states",
                f"want [{steps} or {steps + 1}, n], found {states.shape}")
    obs = {key: read_rows(group["obs"], key, np.float32, steps + 1, place + "/obs", columns=True)
           for key in group["obs"]}
    require(obs, f"{place}/obs", "no observation arrays")
    check_infos(group["infos"], steps, f"{place}/infos")
    terminations, truncations = check_episode(file, group, index, steps, path)
    return Demo(name, int(group.attrs["seed"]), obs, actions, rewards, dones, terminations, truncations)


def check_infos(infos, steps, place):
    timestamp = read_rows(infos, "timestamp", np.float64, steps, place)
    require(np.all(np.diff(timestamp) > 0), f"{place}/timestamp", "want strictly increasing seconds")
    input_age = read_rows(infos, "input_age", np.float64, steps, place)
    require(np.all(input_age >= 0), f"{place}/input_age", "want seconds, none negative")
    for flag in ("overrun", "intervention"):
        read_rows(infos, flag, np.bool_, steps, place)


def check_episode(file, demo, index, steps, path):
    """Minari's view: hard links to the same arrays, with flags and infos of its own."""
    name = f"episode_{index}"
    place = f"{path}:/{name}"
    require(name in file, place, "missing")
    episode = file[name]
    for link, target in (("observations", "obs"), ("actions", "actions"), ("rewards", "rewards")):
        require(isinstance(episode.get(link, getlink=True), h5py.HardLink), f"{place}/{link}", "want a hard link")
        require(episode[link] == demo[target], f"{place}/{link}", f"is not the same object as {demo.name}/{target}")
    expect(f"{place}@id", "value", index, int(episode.attrs["id"]))
    expect(f"{place}@total_steps", "value", steps, int(episode.attrs["total_steps"]))
    expect(f"{place}@seed", "value", int(demo.attrs["seed"]), int(episode.attrs["seed"]))
    require(isinstance(episode.get("infos"), h5py.Group), f"{place}/infos", "want a group")
    flags = []
    for flag in ("terminations", "truncations"):
        values = read_rows(episode, flag, np.bool_, steps, place)
        members = h5py.check_enum_dtype(episode[flag].id.get_type().dtype)
        require(members is None or members == {"FALSE": 0, "TRUE": 1}, f"{place}/{flag}", f"enum {members}")
        require(not values[:-1].any(), f"{place}/{flag}", "true before the last step")
        flags.append(values)
    for flag, attribute in zip(flags, ("terminated", "truncated")):
        expect(f"{path}:{demo.name}@{attribute}", "value", bool(flag[-1]), bool(demo.attrs[attribute]))
    return flags


def read_rows(group, name, dtype, rows, place, columns=False):
    """One array with the storage rules: finite, little-endian, gzip and shuffle only, chunks of 64 to 256 rows."""
    place = f"{place}/{name}"
    require(isinstance(group.get(name), h5py.Dataset), place, "want an array")
    dataset = group[name]
    if dtype is not None:
        expect(place, "type", np.dtype(dtype), dataset.dtype)
    expect(place, "dimensions", 2 if columns else 1, dataset.ndim)
    expect(place, "rows", rows, len(dataset))
    require(dataset.dtype.byteorder in "=<|", place, "is not little-endian")
    filters = dataset.id.get_create_plist()
    for index in range(filters.get_nfilters()):
        code = filters.get_filter(index)[0]
        require(code in (h5py.h5z.FILTER_DEFLATE, h5py.h5z.FILTER_SHUFFLE), place, f"filter {code} is not allowed")
    if dataset.chunks is not None:
        chunk = dataset.chunks[0]
        require(64 <= chunk <= 256 or chunk == rows, place, f"want chunks of 64 to 256 rows, found {chunk}")
    values = dataset[()]
    require(np.all(np.isfinite(values)), place, "holds NaN or infinity")
    return values


def read_masks(file, path, names):
    masks = {}
    for key, dataset in file["mask"].items():
        place = f"{path}:/mask/{key}"
        expect(place, "type (fixed-length strings)", "S", dataset.dtype.kind)
        masks[key] = [name.decode() for name in dataset[()]]
        unknown = set(masks[key]) - set(names)
        require(not unknown, place, f"names demonstrations that do not exist: {sorted(unknown)}")
    for key in ("train", "valid"):
        require(masks.get(key), f"{path}:/mask/{key}", "want at least one demonstration")
    both = set(masks["train"]) & set(masks["valid"])
    require(not both, f"{path}:/mask", f"in train and in valid: {sorted(both)}")
    return masks

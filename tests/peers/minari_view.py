"""The dataset as Minari shows it: minari.load_dataset on what `understudy data convert --minari` made."""

import hashlib
import os
import pathlib
import warnings

import numpy as np

from h5py_view import expect, expect_array, require


def check(path, root, dataset):
    """Compares every episode with what h5py read. Returns a line that says what was compared."""
    os.environ["MINARI_DATASETS_PATH"] = str(root)
    import minari  # reads the environment variable

    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Minari warns about, and skips, a dataset whose id is not its folder
        ids = list(minari.list_local_datasets())
    expect(root, "datasets", 1, len(ids))
    place = f"{root}/{ids[0]}"
    main_file = pathlib.Path(root, ids[0], "data", "main_data.hdf5")
    require(main_file.samefile(path) or digest(main_file) == digest(path), main_file, f"is not {path}")

    view = minari.load_dataset(ids[0])
    demos = dataset.demos
    expect(place, "episodes", len(demos), len(view))
    expect(place, "steps", sum(map(len, demos)), view.total_steps)
    expect(f"{place} action space", "shape", (dataset.action_dim,), view.action_space.shape)
    require(np.all(view.action_space.low == -1) and np.all(view.action_space.high == 1), f"{place} action space",
            "want [-1, 1]")
    expect(f"{place} observation space", "keys", sorted(demos[0].obs), sorted(view.observation_space.spaces))

    metadata = list(view.storage.get_episode_metadata(range(len(demos))))
    for index, (demo, episode) in enumerate(zip(demos, view.iterate_episodes())):
        at = f"{place} episode {index}"
        expect(at, "id", index, episode.id)
        expect(at, "length", len(demo), len(episode))
        expect(at, "seed", demo.seed, metadata[index]["seed"])
        expect(at, "observations", sorted(demo.obs), sorted(episode.observations))
        for key, values in demo.obs.items():
            expect_array(f"{at} observations {key}", values, episode.observations[key])
            expect(f"{at} observations {key}", "rows", len(demo) + 1, len(episode.observations[key]))
            space = view.observation_space[key]
            outside = np.argwhere((values < space.low) | (values > space.high))
            if len(outside):
                row, entry = outside[0]
                require(False, f"{at} observations {key}[{row}, {entry}]",
                        f"{values[row, entry]} is outside its space [{space.low[entry]}, {space.high[entry]}]")
            require(space.contains(values[0]), f"{at} observations {key}", f"does not belong to {space}")
        for key in ("actions", "rewards", "terminations", "truncations"):
            expect_array(f"{at} {key}", getattr(demo, key), getattr(episode, key))
        for key in ("terminations", "truncations"):
            expect(f"{at} {key}", "type", np.dtype(bool), getattr(episode, key).dtype)
        require(isinstance(episode.infos, dict), f"{at} infos", "missing")
    return f"Minari {minari.__version__}: {ids[0]}, {len(view)} episodes, {view.total_steps} steps, equal to h5py's"


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()

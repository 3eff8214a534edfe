#!/usr/bin/env python3
"""Behavioural cloning by robomimic through its own configuration, loader and training loop, on one thread; and how
long its loader takes for 200 demonstrations of 150 steps."""

import measure  # first: it fixes the threads

import contextlib
import io
import json
import pathlib
import tempfile

import h5py
import numpy as np
import torch
from torch.utils.data import DataLoader

with contextlib.redirect_stdout(io.StringIO()):
    import robomimic
    import robomimic.utils.obs_utils as ObsUtils
    import robomimic.utils.train_utils as TrainUtils
    from robomimic.algo import algo_factory
    from robomimic.config import config_factory

DEMOS, STEPS, ACT_DIM, BATCH = 200, 150, 7, 100
OBS = {"object": 14, "robot0_eef_pos": 3, "robot0_eef_quat": 4, "robot0_gripper_qpos": 2}  # 23 as in its Can task
WORKLOADS = ((1024, 1024), (256, 256))  # hidden layers


def write_demonstrations(path):
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        for index in range(DEMOS):
            demo = data.create_group(f"demo_{index}")
            demo.attrs["num_samples"] = STEPS
            for key, size in OBS.items():
                demo[f"obs/{key}"] = rng.standard_normal((STEPS, size), dtype=np.float32)
            demo["actions"] = rng.uniform(-1, 1, (STEPS, ACT_DIM)).astype(np.float32)
            demo["rewards"] = np.zeros(STEPS, np.float32)
            demo["dones"] = np.zeros(STEPS, np.uint8)
        data.attrs["total"] = DEMOS * STEPS
        data.attrs["env_args"] = json.dumps({"env_name": "none", "type": 2, "env_kwargs": {}})


def configuration(path, hidden):
    config = config_factory("bc")
    with config.unlocked():
        config.observation.modalities.obs.low_dim = list(OBS)
        config.train.data = str(path)
        config.train.batch_size = BATCH
        config.train.num_data_workers = 0
        config.train.cuda = False
        config.experiment.validate = False
        config.algo.actor_layer_dims = hidden
    return config


def load(path):
    config = configuration(path, WORKLOADS[0])
    trainset, _ = TrainUtils.load_data_for_training(config, obs_keys=list(OBS))
    return trainset


def trainer(path, hidden, trainset):
    config = configuration(path, hidden)
    shapes = {key: (size,) for key, size in OBS.items()}
    model = algo_factory("bc", config, obs_key_shapes=shapes, ac_dim=ACT_DIM, device=torch.device("cpu"))
    loader = DataLoader(trainset, batch_size=BATCH, shuffle=True, drop_last=True)

    def train(batches):
        TrainUtils.run_epoch(model=model, data_loader=loader, epoch=1, num_steps=batches)

    return train


def main():
    arguments = measure.options(__doc__)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()), \
            contextlib.redirect_stderr(io.StringIO()):
        path = pathlib.Path(folder) / "demos.hdf5"
        write_demonstrations(path)
        ObsUtils.initialize_obs_utils_with_config(configuration(path, WORKLOADS[0]))
        trainset = load(path)
        measurements = []
        for hidden in WORKLOADS:
            layers = "-".join(map(str, (sum(OBS.values()), *hidden, ACT_DIM)))
            measurements.append(measure.rate(f"bc {layers} batch {BATCH}", BATCH, trainer(path, hidden, trainset),
                                             arguments))
        measurements.append(measure.duration(f"load {DEMOS} demonstrations of {STEPS} steps", lambda: load(path),
                                             arguments))
    measure.report(f"robomimic {robomimic.__version__}", measurements)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""BC-RNN with a mixture of Gaussians by robomimic through its own configuration and loader, at the sizes of its paper:
gradient steps a second."""

import measure  # first: it fixes the threads

import contextlib
import io
import pathlib
import tempfile

import torch
from torch.utils.data import DataLoader

import robomimic_bc as demonstrations

with contextlib.redirect_stdout(io.StringIO()):
    import robomimic
    import robomimic.utils.obs_utils as ObsUtils
    import robomimic.utils.train_utils as TrainUtils
    from robomimic.algo import algo_factory

WIDTH, HORIZON = 400, 10


def configuration(path):
    config = demonstrations.configuration(path, ())
    with config.unlocked():
        config.algo.gmm.enabled = config.algo.rnn.enabled = True
        config.algo.rnn.hidden_dim, config.algo.rnn.horizon = WIDTH, HORIZON
        config.train.seq_length = HORIZON
    return config


def main():
    arguments = measure.options(__doc__)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()), \
            contextlib.redirect_stderr(io.StringIO()):
        path = pathlib.Path(folder) / "demos.hdf5"
        demonstrations.write_demonstrations(path)
        config = configuration(path)
        ObsUtils.initialize_obs_utils_with_config(config)
        trainset, _ = TrainUtils.load_data_for_training(config, obs_keys=list(demonstrations.OBS))
        shapes = {key: (size,) for key, size in demonstrations.OBS.items()}
        model = algo_factory("bc", config, obs_key_shapes=shapes, ac_dim=demonstrations.ACT_DIM,
                             device=torch.device("cpu"))
        loader = DataLoader(trainset, batch_size=demonstrations.BATCH, shuffle=True, drop_last=True)

        def train(batches):
            TrainUtils.run_epoch(model=model, data_loader=loader, epoch=1, num_steps=batches)

        modes = config.algo.gmm.num_modes
        measured = measure.rate(f"rnn lstm 2x{WIDTH} over {HORIZON} gmm {modes} 23/7 batch {demonstrations.BATCH}", 1,
                                train, arguments, unit="updates/s", warmup=2, trial=3)
    measure.report(f"robomimic {robomimic.__version__}", [measured])


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Behavioural cloning by imitation 1.0.1 through its own BC class and loader, on one thread."""

import measure  # first: it fixes the threads

import tempfile

import gymnasium
import numpy as np
import imitation
from imitation.algorithms import bc
from imitation.data.types import Transitions
from imitation.util import logger
from stable_baselines3.common.policies import ActorCriticPolicy

OBS_DIM, ACT_DIM, TRANSITIONS = 17, 6, 20_000
WORKLOADS = (((32, 32), 32), ((256, 256), 256))  # hidden layers, batch


def trainer(hidden, batch, folder):
    rng = np.random.default_rng(0)
    observations = rng.standard_normal((TRANSITIONS + 1, OBS_DIM), dtype=np.float32)
    gain = rng.standard_normal((OBS_DIM, ACT_DIM), dtype=np.float32) / OBS_DIM
    demonstrations = Transitions(
        obs=observations[:-1],
        acts=np.tanh(observations[:-1] @ gain),
        next_obs=observations[1:],
        dones=np.zeros(TRANSITIONS, dtype=bool),
        infos=np.array([{}] * TRANSITIONS),
    )
    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (OBS_DIM,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (ACT_DIM,), np.float32)
    policy = ActorCriticPolicy(observation_space, action_space, lr_schedule=lambda _: 1e-3, net_arch=list(hidden))
    return bc.BC(observation_space=observation_space, action_space=action_space, rng=rng, policy=policy,
                 demonstrations=demonstrations, batch_size=batch, device="cpu",
                 custom_logger=logger.configure(folder, format_strs=["csv"]))


def main():
    arguments = measure.options(__doc__)
    measurements = []
    with tempfile.TemporaryDirectory() as folder:
        for hidden, batch in WORKLOADS:
            cloning = trainer(hidden, batch, folder)

            def train(batches, cloning=cloning):
                cloning.train(n_batches=batches, progress_bar=False, log_interval=1_000_000)

            layers = "-".join(map(str, (OBS_DIM, *hidden, ACT_DIM)))
            measurements.append(measure.rate(f"bc {layers} batch {batch}", batch, train, arguments))
    measure.report(f"imitation {imitation.__version__}", measurements)


if __name__ == "__main__":
    main()

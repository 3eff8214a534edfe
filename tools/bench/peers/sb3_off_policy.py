#!/usr/bin/env python3
"""SAC and TD3 of Stable-Baselines3: gradient steps alone, from a full replay of random transitions."""

import measure  # first: it fixes the threads

import gymnasium
import numpy as np
import stable_baselines3
from stable_baselines3.common.logger import Logger

REPLAY = 100_000
# name, class, observation, action, two hidden layers of, batch; else the class's defaults
WORKLOADS = (("sac_256", stable_baselines3.SAC, 17, 6, 256, 256),
             ("td3_256", stable_baselines3.TD3, 17, 6, 256, 256),
             ("sac_64", stable_baselines3.SAC, 3, 1, 64, 100))


class Spaces(gymnasium.Env):
    """Has the spaces that a learner wants to see and is never stepped."""

    def __init__(self, observation, action):
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (observation,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1, 1, (action,), np.float32)


def learner(kind, observation, action, width):
    model = kind("MlpPolicy", Spaces(observation, action), policy_kwargs={"net_arch": [width, width]},
                 buffer_size=REPLAY, device="cpu", seed=0)
    model.set_logger(Logger(folder=None, output_formats=[]))
    rng = np.random.default_rng(0)
    replay = model.replay_buffer
    replay.observations[:] = rng.standard_normal(replay.observations.shape)
    replay.next_observations[:] = rng.standard_normal(replay.next_observations.shape)
    replay.actions[:] = rng.uniform(-1, 1, replay.actions.shape)
    replay.rewards[:] = rng.standard_normal(replay.rewards.shape)
    replay.dones[:] = rng.random(replay.dones.shape) < 0.001
    replay.full = True
    return model


def main():
    arguments = measure.options(__doc__)
    measurements = []
    for name, kind, observation, action, width, batch in WORKLOADS:
        model = learner(kind, observation, action, width)
        measurements.append(measure.rate(name, 1, lambda updates: model.train(updates, batch), arguments,
                                         unit="updates/s", warmup=10, trial=20))
    measure.report(f"Stable-Baselines3 {stable_baselines3.__version__}", measurements)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""GAIL of imitation on Gymnasium's Pendulum-v1 with PPO and 8 environments, with the settings of imitation's own
GAIL example but for 256 steps a round instead of 2048, so that a sample holds several rounds."""

import measure  # first: it fixes the threads

import contextlib
import io
import tempfile

import gymnasium
import imitation
import numpy as np
from imitation.algorithms.adversarial.gail import GAIL
from imitation.data.types import Transitions
from imitation.rewards.reward_nets import BasicRewardNet
from imitation.util import logger
from imitation.util.networks import RunningNorm
from stable_baselines3 import PPO
from stable_baselines3.common.vec_env import DummyVecEnv

ENVIRONMENTS, STEPS, DEMONSTRATED = 8, 256, 10_000


def demonstrations(environment):
    """Random ones: what they hold does not change the speed."""
    rng = np.random.default_rng(0)
    low, high = environment.observation_space.low, environment.observation_space.high
    observations = rng.uniform(low, high, (DEMONSTRATED + 1, len(low))).astype(np.float32)
    return Transitions(obs=observations[:-1],
                       acts=rng.uniform(-2, 2, (DEMONSTRATED, 1)).astype(np.float32),
                       next_obs=observations[1:], dones=np.zeros(DEMONSTRATED, dtype=bool),
                       infos=np.array([{}] * DEMONSTRATED))


def main():
    arguments = measure.options(__doc__)
    environment = DummyVecEnv([lambda: gymnasium.make("Pendulum-v1")] * ENVIRONMENTS)
    learner = PPO("MlpPolicy", environment, n_steps=STEPS, batch_size=64, ent_coef=0.0, learning_rate=4e-4, gamma=0.95,
                  n_epochs=5, device="cpu", seed=0)
    reward = BasicRewardNet(environment.observation_space, environment.action_space,
                            normalize_input_layer=RunningNorm)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):  # its progress bars
        trainer = GAIL(demonstrations=demonstrations(environment), demo_batch_size=1024,
                       gen_replay_buffer_capacity=512, n_disc_updates_per_round=8, venv=environment,
                       gen_algo=learner, reward_net=reward, log_dir=folder,
                       custom_logger=logger.configure(folder, format_strs=["csv"]))
        steps = ENVIRONMENTS * STEPS

        def train(rounds):
            trainer.train(rounds * steps)

        measurements = [measure.rate("gail_pendulum", steps, train, arguments, unit="steps/s", warmup=1, trial=1)]
    measure.report(f"imitation {imitation.__version__}", measurements)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""PPO of Stable-Baselines3 end to end: collecting from 8 environments and learning, with its default 64-64 tanh
networks, 10 epochs and minibatches of 64; 256 steps a rollout instead of 2048, so that a sample holds several."""

import measure  # first: it fixes the threads

import gymnasium
import numpy as np
import stable_baselines3
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.vec_env import VecEnv

ENVIRONMENTS, STEPS, HORIZON = 8, 256, 1000


class Linear(VecEnv):
    """Of InvertedPendulumSwingup's sizes, 5 observed numbers and 1 action, but linear and stepped all at once by NumPy:
    next to nothing of the time goes here, so the learner is measured."""

    def __init__(self):
        super().__init__(ENVIRONMENTS, gymnasium.spaces.Box(-np.inf, np.inf, (5,), np.float32),
                         gymnasium.spaces.Box(-1, 1, (1,), np.float32))
        self.rng = np.random.default_rng(0)
        self.infos = [{} for _ in range(ENVIRONMENTS)]

    def reset(self):
        self.age = 0
        self.state = self.rng.standard_normal((ENVIRONMENTS, 5), dtype=np.float32)
        return self.state

    def step_async(self, actions):
        self.actions = actions

    def step_wait(self):
        self.state = np.float32(0.95) * self.state + np.float32(0.1) * self.actions
        self.age += 1
        rewards = -self.state[:, 0] ** 2
        if self.age < HORIZON:
            return self.state, rewards, np.zeros(ENVIRONMENTS, bool), self.infos
        infos = [{"TimeLimit.truncated": True, "terminal_observation": last} for last in self.state]
        return self.reset(), rewards, np.ones(ENVIRONMENTS, bool), infos

    def close(self):
        pass

    def env_is_wrapped(self, wrapper_class, indices=None):
        return [False] * ENVIRONMENTS

    def get_attr(self, attr_name, indices=None):
        return [None] * ENVIRONMENTS

    def set_attr(self, attr_name, value, indices=None):
        raise NotImplementedError

    def env_method(self, method_name, *arguments, indices=None, **named):
        raise NotImplementedError


def main():
    arguments = measure.options(__doc__)
    model = stable_baselines3.PPO("MlpPolicy", Linear(), n_steps=STEPS, device="cpu", seed=0)
    model.set_logger(Logger(folder=None, output_formats=[]))
    samples = ENVIRONMENTS * STEPS

    def learn(rollouts):
        model.learn(rollouts * samples)

    measurements = [measure.rate("ppo_64", samples, learn, arguments, unit="samples/s", warmup=1, trial=1)]
    measure.report(f"Stable-Baselines3 {stable_baselines3.__version__}", measurements)


if __name__ == "__main__":
    main()

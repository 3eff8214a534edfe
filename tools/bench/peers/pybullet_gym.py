"""PyBullet's environments, importable: their registration wants a registry that gym has given up, so it is skipped."""

import os
import sys
import warnings

warnings.filterwarnings("ignore")
# PyBullet writes greetings to the program's output from within the library: to the errors with them.
sys.stdout.flush()
sys.stdout = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)
import gym.envs.registration as registration


class _Registry(dict):
    @property
    def env_specs(self):
        return self


registration.registry = _Registry(registration.registry)
import gym

gym.envs.registration.register = lambda *arguments, **named: None
import pybullet_data

sys.path.insert(0, os.path.join(os.path.dirname(pybullet_data.__file__), "..", "pybullet_envs"))
from pybullet_envs import gym_locomotion_envs, gym_manipulator_envs, gym_pendulum_envs

TASKS = {
    "InvertedPendulum": gym_pendulum_envs.InvertedPendulumBulletEnv,
    "InvertedPendulumSwingup": gym_pendulum_envs.InvertedPendulumSwingupBulletEnv,
    "InvertedDoublePendulum": gym_pendulum_envs.InvertedDoublePendulumBulletEnv,
    "Reacher": gym_manipulator_envs.ReacherBulletEnv,
    "Hopper": gym_locomotion_envs.HopperBulletEnv,
    "Walker2D": gym_locomotion_envs.Walker2DBulletEnv,
    "HalfCheetah": gym_locomotion_envs.HalfCheetahBulletEnv,
    "Ant": gym_locomotion_envs.AntBulletEnv,
    "Humanoid": gym_locomotion_envs.HumanoidBulletEnv,
}
HORIZON = {"Reacher": 150}  # 1000 elsewhere


def make(name, seed=0):
    """The environment, seeded and reset once."""
    environment = TASKS[name]()
    environment.seed(seed)
    environment.reset()
    return environment

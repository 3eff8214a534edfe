#!/usr/bin/env python3
"""PWIL's rewards, one step at a time over whole episodes. PWIL=/path/to/google-research/pwil measures the reference,
its rewarder.py; without it this measures a plain NumPy transcription of Algorithm 1 (Dadashi et al. 2021,
arXiv:2006.04678), which gives the same rewards faster: it scales by hand where the reference asks scikit-learn at
every step. The agent's steps are of the demonstrations' distribution."""

import measure  # first: it fixes the threads

import os
import pathlib
import random
import sys
import time
import types

import numpy as np

HORIZON, EPISODE, SUBSAMPLING, ALPHA, BETA = 1000, 1000, 20, 5.0, 5.0
# name, episodes demonstrated (of 50 atoms each), observation, action
WORKLOADS = (("pwil_50_23", 1, 17, 6), ("pwil_50_119", 1, 111, 8),
             ("pwil_550_23", 11, 17, 6), ("pwil_550_119", 11, 111, 8))


class Transcription:
    """The coupling is greedy: a step's mass of 1/T goes to the nearest atoms that have mass left."""

    def __init__(self, demonstrations):
        atoms = np.array([np.concatenate([step["observation"], step["action"]])
                          for episode in demonstrations
                          for step in episode[random.randrange(SUBSAMPLING)::SUBSAMPLING]])
        self.scale = atoms.std(axis=0)
        self.all_atoms = atoms / self.scale
        self.sigma = BETA * HORIZON / np.sqrt(atoms.shape[1])

    def reset(self):
        self.atoms = self.all_atoms.copy()
        self.masses = np.full(len(self.atoms), 1 / len(self.atoms))

    def compute_reward(self, step):
        agent = np.concatenate([step["observation"], step["action"]]) / self.scale
        distances = np.linalg.norm(self.atoms - agent, axis=1)
        mass, cost = 1 / HORIZON - 1e-6, 0.0
        while mass > 0:
            nearest = distances.argmin()
            taken = min(mass, self.masses[nearest])
            cost += taken * distances[nearest]
            mass -= taken
            self.masses[nearest] -= taken
            if mass > 0:
                self.masses = np.delete(self.masses, nearest)
                self.atoms = np.delete(self.atoms, nearest, axis=0)
                distances = np.delete(distances, nearest)
        return ALPHA * np.exp(-self.sigma * cost)


def reference(folder):
    """A maker of the reference's rewarders, from google-research's pwil/rewarder.py."""
    if not (pathlib.Path(folder) / "rewarder.py").is_file():
        sys.exit(f"pwil_rewarder.py: {folder}: want PWIL to name the folder with rewarder.py")
    sys.path.insert(0, folder)
    import rewarder

    def make(demonstrations):
        first = demonstrations[0][0]
        specs = types.SimpleNamespace(observations=first["observation"], actions=first["action"])
        return rewarder.PWILRewarder(demonstrations, SUBSAMPLING, specs, num_demonstrations=len(demonstrations),
                                     time_horizon=HORIZON, alpha=ALPHA, beta=BETA)

    return make


def episode(rng, observation, action):
    return [{"observation": rng.standard_normal(observation, dtype=np.float32),
             "action": rng.standard_normal(action, dtype=np.float32)} for _ in range(EPISODE)]


def main():
    arguments = measure.options(__doc__, torch=False)
    folder = os.environ.get("PWIL")
    make = reference(folder) if folder else Transcription
    rng = np.random.default_rng(0)
    measurements = []
    for name, episodes, observation, action in WORKLOADS:
        rewarder = make([episode(rng, observation, action) for _ in range(episodes)])
        agent = episode(rng, observation, action)
        samples = []
        for sample in range(arguments.repeats + 1):  # the first one warms up
            seconds = arguments.seconds if sample else 0.3 * arguments.seconds
            rewards, started = 0, time.perf_counter()
            while time.perf_counter() - started < seconds:
                rewarder.reset()
                for step in agent:
                    rewarder.compute_reward(step)
                rewards += EPISODE
            if sample:
                samples.append(rewards / (time.perf_counter() - started))
        measurements.append(measure.measurement(name, "rewards/s", samples))
    measure.report("google-research/pwil" if folder else "NumPy transcription of PWIL", measurements)


if __name__ == "__main__":
    main()

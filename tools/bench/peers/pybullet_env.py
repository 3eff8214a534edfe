#!/usr/bin/env python3
"""Steps per second of PyBullet's environments under random actions on one thread, resets within the time."""

import measure  # first: it fixes the threads

import time

import numpy as np
import pybullet_gym


def main():
    arguments = measure.options(__doc__, torch=False)
    measurements = []
    for name in pybullet_gym.TASKS:
        environment = pybullet_gym.make(name)
        rng = np.random.default_rng(0)
        low, high = environment.action_space.low, environment.action_space.high
        horizon = pybullet_gym.HORIZON.get(name, 1000)
        samples = []
        for sample in range(arguments.repeats + 1):
            seconds = arguments.seconds if sample else 0.3 * arguments.seconds  # the first one warms up
            environment.reset()
            steps, age, started = 0, 0, time.perf_counter()
            while time.perf_counter() - started < seconds:
                for _ in range(20):
                    done = environment.step(rng.uniform(low, high).astype(np.float32))[2]
                    age += 1
                    if done or age == horizon:
                        environment.reset()
                        age = 0
                steps += 20
            if sample:
                samples.append(steps / (time.perf_counter() - started))
        environment.close()
        measurements.append(measure.measurement(f"{name} random actions, 1 thread", "steps/s", samples))
    measure.report("PyBullet 3.2.7", measurements)


if __name__ == "__main__":
    main()

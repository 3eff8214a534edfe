#!/usr/bin/env python3
"""ACT and diffusion policy by LeRobot, on random batches that are there already: gradient steps a second with its own
optimiser's settings. Its loader is left out, ours is not; its dropout is off, as ours is by default."""

import measure  # first: it fixes the threads

import importlib.metadata
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "tests" / "peers"))
import lerobot_view  # noqa: E402

OBS_DIM, ACT_DIM = 23, 7
CLIP = 10  # of its training script


def trainer(policy, batch):
    policy.train()
    optimiser = policy.config.get_optimizer_preset().build(policy.parameters())

    def train(batches):
        for _ in range(batches):
            loss, _ = policy.forward(dict(batch))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(policy.parameters(), CLIP)
            optimiser.step()
            optimiser.zero_grad()

    return train


def batch_of(size, steps, horizon):
    torch.manual_seed(1)
    observations = torch.randn(size, steps, OBS_DIM)
    return lerobot_view.batch(observations if steps > 1 else observations[:, 0], torch.rand(size, horizon, ACT_DIM),
                              torch.zeros(size, horizon, dtype=torch.bool))


def main():
    arguments = measure.options(__doc__)
    measurements = []

    def measured(name, policy, batch):
        measurements.append(measure.rate(name, 1, trainer(policy, batch), arguments, unit="updates/s", warmup=2,
                                         trial=3))

    for layers, width, wide, plan, size in ((2, 128, 512, 20, 64), (4, 256, 1024, 50, 16)):
        policy = lerobot_view.act(OBS_DIM, ACT_DIM, dim_model=width, n_heads=4, dim_feedforward=wide,
                                  n_encoder_layers=layers, n_vae_encoder_layers=layers, chunk_size=plan,
                                  n_action_steps=plan, dropout=0.0)
        measured(f"act {layers}x{width} wide {wide} plan {plan} 23/7 batch {size}", policy, batch_of(size, 1, plan))
    for widths in ((64, 128), (128, 256)):
        policy = lerobot_view.diffusion(OBS_DIM, ACT_DIM, down_dims=widths, diffusion_step_embed_dim=64)
        measured(f"diffusion {'-'.join(map(str, widths))} plan 16 23/7 batch 64", policy, batch_of(64, 2, 16))
    measure.report(f"LeRobot {importlib.metadata.version('lerobot')}", measurements)


if __name__ == "__main__":
    main()

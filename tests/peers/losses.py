#!/usr/bin/env python3
"""Compares losses, their gradients and plans of policy.pt files with those of other people's programs, which get the
same batches, the same random numbers and, in networks of their own, the same weights: a recurrent mixture of Gaussians
with robomimic's, ACT and diffusion with LeRobot's. Exit code 1 and one line on any difference.

usage: losses.py rnn|act|diffusion policy.pt ...
"""

import contextlib
import io
import json
import sys
from unittest import mock

import torch

BATCH = 16
LOSS_TOLERANCE = 1e-5  # relative to losses above 1
GRADIENT_TOLERANCE = 1e-4  # of the largest entry of each tensor's; of both, float32 keeps 1e-6 or so


def differ(name, ours, theirs, tolerance):
    """Raises ValueError unless all entries agree; returns the largest difference."""
    if ours.shape != theirs.shape:
        raise ValueError(f"{name}: ours has {list(ours.shape)}, theirs {list(theirs.shape)}")
    difference = (ours - theirs).abs().max().item()
    if not difference <= tolerance:  # also true for NaN
        raise ValueError(f"{name}: differ by {difference:.3g}; they may by {tolerance:.3g}")
    return difference


class Weights:
    """Tensors of our policy, put into the peer's places by name; afterwards their gradients are compared."""

    def __init__(self, policy, network):
        self.ours = dict(policy.named_parameters())
        self.theirs = dict(network.named_parameters())
        self.pairs = []
        for tensor in self.ours.values():
            tensor.requires_grad_()

    def put(self, theirs, *ours, rows=slice(None)):
        """One after the other; `rows` of ours."""
        joined = torch.cat([self.ours[name][rows] for name in ours]).detach()
        place = self.theirs.pop(theirs)
        with torch.no_grad():
            place.copy_(joined.reshape(place.shape))
        self.pairs.append((theirs, place, ours, rows))

    def layer(self, theirs, ours, **choice):
        self.put(theirs + ".weight", ours + "_weight", **choice)
        self.put(theirs + ".bias", ours + "_bias", **choice)

    def gradients(self):
        """Compares them, once both losses have been differentiated; returns the largest relative difference."""
        if self.theirs:
            raise ValueError(f"{next(iter(self.theirs))}: there is no such tensor in ours")
        unseen = set(self.ours) - {name for _, _, ours, _ in self.pairs for name in ours}
        if unseen:
            raise ValueError(f"{min(unseen)}: there is no such tensor in theirs")
        worst = 0
        largest = max(place.grad.abs().max().item() for _, place, _, _ in self.pairs)
        for theirs, place, names, rows in self.pairs:
            ours = torch.cat([self.ours[name].grad[rows] for name in names]).reshape(place.shape)
            size = max(place.grad.abs().max().item(), 1e-3 * largest)
            worst = max(worst, differ(f"gradient of {theirs}", ours / size, place.grad / size, GRADIENT_TOLERANCE))
        return worst


def compare(policy, ours, theirs, weights):
    """Losses, and their gradients."""
    ours.backward()
    theirs.backward()
    loss = differ("loss", ours.detach(), theirs.detach(), LOSS_TOLERANCE * max(1, abs(theirs.item())))
    return f"loss {ours.item():.6f}, differs by {loss:.1g}, its gradient by at most {weights.gradients():.1g}"


def loss_of(policy, observations, actions, weights, noise):
    return policy.loss(observations, actions, weights, noise, weights.sum().item(), float(len(observations)), False)


def rnn(policy, sizes, observations_of):
    with contextlib.redirect_stdout(io.StringIO()):
        import robomimic.utils.obs_utils as ObsUtils
        from robomimic.algo import algo_factory
        from robomimic.config import config_factory
    obs_dim, act_dim, modes = policy.mean.numel(), sizes["act_dim"], sizes["modes"]
    config = config_factory("bc")
    with config.unlocked():
        config.observation.modalities.obs.low_dim = ["seen"]
        config.algo.actor_layer_dims = ()
        config.algo.gmm.enabled = config.algo.rnn.enabled = True
        config.algo.gmm.num_modes = modes
        config.algo.rnn.hidden_dim, config.algo.rnn.num_layers = sizes["width"], sizes["layers"]
    with contextlib.redirect_stdout(io.StringIO()):
        ObsUtils.initialize_obs_utils_with_config(config)
        peer = algo_factory("bc", config, {"seen": (obs_dim,)}, act_dim, torch.device("cpu"))
    network = peer.nets["policy"]
    network.train()  # acting, it takes smaller deviations
    weights = Weights(policy, network)
    for layer in range(sizes["layers"]):
        for theirs, our in (("weight_ih", "input_weight"), ("weight_hh", "state_weight"), ("bias_ih", "input_bias"),
                            ("bias_hh", "state_bias")):
            weights.put(f"nets.rnn.nets.{theirs}_l{layer}", f"lstm_{layer}_{our}")
    first = modes * (1 + act_dim)
    decoder = "nets.rnn.per_step_net.nets."
    decoder = next(name for name in weights.theirs if name.endswith("logits.weight"))[:-len("logits.weight")]
    weights.layer(decoder + "logits", "head", rows=slice(0, modes))
    weights.layer(decoder + "mean", "head", rows=slice(modes, first))
    weights.layer(decoder + "scale", "head", rows=slice(first, None))

    observations, normalised = observations_of(BATCH, sizes["horizon"])
    actions = torch.rand(BATCH, sizes["horizon"], act_dim) * 2 - 1
    ours = loss_of(policy, observations, actions, torch.ones(BATCH, sizes["horizon"]), torch.zeros(BATCH, 1))
    batch = {"obs": {"seen": normalised}, "goal_obs": None, "actions": actions}
    theirs = peer._compute_losses(peer._forward_training(batch), batch)["action_loss"]
    return compare(policy, ours, theirs, weights)


def act(policy, sizes, observations_of):
    import lerobot_view

    obs_dim, act_dim, latent, horizon = (policy.mean.numel(), *(sizes[k] for k in ("act_dim", "latent", "horizon")))
    peer = lerobot_view.act(obs_dim, act_dim, dim_model=sizes["width"], n_heads=sizes["attention_heads"],
                            dim_feedforward=sizes["feedforward"], n_encoder_layers=sizes["layers"],
                            n_vae_encoder_layers=sizes["layers"], latent_dim=latent, chunk_size=horizon,
                            n_action_steps=horizon, dropout=0.0, kl_weight=sizes["kl_weight"])
    weights = Weights(policy, peer.model)

    def attention(theirs, ours):
        for kind in ("weight", "bias"):
            weights.put(f"{theirs}.in_proj_{kind}", *(f"{ours}_{part}_{kind}" for part in ("query", "key", "value")))
        weights.layer(theirs + ".out_proj", ours + "_out")

    def rest(theirs, ours, norms):
        weights.layer(theirs + ".linear1", ours + "_wide")
        weights.layer(theirs + ".linear2", ours + "_narrow")
        for norm in norms:
            weights.layer(f"{theirs}.norm{norm}", f"{ours}_norm_{norm}")

    for theirs, ours in (("vae_encoder", "encoder"), ("encoder", "body")):
        for layer in range(sizes["layers"]):
            attention(f"{theirs}.layers.{layer}.self_attn", f"{ours}_{layer}")
            rest(f"{theirs}.layers.{layer}", f"{ours}_{layer}", (1, 2))
    attention("decoder.layers.0.self_attn", "decoder")
    attention("decoder.layers.0.multihead_attn", "decoder_known")
    rest("decoder.layers.0", "decoder", (1, 2, 3))
    for theirs, ours in (("decoder.norm", "decoder_norm"), ("encoder_robot_state_input_proj", "window"),
                         ("encoder_latent_input_proj", "latent"), ("action_head", "head"),
                         ("vae_encoder_robot_state_input_proj", "encoder_window"),
                         ("vae_encoder_action_input_proj", "encoder_actions"),
                         ("vae_encoder_latent_output_proj", "encoder_latent")):
        weights.layer(theirs, ours)
    for theirs, ours in (("vae_encoder_cls_embed", "summary"), ("encoder_1d_feature_pos_embed", "places_known"),
                         ("decoder_pos_embed", "places_actions")):
        weights.put(theirs + ".weight", ours)

    observations, normalised = observations_of(BATCH, 1)
    actions = torch.rand(BATCH, horizon, act_dim) * 2 - 1
    padded = torch.arange(horizon) >= torch.randint(1, horizon + 1, (BATCH, 1))
    noise = torch.randn(BATCH, latent)
    batch = lerobot_view.batch(normalised[:, 0], actions, padded)
    peer.train()
    with mock.patch("torch.randn_like", lambda like: noise):
        theirs, _ = peer(batch)
    said = compare(policy, loss_of(policy, observations, actions, (~padded).float(), noise), theirs, weights)
    with torch.no_grad():
        plan, _ = policy.plan(observations, torch.zeros(BATCH, 1), torch.zeros(BATCH, 1))
        del batch["action"]
        difference = differ("plan", plan, peer.predict_action_chunk(batch).clamp(-1, 1), LOSS_TOLERANCE)
    return f"{said}; plans by {difference:.1g}"


def diffusion(policy, sizes, observations_of):
    import lerobot_view

    obs_dim, act_dim, history, horizon = (policy.mean.numel(), *(sizes[k] for k in ("act_dim", "history", "horizon")))
    peer = lerobot_view.diffusion(obs_dim, act_dim, n_obs_steps=history, horizon=horizon,
                                  n_action_steps=sizes["executed"], down_dims=tuple(sizes["widths"]),
                                  diffusion_step_embed_dim=policy.time_narrow_bias.numel(),
                                  num_train_timesteps=sizes["diffusion_steps"], noise_scheduler_type="DDIM",
                                  num_inference_steps=sizes["acting_steps"])
    model = peer.diffusion
    weights = Weights(policy, model.unet)
    weights.layer("diffusion_step_encoder.1", "time_wide")
    weights.layer("diffusion_step_encoder.3", "time_narrow")
    levels = len(sizes["widths"])
    stages = [(f"down_modules.{level}", f"down_{level}") for level in range(levels)]
    stages += [(f"up_modules.{level}", f"up_{levels - 1 - level}") for level in range(levels - 1)]
    for theirs, ours in [*stages, ("mid_modules", "middle")]:
        for i in range(2):
            weights.layer(f"{theirs}.{i}.cond_encoder.1", f"{ours}_{i}_film")
            for convolution, name in ((1, "first"), (2, "second")):
                weights.layer(f"{theirs}.{i}.conv{convolution}.block.0", f"{ours}_{i}_{name}")
                weights.layer(f"{theirs}.{i}.conv{convolution}.block.1", f"{ours}_{i}_{name}_norm")
            if f"{ours}_{i}_skip_weight" in weights.ours:
                weights.layer(f"{theirs}.{i}.residual_conv", f"{ours}_{i}_skip")
        if f"{ours}_stride_weight" in weights.ours:
            weights.layer(f"{theirs}.2", f"{ours}_stride")
    for theirs, ours in (("final_conv.0.block.0", "last"), ("final_conv.0.block.1", "last_norm"),
                         ("final_conv.1", "out")):
        weights.layer(theirs, ours)

    observations, normalised = observations_of(BATCH, history)
    actions = torch.rand(BATCH, horizon, act_dim) * 2 - 1
    noise = torch.randn(BATCH, horizon, act_dim)
    steps = torch.randint(0, sizes["diffusion_steps"], (BATCH,))
    batch = lerobot_view.batch(normalised, actions, torch.zeros(BATCH, horizon, dtype=torch.bool))
    with mock.patch("torch.randn", lambda *_, **__: noise), mock.patch("torch.randint", lambda *_, **__: steps):
        theirs, _ = peer(batch)
    # Ours takes a normal number for the step, of which this is the quantile's middle.
    chosen = torch.erfinv(2 * (steps.double() + 0.5) / sizes["diffusion_steps"] - 1) * 2 ** 0.5
    ours = loss_of(policy, observations, actions, torch.ones(BATCH, horizon),
                   torch.cat([chosen.float().unsqueeze(1), noise.transpose(1, 2).flatten(1)], 1))
    said = compare(policy, ours, theirs, weights)
    with torch.no_grad():
        plan, _ = policy.plan(observations, torch.zeros(BATCH, 1), noise.transpose(1, 2).flatten(1))
        with mock.patch("torch.randn", lambda *_, **__: noise):
            theirs = model.conditional_sample(BATCH, global_cond=normalised.flatten(1))
        # Early steps divide what the network says by the root of what is left of the signal, a hundredth.
        difference = differ("plan", plan, theirs, 10 * LOSS_TOLERANCE)
    return f"{said}; plans of DDIM by {difference:.1g}"


def main():
    peers = {"rnn": rnn, "act": act, "diffusion": diffusion}
    arguments = sys.argv[1:]
    if not arguments or len(arguments) % 2 or any(kind not in peers for kind in arguments[::2]):
        sys.exit("usage: losses.py rnn|act|diffusion policy.pt ...")
    torch.set_num_threads(1)
    for kind, path in zip(arguments[::2], arguments[1::2]):
        extra = {"understudy.json": ""}
        policy = torch.jit.load(path, map_location="cpu", _extra_files=extra)
        description = json.loads(extra["understudy.json"])
        sizes = {**description["network"], "act_dim": sum(field["size"] for field in description["action"])}
        torch.manual_seed(1)

        def observations_of(*shape, policy=policy):
            """Raw, and as the network is to see them."""
            raw = policy.mean + torch.randn(*shape, policy.mean.numel()) / policy.scale.clamp(min=1e-6)
            return raw, (raw - policy.mean) * policy.scale

        print(f"{kind}: {peers[kind](policy, sizes, observations_of)}")


if __name__ == "__main__":
    try:
        main()
    except (ValueError, KeyError, OSError, RuntimeError) as error:
        sys.exit(f"losses.py: {' '.join(str(error).split())}")

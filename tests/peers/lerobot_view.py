"""LeRobot's policies on the distribution's PyTorch. LeRobot imports its readers of data sets and its simulators beside
the policies, which use neither: here stand-ins take their places, so that they need not be installed."""

import importlib.abc
import importlib.machinery
import sys
from unittest.mock import MagicMock

import torch

UNUSED = ("lerobot.datasets", "lerobot.envs")


class _StandIn(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if any(name == unused or name.startswith(unused + ".") for unused in UNUSED):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        module = MagicMock(name=spec.name)
        module.__path__, module.__spec__ = [], spec
        return module

    def exec_module(self, module):
        pass


sys.meta_path.insert(0, _StandIn())
if not hasattr(torch.optim.lr_scheduler, "LRScheduler"):  # its name since PyTorch 2
    torch.optim.lr_scheduler.LRScheduler = torch.optim.lr_scheduler._LRScheduler

from lerobot.configs.types import FeatureType, NormalizationMode, PolicyFeature  # noqa: E402
from lerobot.policies.act.configuration_act import ACTConfig  # noqa: E402
from lerobot.policies.act.modeling_act import ACTPolicy  # noqa: E402
from lerobot.policies.diffusion.configuration_diffusion import DiffusionConfig  # noqa: E402
from lerobot.policies.diffusion.modeling_diffusion import DiffusionPolicy  # noqa: E402


def _policy(policy, config, obs_dim, act_dim, sizes):
    class Low(config):
        def validate_features(self):  # which asks for images or a second vector; the networks do without
            pass

    as_it_is = dict.fromkeys(("VISUAL", "STATE", "ENV", "ACTION"), NormalizationMode.IDENTITY)
    return policy(Low(input_features={"observation.state": PolicyFeature(FeatureType.STATE, (obs_dim,))},
                      output_features={"action": PolicyFeature(FeatureType.ACTION, (act_dim,))},
                      normalization_mapping=as_it_is, device="cpu", **sizes))


def act(obs_dim, act_dim, **sizes):
    """ACT of one vector, which is not normalised."""
    return _policy(ACTPolicy, ACTConfig, obs_dim, act_dim, sizes)


def diffusion(obs_dim, act_dim, **sizes):
    """Diffusion policy of one vector, which is not normalised."""
    return _policy(DiffusionPolicy, DiffusionConfig, obs_dim, act_dim, sizes)


def batch(observations, actions, padded):
    """What both train on: [B, ...], [B, T, A] and [B, T]. They ask the second vector for the number of samples."""
    return {"observation.state": observations, "observation.environment_state": observations, "action": actions,
            "action_is_pad": padded}

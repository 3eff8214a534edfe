"""The dataset as robomimic shows it, and robomimic's own behavioural cloning on it."""

import contextlib
import io

import numpy as np
import torch
from torch.utils.data import DataLoader

import robomimic
import robomimic.utils.file_utils as FileUtils
import robomimic.utils.obs_utils as ObsUtils
import robomimic.utils.train_utils as TrainUtils
from robomimic.algo import algo_factory
from robomimic.config import config_factory
from robomimic.utils.dataset import SequenceDataset

from h5py_view import Difference, expect, expect_array, require

KEYS = ("actions", "rewards", "dones")


@contextlib.contextmanager
def quiet():
    """Keeps robomimic's progress to itself unless something goes wrong."""
    heard = io.StringIO()
    try:
        with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
            yield
    except Difference:
        raise
    except Exception:
        print(heard.getvalue())
        raise


def bc_config(path, dataset, epochs):
    config = config_factory("bc")
    with config.unlocked():
        config.observation.modalities.obs.low_dim = sorted(dataset.demos[0].obs)
        config.experiment.validate = True
        config.experiment.rollout.enabled = False
        config.train.data = str(path)
        config.train.hdf5_filter_key = "train"
        config.train.hdf5_validation_filter_key = "valid"
        config.train.num_data_workers = 0
        config.train.num_epochs = epochs
        config.train.batch_size = 100
        config.train.cuda = False
        config.algo.actor_layer_dims = (256, 256)
        config.algo.optim_params.policy.learning_rate.initial = 1e-3
    return config


def check_items(path, dataset):
    """Every item that SequenceDataset hands out, for single steps and for sequences of 10, over every mask."""
    with quiet():
        ObsUtils.initialize_obs_utils_with_config(bc_config(path, dataset, epochs=1))
    items = 0
    for mask in (None, "train", "valid"):
        for length in (1, 10):
            with quiet():
                view = SequenceDataset(str(path), obs_keys=sorted(dataset.demos[0].obs), dataset_keys=KEYS,
                                       seq_length=length, load_next_obs=False, hdf5_cache_mode="low_dim",
                                       filter_by_attribute=mask)
            chosen = [demo for demo in dataset.demos if mask is None or demo.name in dataset.masks[mask]]
            place = f"{path} through SequenceDataset({mask or 'all'}, seq_length={length})"
            expect(place, "demonstrations", [demo.name for demo in chosen], view.demos)
            expect(place, "sequences", sum(map(len, chosen)), len(view))
            index = 0
            for demo in chosen:
                for step in range(len(demo)):
                    # Past the end robomimic repeats the last step; row T of the observations is never touched.
                    rows = np.minimum(np.arange(step, step + length), len(demo) - 1)
                    item = view[index]
                    at = f"{place}[{index}] ({demo.name} step {step})"
                    for key in KEYS:
                        expect_array(f"{at} {key}", getattr(demo, key).astype(np.float32)[rows], item[key])
                    expect(at, "observations", sorted(demo.obs), sorted(item["obs"]))
                    for key, values in demo.obs.items():
                        expect_array(f"{at} obs {key}", values[rows], item["obs"][key])
                    index += 1
            items += index
    return items


def train(path, dataset, epochs):
    """robomimic's configuration, factory and training loop. Returns (loss before, loss after, validation after)."""
    torch.manual_seed(0)
    np.random.seed(0)
    torch.set_num_threads(1)
    config = bc_config(path, dataset, epochs)
    ObsUtils.initialize_obs_utils_with_config(config)
    environment = FileUtils.get_env_metadata_from_dataset(str(path))
    require(environment["env_name"], f"{path}:/data@env_args", "no env_name")
    shapes = FileUtils.get_shape_metadata_from_dataset(str(path), all_obs_keys=config.all_obs_keys)
    expect(path, "action size that robomimic found", dataset.action_dim, shapes["ac_dim"])
    model = algo_factory(algo_name=config.algo_name, config=config, obs_key_shapes=shapes["all_shapes"],
                         ac_dim=shapes["ac_dim"], device=torch.device("cpu"))
    trainset, validset = TrainUtils.load_data_for_training(config, obs_keys=shapes["all_obs_keys"])
    loader = DataLoader(trainset, batch_size=config.train.batch_size, shuffle=True, drop_last=False)
    valid_loader = DataLoader(validset, batch_size=config.train.batch_size, shuffle=False, drop_last=False)

    def loss(of, epoch):
        return TrainUtils.run_epoch(model=model, data_loader=of, epoch=epoch, validate=True)["Loss"]

    before = loss(loader, 0)
    for epoch in range(1, epochs + 1):
        TrainUtils.run_epoch(model=model, data_loader=loader, epoch=epoch)
        model.on_epoch_end(epoch)
    return before, loss(loader, epochs), loss(valid_loader, epochs)


def check(path, dataset, epochs, factor):
    """Items, then training. Returns a line that says what was seen."""
    items = check_items(path, dataset)
    with quiet():
        before, after, valid = train(path, dataset, epochs)
    require(np.isfinite([before, after, valid]).all() and after * factor < before, path,
            f"robomimic's BC: want the training loss to fall by more than {factor}x in {epochs} epochs, "
            f"found {before:.5f} -> {after:.5f}")
    return (f"robomimic {robomimic.__version__}: {items} items equal to h5py's; BC {epochs} epochs, training loss "
            f"{before:.5f} -> {after:.5f} ({before / after:.1f}x), validation {valid:.5f}")

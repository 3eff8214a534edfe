#!/usr/bin/env python3
"""Reads a run's event files with TensorBoard itself: what its SCALARS and its HPARAMS tab show.
usage: tensorboard_view.py RUN..."""

import csv
import math
import pathlib
import sys
import tomllib

from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins.base_plugin import TBContext
from tensorboard.plugins.hparams import api_pb2, backend_context, get_experiment, list_session_groups

runs = {path.name: path for path in map(pathlib.Path, sys.argv[1:])}
multiplexer = plugin_event_multiplexer.EventMultiplexer()
for name, path in runs.items():
    multiplexer.AddRun(str(path), name)
multiplexer.Reload()
provider = data_provider.MultiplexerDataProvider(multiplexer, "runs")
context = backend_context.Context(TBContext(data_provider=provider))

# SCALARS: every number of metrics.csv that has a tag.
for name, path in runs.items():
    with open(path / "metrics.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    unit = "epoch" if "epoch" in rows[0] else "steps"
    for column, tag in (("loss", "train/loss"), ("mean_return", "rollout/mean_return"), ("eval_return", None)):
        if column not in rows[0]:
            continue
        if tag is None:
            tag = next(t for t in multiplexer.Runs()[name]["tensors"] if "return" in t and "rollout" in t)
        wanted = [(int(row[unit]), float(row[column])) for row in rows if row[column]]
        found = [(event.step, float(event.tensor_proto.float_val[0])) for event in multiplexer.Tensors(name, tag)]
        assert [step for step, _ in wanted] == [step for step, _ in found], (name, tag, wanted, found)
        assert all(math.isclose(a, b, rel_tol=1e-6) for (_, a), (_, b) in zip(wanted, found)), (name, tag)

# HPARAMS: a session a run, with the options of its config.toml.
metadata = context.hparams_metadata(RequestContext(), "experiment")
experiment = context.experiment_from_metadata(
    RequestContext(), "experiment", True, metadata,
    context.hparams_from_data_provider(RequestContext(), "experiment", limit=None))
metrics = {info.name.tag for info in experiment.metric_infos}
assert any("return" in tag for tag in metrics), metrics
request = api_pb2.ListSessionGroupsRequest(
    start_index=0, slice_size=100,
    allowed_statuses=[api_pb2.STATUS_SUCCESS, api_pb2.STATUS_RUNNING, api_pb2.STATUS_UNKNOWN],
    col_params=[api_pb2.ColParams(metric=info.name) for info in experiment.metric_infos])
groups = list_session_groups.Handler(
    RequestContext(), context, "experiment", request).run().session_groups
assert {group.name for group in groups} == set(runs), [group.name for group in groups]
for group in groups:
    config = tomllib.loads((runs[group.name] / "config.toml").read_text(encoding="utf-8"))
    hparams = {key: getattr(value, value.WhichOneof("kind")) for key, value in group.hparams.items()}
    assert hparams.pop("learner")
    for key, value in config.items():
        if key in ("out", "steps", "image-memory") or key == "threads" and key not in hparams:
            assert key not in hparams, key  # the result does not depend on these, or resuming may change them
            continue
        assert hparams[key] == value, (group.name, key, value, hparams.get(key))
    (session,) = group.sessions
    assert session.status == api_pb2.STATUS_SUCCESS, session.status
    assert len(session.metric_values) > 0
    print(f"TensorBoard: {group.name}: {len(hparams)} hyperparameters, {len(session.metric_values)} metrics")

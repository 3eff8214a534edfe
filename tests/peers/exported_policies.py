"""Exported policies in onnxruntime: every policy given acts there as its TorchScript does in Python.

usage: exported_policies.py FOLDER...   each with policy.onnx and policy.exported.pt, of `understudy export`
Needs torch, numpy and onnxruntime.
"""
import sys

import numpy
import onnxruntime
import torch

STEPS = 60


def check(folder):
    script = torch.jit.load(f"{folder}/policy.exported.pt")
    session = onnxruntime.InferenceSession(f"{folder}/policy.onnx", providers=["CPUExecutionProvider"])
    sizes = {value.name: value.shape for value in session.get_inputs()}
    generator = numpy.random.default_rng(1)
    scale, mean = script.scale.numpy(), script.mean.numpy()
    names = [output.name for output in session.get_outputs()]
    worst = 0.0
    for _ in range(3):
        state = numpy.zeros(sizes.get("state", [1, 1]), numpy.float32)
        script_state = torch.zeros(state.shape)
        for _ in range(STEPS):
            given = {name: generator.standard_normal(shape).astype(numpy.float32) for name, shape in sizes.items()}
            given["observation"] = (mean + given["observation"] / scale).astype(numpy.float32)
            noise = torch.from_numpy(given.get("noise", numpy.zeros([1, 1], numpy.float32)))
            if "state" in sizes:
                given["state"] = state
            found = dict(zip(names, session.run(None, given)))
            with torch.no_grad():
                action, script_state = script.step(torch.from_numpy(given["observation"]), script_state, noise)
            worst = max(worst, float(numpy.abs(found["action"] - action.numpy()).max()))
            state = found.get("next_state", state)
            assert numpy.isfinite(found["action"]).all() and numpy.abs(found["action"]).max() <= 1
    print(f"{folder}: {3 * STEPS} steps in onnxruntime {onnxruntime.__version__}, differ by at most {worst:.1e}")
    assert worst <= 1e-5, worst


if __name__ == "__main__":
    for folder in sys.argv[1:]:
        check(folder)

#!/usr/bin/env python3
"""What time.py does with PyTorch, in processes of their own: `worker.py VERB …` prints one JSON object."""

import argparse
import importlib
import json
import pathlib
import resource
import time

import torch

import weights

SOURCES = ("vid2vid", "pix2pixhd", "spade")


class Keeper(torch.nn.Module):
    """Runs as a node of weft and stores what it sees, exactly: weft writes frames with 8 bits."""

    def __init__(self, prefix: str):
        super().__init__()
        self.prefix = prefix
        self.t = 0

    def forward(self, frame: torch.Tensor, labels: torch.Tensor, instances: torch.Tensor) -> torch.Tensor:
        torch.save((frame, labels, instances), self.prefix + str(self.t) + ".pt")
        self.t += 1
        return frame


def make_keeper(arguments):
    torch.jit.script(Keeper(f"{arguments.folder}/")).save(str(arguments.file))
    return {}


def read_kept(folder, t):
    return torch.load(folder / f"{t}.pt", weights_only=True)


def settle(arguments):
    weights.settle_spectral_norms(arguments.file)
    return {}


def compare(arguments):
    """Frames of two folders: their largest and mean difference, and how far the values of the first are spread."""
    first, second = ([read_kept(folder, t)[0] for t in range(arguments.begin, arguments.end)]
                     for folder in (arguments.first, arguments.second))
    first, second = torch.stack(first), torch.stack(second)
    difference = (first - second).abs()
    return {"largest": difference.max().item(), "mean": difference.mean().item(), "deviation": first.std().item()}


def make_network(arguments, dtype):
    module = importlib.import_module(arguments.network)
    with torch.device("meta"):
        network = module.Network(arguments.features, arguments.size)
    weights.load(network, arguments.weights)
    network.prepare()
    if dtype == torch.bfloat16:
        if hasattr(network, "fold"):
            network.fold()
        network.to(dtype).to(memory_format=torch.channels_last)
    return module.Rollout(torch.compile(network) if arguments.way == "compiled-bf16" else network, dtype)


def peak_bytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run(arguments):
    """Generates frames from the maps that a run of weft kept.

    The seconds of a frame begin with its label and instance map in memory, as int64, and end with the frame in memory, as
    float32.
    """
    bare = peak_bytes()
    torch.set_num_threads(arguments.threads)
    torch.set_num_interop_threads(1)
    dtype = torch.float32 if arguments.way == "eager-f32" else torch.bfloat16
    rollout = make_network(arguments, dtype)
    seconds = []
    for t in range(arguments.end):
        given, labels, instances = read_kept(arguments.maps, t)
        if t < rollout.GIVEN:
            rollout.give(given, labels, instances)
            continue
        begin = time.perf_counter()
        frame = rollout.next(labels, instances)
        seconds.append(time.perf_counter() - begin)
        if arguments.keep:
            torch.save((frame,), arguments.keep / f"{t}.pt")
    return {"seconds": seconds, "peak_bytes": peak_bytes(), "bare_bytes": bare}


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("version").set_defaults(act=lambda _: {"version": torch.__version__})
    verb = verbs.add_parser("keeper")
    verb.add_argument("file", type=pathlib.Path)
    verb.add_argument("folder", type=pathlib.Path)
    verb.set_defaults(act=make_keeper)
    verb = verbs.add_parser("settle")
    verb.add_argument("file", type=pathlib.Path)
    verb.set_defaults(act=settle)
    verb = verbs.add_parser("compare")
    verb.add_argument("first", type=pathlib.Path)
    verb.add_argument("second", type=pathlib.Path)
    verb.add_argument("begin", type=int)
    verb.add_argument("end", type=int)
    verb.set_defaults(act=compare)
    verb = verbs.add_parser("run")
    verb.add_argument("network", choices=SOURCES)
    verb.add_argument("way", choices=("eager-f32", "eager-bf16", "compiled-bf16"))
    verb.add_argument("--weights", type=pathlib.Path)
    verb.add_argument("--maps", type=pathlib.Path)
    verb.add_argument("--size", type=int, nargs=2)
    verb.add_argument("--features", type=int)
    verb.add_argument("--threads", type=int)
    verb.add_argument("--end", type=int)
    verb.add_argument("--keep", type=pathlib.Path)
    verb.set_defaults(act=run)
    return parser.parse_args()


if __name__ == "__main__":
    given = read_arguments()
    with torch.no_grad():
        print(json.dumps(given.act(given)))

#!/usr/bin/env python3
"""Times weft against PyTorch itself, which runs the same network with the same weights on the same label maps.

Both first generate a few frames that are compared; nothing is timed unless they agree. Then they take turns. A turn is a
process that loads the weights and generates one frame that does not count, and then those that do. The time of a frame
begins with its label and instance map in memory and ends with the frame in memory: one-hot maps, edges, and the network are
in it; reading and writing files, loading weights, and compiling are not. docs/performance.md has the details.

The networks are those that were published, in their published size. Their weights are made by `weft weights fill`.
"""

import argparse
import dataclasses
import importlib.util
import os
import pathlib
import platform
import statistics
import sys

from programs import ROOT, TORCH, Failure, PyTorch, Weft, find_weft

LARGEST_MEAN_OF_BF16 = 0.1  # bfloat16 has 8 bits; with weights at random its errors grow from layer to layer


@dataclasses.dataclass
class Network:
    size: str
    features: int
    multiple: int  # of width and height
    given: int  # frames before the first generated one
    frame: str  # the stream of its graph


NETWORKS = {
    "vid2vid": Network("512x256", 128, 8, 2, "F.frames"),
    "pix2pixhd": Network("1024x512", 64, 16, 0, "G.image"),
    "spade": Network("1024x512", 64, 64, 0, "G"),
}


class Job:
    """What is run, and where its files are."""

    def __init__(self, arguments):
        network = NETWORKS[arguments.network]
        self.name, self.frame, self.given = arguments.network, network.frame, network.given
        self.size = read_size(arguments.size or network.size, network.multiple)
        self.features, self.threads = arguments.features or network.features, arguments.threads
        self.first = self.given + 1  # the frame after the one that does not count
        self.end = self.first + arguments.frames
        self.work = (arguments.work / self.name).resolve()
        self.weights = self.work / "weights.safetensors"
        self.kept = self.work / "weft-f32"
        self.log = self.work / "log.txt"
        self.settings, self.scales = self.of_graph(), []
        if self.name == "vid2vid":  # flows of a few pixels, as trained networks have them
            self.scales = ["--scale", "model_final_flow.1.weight=0.05"]

    def of_graph(self):
        maps, (height, width) = self.work / "maps", self.size
        if self.name == "vid2vid":
            return [f"labels={maps / 'labels'}", f"instance_maps={maps / 'instances'}", f"first={maps / 'images'}",
                    f"foreground_features={self.features // 2}"]
        folders = [f"labels_folder={maps / 'labels'}", f"instances_folder={maps / 'instances'}"]
        return folders + ([f"crop_size={width}", f"aspect_ratio={width / height}"] if self.name == "spade" else [])

    def folder(self, name):
        folder = self.work / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def read_size(text, multiple):
    """@returns height and width"""
    try:
        width, height = (int(number) for number in text.split("x"))
    except ValueError:
        raise Failure(f"--size {text}: write WIDTHxHEIGHT, as in 512x256") from None
    if min(width, height) < multiple or width % multiple or height % multiple:
        raise Failure(f"--size {text}: width and height must be multiples of {multiple}")
    return height, width


def say(text):
    print(text, file=sys.stderr, flush=True)


def require_torch():
    if importlib.util.find_spec("torch") is None:
        raise Failure(f"PyTorch is missing in {sys.executable}\n"
                      f"  python3 -m venv out/venv && out/venv/bin/pip install torch=={TORCH}\n"
                      f"  out/venv/bin/python tests/peers/time.py {' '.join(sys.argv[1:])}")


def prepare(job, weft, torch):
    job.folder("")
    job.log.write_text("", encoding="utf-8")
    say("maps and weights")
    weft.write_maps()
    weft.fill()
    if job.name == "spade":
        torch.call("settle", job.weights)


def compare(job, torch, first, second, what):
    found = torch.call("compare", job.folder(first), job.folder(second), job.given, job.end)
    say(f"  {what}: largest difference {found['largest']:.2g}, mean {found['mean']:.2g}, "
        f"of values with deviation {found['deviation']:.2g}")
    return found


def check(job, weft, torch, arguments):
    """Generates the same frames with both.

    @throws Failure  when they differ
    """
    say("the same frames by both")
    keeper = job.work / "keeper.pt"
    for precision in ("f32", "bf16") if arguments.bf16 else ("f32",):
        torch.call("keeper", keeper, job.folder(f"weft-{precision}"))
        weft.keep(keeper, precision)
    torch.time("eager-f32", job.folder("torch-f32"))
    found = compare(job, torch, "torch-f32", "weft-f32", "f32, weft and PyTorch")
    if not found["largest"] <= arguments.tolerance:
        raise Failure(f"the frames differ by more than --tolerance {arguments.tolerance}: nothing is timed")
    if not arguments.bf16:
        return
    torch.time(f"{arguments.bf16}-bf16", job.folder("torch-bf16"))
    compare(job, torch, "torch-f32", "torch-bf16", "PyTorch, f32 and bf16")
    found = compare(job, torch, "torch-f32", "weft-bf16", "PyTorch's f32 and weft's bf16")
    if not found["mean"] <= LARGEST_MEAN_OF_BF16:
        raise Failure(f"weft's frames in bf16 differ by more than {LARGEST_MEAN_OF_BF16} in the mean: nothing is timed")


class Pair:
    """weft and PyTorch in one precision."""

    def __init__(self, precision, way, weft, torch):
        self.precision, self.way = precision, way
        self.programs = {"weft": lambda: weft.time(precision), "PyTorch": lambda: torch.time(f"{way}-{precision}")}
        self.seconds = {name: [] for name in self.programs}
        self.peaks = {name: [] for name in self.programs}

    def take_turn(self, number):
        """The order changes from turn to turn."""
        names = list(self.programs)
        for name in names if number % 2 == 0 else reversed(names):
            seconds, peak = self.programs[name]()
            self.seconds[name].append(statistics.mean(seconds[1:]))  # the first frame does not count
            self.peaks[name].append(peak)
            say(f"  turn {number + 1}: {name}, {self.precision}: {seconds_text(self.seconds[name][-1])} a frame, "
                f"peak memory {peak / 1e9:.2f} GB")

    def cells(self):
        times = [f"{seconds_text(statistics.median(self.seconds[name]))} ({seconds_text(min(self.seconds[name]))})"
                 for name in self.programs]
        ratio = statistics.median(own / other for other, own in zip(self.seconds["weft"], self.seconds["PyTorch"]))
        peaks = [f"{max(self.peaks[name]) / 1e9:.2f} GB" for name in self.programs]
        return [f"{self.precision}, {self.way}", *times, f"**{ratio:.2f}**", *peaks]


def seconds_text(seconds):
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1e3:.0f} ms"


def processor():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def report(job, arguments, pairs, torch, versions):
    print(f"{arguments.turns} turns of {arguments.frames} frames, {job.threads} threads on {processor()} "
          f"({os.cpu_count()} cores), {versions}: median (least) of the turns; "
          f"of PyTorch's memory, {torch.bare_bytes / 1e9:.2f} GB are Python and its libraries\n")
    print("| network | precision, PyTorch's way | weft | PyTorch | speed ratio | weft's memory | PyTorch's memory |")
    print("|---|---|---|---|---|---|---|")
    name = f"{job.name}, {job.size[1]}x{job.size[0]}, {job.features} features"
    for pair in pairs:
        print(f"| {' | '.join([name, *pair.cells()])} |")


def read_arguments():
    def at_least(least):
        def read(word):
            number = int(word)
            if number < least:
                raise ValueError
            return number
        read.__name__ = f"whole number from {least}"
        return read

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("--size", metavar="WxH", help="default: 512x256 of vid2vid, 1024x512 of the others")
    parser.add_argument("--features", type=at_least(2), metavar="N",
                        help="channels of the first or last layer; default: as published")
    parser.add_argument("--turns", type=at_least(0), default=5, metavar="N", help="0: only the comparison; default: 5")
    parser.add_argument("--frames", type=at_least(1), default=2, metavar="N",
                        help="frames of a turn that count; default: 2")
    parser.add_argument("--threads", type=at_least(1), default=os.cpu_count(), metavar="N",
                        help="threads of the computation of both; default: one for each core")
    parser.add_argument("--bf16", choices=("eager", "compiled"),
                        help="also times both in bfloat16: PyTorch with the channels last, eager or by torch.compile")
    parser.add_argument("--tolerance", type=float, default=1e-3, metavar="X",
                        help="largest difference of values in [-1, 1], float32; default: 1e-3")
    parser.add_argument("--weft", type=pathlib.Path, metavar="PATH", help="default: build/weft, or that on the path")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / "out" / "peers", metavar="DIR",
                        help="for weights, maps and frames, up to 2 GB; default: out/peers")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    job = Job(arguments)
    weft, torch = Weft(job, find_weft(arguments.weft)), PyTorch(job)
    require_torch()
    prepare(job, weft, torch)
    versions = f"weft {weft.version()}, PyTorch {torch.call('version')['version']}"
    say(f"{versions}; load of the machine: {os.getloadavg()[0]:.1f}")
    check(job, weft, torch, arguments)
    pairs = [Pair("f32", "eager", weft, torch)]
    if arguments.bf16:
        pairs.append(Pair("bf16", arguments.bf16, weft, torch))
    for turn in range(arguments.turns):
        for pair in pairs:
            pair.take_turn(turn)
    if arguments.turns:
        report(job, arguments, pairs, torch, versions)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"time.py: {failure}")

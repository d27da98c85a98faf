"""Runs weft and PyTorch, each in a process of its own. This process stays small: a child begins with its peak memory."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TORCH = "2.11.0"  # the version of weft's LibTorch
KEEPER = """
[node.keep]
use     = "model.torchscript"
path    = "{keeper}"
in      = ["{frame}", "labels", "instances"]
inputs  = ["frame float32[B,3,*,*]", "labels int64[B,1,*,*]", "instances int64[B,1,*,*]"]
outputs = ["frame float32[B,3,*,*]"]

[node.kept]
use = "image.show"
in  = "keep.out"

[node.video]
in = "kept"
"""


class Failure(Exception):
    """Ends the script with its text."""


def find_weft(path):
    if path is None:
        built = ROOT / "build" / "weft"
        path = built if built.exists() else shutil.which("weft")
    if path is None or not pathlib.Path(path).is_file():
        raise Failure(f"there is no weft program {path or 'in build/ or on the path'}: build it, or give --weft PATH")
    return pathlib.Path(path).resolve()


def run(command, log, **environment):
    """@returns what the command prints, and its peak memory in bytes"""
    words = [str(word) for word in command]
    with open(log, "a+", encoding="utf-8") as messages:
        messages.write(f"$ {' '.join(words)}\n")
        messages.flush()
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=messages, text=True,
                              env={**os.environ, **environment}) as process:
            printed = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            last = pathlib.Path(log).read_text(encoding="utf-8").split(f"$ {words[0]}")[-1]
            raise Failure(f"{words[0]} ended with {process.returncode}:\n$ {words[0]}{last}")
    return printed, usage.ru_maxrss * 1024


class PyTorch:
    def __init__(self, job):
        self.job = job
        self.bare_bytes = 0  # peak memory of a process that has loaded nothing but Python and PyTorch

    def call(self, *words):
        threads = str(self.job.threads)
        printed, _ = run([sys.executable, HERE / "worker.py", *words], self.job.log, OMP_NUM_THREADS=threads,
                         TORCHINDUCTOR_CACHE_DIR=str(self.job.work / "compiled"))
        return json.loads(printed.splitlines()[-1])

    def time(self, way, keep=None):
        """@returns seconds of each generated frame, and the peak memory in bytes"""
        job = self.job
        words = ["run", job.name, way, "--weights", job.weights, "--maps", job.kept, "--size", *job.size, "--features",
                 job.features, "--threads", job.threads, "--end", job.end]
        result = self.call(*words, *(["--keep", keep] if keep else []))
        self.bare_bytes = result["bare_bytes"]
        return result["seconds"], result["peak_bytes"]


class Weft:
    def __init__(self, job, program):
        self.job = job
        self.program = program

    def call(self, *words, **environment):
        return run([self.program, "--quiet", *words], self.job.log, OMP_NUM_THREADS=str(self.job.threads), **environment)

    def version(self):
        return run([self.program, "--version"], self.job.log)[0].split()[-1]

    def write_maps(self):
        job = self.job
        self.call("run", HERE / "maps.toml", "--run-folder", "none", "--force", "--set", f"frames={job.end}",
                  "--set", f"size={list(job.size)}", "--set", f"out={job.work / 'maps'}")

    def fill(self):
        self.call("weights", "fill", self.graph(), *self.settings(), "-o", self.job.weights, *self.job.scales)

    def graph(self):
        return HERE / f"{self.job.name}.toml"

    def settings(self):
        words = [f"weights={self.job.weights}", f"out={self.job.work / 'frames'}", f"size={list(self.job.size)}"]
        words += [f"features={self.job.features}", *self.job.settings]
        return [part for word in words for part in ("--set", word)]

    def run(self, graph, precision, *words, **environment):
        return self.call("run", graph, *self.settings(), "--run-folder", "none", "--force", "--threads",
                         self.job.threads, "--precision", precision, *words, **environment)

    def keep(self, keeper, precision):
        """Runs the graph with a node that stores its frames and maps."""
        graph = self.job.work / "check.toml"
        base = f'format = 1\nbase = {json.dumps(str(self.graph()))}\n'
        graph.write_text(base + KEEPER.format(keeper=keeper, frame=self.job.frame), encoding="utf-8")
        self.run(graph, precision, WEFT_TRUST="1")  # the node holds code

    def time(self, precision):
        """@returns seconds of each generated frame, and the peak memory in bytes"""
        trace = self.job.work / "trace.json"
        _, peak = self.run(self.graph(), precision, "--trace", trace)
        sums = seconds_of_frames(trace)
        return [sums[t] for t in range(self.job.given, self.job.end)], peak


def seconds_of_frames(trace):
    """The seconds that all nodes of the thread that computes worked on each frame, by its number.

    Sources and writers have threads of their own, and are not in it.
    """
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    lanes = {event["tid"] for event in events if event["name"] == "thread_name" and event["args"]["name"] == "compute"}
    sums = {}
    for event in events:
        if event["ph"] == "X" and event["tid"] in lanes:
            frame = event["args"]["frame"]
            sums[frame] = sums.get(frame, 0) + event["dur"] * 1e-6
    return sums

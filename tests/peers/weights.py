"""Weight files in the safetensors format: 8 bytes with the length of a JSON header, the header, and the numbers."""

import json

import torch

TYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64}
POWER_ITERATIONS = 30


class WeightFile:
    def __init__(self, path, writes=False):
        self.file = open(path, "r+b" if writes else "rb")
        length = int.from_bytes(self.file.read(8), "little")
        self.rows = json.loads(self.file.read(length))
        self.rows.pop("__metadata__", None)
        self.begin = 8 + length

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def read(self, key):
        row = self.rows[key]
        begin, end = row["data_offsets"]
        if begin == end:
            return torch.empty(row["shape"], dtype=TYPES[row["dtype"]])
        self.file.seek(self.begin + begin)
        return torch.frombuffer(bytearray(self.file.read(end - begin)), dtype=TYPES[row["dtype"]]).view(row["shape"])

    def write(self, key, tensor):
        """In the place of a float32 tensor of the same shape."""
        self.file.seek(self.begin + self.rows[key]["data_offsets"][0])
        self.file.write(bytes(tensor.contiguous().view(torch.uint8).tolist()))


def load(network, path):
    """Gives a network of the device `meta` its parameters, without a second copy of all of them in memory.

    @throws ValueError  when file and network do not have the same keys and shapes
    """
    with WeightFile(path) as file:
        wanted = network.state_dict()
        if wanted.keys() != file.rows.keys():
            raise ValueError(f"{path} has other keys than the network: {sorted(wanted.keys() ^ file.rows.keys())[:6]}")
        network.to_empty(device="cpu")
        for key, tensor in network.state_dict().items():
            stored = file.read(key)
            if stored.shape != tensor.shape:
                raise ValueError(f"{path}: {key} is {list(stored.shape)}, but the network wants {list(tensor.shape)}")
            tensor.copy_(stored)


def settle_spectral_norms(path):
    """Replaces the vectors of spectral norms by what training leads them to.

    With vectors at random, what stands for the largest singular value is near 0, and the kernels become too large.
    """
    with WeightFile(path, writes=True) as file:
        for key in [key for key in file.rows if key.endswith("weight_orig")]:
            u_key, v_key = key.replace("weight_orig", "weight_u"), key.replace("weight_orig", "weight_v")
            kernel, u = file.read(key).flatten(1), file.read(u_key)
            for _ in range(POWER_ITERATIONS):
                v = torch.nn.functional.normalize(kernel.t() @ u, dim=0)
                u = torch.nn.functional.normalize(kernel @ v, dim=0)
            file.write(u_key, u)
            file.write(v_key, v)

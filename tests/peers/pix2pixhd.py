"""The global generator of pix2pixHD (Wang et al. 2018) for Cityscapes, with the keys of its published weights."""

from torch import nn

from frame_by_frame import FrameByFrame
from layers import CLASSES, doubling_layers, first_layers, halving_layers, last_layers, residual_blocks

DOWN = 4
BLOCKS = 9

Rollout = FrameByFrame


class Network(nn.Module):
    def __init__(self, features, _size):
        super().__init__()
        norm = nn.InstanceNorm2d
        layers = first_layers(CLASSES + 1, features, norm)
        for i in range(DOWN):
            layers += halving_layers(features << i, norm)
        layers += residual_blocks(BLOCKS, features << DOWN, norm)
        for i in range(DOWN):
            layers += doubling_layers(features << (DOWN - i), norm)
        self.model = nn.Sequential(*layers, *last_layers(features, 3, nn.Tanh()))

    def forward(self, seen):
        return self.model(seen)

    def prepare(self):
        """As the original's test does. Instance norms compute the same in both modes."""
        return self.train()

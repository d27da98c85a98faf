"""The generator of SPADE (Park et al. 2019) for Cityscapes, with the keys of its published weights."""

import warnings

from torch import nn
from torch.nn import functional
from torch.nn.utils import remove_spectral_norm, spectral_norm

from frame_by_frame import FrameByFrame
from layers import CLASSES

DOUBLED = 64  # what six doublings multiply the first grid by: `upsampling` more
HIDDEN = 128  # channels of what the norms compute from the map
SLOPE = 0.2

Rollout = FrameByFrame


def spectral(convolution):
    with warnings.catch_warnings():  # the way that gives the published keys is deprecated
        warnings.simplefilter("ignore", FutureWarning)
        return spectral_norm(convolution)


def leaky(x):
    return functional.leaky_relu(x, SLOPE)


class Spade(nn.Module):
    """A batch norm without parameters, modulated at each pixel by what two convolutions read in the semantic map."""

    def __init__(self, features):
        super().__init__()
        self.param_free_norm = nn.BatchNorm2d(features, affine=False)
        self.mlp_shared = nn.Sequential(nn.Conv2d(CLASSES + 1, HIDDEN, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(HIDDEN, features, 3, padding=1)
        self.mlp_beta = nn.Conv2d(HIDDEN, features, 3, padding=1)

    def forward(self, x, seen):
        hidden = self.mlp_shared(functional.interpolate(seen, size=x.shape[2:], mode="nearest"))
        return self.param_free_norm(x) * (1 + self.mlp_gamma(hidden)) + self.mlp_beta(hidden)


class Block(nn.Module):
    def __init__(self, features, out):
        super().__init__()
        between = min(features, out)
        self.conv_0 = spectral(nn.Conv2d(features, between, 3, padding=1))
        self.conv_1 = spectral(nn.Conv2d(between, out, 3, padding=1))
        self.is_changing = features != out
        if self.is_changing:
            self.conv_s = spectral(nn.Conv2d(features, out, 1, bias=False))
        self.norm_0 = Spade(features)
        self.norm_1 = Spade(between)
        if self.is_changing:
            self.norm_s = Spade(features)

    def forward(self, x, seen):
        shortcut = self.conv_s(self.norm_s(x, seen)) if self.is_changing else x
        inner = self.conv_0(leaky(self.norm_0(x, seen)))
        return shortcut + self.conv_1(leaky(self.norm_1(inner, seen)))


class Network(nn.Module):
    """@param size  height and width of the image"""

    def __init__(self, features, size):
        super().__init__()
        self.grid = (size[0] // DOUBLED, size[1] // DOUBLED)
        self.fc = nn.Conv2d(CLASSES + 1, 16 * features, 3, padding=1)
        self.head_0 = Block(16 * features, 16 * features)
        self.G_middle_0 = Block(16 * features, 16 * features)
        self.G_middle_1 = Block(16 * features, 16 * features)
        self.up_0 = Block(16 * features, 8 * features)
        self.up_1 = Block(8 * features, 4 * features)
        self.up_2 = Block(4 * features, 2 * features)
        self.up_3 = Block(2 * features, features)
        self.conv_img = nn.Conv2d(features, 3, 3, padding=1)

    def forward(self, seen):
        x = self.fc(functional.interpolate(seen, size=self.grid, mode="nearest"))
        x = self.head_0(x, seen)
        for block in (self.G_middle_0, self.G_middle_1, self.up_0, self.up_1, self.up_2, self.up_3):
            x = block(functional.interpolate(x, scale_factor=2, mode="nearest"), seen)
        return self.conv_img(leaky(x)).tanh()

    def prepare(self):
        """As the original's test does."""
        return self.eval()

    def fold(self):
        """Divides the kernels by their largest singular values for good: they are constants outside of training."""
        for module in self.modules():
            if hasattr(module, "weight_orig"):
                remove_spectral_norm(module)

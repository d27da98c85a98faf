"""Layers and inputs that the generators of vid2vid and pix2pixHD share, in the order that their published keys count."""

import torch
from torch import nn
from torch.nn import functional

CLASSES = 35  # label ids of Cityscapes


def first_layers(channels, features, norm):
    """Convolution 7x7: children 0 to 3."""
    return [nn.ReflectionPad2d(3), nn.Conv2d(channels, features, 7), norm(features), nn.ReLU(inplace=True)]


def halving_layers(features, norm):
    """From `features` channels to twice as many at half the size."""
    return [nn.Conv2d(features, 2 * features, 3, stride=2, padding=1), norm(2 * features), nn.ReLU(inplace=True)]


def doubling_layers(features, norm):
    """From `features` channels to half as many at twice the size."""
    half = features // 2
    up = nn.ConvTranspose2d(features, half, 3, stride=2, padding=1, output_padding=1)
    return [up, norm(half), nn.ReLU(inplace=True)]


def last_layers(features, channels, *activation):
    return [nn.ReflectionPad2d(3), nn.Conv2d(features, channels, 7), *activation]


class ResidualBlock(nn.Module):
    def __init__(self, features, norm):
        super().__init__()
        half = [nn.ReflectionPad2d(1), nn.Conv2d(features, features, 3), norm(features)]
        other_half = [nn.ReflectionPad2d(1), nn.Conv2d(features, features, 3), norm(features)]
        self.conv_block = nn.Sequential(*half, nn.ReLU(inplace=True), *other_half)

    def forward(self, x):
        return x + self.conv_block(x)


def residual_blocks(count, features, norm):
    return [ResidualBlock(features, norm) for _ in range(count)]


def one_hot(labels, dtype):
    """[1, 1, H, W] with class ids -> [1, CLASSES, H, W]."""
    _, _, height, width = labels.shape
    return torch.zeros(1, CLASSES, height, width, dtype=dtype).scatter_(1, labels, 1)


def edges(instances, dtype):
    """[1, 1, H, W] -> the same: 1 where one of the four neighbours has another id."""
    found = torch.zeros(instances.shape, dtype=torch.bool)
    beside = instances[..., 1:] != instances[..., :-1]
    found[..., 1:] |= beside
    found[..., :-1] |= beside
    below = instances[..., 1:, :] != instances[..., :-1, :]
    found[..., 1:, :] |= below
    found[..., :-1, :] |= below
    return found.to(dtype)


def conditions(labels, instances, dtype):
    """What the generators see of a frame: [1, CLASSES + 1, H, W], the edges in the last channel."""
    return torch.cat([one_hot(labels, dtype), edges(instances, dtype)], 1)


def entering(x, dtype):
    """A map as the first layer takes it: with the channels last in bfloat16, as then the kernels have them."""
    layout = torch.channels_last if dtype == torch.bfloat16 else torch.contiguous_format
    return x.to(dtype=dtype, memory_format=layout)


def warp(image, flow):
    """The image where a backward flow in pixels points to; positions outside are clamped to the border."""
    height, width = image.shape[2:]
    columns = torch.linspace(-1, 1, width).view(1, 1, width)
    rows = torch.linspace(-1, 1, height).view(1, height, 1)
    x = columns + flow[:, 0] * (2 / (width - 1))
    y = rows + flow[:, 1] * (2 / (height - 1))
    return functional.grid_sample(image, torch.stack([x, y], 3), padding_mode="border", align_corners=True)

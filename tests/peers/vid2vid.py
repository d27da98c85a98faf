"""The generator of vid2vid (Wang et al. 2018) at one scale for streets, with the keys of its published weights."""

import collections

import torch
from torch import nn

from layers import (CLASSES, conditions, doubling_layers, entering, first_layers, halving_layers, last_layers,
                    residual_blocks, warp)

PAST = 2  # frames that are read before the present one
DOWN = 3
BLOCKS = 9
CAR = 26
FLOW_FACTOR = 20


def encoder(channels, features, blocks):
    layers = first_layers(channels, features, nn.BatchNorm2d)
    for i in range(DOWN):
        layers += halving_layers(features << i, nn.BatchNorm2d)
    return nn.Sequential(*layers, *residual_blocks(blocks, features << DOWN, nn.BatchNorm2d))


def blocks(count, features):
    return nn.Sequential(*residual_blocks(count, features << DOWN, nn.BatchNorm2d))


def decoder(features):
    layers = []
    for i in range(DOWN):
        layers += doubling_layers(features << (DOWN - i), nn.BatchNorm2d)
    return nn.Sequential(*layers)


class Network(nn.Module):
    def __init__(self, features, _size):
        super().__init__()
        front, late = features // 2, BLOCKS // 2
        seen, past = (CLASSES + 1) * (PAST + 1), 3 * PAST
        self.indv_down = encoder(seen, front, 0)
        self.indv_res = blocks(BLOCKS, front)
        self.indv_up = decoder(front)
        self.indv_final = nn.Sequential(*last_layers(front, 3, nn.Tanh()))
        self.model_down_seg = encoder(seen, features, BLOCKS - late)
        self.model_down_img = encoder(past, features, BLOCKS - late)
        self.model_res_img = blocks(late, features)
        self.model_up_img = decoder(features)
        self.model_final_img = nn.Sequential(*last_layers(features, 3, nn.Tanh()))
        self.model_res_flow = blocks(late, features)
        self.model_up_flow = decoder(features)
        self.model_final_flow = nn.Sequential(*last_layers(features, 2))
        self.model_final_w = nn.Sequential(*last_layers(features, 1, nn.Sigmoid()))

    def forward(self, seen, past, foreground):
        """@param seen        conditions of the last PAST + 1 frames, [1, 108, H, W]
        @param past        the last PAST frames, float32 [1, 6, H, W], the newest last
        @param foreground  1 at cars, float32 [1, 1, H, W]
        @returns the frame, float32 [1, 3, H, W]
        """
        trunk = self.model_down_seg(seen) + self.model_down_img(entering(past, seen.dtype))
        image = self.model_final_img(self.model_up_img(self.model_res_img(trunk))).float()
        moved = self.model_up_flow(self.model_res_flow(trunk))
        flow = self.model_final_flow(moved).float() * FLOW_FACTOR
        mask = self.model_final_w(moved).float()
        background = image * mask + warp(past[:, -3:], flow) * (1 - mask)
        front = self.indv_final(self.indv_up(self.indv_res(self.indv_down(seen)))).float()
        return front * foreground + background * (1 - foreground)

    def prepare(self):
        """As the original's test does: norms take the statistics of the frame and go on updating the running ones."""
        return self.train()


class Rollout:
    """Generates a video frame by frame: each map is encoded once, frames are kept as float32."""

    GIVEN = PAST

    def __init__(self, network, dtype):
        self.network = network
        self.dtype = dtype
        self.seen = collections.deque(maxlen=PAST + 1)
        self.frames = collections.deque(maxlen=PAST)

    def give(self, frame, labels, instances):
        """A frame that is not generated."""
        self.seen.append(conditions(labels, instances, self.dtype))
        self.frames.append(frame)

    def next(self, labels, instances):
        """@returns the frame, [1, 3, H, W], float32 in [-1, 1]"""
        self.seen.append(conditions(labels, instances, self.dtype))
        seen = entering(torch.cat(list(self.seen), 1), self.dtype)
        frame = self.network(seen, torch.cat(list(self.frames), 1), (labels == CAR).float())
        self.frames.append(frame)
        return frame

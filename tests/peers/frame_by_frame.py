"""A generator that makes each frame from its own label and instance map alone."""

from layers import conditions, entering


class FrameByFrame:
    GIVEN = 0  # frames that are given before the first one is generated

    def __init__(self, network, dtype):
        self.network = network
        self.dtype = dtype

    def next(self, labels, instances):
        """@returns the frame, [1, 3, H, W], float32 in [-1, 1]"""
        return self.network(entering(conditions(labels, instances, self.dtype), self.dtype)).float()

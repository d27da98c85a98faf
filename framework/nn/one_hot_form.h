#pragma once

namespace weft::nn {

/// Whether one_hot() keeps ids where there are kernels for them, as it does at first, or always makes the map. With maps,
/// devices have the same additions in the same order: tests that compare two devices ask for that. Not while a graph runs.
void keep_ids(bool are_kept);

}  // namespace weft::nn

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weft::semantics {

/// The ids that files can hold, and -1, which some lists have.
constexpr int64_t kSmallestId = -1, kLargestId = 65535;

/// Refuses parameters `from` and `to` of other lengths, which pair ids one to one.
/// @throws Error  (Graph)
void check_pairs(const std::vector<int64_t>& from, const std::vector<int64_t>& to);

/// A label id and its new id.
struct LabelPair {
  int64_t from = 0;
  int64_t to = 0;
};

/// A known change from one set of labels to another.
struct LabelTable {
  std::span<const LabelPair> pairs;
  int64_t other = 0;  ///< the new id of all other ids
};

/// The label ids of Cityscapes, which those of KITTI's semantic benchmark equal, to the 19 training ids.
/// @param void_id  what ids without a training id become: 255 in the files of Cityscapes, 19 where void is a
/// class of its own
LabelTable to_training_ids(int64_t void_id);

/// The label ids of Cityscapes to those of few-shot vid2vid: the training ids with sky as the last of them, and void 19.
///
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", program.
LabelTable to_few_shot_ids();

/// The training ids of Cityscapes to its label ids; all others become 0, unlabelled.
LabelTable from_training_ids();

}  // namespace weft::semantics

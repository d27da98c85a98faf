#include "plugins/semantics/label_tables.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/take.h>
#include <ATen/ops/where.h>

#include <algorithm>

namespace weft::semantics {
namespace {

constexpr int64_t kUnchanged = -2;

/// Converts label ids.
struct Remap {
  static constexpr auto about =
      "Converts label ids: by a table, by pairs of ids, or by both; where both contain an id, the pair is used";

  enum class Table { None, Cityscapes19, Cityscapes20, Cityscapes35, Kitti, FewShot20 };

  Table table = Table::None;
  std::vector<int64_t> from, to;
  std::optional<int64_t> other;

  void params(Params& p) {
    p("table", table,
      "cityscapes_19: label ids to the 19 training ids, void to 255; cityscapes_20: the same, void to 19; "
      "cityscapes_35: training ids back to label ids, all others to 0; kitti: the ids of KITTI's semantic "
      "benchmark, which are those of Cityscapes, to the 19 training ids; few_shot_20: label ids to the 20 ids of "
      "few-shot vid2vid, which are the training ids with sky last, 18, and void 19",
      {{"none", Table::None},
       {"cityscapes_19", Table::Cityscapes19},
       {"cityscapes_20", Table::Cityscapes20},
       {"cityscapes_35", Table::Cityscapes35},
       {"kitti", Table::Kitti},
       {"few_shot_20", Table::FewShot20}});
    p("from", from, "ids that are converted to those of `to`, one to one").min(kSmallestId).max(kLargestId);
    p("to", to, "the new ids of those in `from`").min(0).max(kLargestId);
    p("other", other,
      "the new id of all ids that are neither in the table nor in `from`; default: the table's own rule; without a "
      "table these ids are unchanged")
        .min(0)
        .max(kLargestId);
  }

  void shape(Shapes&) const { check_params(); }

  Out<"labels", "labels[B,1,H,W]"> run(In<"labels", "labels[B,1,H,W]"> labels) {
    if (!lookup_.defined()) lookup_ = make_lookup().to(labels->device());
    const at::Tensor mapped = at::take(lookup_, labels->clamp(kSmallestId - 1, kLargestId + 1) - (kSmallestId - 1));
    if (fallback() != kUnchanged) return mapped;
    return at::where(mapped == kUnchanged, *labels, mapped);
  }

 private:
  void check_params() const {
    check_pairs(from, to);
    if (table == Table::None && from.empty() && !other) {
      throw Error(Exit::Graph, "semantics.remap has nothing to do: give `table`, or `from` and `to`");
    }
  }

  LabelTable known_table() const {
    switch (table) {
      case Table::None:
        return {{}, kUnchanged};
      case Table::Cityscapes20:
        return to_training_ids(19);
      case Table::Cityscapes35:
        return from_training_ids();
      case Table::FewShot20:
        return to_few_shot_ids();
      case Table::Cityscapes19:
      case Table::Kitti:
        return to_training_ids(255);
    }
    return {};
  }

  int64_t fallback() const { return other.value_or(known_table().other); }

  /// The new id of each id, from one below the smallest to one above the largest; those two represent all
  /// beyond.
  at::Tensor make_lookup() const {
    check_params();
    const at::Tensor lookup = at::full({kLargestId - kSmallestId + 3}, fallback(), at::kLong);
    int64_t* becomes = lookup.mutable_data_ptr<int64_t>() - (kSmallestId - 1);
    for (const LabelPair& pair : known_table().pairs) becomes[pair.from] = pair.to;
    for (size_t i = 0; i < from.size(); ++i) becomes[from[i]] = to[i];
    return lookup;
  }

  at::Tensor lookup_;  // depends on the parameters alone, so it is not state
};

}  // namespace

void add_remap(Registry& registry) {
  registry.add<Remap>("semantics.remap");
}

}  // namespace weft::semantics

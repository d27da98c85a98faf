#include <ATen/ops/empty.h>

#include "boxes.h"

namespace boxes {
namespace {

/// Box i of frame t of sequence s has its upper left corner at (t + i, s) and is two pixels wide and high. There are
/// (t + s) % 3 of them, so some frames have none, and sequences that follow one another never have equally many.
struct Walk {
  static constexpr auto about = "Boxes that move to the right, a different number in each frame";

  int64_t length = 6, sequence_count = 1;
  bool has_scores = true;

  void params(weft::Params& p) {
    p("frames", length, "of a sequence").min(1);
    p("sequences", sequence_count, "how many").min(1);
    p("found", has_scores, "without this, the data has no boxes");
  }

  std::optional<int64_t> frames() { return length; }
  std::optional<std::string> next_sequence(weft::Context&) {
    t_ = 0;
    return ++sequence_ < sequence_count ? std::optional<std::string>("walk " + std::to_string(sequence_))
                                        : std::nullopt;
  }

  std::optional<weft::Out<"boxes", weft::record<Boxes>>> run() {
    if (t_ >= length) return {};
    if (!has_scores) return t_++, Boxes();  // left out
    const int64_t count = (t_ + sequence_) % 3;
    Boxes found{at::empty({count, 4}), at::empty({count}), {}};
    for (int64_t i = 0; i < count; ++i) {
      const auto x = static_cast<float>(t_ + i), y = static_cast<float>(sequence_);
      const float corners[] = {x, y, x + 2, y + 2};
      for (int64_t side = 0; side < 4; ++side) found.corners[i][side] = corners[side];
      found.scores[i] = 1 / static_cast<float>(i + 1);
    }
    ++t_;
    return found;
  }

 private:
  int64_t t_ = 0, sequence_ = -1;
};

}  // namespace

void add_walk(weft::Registry& registry) {
  registry.add<Walk>("boxes.walk");
}

}  // namespace boxes

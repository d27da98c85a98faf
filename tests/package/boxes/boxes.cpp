#include "boxes.h"

namespace boxes {
namespace {

/// The mean square of the distances of all corners, over all boxes of the batch.
struct Distance {
  static constexpr auto about = "Mean square of the distances between the corners of equally many boxes";

  weft::Out<"value", "scalar"> run(weft::In<"a", weft::record<Boxes>> a, weft::In<"b", weft::record<Boxes>> b) {
    if (a->counts != b->counts)
      throw weft::Error(weft::Exit::Graph, "boxes.distance compares equally many boxes, but `a` and `b` have not");
    const auto count = static_cast<double>(std::max<int64_t>(a->corners.size(0), 1));
    return (a->corners - b->corners).square().sum() / count;  // [N, 4] -> []
  }
};

}  // namespace

void Boxes::visit(weft::RecordFields& field) {
  field("corners", corners, "N,4");
  field("scores", scores, "N");
  field.counts("N", counts);
}

std::vector<Boxes> Boxes::samples() const {
  const std::vector<at::Tensor> of_corners = corners.split_with_sizes(counts),
                                of_scores = scores.split_with_sizes(counts);
  std::vector<Boxes> samples;
  for (size_t i = 0; i < counts.size(); ++i) samples.push_back({of_corners[i], of_scores[i], {counts[i]}});
  return samples;
}

void add_distance(weft::Registry& registry) {
  registry.add<Distance>("boxes.distance");
}

}  // namespace boxes

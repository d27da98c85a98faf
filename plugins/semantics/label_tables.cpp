// The label definitions of Cityscapes (Cordts et al. 2016, "The Cityscapes Dataset for Semantic Urban Scene
// Understanding", and the data set's own list). KITTI's semantic benchmark (Alhaija et al. 2018) has the same
// ids.
#include "plugins/semantics/label_tables.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <array>

namespace weft::semantics {
namespace {

constexpr std::array<LabelPair, 19> kToTrainingIds = {{
    {7, 0},    // road
    {8, 1},    // sidewalk
    {11, 2},   // building
    {12, 3},   // wall
    {13, 4},   // fence
    {17, 5},   // pole
    {19, 6},   // traffic light
    {20, 7},   // traffic sign
    {21, 8},   // vegetation
    {22, 9},   // terrain
    {23, 10},  // sky
    {24, 11},  // person
    {25, 12},  // rider
    {26, 13},  // car
    {27, 14},  // truck
    {28, 15},  // bus
    {31, 16},  // train
    {32, 17},  // motorcycle
    {33, 18},  // bicycle
}};

constexpr std::array<LabelPair, 19> turned_round(const std::array<LabelPair, 19>& pairs) {
  std::array<LabelPair, 19> turned{};
  for (size_t i = 0; i < pairs.size(); ++i) turned[i] = {pairs[i].to, pairs[i].from};
  return turned;
}

constexpr std::array<LabelPair, 19> with_last(int64_t last, std::array<LabelPair, 19> pairs) {
  for (LabelPair& pair : pairs) {
    if (pair.to >= last) pair.to = pair.to == last ? 18 : pair.to - 1;
  }
  return pairs;
}

constexpr int64_t kSky = 10;
constexpr std::array<LabelPair, 19> kToFewShotIds = with_last(kSky, kToTrainingIds);

constexpr std::array<LabelPair, 19> kFromTrainingIds = turned_round(kToTrainingIds);

}  // namespace

void check_pairs(const std::vector<int64_t>& from, const std::vector<int64_t>& to) {
  if (from.size() == to.size()) return;
  throw Error(Exit::Graph, text("`from` and `to` pair ids one to one, but have ", from.size(), " and ", to.size()));
}

LabelTable to_training_ids(int64_t void_id) {
  return {kToTrainingIds, void_id};
}

LabelTable to_few_shot_ids() {
  return {kToFewShotIds, 19};
}

LabelTable from_training_ids() {
  return {kFromTrainingIds, 0};
}

}  // namespace weft::semantics

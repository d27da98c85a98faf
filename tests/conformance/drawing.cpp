#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "plugins/face/canny.h"
#include "plugins/face/landmarks.h"
#include "tests/conformance/cases.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <regex>

namespace weft::conformance {
namespace {

using testing::NodeRunner;
using Measure = Tolerance::Measure;

std::vector<int64_t> frame_size(const Fixture& fixture) {
  return {fixture.config().at("H").get<int64_t>(), fixture.config().at("W").get<int64_t>()};
}

/// The bytes behind a map that a node gives in [low, low + range].
at::Tensor bytes_of(const at::Tensor& map, double low, double range) {
  return ((map - low) * (255 / range)).round();
}

/// Where the fixture's rule puts the points of one group, in shares of the frame.
struct Spread {
  std::string group;
  double centre_x, centre_y, radius_x, radius_y;
};

double number(const std::ssub_match& match) {
  return std::stod(match.str());
}

/// The fixture tells its rule in words; the numbers in it are what may differ between fixtures.
std::vector<Spread> read_rule(const Fixture& fixture) {
  const std::string rule = fixture.description().at("derived").at("keypoints").get<std::string>();
  const std::string n = "([0-9.]+)";
  const std::regex body("x=floor\\(\\(" + n + "\\+" + n + "a0\\)\\*W\\*8\\)/8, y=floor\\(\\(" + n + "\\+" + n +
                        "a1\\)\\*H\\*8\\)/8, conf=floor\\(\\(a2\\+1\\)/2\\*1000\\)/1000");
  std::smatch match;
  if (!std::regex_search(rule, match, body)) throw Error(Exit::Data, text("a rule that is not known: ", rule));
  std::vector<Spread> spreads = {{"pose", number(match[1]), number(match[3]), number(match[2]), number(match[4])}};
  for (const std::string group : {"face", "hand_left", "hand_right"}) {
    const std::string pair = "\\(" + n + "," + n + "\\)";
    const std::regex numbers(group + " (?:centre)?" + pair + "(?:/| radii)" + pair);
    if (!std::regex_search(rule, match, numbers)) throw Error(Exit::Data, text("a rule without ", group, ": ", rule));
    spreads.push_back({group, number(match[1]), number(match[2]), number(match[3]), number(match[4])});
  }
  return spreads;
}

/// [1, 137 * people, 3], in the order of the node: body, face, left hand, right hand.
at::Tensor made_keypoints(const Fixture& fixture) {
  const auto size = frame_size(fixture);
  const auto height = static_cast<double>(size[0]), width = static_cast<double>(size[1]);
  std::vector<at::Tensor> groups;
  for (int person = 0; person < fixture.config().at("people").get<int>(); ++person) {
    for (const Spread& spread : read_rule(fixture)) {
      const std::string name = text('p', person, '.', spread.group, "_keypoints_2d");
      const at::Tensor all = fixture.input(name).to(at::kDouble);  // [points, 3]
      const at::Tensor x = ((all.select(1, 0) * spread.radius_x + spread.centre_x) * width * 8).floor() / 8;
      const at::Tensor y = ((all.select(1, 1) * spread.radius_y + spread.centre_y) * height * 8).floor() / 8;
      const at::Tensor confidence = ((all.select(1, 2) + 1) / 2 * 1000).floor() / 1000;
      groups.push_back(at::stack({x, y, confidence}, 1));
    }
  }
  return at::cat(groups).unsqueeze(0);
}

Tensors draw_pose(const Fixture& fixture) {
  NodeRunner draw("pose.draw");
  draw.set("frame_size", frame_size(fixture))
      .set("basic_point_only", fixture.config().at("basic_point_only").get<bool>());
  const at::Tensor map = draw.input("keypoints", made_keypoints(fixture)).run().tensor("pose");
  return {{"img", bytes_of(map, -1, 2)[0].permute({1, 2, 0})}};
}

Tensors draw_face(const Fixture& fixture) {
  const auto size = frame_size(fixture);
  const at::Tensor landmarks = fixture.stored("landmarks68").view({68, 2}).to(at::kDouble);
  const at::Tensor keypoints = at::cat({landmarks, at::ones({68, 1}, at::kDouble)}, 1).unsqueeze(0);
  NodeRunner find("face.window"), draw("face.draw"), labels("face.labels");
  find.input("keypoints", keypoints).input("image", at::zeros({1, 3, size[0], size[1]}));
  const at::Tensor window = find.run().tensor("window");
  for (NodeRunner* node : {&draw, &labels}) {
    node->set("frame_size", size).input("keypoints", keypoints);
    if (fixture.config().at("crop") == "none") continue;
    const auto shape = fixture.description().at("outputs").at("part_labels").at("full_shape");
    node->set("size", shape.get<std::vector<int64_t>>()).input("window", window);
  }
  const at::Tensor maps = bytes_of(draw.run().tensor("conditions"), 0, 1)[0];
  Tensors outputs;
  outputs["im_edges"] = maps[0];
  outputs["dist"] = maps.narrow(0, 1, maps.size(0) - 1);
  outputs["part_labels"] = labels.run().tensor("labels")[0][0];
  outputs["landmarks68"] = landmarks;
  outputs["crop"] = at::stack({window[0][0][1], window[0][1][1], window[0][0][0], window[0][1][0]});
  std::vector<double> coordinates;
  for (const vision::Point& point : face::with_forehead(face::landmarks_of(keypoints[0]))) {
    coordinates.insert(coordinates.end(), {point.x, point.y});
  }
  outputs["keypoints83"] = at::tensor(coordinates, at::kDouble).view({-1, 2});
  return outputs;
}

/// A threshold as the fixture has it: a number of grey values, or a product such as "0.1*255".
double threshold_of(const nlohmann::json& written) {
  if (written.is_number()) return written.get<double>() / 255;
  double product = 1;
  for (const std::string& factor : split(written.get<std::string>(), '*')) product *= std::stod(factor);
  return product / 255;
}

Tensors find_edges(const Fixture& fixture) {
  const at::Tensor low = fixture.input("lo");
  const at::Tensor grey = ((enlarge8(low) + 1) / 2 * 255).floor().to(at::kByte)[0][0];
  face::CannyOptions options;
  options.sigma = fixture.config().at("sigma").get<double>();
  options.low = threshold_of(fixture.config().at("low"));
  options.high = threshold_of(fixture.config().at("high"));
  return {{"edges", face::canny(grey, options)}};
}

/// Where a curve passes through an integer, the noise of the original's iterative fit decides between two
/// pixels. An exact fit differs, by the fixtures' own account, in 3.4 % of the values of a pose and in 5.0 %
/// of a face's; half as much again is allowed.
Tolerance of_pose(const Fixture&, const std::string&) {
  return {Measure::Fraction, 0.05};
}

/// An edge that is off by one pixel changes distances, in steps of three pixels, by at most one. Labels,
/// forehead and window are whole numbers by rule.
Tolerance of_face(const Fixture&, const std::string& output) {
  if (output == "im_edges") return {Measure::Fraction, 0.075};
  return {Measure::Largest, output == "dist" ? 1.0 : 0.0};
}

/// The same computation in the same order: with sigma 1 no pixel differed in any picture tried. With others
/// the last bit of the Gaussian is the original's library's, and flat patches may break ties otherwise.
Tolerance of_canny(const Fixture& fixture, const std::string&) {
  return {Measure::Fraction, fixture.config().at("sigma").get<double>() == 1 ? 0 : 0.02};
}

}  // namespace

void add_drawing_cases(Cases& cases) {
  cases["read_keypoints (OpenPose drawing)"] = {draw_pose, of_pose};
  cases["FaceDataset.read_keypoints/draw_face_edges/get_crop_coords"] = {draw_face, of_face};
  cases["skimage.feature.canny"] = {find_edges, of_canny};
}

}  // namespace weft::conformance

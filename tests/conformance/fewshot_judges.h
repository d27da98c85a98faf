#pragma once

#include "tests/conformance/fixture.h"

#include <map>
#include <string>
#include <vector>

namespace weft::conformance {

/// The discriminators and losses of few-shot vid2vid as a graph, for a config of the original.
///
/// Reads the streams real, fake, raw (with_raw), s_full and example_full (label maps), example_image; of each flow, "e" to the
/// example and "p" to the last frame: flow_, mask_, warped_ (predicted), reference_, sure_ (the reference flow). Has the
/// streams s and example_s: the label maps as the networks see them.
struct FewShotJudges {
  explicit FewShotJudges(const nlohmann::json& config);

  nlohmann::json config;
  bool is_pose, combines, has_faces;
  bool has_raw = false, warps_example = false, has_previous = false;
  bool is_temporal = false;  ///< whether clips are judged

  /// The label maps as the networks see them.
  std::string label_nodes() const;
  std::string nodes() const;

  /// A loss and its weight in a sum.
  struct Term {
    std::string stream;
    double weight;
  };
  /// By the original's names: G_GAN, F_Flow, D_real …
  std::map<std::string, std::vector<Term>> terms() const;
  /// `of` of the discriminators' update.
  std::string networks() const;
  /// The side of the crops of faces.
  int64_t face_size = 0;

 private:
  double factor(const char* name, double otherwise) const { return config.value(name, otherwise); }
  std::string judge(const std::string& of, const std::string& inputs, int64_t scales) const;
  std::string judge_again(const std::string& of, const std::string& inputs) const;
  std::string losses_of(const std::string& judge) const;
  std::string pose_nodes() const;
  std::string face_nodes() const;
  std::string flow_nodes() const;
  std::vector<std::string> flows() const;
};

}  // namespace weft::conformance

#pragma once

#include "tests/conformance/fixture.h"
#include "tests/conformance/generator_graph.h"

#include <string>

namespace weft::conformance {

/// The loop of NVIDIA's train.py for one configuration.
struct Loop {
  explicit Loop(const Fixture& fixture) : config(fixture.config()), generator(GeneratorConfig::of(config)) {
    batch = fixture.input("B_raw").size(0);
    // The whole first chunk is drawn without warping where nothing is given.
    if (has_no_first()) generator.raw_until = generator.past + load();
  }

  bool is_on(const char* option) const { return config.value(option, false); }
  double factor(const char* name) const { return config.value(name, 10.0); }
  bool has_labels() const { return config.value("label_nc", 0) > 0; }
  bool has_instances() const { return has_labels() && is_on("use_instance"); }
  bool has_no_first() const { return is_on("no_first_img"); }
  bool has_vgg() const { return !is_on("no_vgg"); }
  bool has_features() const { return !is_on("no_ganFeat"); }
  bool has_faces() const { return is_on("add_face_disc"); }
  bool is_finest_alone() const { return config.value("niter_fix_global", 0) != 0; }
  int64_t load() const { return config.at("n_frames_load"); }
  int64_t scales() const { return generator.scales; }
  int64_t times() const { return config.value("n_scales_temporal", 1); }
  int64_t frames_of_clip() const { return config.value("n_frames_D", 3); }
  /// Frames between two of a clip of a temporal scale.
  int64_t step(int64_t time) const {
    int64_t step = 1;
    for (int64_t i = 0; i < time; ++i) step *= frames_of_clip();
    return step;
  }
  double beta1() const { return is_on("TTUR") ? 0 : config.at("beta1").get<double>(); }

  std::string inputs() const;
  std::string networks() const;
  std::string discriminators() const;
  std::string losses() const;
  std::string updates() const;
  std::string graph() const { return inputs() + networks() + discriminators() + losses() + updates(); }

  nlohmann::json config;
  GeneratorConfig generator;
  int64_t batch = 1;
};

/// The input with the flows between the frames of a temporal scale.
std::string flow_of(int64_t time);

}  // namespace weft::conformance

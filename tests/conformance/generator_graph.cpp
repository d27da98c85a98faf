#include "tests/conformance/generator_graph.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "tests/conformance/graph_run.h"

namespace weft::conformance {
namespace {

/// Longer than any fixture: warping never sets in.
constexpr int64_t kNever = 1000;

/// The entry under the first of the names that is there.
template <typename T>
T first_of(const nlohmann::json& config, std::initializer_list<const char*> names, T otherwise) {
  for (const char* name : names) {
    if (config.contains(name)) return config.at(name).get<T>();
  }
  return otherwise;
}

}  // namespace

GeneratorConfig GeneratorConfig::of(const nlohmann::json& config) {
  GeneratorConfig result;
  if (config.contains("prev_output_nc")) result.past = config.at("prev_output_nc").get<int64_t>() / 3;
  if (config.contains("n_frames_G")) result.past = config.at("n_frames_G").get<int64_t>() - 1;
  result.features = config.at("ngf").get<int64_t>();
  result.down = first_of<int64_t>(config, {"n_downsampling", "n_downsample_G"}, 3);
  result.blocks = config.at("n_blocks").get<int64_t>();
  result.local_blocks = first_of<int64_t>(config, {"n_blocks_local"}, 3);
  result.scales = first_of<int64_t>(config, {"n_scales", "n_scales_spatial"}, 1);
  result.has_foreground = first_of(config, {"use_fg_model", "fg"}, false);
  result.has_flow = !first_of(config, {"no_flow"}, false);
  if (first_of(config, {"use_raw_only"}, false)) result.raw_until = kNever;
  result.norm = first_of<std::string>(config, {"norm"}, "batch");
  result.statistics = statistics_of(config);
  return result;
}

int64_t GeneratorConfig::foreground_features(int64_t scale) const {
  const int64_t of_scale = features >> scale;
  return down > 2 ? of_scale / 2 : of_scale;
}

std::string generator_node(const GeneratorConfig& config) {
  static constexpr const char* kFiles[] = {"scale", "two_scales", "three_scales"};
  static constexpr const char* kNames[] = {"", "fine_", "finest_"};
  if (config.scales > 3) throw Error(Exit::Failed, text("there is no graph for ", config.scales, " scales"));
  const std::string no_flow = "\"graphs/parts/scale-no-flow.toml\"";
  std::string node = config.scales == 1 && !config.has_flow
                         ? text("[node.F]\nuse = ", no_flow, '\n')
                         : text("[node.F]\nuse = \"graphs/parts/", kFiles[config.scales - 1], ".toml\"\n");
  if (config.scales > 1 && !config.has_flow) node += text("scale_file = ", no_flow, '\n');
  for (int64_t scale = 0; scale < config.scales; ++scale) {
    node += text(kNames[scale], "features = ", config.features >> scale, '\n');
    node += text(kNames[scale], "foreground_features = ", config.foreground_features(scale), '\n');
  }
  if (config.scales > 1) node += text("fine_blocks = ", config.local_blocks, '\n');
  return node + param_lines({{"L", text(config.past)},
                             {"down", text(config.down)},
                             {"blocks", text(config.blocks)},
                             {"raw_until", text(config.raw_until)},
                             {"norm", text('"', config.norm, '"')},
                             {"statistics", text('"', config.statistics, '"')},
                             {"update_statistics", config.updates_statistics ? "true" : "false"}});
}

std::string scale_path(const GeneratorConfig& config, int64_t scale) {
  if (config.scales == 1) return "F";
  if (config.scales == 2) return scale == 0 ? "F.coarse" : "F.fine";
  return scale == 0 ? "F.below.coarse" : scale == 1 ? "F.below.fine" : "F.finest";
}

}  // namespace weft::conformance

#include "tests/bench/training_graph.h"

#include "framework/graph/check.h"
#include "framework/run/session.h"

#include <filesystem>
#include <fstream>

namespace weft::bench {
namespace {

constexpr int64_t kFrames = 2 + 6 * BareTraining::kChunk;

constexpr const char* kStreet = R"(format = 1
[node.street]
use = "world.street"
size = [128, 256]
frames = 200
[node.semantics]
use = "semantics.one_hot"
in = "street.labels"
classes = 35
[node.edges]
use = "semantics.edges"
in = "street.instances"
[node.s]
use = "image.concat"
in = ["semantics", "edges"]
[node.cars]
use = "semantics.mask"
in = "street.labels"
classes = [26]
[node.visible]
use = "image.invert"
in = "street.occlusion"
[outputs]
s = "s"
real = "street.image"
flow = "street.flow"
visible = "visible"
cars = "cars"
)";

constexpr const char* kTraining = R"(format = 1
[inputs]
s       = "conditions[B,36,H,W]"
real    = "image[B,3,H,W]"
flow    = "flow[B,2,H,W]"
visible = "mask[B,1,H,W]"
cars    = "foreground_mask[B,1,H,W]"
[run]
precision = "PRECISION"
chunk = 2
[weights]
"**" = "random"
[node.F]
use                 = "SOURCE/graphs/parts/scale.toml"
in.s                = "s"
in.given            = "real before 2"
in.foreground       = "cars"
features            = 16
foreground_features = 16
down                = 2
[node.D]
use           = "gan.patch_discriminator"
in.real       = "real"
in.fake       = ["F.image", "F.raw"]
in.conditions = "s"
scales        = 1
features      = 16
fold          = "chunk"
[node.D_T0]
use           = "gan.patch_discriminator"
in.real       = "real[t-2..t]"
in.fake       = ["F.image[t-2..t]"]
in.conditions = "flow[t-1..t]"
scales        = 1
features      = 16
every         = 3
[node.D_T1]
use           = "gan.patch_discriminator"
in.real       = "real[t-6..t:3]"
in.fake       = ["F.image[t-6..t:3]"]
in.conditions = "flow[t-3..t:3]"
scales        = 1
features      = 16
every         = 3
[node.gan]
use  = "loss.gan"
in   = "D"
fold = "chunk"
[node.match]
use  = "loss.feature_matching"
in   = "D"
fold = "chunk"
[node.gan_T0]
use = "loss.gan"
in  = "D_T0"
[node.match_T0]
use = "loss.feature_matching"
in  = "D_T0"
[node.gan_T1]
use = "loss.gan"
in  = "D_T1"
[node.match_T1]
use = "loss.feature_matching"
in  = "D_T1"
[node.flow_error]
use           = "loss.flow_endpoint"
in.flow       = "F.flow"
in.reference  = "flow"
in.confidence = "visible"
[node.warp_real]
use           = "loss.warp_real"
in.image      = "real"
in.previous   = "real[t-1]"
in.flow       = "F.flow"
in.confidence = "visible"
[node.warp_fake]
use           = "loss.warp_fake"
in.image      = "F.image"
in.previous   = "F.frames[t-1]"
in.flow       = "flow"
in.confidence = "visible"
[update.G]
of    = ["F"]
betas = [0.5, 0.999]
[update.G.loss]
"gan.generator" = 1.0
match = 10.0
"gan_T0.generator" = 1.0
match_T0 = 10.0
"gan_T1.generator" = 1.0
match_T1 = 10.0
flow_error = 10.0
warp_real = 10.0
warp_fake = 10.0
[update.D]
of    = ["D"]
betas = [0.5, 0.999]
[update.D.loss]
"gan.discriminator" = 0.5
[update.D_T0]
of    = ["D_T0"]
betas = [0.5, 0.999]
[update.D_T0.loss]
"gan_T0.discriminator" = 0.5
[update.D_T1]
of    = ["D_T1"]
betas = [0.5, 0.999]
[update.D_T1.loss]
"gan_T1.discriminator" = 0.5
)";

std::string write_graph(std::string graph, const std::string& name) {
  const std::string file = (std::filesystem::temp_directory_path() / name).string();
  std::ofstream(file) << graph;
  return file;
}

std::string training_graph(const std::string& precision) {
  std::string graph = kTraining;
  graph.replace(graph.find("PRECISION"), 9, precision);
  graph.replace(graph.find("SOURCE"), 6, WEFT_SOURCE_DIR);
  return write_graph(graph, "weft_bench_training.toml");
}

}  // namespace

GraphTraining::GraphTraining(const std::string& precision) : plugins_(plugin::default_folders()) {
  graph::Diagnostics diagnostics;
  graph::Checked checked = graph::check(training_graph(precision), {}, plugins_, diagnostics);
  diagnostics.throw_errors();
  trainer_ =
      std::make_unique<train::Trainer>(std::move(checked.stages.front().plan), plugins_, train::TrainerOptions{}, log_);
}

std::vector<double> GraphTraining::train(const TrainingClip& clip) {
  std::map<std::string, std::vector<Value>> frames;
  const auto give = [&](const char* input, const std::vector<at::Tensor>& tensors) {
    for (const at::Tensor& tensor : tensors) frames[input].emplace_back(tensor);
  };
  give("s", clip.s);
  give("real", clip.real);
  give("flow", clip.flow);
  give("visible", clip.visible);
  give("cars", clip.foreground);
  std::vector<double> losses;
  trainer_->train_clip(frames, {},
                       [&](const train::ChunkResult& result) { losses.push_back(result.updates.front().total); });
  return losses;
}

std::map<std::string, BareTraining::Parameters> GraphTraining::networks() const {
  std::map<std::string, BareTraining::Parameters> networks;
  for (const auto& [name, tensor] : trainer_->learnt().save()) {
    if (!name.starts_with("network/")) continue;
    // network/F.trunk/model_down_seg.1.weight: of F, without the node's name.
    const std::string rest = name.substr(8), path = rest.substr(0, rest.find('/'));
    networks[path.substr(0, path.find('.'))][rest.substr(path.size() + 1)] = tensor.clone(at::MemoryFormat::Contiguous);
  }
  return networks;
}

TrainingClip street_clip() {
  Log log(Log::Level::Quiet);
  const plugin::Plugins plugins(plugin::default_folders());
  run::Session session(write_graph(kStreet, "weft_bench_street.toml"), {}, plugins, run::SessionOptions(), log);
  session.begin();
  TrainingClip clip;
  for (int64_t t = 0; t < kFrames; ++t) {
    session.step();
    const auto put = [&](std::vector<at::Tensor>& frames, const char* output) {
      const Value& value = session.pull(output);
      // The first frame has no frame before it.
      frames.push_back(value.has_value() ? value.tensor().clone() : at::Tensor());
    };
    put(clip.s, "s");
    put(clip.real, "real");
    put(clip.flow, "flow");
    put(clip.visible, "visible");
    put(clip.foreground, "cars");
  }
  return clip;
}

}  // namespace weft::bench

// Whole iterations of training, as a graph of this format: losses and gradients over several chunks.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/graph_run.h"
#include "tests/conformance/training_loop.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;

/// [B, T, C, H, W] -> a value for each frame.
std::vector<Value> frames_of(const at::Tensor& clip) {
  std::vector<Value> frames;
  for (const at::Tensor& frame : clip.unbind(1)) frames.emplace_back(frame.contiguous());
  return frames;
}

std::map<std::string, std::vector<Value>> frames_of(const Fixture& fixture, const Loop& loop) {
  const at::Tensor real = enlarge8(fixture.input("B_raw"));
  std::map<std::string, std::vector<Value>> frames;
  frames["real"] = frames_of(real);
  const at::Tensor first = real.narrow(1, 0, loop.generator.past);
  frames["given"] = frames_of(loop.has_no_first() ? at::zeros_like(first) : first);
  frames["flow"] = frames_of(enlarge8(fixture.input("flow_ref_raw")) * 4);
  for (int64_t time = 1; time < loop.times(); ++time) {
    // What stands for the flow network between frames that lie apart.
    at::Tensor flow = at::zeros({real.size(0), real.size(1), 2, real.size(3), real.size(4)}, at::kFloat);
    const int64_t apart = loop.step(time), count = real.size(1) - apart;
    if (count > 0) {
      const at::Tensor difference = real.narrow(1, apart, count) - real.narrow(1, 0, count);
      flow.narrow(1, apart, count).copy_(difference.narrow(2, 0, 2) * 3);
    }
    frames[flow_of(time)] = frames_of(flow);
  }
  frames["confidence"] = frames_of((enlarge8(fixture.input("conf_raw")) > -0.5).to(at::kFloat));
  if (!loop.has_labels()) {
    frames["s"] = frames_of(enlarge8(fixture.input("A_raw")));
    return frames;
  }
  const auto classes = static_cast<double>(loop.config.at("label_nc").get<int64_t>());
  frames["labels"] = frames_of(
      at::floor((enlarge8(fixture.input("label_raw")) + 1) / 2 * classes).clamp(0, classes - 1).to(at::kLong));
  if (loop.has_instances())
    frames["instances"] = frames_of(at::floor((enlarge8(fixture.input("inst_raw")) + 1) * 2).to(at::kLong));
  return frames;
}

/// The losses of a chunk under the original's names, with the weights that it counts them with.
void add_losses(const Loop& loop, const train::ChunkResult& result, const std::string& prefix, Tensors& outputs) {
  const auto put = [&](const std::string& name, double value) {
    outputs[prefix + name] = at::scalar_tensor(value, at::kFloat).reshape({1});
  };
  /// A loss of the generator that is in the chunk, as it counts.
  const auto put_loss = [&](const std::string& loss, const std::string& original) {
    for (const train::UpdateResult& update : result.updates) {
      for (const train::UpdateResult::Loss& one : update.losses)
        if (update.name == "G" && one.name == loss && one.value) put(original, one.weight * *one.value);
    }
  };
  const auto put_judgement = [&](const std::string& of, const std::string& original, const std::string& behind) {
    put_loss(text("gan", of, ".generator"), text('G', original, "_GAN", behind));
    put_loss(text("match", of), text('G', original, "_GAN_Feat", behind));
    for (const char* kind : {"real", "fake"}) {
      const auto watched = result.watched.find(text("gan", of, '.', kind));
      if (watched != result.watched.end()) put(text('D', original, '_', kind, behind), watched->second);
    }
  };
  // The original has a number for what is switched off, too.
  for (const char* name : {"W", "G_VGG", "G_GAN_Feat", "F_Flow", "F_Warp", "G_Warp"}) put(name, 0);
  put_judgement("", "", "");
  if (loop.has_faces()) put_judgement("_f", "_f", "");
  for (const auto& [loss, original] : {std::pair{"vgg", "G_VGG"},
                                       {"flow_error", "F_Flow"},
                                       {"warp_real", "F_Warp"},
                                       {"warp_fake", "G_Warp"},
                                       {"mask", "W"}})
    put_loss(loss, original);
  std::vector<float> times;
  for (int64_t time = 0; time < loop.times(); ++time) {
    const std::string behind = text(time);
    put(text("G_T_GAN_Feat", behind), 0);
    put(text("G_T_Warp", behind), 0);  // the original never computes it
    put_judgement(text("_T", time), "_T", behind);
    if (outputs.contains(text(prefix, "G_T_GAN", behind))) times.push_back(static_cast<float>(time));
  }
  times.push_back(-1);
  outputs[prefix + "avail_T"] = at::tensor(times);
  for (const train::UpdateResult& update : result.updates)
    if (!update.name.starts_with("D_T")) put("loss_" + update.name, update.total);
}

at::Tensor clip_of(const report::ShownStream& watched) {
  std::vector<at::Tensor> frames;
  for (const Value& value : watched.values) frames.push_back(value.tensor());
  return at::stack(frames, 1);
}

/// The path under which the original's network of this name stands in the graph.
std::string path_of(const Loop& loop, const std::string& network) {
  return network.starts_with('G') ? scale_path(loop.generator, network[1] - '0') : network;
}

/// The update that moves it.
std::string update_of(const std::string& network) {
  return network.starts_with("D_T") ? network : network.substr(0, 1);
}

/// The entry that holds a tensor of a network: behind `prefix`, somewhere below the network's path.
at::Tensor entry_of(const Archive::Entries& entries, const std::string& prefix, const std::string& path,
                    const std::string& key) {
  for (const auto& [name, tensor] : entries) {
    const bool is_below = name.starts_with(prefix + path + '/') || name.starts_with(prefix + path + '.');
    if (is_below && name.ends_with('/' + key)) return tensor;
  }
  return {};
}

Tensors compute_training(const Fixture& fixture) {
  const Loop loop(fixture);
  GraphRun run;
  run.text(loop.graph());
  for (int64_t scale = 0; scale < loop.scales(); ++scale)
    run.weights(scale_path(loop.generator, scale), fixture.params(text('G', scale)));
  run.weights("D", fixture.params("D"));
  for (int64_t time = 0; time < loop.times(); ++time) run.weights(text("D_T", time), fixture.params(text("D_T", time)));
  if (loop.has_faces()) run.weights("D_f", fixture.params("D_f"));
  if (loop.has_vgg()) run.weights("vgg", fixture.params("vgg"));
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  int64_t chunk = 0;
  trainer.train_clip(frames_of(fixture, loop), {}, [&](const train::ChunkResult& result) {
    const std::string prefix = text('c', chunk++, '.');
    add_losses(loop, result, prefix, outputs);
    outputs[prefix + "fake_B"] = clip_of(trainer.watched().at("F.image"));
    outputs[prefix + "fake_B_prev"] = clip_of(trainer.watched().at("fake_before"));
    if (chunk > 1) return;
    // After Adam's first step its mean is the gradient times what it forgets.
    const Archive::Entries entries = trainer.learnt().save();
    for (const std::string& name : fixture.output_names()) {
      if (!name.starts_with("grad.")) continue;  // grad.G0.model_down_seg.1.weight
      const std::string network = name.substr(5, name.find('.', 5) - 5), key = name.substr(6 + network.size());
      const at::Tensor mean =
          entry_of(entries, text("update/", update_of(network), "/adam/first/"), path_of(loop, network), key);
      if (mean.defined()) outputs[name] = mean / (1 - loop.beta1());
    }
  });
  const Archive::Entries entries = trainer.learnt().save();
  for (const std::string& name : fixture.output_names()) {
    if (!name.starts_with("after.")) continue;
    const std::string network = name.substr(6, name.find('.', 6) - 6), key = name.substr(7 + network.size());
    const at::Tensor tensor = entry_of(entries, "network/", path_of(loop, network), key);
    // What does not learn is in no checkpoint: it is as its file has it.
    const Tensors params = fixture.params(network);
    const auto given = params.find(key);
    if (tensor.defined() || given != params.end()) outputs[name] = tensor.defined() ? tensor : given->second;
  }
  return outputs;
}

/// Ten times what a relative change of 1e-6 in every weight does to the original (conformance/vid2vid/README.md): losses
/// 1e-4 of their value in the first chunk, 1e-3 later; gradients 5 % of their mean size, of which single ones flip at the
/// kinks of L1 and ReLU; frames after a step 6e-3; parameters after Adam's first steps two rates where a gradient is near 0.
Tolerance tolerance_of_training(const Fixture& fixture, const std::string& output) {
  const double size = fixture.stored(output).to(at::kDouble).abs().mean().item<double>();
  const double rate = fixture.config().at("lr");
  if (output.starts_with("grad.")) return {Tolerance::Measure::Mean, 0.05 * size};
  if (output.starts_with("after.")) return {Tolerance::Measure::Mean, 0.1 * rate};
  const bool is_first = output.starts_with("c0.");
  if (output.find("fake_B") != std::string::npos) return {Tolerance::Measure::Largest, is_first ? 5e-4 : 1e-2};
  if (output.find("avail_T") != std::string::npos) return {Tolerance::Measure::Largest, 0};
  return {Tolerance::Measure::Largest, std::max((is_first ? 1e-4 : 1e-3) * size, 1e-6)};
}

}  // namespace

void add_training_cases(Cases& cases) {
  if (!testing::NodeRunner::built_plugins().find("loss.gan")) return;
  cases["training loop (train.py order)"] = {compute_training, tolerance_of_training};
}

}  // namespace weft::conformance

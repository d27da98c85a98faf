#include "framework/testing/node_trials.h"

#include "framework/base/text.h"
#include "framework/testing/device_agreement.h"
#include "framework/testing/finite_differences.h"
#include "framework/testing/trial_params.h"

#include <algorithm>
#include <functional>

namespace weft::testing {
namespace {

constexpr int64_t kFrames = 3;  // of a trial
constexpr double kGpuTolerance = 1e-3;

const std::vector<TrialSizes> kSizes = {{1, 32, 48, 4, 2, true}, {2, 48, 32, 3, 1, false}, {1, 37, 51, 5, 3, true}};

std::string size_text(const TrialSizes& sizes) {
  return text(sizes.height, 'x', sizes.width, sizes.batch > 1 ? text(", batch ", sizes.batch) : "");
}

/// Puts the questions to one node.
class Tried {
 public:
  Tried(const NodeSpec& spec, const plugin::Plugins& plugins, const TrialOptions& options, NodeTrials& result)
      : spec_(spec), options_(options), result_(result) {
    setting_.spec = &spec;
    setting_.plugins = &plugins;
    setting_.params = options.params;
  }

  void try_all();

 private:
  void try_sizes();
  bool has_good_outputs(TrialSubject& subject, const std::vector<Value>& outputs);
  void try_inputs();
  void try_seed();
  void try_reset();
  void try_state();
  void try_gradients();
  void try_gpu();

  void good(std::string name) { result_.trials.push_back({std::move(name), Trial::Outcome::Good, "ok", {}, {}}); }
  void skip(std::string name, std::string word) {
    result_.trials.push_back({std::move(name), Trial::Outcome::Skipped, std::move(word), {}, {}});
  }
  void fail(std::string name, std::string fault, std::string way_out) {
    result_.trials.push_back({std::move(name), Trial::Outcome::Failed, "FAILED", std::move(fault), std::move(way_out)});
  }
  /// Puts one question; what the node throws is a failure.
  void ask(const std::string& name, const std::function<void()>& question);

  std::vector<std::vector<Value>> frames(TrialSubject& subject) {
    std::vector<std::vector<Value>> made;
    for (int64_t t = 0; t < kFrames; ++t) made.push_back(subject.run(t));
    return made;
  }

  const NodeSpec& spec_;
  const TrialOptions& options_;
  NodeTrials& result_;
  TrialSetting setting_;  // the first sizes that the node takes
};

/// The first frame that differs, or nothing.
std::optional<size_t> first_difference(const std::vector<std::vector<Value>>& a,
                                       const std::vector<std::vector<Value>>& b) {
  for (size_t t = 0; t < a.size(); ++t) {
    if (!are_same(a[t], b[t])) return t;
  }
  return {};
}

/// What was thrown, without the stack that LibTorch adds.
std::string said(const std::exception& thrown) {
  const std::string whole = thrown.what();
  return whole.substr(0, whole.find("\nException raised from"));
}

void Tried::ask(const std::string& name, const std::function<void()>& question) {
  if (result_.has_failed()) return skip(name, "not asked");  // one cause, one failure
  try {
    question();
  } catch (const std::exception& thrown) {
    fail(name, text("it throws: ", said(thrown)),
         text("at ", size_text(setting_.sizes), "; a test of the node shows it"));
  }
}

bool Tried::has_good_outputs(TrialSubject& subject, const std::vector<Value>& outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string fault = subject.output_fault(i, outputs[i]);
    const std::string of_numbers = fault.empty() ? subject.number_fault(i, outputs[i]) : "";
    if (!fault.empty())
      fail("sizes", text(fault, ", from ", subject.shapes_text()),
           "make the declaration and the output agree; sizes that letters cannot express are set in shape()");
    if (!of_numbers.empty())
      fail("sizes", text(of_numbers, ", from ", subject.shapes_text()),
           "keep divisors, roots and logarithms away from 0, as in x / (y + 1e-6)");
    if (!fault.empty() || !of_numbers.empty()) return false;
  }
  return true;
}

void Tried::try_sizes() {
  int taken = 0;
  std::string refusal;
  for (const TrialSizes& sizes : kSizes) {
    TrialSetting setting = setting_;
    setting.sizes = sizes;
    try {
      TrialSubject subject(setting);
      refusal = subject.size_fault();
      if (!refusal.empty()) continue;  // as the check of a graph would
      const std::vector<Value> outputs = subject.run(0);
      if (!has_good_outputs(subject, outputs)) return;
      if (taken++ == 0) setting_.sizes = sizes;
    } catch (const Error& refused) {
      refusal = refused.message();
    } catch (const std::exception& thrown) {
      return fail(
          "sizes", text("at ", size_text(sizes), " it throws: ", said(thrown)),
          "refuse such sizes in shape(): throw weft::Error(weft::Exit::Graph, \"…\") with the sizes that it accepts");
    }
  }
  if (taken == 0) {
    result_.not_tried = text("it refuses the random inputs: ", refusal);
  } else {
    good("sizes");
    result_.trials.back().word = text(taken, " of ", kSizes.size());
  }
}

void Tried::try_inputs() {
  TrialSubject subject(setting_);
  for (int64_t t = 0; t < kFrames; ++t) {
    const InputValues inputs = subject.inputs(t);
    std::vector<Value> before, after;
    for (const at::Tensor& tensor : tensors_of(spec_, inputs)) before.emplace_back(tensor.clone());
    subject.run(t, inputs);
    for (const at::Tensor& tensor : tensors_of(spec_, inputs)) after.emplace_back(tensor);
    if (!are_same(before, after))
      return fail(
          "inputs", text("it changes its input in frame ", t, ": ", subject.shapes_text()),
          "inputs are shared with other nodes: compute without functions that end in _ on them, or clone() first");
  }
  good("inputs");
}

void Tried::try_seed() {
  TrialSubject first(setting_), second(setting_);
  const auto of_first = frames(first);
  if (const auto t = first_difference(of_first, frames(second)))
    return fail("seed", text("two runs from one seed differ in frame ", *t, ": ", first.shapes_text()),
                "take random numbers from context.generator(device) alone, and start from defined values");
  TrialSetting other = setting_;
  other.seed = setting_.seed + 1;
  TrialSubject third(other);
  if (!spec_.is_random && first_difference(of_first, frames(third)))
    return fail("seed", "its outputs depend on the seed, but it does not say that it is random",
                "static constexpr bool random = true;");
  good("seed");
}

void Tried::try_reset() {
  TrialSubject subject(setting_);
  const auto fresh = frames(subject);
  subject.reset();
  if (const auto t = first_difference(fresh, frames(subject)))
    return fail("reset", text("after reset() frame ", *t, " is not that of a fresh node: ", subject.shapes_text()),
                spec_.has_state ? "clear all state in reset()"
                                : "it has state: clear it in void reset(), and name it in void state(weft::Archive&)");
  good("reset");
}

void Tried::try_state() {
  if (!spec_.has_state) return skip("state", "none");
  TrialSubject whole(setting_), resumed(setting_);
  for (int64_t t = 0; t + 1 < kFrames; ++t) whole.run(t);
  Archive saved;
  whole.runner().node().state(saved);
  const Archive::Entries entries = saved.entries();
  Archive given_back(entries);
  resumed.reset();
  resumed.runner().node().state(given_back);
  if (!are_same(whole.run(kFrames - 1), resumed.run(kFrames - 1)))
    return fail("state", text("a node restored from state() gives a different frame ", kFrames - 1),
                "name all state in void state(weft::Archive& a): a(\"previous\", previous_);");
  good("state");
}

void Tried::try_gradients() {
  if (spec_.stops_gradients) return skip("gradients", "stopped, as declared");
  const GradientVerdict verdict = compare_gradients(setting_);
  if (verdict.outcome == GradientVerdict::Outcome::NotDifferentiable) return skip("gradients", "not differentiable");
  if (verdict.outcome == GradientVerdict::Outcome::Differ)
    return fail(
        "gradients", verdict.about,
        "compute with the input's type and device (x.options()), without detach(), item() or data_ptr() on the way");
  good("gradients");
}

void Tried::try_gpu() {
  if (!options_.gpu) return skip("GPU", "no GPU here");
  if (spec_.on_host) return skip("GPU", "works on the CPU");
  if (spec_.is_random) return skip("GPU", "random");
  const DeviceVerdict verdict = compare_devices(setting_, *options_.gpu, Compared::Outputs, kGpuTolerance);
  if (!verdict.fault.empty()) return fail("GPU", verdict.fault, verdict.way_out);
  good("GPU");
}

void Tried::try_all() {
  const std::string wanted = choose_params(spec_, setting_.params);
  if (!wanted.empty()) {
    result_.not_tried = wanted;
    return;
  }
  result_.changed = params_text(setting_.params);
  try_sizes();
  if (result_.trials.empty() || result_.has_failed()) return;  // nothing else can be asked
  ask("inputs", [&] { try_inputs(); });
  ask("seed", [&] { try_seed(); });
  ask("reset", [&] { try_reset(); });
  ask("state", [&] { try_state(); });
  ask("gradients", [&] { try_gradients(); });
  ask("GPU", [&] { try_gpu(); });
}

}  // namespace

bool NodeTrials::has_failed() const {
  return std::any_of(trials.begin(), trials.end(),
                     [](const Trial& trial) { return trial.outcome == Trial::Outcome::Failed; });
}

NodeTrials try_node(const std::string& type, const plugin::Plugins& plugins, const TrialOptions& options) {
  NodeTrials result;
  result.type = type;
  const NodeSpec& spec = *plugins.find(type);
  if (spec.is_source || spec.is_sink) {
    result.not_tried = spec.is_source ? "a source" : "a writer";
    return result;
  }
  result.not_tried = why_no_inputs(spec);
  if (!result.not_tried.empty()) return result;
  Tried(spec, plugins, options, result).try_all();
  return result;
}

}  // namespace weft::testing

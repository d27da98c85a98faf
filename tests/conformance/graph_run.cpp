#include "tests/conformance/graph_run.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/safetensors.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weft::conformance {

namespace fs = std::filesystem;

GraphRun::GraphRun() {
  std::string name = (fs::temp_directory_path() / "weft_conformance_XXXXXX").string();
  if (!mkdtemp(name.data())) throw Error(Exit::Failed, "no temporary folder can be made");
  folder_ = name;
}

GraphRun::~GraphRun() {
  session_.reset();
  trainer_.reset();
  fs::remove_all(folder_);
}

GraphRun& GraphRun::join_conditions() {
  const std::string window = "\"s[t-L..t]\"";
  const fs::path parts = fs::path(folder_) / "graphs/parts";
  fs::create_directories(parts);
  for (const fs::directory_entry& part : fs::directory_iterator(fs::path(root_) / "graphs/parts")) {
    std::ifstream in(part.path());
    std::string toml{std::istreambuf_iterator<char>(in), {}};
    for (size_t at = toml.find(window); at != std::string::npos; at = toml.find(window, at))
      toml.replace(at, window.size(), "\"s[t..t]\"");
    std::ofstream(parts / part.path().filename()) << toml;
  }
  root_ = folder_;
  return *this;
}

GraphRun& GraphRun::text(const std::string& toml) {
  text_ = toml;
  // Paths in a graph are relative to the graph, and this one lies elsewhere.
  const std::string from = "\"graphs/", to = weft::text('"', root_, "/graphs/");
  for (size_t at = text_.find(from); at != std::string::npos; at = text_.find(from, at + to.size()))
    text_.replace(at, from.size(), to);
  return *this;
}

GraphRun& GraphRun::weights(const std::string& path, const Tensors& tensors) {
  const std::string file = weft::text(folder_, "/weights", files_++, ".safetensors");
  weights::WeightFile weights;
  for (const auto& [key, tensor] : tensors) weights.tensors.emplace_back(key, tensor);
  weights::write_safetensors(file, weights);
  weights_ += weft::text('"', path, "\" = \"", file, "\"\n");
  return *this;
}

GraphRun& GraphRun::want(std::vector<std::string> paths) {
  options_.wanted = std::move(paths);
  return *this;
}

GraphRun& GraphRun::give(std::vector<std::string> inputs) {
  options_.pushed = std::move(inputs);
  return *this;
}

std::string GraphRun::write() const {
  const std::string file = folder_ + "/graph.toml";
  std::ofstream(file) << "format = 1\n" << text_ << (weights_.empty() ? "" : "\n[weights]\n") << weights_;
  return file;
}

std::vector<graph::Stage> GraphRun::stages() {
  graph::Diagnostics diagnostics;
  options_.with_variants = false;
  graph::Checked checked = graph::check(write(), options_, testing::NodeRunner::built_plugins(), diagnostics);
  diagnostics.throw_errors();
  return std::move(checked.stages);
}

train::Trainer& GraphRun::begin_training() {
  trainer_ = std::make_unique<train::Trainer>(std::move(stages().front().plan), testing::NodeRunner::built_plugins(),
                                              train::TrainerOptions{}, log_);
  return *trainer_;
}

run::Session& GraphRun::begin() {
  const std::string file = write();
  options_.with_stages = options_.with_variants = false;
  session_ =
      std::make_unique<run::Session>(file, options_, testing::NodeRunner::built_plugins(), run::SessionOptions(), log_);
  session_->begin();
  return *session_;
}

at::Tensor GraphRun::pull(const std::string& path) const {
  const Value& value = session_->pull(path);
  if (!value.has_value()) throw Error(Exit::Failed, weft::text("the stream ", path, " has no value at this frame"));
  return value.tensor();
}

at::Tensor GraphRun::parameter(const std::string& path, const std::string& key) const {
  for (const run::WeightGroup& group : session_->weights()) {
    if (group.source->path != path) continue;
    for (const run::WantedTensor& tensor : group.tensors) {
      if (tensor.key == key) return **tensor.parameter;
    }
  }
  throw Error(Exit::Failed, weft::text("there is no parameter ", key, " in ", path));
}

std::string statistics_of(const nlohmann::json& config) {
  return config.value("mode", "train") == "eval" ? "running" : "batch";
}

std::string param_lines(const std::vector<std::pair<std::string, std::string>>& params) {
  std::string lines;
  for (const auto& [name, value] : params) lines += weft::text(name, " = ", value, '\n');
  return lines;
}

}  // namespace weft::conformance

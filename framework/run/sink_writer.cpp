#include "framework/run/sink_writer.h"

#include "framework/base/text.h"
#include "framework/run/finite.h"
#include "framework/run/node_failure.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>

namespace weft::run {
namespace {

std::string describe(const graph::FlatNode& node, const std::vector<PortInput>& ports) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < ports.size(); ++i) {
    for (size_t j = 0; j < ports[i].count; ++j)
      parts.push_back(text(node.spec->inputs[i].name, ' ', ports[i].values[j]->describe()));
  }
  return join(parts);
}

}  // namespace

SinkWriter::SinkWriter(Sink& node, const graph::FlatNode& description, Context context, size_t behind, Trace* trace,
                       bool allows_not_finite)
    : node_(node),
      description_(description),
      context_(std::move(context)),
      behind_(behind),
      trace_(trace),
      allows_not_finite_(allows_not_finite),
      lane_(text("write ", description.path)),
      transfer_(context_.device()) {}

SinkWriter::~SinkWriter() {
  abandon();
}

void SinkWriter::begin() {
  queue_ = std::make_unique<BoundedQueue<Frame>>(behind_);
  failure_ = nullptr;
  has_failed_ = false;
  writing_ = std::async(std::launch::async, [this] { write_behind(); });
  is_open_ = true;
}

void SinkWriter::give(int64_t t, const std::vector<std::vector<const Value*>>& inputs) {
  if (has_failed_) rethrow();
  Frame frame;
  frame.t = t;
  for (const auto& values : inputs) {
    auto& moved = frame.inputs.emplace_back();
    for (const Value* value : values) moved.push_back(transfer_.to_host(*value));
  }
  if (!queue_->push(std::move(frame))) rethrow();
}

void SinkWriter::write_behind() {
  try {
    const c10::InferenceMode inference;
    while (auto frame = queue_->pop()) {
      write(*frame);
      ++written_;
    }
  } catch (...) {  // to be thrown by the next give() or finish()
    failure_ = std::current_exception();
    has_failed_ = true;
    queue_->close();
  }
}

void SinkWriter::write(Frame& frame) {
  const TraceScope scope(trace_, description_.path, lane_, frame.t);
  std::vector<std::vector<Value>> values;
  std::vector<std::vector<const Value*>> pointers;
  std::vector<PortInput> ports;
  for (auto& moved : frame.inputs) {
    auto& of_port = values.emplace_back();
    for (Moving& moving : moved) of_port.push_back(Transfer::wait(std::move(moving)));
  }
  for (const auto& of_port : values) {
    auto& to_values = pointers.emplace_back();
    for (const Value& value : of_port) to_values.push_back(&value);
  }
  for (const auto& to_values : pointers) ports.push_back({to_values.data(), to_values.size()});
  context_.set_frame(frame.t);
  try {
    check_finite(ports);
    node_.run(ports, {}, context_);
  } catch (...) {
    throw node_failure(std::current_exception(), description_, frame.t, describe(description_, ports));
  }
}

void SinkWriter::check_finite(const std::vector<PortInput>& ports) const {
  if (allows_not_finite_) return;
  for (size_t port = 0; port < ports.size(); ++port) {
    const PortInput& input = ports[port];
    if (std::all_of(input.values, input.values + input.count, [](const Value* one) { return has_all_finite(*one); }))
      continue;
    throw Error(Exit::NotFinite,
                text("the input `", description_.spec->inputs[port].name, "` has values that are not finite"))
        .hint("--peek of a stream writes it as a video; --allow-nan writes such values, too");
  }
}

void SinkWriter::rethrow() {
  if (writing_.valid()) writing_.wait();
  std::rethrow_exception(failure_);
}

void SinkWriter::finish(Ending ending) {
  if (!is_open_) return;
  queue_->close();
  if (writing_.valid()) writing_.wait();
  is_open_ = false;
  context_.set_broken_off(ending == Ending::BrokenOff || failure_);
  try {
    node_.finish(context_);
  } catch (...) {
    if (!failure_) throw node_failure(std::current_exception(), description_, written_, "");
  }
  if (failure_) std::rethrow_exception(failure_);
}

void SinkWriter::abandon() noexcept {
  try {
    finish(Ending::BrokenOff);
  } catch (const std::exception&) {  // the failure that led here is the one to be reported
  }
}

}  // namespace weft::run

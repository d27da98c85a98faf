#include "framework/run/row_sinks.h"

#include "framework/run/batch.h"

#include <exception>

namespace weft::run {
namespace {

/// A row of a value; a tensor or record without rows is for all of them.
Value row_of(const Value& value, size_t row, size_t rows) {
  if (value.is_record())
    return value.record().samples() == static_cast<int64_t>(rows) ? deal_batch(value, rows)[row] : value;
  return value.map([&](const at::Tensor& tensor) {
    const bool has_rows = tensor.dim() > 0 && tensor.size(0) == static_cast<int64_t>(rows);
    return has_rows ? tensor.narrow(0, static_cast<int64_t>(row), 1) : tensor;
  });
}

/// A scalar is one number for the whole batch, such as the mean of a metric: its rows cannot be told apart.
void check_rows(std::span<const PortInput> inputs, const Context& context) {
  for (const PortInput& port : inputs) {
    for (size_t i = 0; i < port.count; ++i) {
      const Value& value = *port.values[i];
      const bool is_tensor = !value.is_record() && !value.is_window() && !value.is_one_hot() && !value.is_text();
      if (!is_tensor || value.tensor().dim() > 0) continue;
      throw Error(Exit::Graph,
                  text(context.node(), " reads a scalar, which is one number for all sequences of a batch"))
          .hint("set run.batch = 1; `weft eval` measures sequences one by one, whatever the batch is");
    }
  }
}

Context context_of(const Row& row, const Context& context) {
  Context own = context;
  row.describe_to(own);
  return own;
}

}  // namespace

RowSinks::RowSinks(std::vector<std::unique_ptr<Node>> nodes) : owned_(std::move(nodes)) {
  for (const auto& node : owned_) nodes_.push_back(node->as_sink());
}

void RowSinks::configure(const ParamValues& params) {
  for (Sink* node : nodes_) node->configure(params);
}

void RowSinks::build(const Shapes& shapes) {
  for (Sink* node : nodes_) node->build(shapes);
}

void RowSinks::reset() {
  for (Sink* node : nodes_) node->reset();
}

bool RowSinks::run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) {
  if (rows_.size() > 1) check_rows(inputs, context);
  for (size_t row = 0; row < rows_.size(); ++row) {
    std::vector<std::vector<Value>> values(inputs.size());
    std::vector<std::vector<const Value*>> pointers(inputs.size());
    std::vector<PortInput> ports;
    for (size_t port = 0; port < inputs.size(); ++port) {
      const PortInput& whole = inputs[port];
      for (size_t i = 0; i < whole.count; ++i) values[port].push_back(row_of(*whole.values[i], row, rows_.size()));
      for (const Value& value : values[port]) pointers[port].push_back(&value);
      ports.push_back({pointers[port].data(), pointers[port].size(), whole.places, whole.wired});
    }
    Context own = context_of(rows_[row], context);
    nodes_[row]->run(ports, outputs, own);
  }
  return true;
}

void RowSinks::finish(Context& context) {
  std::exception_ptr failure;
  for (size_t row = 0; row < rows_.size(); ++row) {
    Context own = context_of(rows_[row], context);
    try {
      nodes_[row]->finish(own);
    } catch (const std::exception&) {  // the other rows are made usable all the same
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

void RowSinks::complete(Context& context) {
  for (Sink* node : nodes_) node->complete(context);
}

}  // namespace weft::run

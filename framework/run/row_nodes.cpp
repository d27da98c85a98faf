#include "framework/run/row_nodes.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/batch.h"

#include <algorithm>
#include <exception>

namespace weft::run {
namespace {

Value joined(const std::vector<Value>& rows) {
  if (rows.size() == 1 || rows.front().is_left_out()) return rows.front();  // it is left out in every row
  std::vector<const Value*> values;
  for (const Value& row : rows) values.push_back(&row);
  return join_batch(values);
}

/// A row of a value; a tensor or record without rows is for all of them.
Value row_of(const Value& value, size_t row, size_t rows) {
  if (value.is_record())
    return value.record().samples() == static_cast<int64_t>(rows) ? deal_batch(value, rows)[row] : value;
  return value.map([&](const at::Tensor& tensor) {
    const bool has_rows = tensor.dim() > 0 && tensor.size(0) == static_cast<int64_t>(rows);
    return has_rows ? tensor.narrow(0, static_cast<int64_t>(row), 1) : tensor;
  });
}

}  // namespace

void RowNodes::rotate(size_t count) {
  std::rotate(nodes_.begin(), nodes_.begin() + static_cast<std::ptrdiff_t>(count), nodes_.end());
}

void RowNodes::begin(std::vector<Row> rows) {
  rows_ = std::move(rows);
}

void RowNodes::configure(const ParamValues& params) {
  for (auto& node : nodes_) node->configure(params);
}

void RowNodes::build(const Shapes& shapes) {
  for (auto& node : nodes_) node->build(shapes);
}

void RowNodes::reset() {
  for (auto& node : nodes_) node->reset();
}

Context RowNodes::context_of(size_t row, const Context& context) const {
  Context own = context;
  own.set_sequence(rows_[row].name, rows_[row].index);
  own.set_frame_names(rows_[row].frame_names);
  own.set_recording(rows_[row].recording);
  return own;
}

bool RowNodes::run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) {
  if (inputs.empty()) return read(outputs, context);
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
    Context own = context_of(row, context);
    nodes_[row]->run(ports, outputs, own);
  }
  return true;
}

bool RowNodes::read(std::span<Value> outputs, Context& context) {
  std::vector<std::vector<Value>> of_output(outputs.size());
  size_t ended = 0;
  for (size_t row = 0; row < rows_.size(); ++row) {
    std::vector<Value> values(outputs.size());
    Context own = context_of(row, context);
    if (!nodes_[row]->run({}, values, own)) {
      ++ended;
      continue;
    }
    for (size_t i = 0; i < values.size(); ++i) of_output[i].push_back(std::move(values[i]));
  }
  if (ended == rows_.size()) return false;
  if (ended > 0) {
    throw Error(Exit::Data, text("of the sequences in the batch, ", ended, " of ", rows_.size(), " end at frame ",
                                 context.frame(), ", and the others do not"))
        .hint("run it with run.batch = 1");
  }
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i] = joined(of_output[i]);
  return true;
}

bool RowNodes::skip(Context& context) {
  bool is_there = true;
  for (size_t row = 0; row < rows_.size(); ++row) is_there = nodes_[row]->skip(context) && is_there;
  return is_there;
}

void RowNodes::finish(Context& context) {
  std::exception_ptr failure;
  for (size_t row = 0; row < rows_.size(); ++row) {
    Context own = context_of(row, context);
    try {
      nodes_[row]->finish(own);
    } catch (const std::exception&) {  // the other rows are made usable all the same
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
}

void RowNodes::complete(Context& context) {
  for (auto& node : nodes_) node->complete(context);
}

}  // namespace weft::run

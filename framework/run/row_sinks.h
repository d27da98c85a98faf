#pragma once

#include "framework/node/node.h"
#include "framework/run/row.h"

#include <memory>
#include <vector>

namespace weft::run {

/// A writer in a batch: one node for each row, so that every sequence is written as it would be alone. Each gets its part of
/// the batch.
class RowSinks final : public Sink {
 public:
  /// @param nodes  each a sink
  explicit RowSinks(std::vector<std::unique_ptr<Node>> nodes);

  /// Sets the rows that run from now on; the nodes of further ones are not in use.
  void begin(std::vector<Row> rows) { rows_ = std::move(rows); }

  void configure(const ParamValues& params) override;
  void build(const Shapes& shapes) override;
  nn::Module* module() override { return nullptr; }
  bool run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) override;
  void reset() override;
  void state(Archive&) override {}
  std::optional<Output> output(const std::string& sequence) override { return nodes_.front()->output(sequence); }
  void finish(Context& context) override;
  void complete(Context& context) override;

 private:
  std::vector<std::unique_ptr<Node>> owned_;
  std::vector<Sink*> nodes_;  ///< the same
  std::vector<Row> rows_;
};

}  // namespace weft::run

#pragma once

#include "framework/node/node.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::run {

/// A sequence that runs, alone or in a batch.
struct Row {
  std::string name;    ///< may be empty
  uint64_t index = 0;  ///< among all sequences of the sources
  std::shared_ptr<const std::vector<std::string>> frame_names;
  std::optional<Recording> recording;
};

/// A source or a writer in a batch: one node for each row, so that every sequence is read and written as it would be
/// alone. The outputs of sources are concatenated in the batch dimension; each writer gets its part of the batch.
class RowNodes final : public Node {
 public:
  explicit RowNodes(std::vector<std::unique_ptr<Node>> nodes) : nodes_(std::move(nodes)) {}

  /// The node of each row, also of rows that are not in use.
  Node& at(size_t row) { return *nodes_[row]; }
  /// Moves the first `count` nodes to the end, so that the nodes after them come first.
  void rotate(size_t count);
  /// Sets the rows that run from now on.
  void begin(std::vector<Row> rows);

  void configure(const ParamValues& params) override;
  void build(const Shapes& shapes) override;
  nn::Module* module() override { return nullptr; }
  /// @throws Error  (Data) when some rows of a source end before others
  bool run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) override;
  void reset() override;
  void state(Archive&) override {}
  std::optional<std::vector<std::string>> sequences() override { return nodes_.front()->sequences(); }
  bool skip_sequence(Context& context) override { return nodes_.front()->skip_sequence(context); }
  std::vector<std::string> frame_names() override { return nodes_.front()->frame_names(); }
  std::optional<Recording> recording() override { return nodes_.front()->recording(); }
  std::optional<std::string> next_sequence(Context& context) override { return nodes_.front()->next_sequence(context); }
  std::optional<int64_t> frames() override { return nodes_.front()->frames(); }
  bool skip(Context& context) override;
  std::optional<Output> output(const std::string& sequence) override { return nodes_.front()->output(sequence); }
  void finish(Context& context) override;
  void complete(Context& context) override;

 private:
  bool read(std::span<Value> outputs, Context& context);
  Context context_of(size_t row, const Context& context) const;

  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Row> rows_;
};

}  // namespace weft::run

#pragma once

#include "framework/node/node.h"
#include "framework/spec/node_spec.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::run {

/// A source whose frames may be chosen: some of a sequence are left out, and others, in which nobody was found, are added,
/// so that it has the same frames as the sources beside it.
class PairedSource final : public Source {
 public:
  /// A frame of the sequence, or one in which nobody is.
  struct Frame {
    static constexpr int64_t kNobody = -1;
    int64_t index = kNobody;  ///< among the frames that the source has; larger ones come later
    std::string name;
  };

  /// @param node     a source
  /// @param outputs  of its spec
  PairedSource(std::unique_ptr<Node> node, std::vector<PortSpec> outputs)
      : owned_(std::move(node)), node_(owned_->as_source()), outputs_(std::move(outputs)) {}

  /// Whether it can give frames in which nobody is: all of its outputs are keypoints.
  bool has_nobody() const;
  /// Chooses the frames of the sequence that was opened last, before the first of them is read.
  void choose(std::vector<Frame> frames);

  void configure(const ParamValues& params) override { node_->configure(params); }
  void build(const Shapes& shapes) override { node_->build(shapes); }
  nn::Module* module() override { return node_->module(); }
  bool run(std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) override;
  void reset() override { node_->reset(); }
  void state(Archive& archive) override { node_->state(archive); }
  std::optional<std::vector<std::string>> sequences() override { return node_->sequences(); }
  bool skip_sequence(Context& context) override { return node_->skip_sequence(context); }
  std::vector<std::string> frame_names() override;
  std::vector<std::vector<std::string>> drawn_from() override { return node_->drawn_from(); }
  std::optional<Recording> recording() override { return node_->recording(); }
  std::optional<std::string> next_sequence(Context& context) override;
  std::optional<int64_t> frames() override;
  bool skip(Context& context) override;

 private:
  bool is_at_end() const { return next_ == frames_.size(); }
  bool skip_to(int64_t index, Context& context);
  void fill(std::span<Value> outputs) const;

  std::unique_ptr<Node> owned_;
  Source* node_;
  std::vector<PortSpec> outputs_;
  bool is_chosen_ = false;
  std::vector<Frame> frames_;
  size_t next_ = 0;       ///< of frames_
  int64_t position_ = 0;  ///< frames that the node has given or skipped
};

}  // namespace weft::run

#pragma once

#include <weft/nn.h>

#include <memory>
#include <vector>

namespace weft::prediction {

/// Channels of PredNet's layers, from the frame upwards.
struct PredNetShape {
  std::vector<int64_t> targets;  ///< of what each layer predicts, A; the first are those of a frame
  std::vector<int64_t> hidden;   ///< of the representations, R
  int64_t kernel = 3;            ///< side of all kernels, odd

  size_t layers() const { return targets.size(); }
  /// Of the layer above, 0 at the top.
  int64_t hidden_above(size_t layer) const { return layer + 1 < layers() ? hidden[layer + 1] : 0; }
};

/// What PredNet keeps from frame to frame, for each layer.
struct PredNetState {
  std::vector<at::Tensor> hidden, cells;  // [B, R, H / 2^l, W / 2^l]
  std::vector<at::Tensor> errors;         // [B, 2A, H / 2^l, W / 2^l]

  /// Zeros, before the first frame.
  static PredNetState before(const PredNetShape& shape, const at::Tensor& frame);
  /// All of it in one vector a sample, [B, S]: hidden, cells, errors, each from the frame upwards.
  at::Tensor packed() const;
  /// @throws Error  when `packed` is not of this size
  static PredNetState unpacked(const at::Tensor& packed, const PredNetShape& shape, const at::Tensor& frame);

 private:
  std::vector<at::Tensor*> all();
};

/// PredNet's order of computation; the layers are those of a derived class.
///
/// From the top down each layer updates its representation from its last error and the representation above. From the bottom
/// up each predicts what it will see; the rectified differences from what it sees are its error, from which the layer above
/// gets its input.
/// Source: Lotter et al. 2017, "Deep Predictive Coding Networks for Video Prediction and Unsupervised Learning", section 2.
class PredNetNetwork : public nn::Module {
 public:
  PredNetNetwork(nn::Module& parent, PredNetShape shape) : Module(parent, ""), shape_(std::move(shape)) {}

  /// @param frame  [B, A_0, H, W] in the network's range; H and W are multiples of 2^(layers - 1)
  /// @param state  is brought to that after the frame
  /// @returns [B, A_0, H, W], the prediction of `frame` from the state alone
  at::Tensor operator()(const at::Tensor& frame, PredNetState& state) const;

  const PredNetShape& shape() const { return shape_; }

 protected:
  /// The representation of a layer; `above` is that of the next layer at this size, undefined at the top.
  virtual nn::LstmState represent(size_t layer, const nn::LstmState& before, const at::Tensor& error,
                                  const at::Tensor& above) const = 0;
  /// The prediction of a layer.
  virtual at::Tensor predict(size_t layer, const at::Tensor& hidden) const = 0;
  /// What the layer above sees, at half the size.
  virtual at::Tensor pass_up(size_t layer, const at::Tensor& error) const = 0;

 private:
  PredNetShape shape_;
};

/// The network of the Keras program, which the paper's results are of; frames in [0, 1].
///
/// Keys layer_{a|ahat|c|f|i|o}_{l}.{weight,bias}. Gates read the representation, the error, and the representation above, in
/// this order, and have Keras' hard sigmoid.
class KerasPredNet : public PredNetNetwork {
 public:
  KerasPredNet(nn::Module& parent, const PredNetShape& shape);
  ~KerasPredNet() override;

 protected:
  nn::LstmState represent(size_t layer, const nn::LstmState& before, const at::Tensor& error,
                          const at::Tensor& above) const override;
  at::Tensor predict(size_t layer, const at::Tensor& hidden) const override;
  at::Tensor pass_up(size_t layer, const at::Tensor& error) const override;

 private:
  struct Layer;
  std::vector<std::unique_ptr<Layer>> layers_;
};

/// The network of the PyTorch program leido/pytorch-prednet, which differs: frames in [0, 255]; gates read a convolution of
/// the cell state too, and are ordinary sigmoids; no ReLU before the pooling.
///
/// Keys cell{l}.{weight_ih,weight_hh,weight_ch,bias_ih,bias_hh,bias_ch,wc_blank}, conv{l}.0.*, update_A{l}.0.*.
class PortedPredNet : public PredNetNetwork {
 public:
  PortedPredNet(nn::Module& parent, const PredNetShape& shape);
  ~PortedPredNet() override;

 protected:
  nn::LstmState represent(size_t layer, const nn::LstmState& before, const at::Tensor& error,
                          const at::Tensor& above) const override;
  at::Tensor predict(size_t layer, const at::Tensor& hidden) const override;
  at::Tensor pass_up(size_t layer, const at::Tensor& error) const override;

 private:
  struct Layer;
  std::vector<std::unique_ptr<Layer>> layers_;
};

}  // namespace weft::prediction

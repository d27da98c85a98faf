#include "framework/nn/conv.h"
#include "framework/nn/linear.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mv.h>

namespace weft {
namespace {

using ::testing::ElementsAre;

template <typename Layer>
struct Case;

template <>
struct Case<nn::Conv2d> {
  static constexpr nn::ConvOptions options{.in = 4, .out = 6, .kernel = {2, 3}, .groups = 2, .spectral_norm = true};
  static constexpr int64_t rows = 0, input[] = {2, 4, 5, 6};
  static inline const std::vector<std::string> keys{"bias [6]", "weight_orig [6, 2, 2, 3]", "weight_u [6]",
                                                    "weight_v [12]"};
  static at::Tensor plain(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
    return at::conv2d(x, w, b, 1, at::IntArrayRef({0, 0}), 1, 2);
  }
};

template <>
struct Case<nn::Conv3d> {
  static constexpr nn::ConvOptions options{.in = 2, .out = 3, .kernel = {1, 2, 2}, .spectral_norm = true};
  static constexpr int64_t rows = 0, input[] = {1, 2, 2, 4, 3};
  static inline const std::vector<std::string> keys{"bias [3]", "weight_orig [3, 2, 1, 2, 2]", "weight_u [3]",
                                                    "weight_v [8]"};
  static at::Tensor plain(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) { return at::conv3d(x, w, b); }
};

template <>
struct Case<nn::ConvTranspose2d> {
  static constexpr nn::ConvOptions options{.in = 2, .out = 3, .kernel = 2, .stride = 2, .spectral_norm = true};
  static constexpr int64_t rows = 1, input[] = {1, 2, 4, 3};
  static inline const std::vector<std::string> keys{"bias [3]", "weight_orig [2, 3, 2, 2]", "weight_u [3]",
                                                    "weight_v [8]"};
  static at::Tensor plain(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) {
    return at::conv_transpose2d(x, w, b, 2);
  }
};

template <>
struct Case<nn::Linear> {
  static constexpr nn::LinearOptions options{.in = 4, .out = 3, .spectral_norm = true};
  static constexpr int64_t rows = 0, input[] = {2, 5, 4};
  static inline const std::vector<std::string> keys{"bias [3]", "weight_orig [3, 4]", "weight_u [3]", "weight_v [4]"};
  static at::Tensor plain(const at::Tensor& x, const at::Tensor& w, const at::Tensor& b) { return at::linear(x, w, b); }
};

template <typename Layer>
struct Spectral : ::testing::Test {
  using Of = Case<Layer>;
  Trial<Layer> layer{Of::options};
  at::Tensor x = layer.draw(Of::input);

  at::Tensor matrix() { return layer["weight_orig"].transpose(0, Of::rows).reshape({layer["weight_u"].numel(), -1}); }
  at::Tensor divided_by(double sigma) { return Of::plain(x, layer["weight_orig"] / sigma, layer["bias"]); }
};

using Layers = ::testing::Types<nn::Conv2d, nn::Conv3d, nn::ConvTranspose2d, nn::Linear>;
TYPED_TEST_SUITE(Spectral, Layers);

TYPED_TEST(Spectral, KeysAreThoseOfPyTorchsHook) {
  EXPECT_EQ(this->layer.keys(), TestFixture::Of::keys);
}

TYPED_TEST(Spectral, AStepOfTrainingMovesTheVectorsAndDividesByTheirProduct) {
  const at::Tensor weight = this->matrix();
  at::Tensor v = weight.t().mv(this->layer["weight_u"]);
  v = v / v.norm();
  at::Tensor u = weight.mv(v);
  const double sigma = u.norm().template item<double>();  // u' W v, with u = W v / |W v|
  u = u / u.norm();
  this->layer.root().train(true);
  expect_near((*this->layer)(this->x), this->divided_by(sigma));
  expect_near(this->layer["weight_u"], u);
  expect_near(this->layer["weight_v"], v);
}

TYPED_TEST(Spectral, ManyStepsFindTheLargestSingularValue) {
  this->layer.root().train(true);
  for (int step = 0; step < 1000; ++step) (*this->layer)(this->x);
  const double largest = at::linalg_svdvals(this->matrix())[0].template item<double>();
  expect_near((*this->layer)(this->x), this->divided_by(largest), 1e-9);
}

TYPED_TEST(Spectral, OutsideTrainingTheVectorsStay) {
  const at::Tensor u = this->layer["weight_u"].clone(), v = this->layer["weight_v"].clone();
  const double sigma = (u * this->matrix().mv(v)).sum().template item<double>();
  expect_near((*this->layer)(this->x), this->divided_by(sigma));
  expect_near(this->layer["weight_u"], u, 0);
  expect_near(this->layer["weight_v"], v, 0);
}

TYPED_TEST(Spectral, GradientsGoThroughTheQuotient) {
  expect_gradients({this->x, this->layer["weight_orig"], this->layer["bias"]}, [&] { return (*this->layer)(this->x); });
}

TYPED_TEST(Spectral, VectorsAreNotLearntAndStartWithLengthOne) {
  EXPECT_EQ(this->layer.learnt().size(), 2);
  this->layer.root().initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  EXPECT_NEAR(this->layer["weight_u"].norm().template item<float>(), 1, 1e-6);
  EXPECT_NEAR(this->layer["weight_v"].norm().template item<float>(), 1, 1e-6);
}

}  // namespace
}  // namespace weft

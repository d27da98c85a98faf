// One-hot maps by their ids, and convolutions of them against those of the map.
#include "framework/nn/one_hot.h"

#include "framework/nn/conv.h"
#include "framework/nn/layers.h"
#include "framework/nn/resnet_stack.h"
#include "framework/testing/values.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/upsample_nearest2d.h>

namespace weft {
namespace {

using nn::ConvOptions;
using nn::OneHot;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::values;

using Shared = std::shared_ptr<const OneHot>;

Shared by_ids(const at::Tensor& ids, std::vector<int64_t> channels, at::ScalarType type = at::kFloat) {
  return std::make_shared<const OneHot>(ids.to(at::kShort), std::move(channels), type);
}

/// Random ids, of each group one in five without a channel. The left half of all rows is as in label maps: `kAlike` neighbours
/// have one and the same id.
Shared drawn(int64_t batch, int64_t height, int64_t width, const std::vector<int64_t>& channels,
             at::ScalarType type = at::kFloat) {
  constexpr int64_t kAlike = 8;
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(3);
  std::vector<at::Tensor> groups;
  for (const int64_t count : channels) {
    const at::Tensor ids = at::randint(count, {batch, 1, height, width}, generator);
    const at::Tensor is_none = at::randint(5, ids.sizes(), generator, at::TensorOptions(at::kLong)) == 0;
    groups.push_back(ids.to(at::kLong).masked_fill(is_none, count));
    const at::Tensor left = groups.back().narrow(3, 0, std::min(kAlike, width));
    left.copy_(left.narrow(3, 0, 1).expand_as(left).clone());
  }
  return by_ids(at::cat(groups, 1), channels, type);
}

/// A layer with random weights in the type and layout of `type`.
struct Layer {
  explicit Layer(const ConvOptions& options, at::ScalarType type = at::kFloat) : trial(options) {
    trial.root().to(at::kCPU, type);
  }
  const at::Tensor& weight() { return trial["weight"]; }
  const at::Tensor& bias() { return trial["bias"]; }
  void learn() {
    for (const at::Tensor& tensor : trial.learnt()) at::Tensor(tensor).requires_grad_();
  }

  Trial<nn::Conv2d> trial;
};

at::Tensor doubled(const at::Tensor& x) {
  return x.detach().to(at::kDouble);
}

TEST(OneHot, HasTheMapOfItsIds) {
  const Shared one_hot = by_ids(at::tensor({0, 2, 3, 0, 0, 1}, at::kLong).view({1, 2, 1, 3}), {3, 1});
  EXPECT_THAT(one_hot->sizes(), ElementsAre(1, 4, 1, 3));
  EXPECT_THAT(values(one_hot->map()), ElementsAre(1, 0, 0,   // the first class
                                                  0, 0, 0,   //
                                                  0, 1, 0,   // the third; the last pixel has none
                                                  1, 1, 0))  // the second group
      << one_hot->map();
  EXPECT_TRUE(one_hot->map().is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(one_hot->map().data_ptr(), one_hot->map().data_ptr()) << "made once";
}

TEST(OneHot, IsConcatenatedByItsIds) {
  const Shared a = drawn(2, 3, 5, {4, 1}), b = drawn(2, 3, 5, {2});
  const Shared both = nn::concatenated({a, b});
  EXPECT_THAT(both->channels(), ElementsAre(4, 1, 2));
  expect_near(both->map(), at::cat({a->map(), b->map()}, 1), 0);
}

TEST(OneHot, IsResizedToItsNearestPixelsAsTheMapIs) {
  const Shared whole = drawn(1, 7, 10, {5, 2});
  for (const auto& [height, width] : {std::pair(3, 5), std::pair(14, 13), std::pair(1, 1)})
    expect_near(nn::resized(*whole, height, width)->map(), at::upsample_nearest2d(whole->map(), {height, width}), 0);
}

TEST(OneHot, StaysIdsWhereItEntersANetwork) {
  const Shared own = drawn(1, 2, 3, {4});
  const nn::MapOrIds entered = nn::enter(nn::MapOrIds(own), at::kBFloat16);
  ASSERT_TRUE(entered.is_one_hot());
  EXPECT_EQ(entered.map().scalar_type(), at::kBFloat16);
  EXPECT_EQ(nn::enter(nn::MapOrIds(own), at::kFloat).one_hot(), own) << "the same";
  EXPECT_FALSE(nn::enter(nn::MapOrIds(own->map()), at::kFloat).is_one_hot());
}

/// The options of several convolutions; outputs are and are not whole vectors.
std::vector<ConvOptions> kinds() {
  return {{.in = 9, .out = 32, .kernel = 7, .padding = 3},
          {.in = 9, .out = 5, .kernel = 3, .padding = 1},
          {.in = 9, .out = 100, .kernel = {3, 5}, .stride = {2, 1}, .padding = {0, 2}, .bias = false},
          {.in = 9, .out = 33, .kernel = 3, .stride = 2, .padding = nn::Padding::sides({2, 0}, {1, 3})},
          {.in = 9, .out = 16, .kernel = {2, 3}, .padding = nn::Padding::same(), .dilation = {1, 2}},
          {.in = 9, .out = 7, .kernel = 1}};
}

// Each number is a sum of at most 100 weights: 1e-5 is far above what float rounds, and far below a weight.
TEST(Conv2d, OfIdsComputesWhatThatOfTheMapDoes) {
  for (const ConvOptions& options : kinds()) {
    Layer conv(options), exact(options, at::kDouble);
    const Shared x = drawn(2, 9, 11, {6, 1, 2});
    const nn::MapOrIds entry(x);
    expect_near((*conv.trial)(entry), (*exact.trial)(doubled(x->map())), 1e-5);
  }
}

TEST(Conv2d, OfIdsReflectsTheBorders) {
  for (const int64_t pixels : {1, 3}) {
    const ConvOptions options{.in = 9, .out = 40, .kernel = 2 * pixels + 1};
    Layer conv(options), exact(options, at::kDouble);
    const Shared x = drawn(2, 5, 11, {6, 1, 2});
    const at::Tensor padded = at::reflection_pad2d(doubled(x->map()), {pixels, pixels, pixels, pixels});
    expect_near(conv.trial->reflected(x, pixels), (*exact.trial)(padded), 1e-5);
    expect_near(conv.trial->reflected(x->map(), pixels), (*exact.trial)(padded), 1e-5);
  }
}

TEST(Conv2d, OfIdsHasTheGradientsOfWeightAndBias) {
  for (const ConvOptions& options : kinds()) {
    Layer conv(options), exact(options, at::kDouble);
    conv.learn();
    exact.learn();
    const Shared x = drawn(2, 9, 11, {6, 1, 2});
    const at::Tensor y = (*conv.trial)(nn::MapOrIds(x)), slopes = conv.trial.draw(y.sizes());
    (y * slopes.to(at::kFloat)).sum().backward();
    ((*exact.trial)(doubled(x->map())) * slopes).sum().backward();
    expect_near(conv.weight().grad(), exact.weight().grad(), 1e-5);
    EXPECT_EQ(conv.weight().grad().scalar_type(), at::kFloat);
    if (options.bias) expect_near(conv.bias().grad(), exact.bias().grad(), 1e-5);
  }
}

TEST(Conv2d, OfIdsHasTheGradientsBehindReflectedBorders) {
  const ConvOptions options{.in = 9, .out = 40, .kernel = 7};
  Layer conv(options), exact(options, at::kDouble);
  conv.learn();
  exact.learn();
  const Shared x = drawn(3, 6, 5, {6, 1, 2});
  const at::Tensor y = conv.trial->reflected(x, 3), slopes = conv.trial.draw(y.sizes());
  (y * slopes.to(at::kFloat)).sum().backward();
  (exact.trial->reflected(doubled(x->map()), 3) * slopes).sum().backward();
  expect_near(conv.weight().grad(), exact.weight().grad(), 1e-5);
  expect_near(conv.bias().grad(), exact.bias().grad(), 1e-5);
}

// A sum is rounded once, to 8 binary digits: by at most a share of 2^-8. 1e-5 is what float rounds before.
TEST(Conv2d, OfIdsInBfloat16IsRoundedOnce) {
  for (const ConvOptions& options : kinds()) {
    Layer conv(options, at::kBFloat16);
    const Shared x = drawn(2, 9, 11, {6, 1, 2}, at::kBFloat16);
    const at::Tensor y = (*conv.trial)(nn::MapOrIds(x));
    EXPECT_EQ(y.scalar_type(), at::kBFloat16);
    Layer exact(options, at::kDouble);
    at::Tensor(exact.weight()).copy_(conv.weight());
    if (options.bias) at::Tensor(exact.bias()).copy_(conv.bias());
    const at::Tensor expected = (*exact.trial)(doubled(x->map()));
    const at::Tensor excess = (doubled(y) - expected).abs() - expected.abs() / 256;
    EXPECT_LE(excess.max().item<double>(), 1e-5 * expected.abs().max().item<double>());
  }
}

TEST(Conv2d, OfIdsInBfloat16TrainsWeightsInFloatAsAutocastDoes) {
  const ConvOptions options{.in = 9, .out = 32, .kernel = 3, .padding = 1};
  Layer conv(options), exact(options, at::kDouble);
  conv.learn();
  exact.learn();
  const Shared x = drawn(2, 9, 11, {6, 1, 2}, at::kBFloat16);
  const at::Tensor y = (*conv.trial)(nn::MapOrIds(x)), slopes = conv.trial.draw(y.sizes()).to(at::kBFloat16);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  y.backward(slopes);
  (*exact.trial)(doubled(x->map())).backward(slopes.to(at::kDouble));
  expect_near(conv.weight().grad(), exact.weight().grad(), 1e-5);
  expect_near(conv.bias().grad(), exact.bias().grad(), 1e-5);
}

TEST(Conv2d, OfIdsHasTheLayoutOfItsWeight) {
  const Shared x = drawn(1, 9, 11, {6, 1, 2});
  Layer conv({.in = 9, .out = 8, .kernel = 3});
  const at::Tensor plain = (*conv.trial)(nn::MapOrIds(x));
  EXPECT_TRUE(plain.is_contiguous());
  conv.trial.root().tensors()[0].parameter->set(conv.weight().contiguous(at::MemoryFormat::ChannelsLast));
  const at::Tensor last = (*conv.trial)(nn::MapOrIds(x));
  EXPECT_TRUE(last.is_contiguous(at::MemoryFormat::ChannelsLast));
  expect_near(last, plain, 0);
}

TEST(Conv2d, OfIdsTakesTheMapWhereThereIsNoKernelForIds) {
  const Shared in_double = drawn(1, 9, 11, {6, 2}, at::kDouble);
  Trial<nn::Conv2d> conv(ConvOptions{.in = 8, .out = 6, .kernel = 3, .padding = 1});
  expect_near((*conv)(nn::MapOrIds(in_double)), (*conv)(in_double->map()));
  Layer grouped({.in = 8, .out = 6, .kernel = 3, .groups = 2});
  const Shared x = drawn(1, 9, 11, {6, 2});
  expect_near((*grouped.trial)(nn::MapOrIds(x)), (*grouped.trial)(x->map()), 1e-6);
}

TEST(Conv2d, OfIdsUnderSpectralNormIterateOnceAsThatOfTheMapDoes) {
  const ConvOptions options{.in = 8, .out = 6, .kernel = 3, .spectral_norm = true};
  Layer by_map(options), by_id(options);
  const Shared x = drawn(1, 9, 11, {6, 2});
  for (Layer* layer : {&by_map, &by_id}) layer->trial.root().train(true);
  for (int step = 0; step < 2; ++step) expect_near((*by_id.trial)(nn::MapOrIds(x)), (*by_map.trial)(x->map()), 1e-5);
  expect_near(by_id.trial["weight_u"], by_map.trial["weight_u"], 0);
}

TEST(Conv2d, OfIdsSaysWhichBordersCannotBeReflected) {
  Layer conv({.in = 3, .out = 2, .kernel = 7});
  const Shared x = drawn(1, 9, 3, {3});
  std::string said;
  try {
    conv.trial->reflected(x, 3);
  } catch (const std::exception& error) {  // LibTorch's own
    said = error.what();
  }
  EXPECT_THAT(said, HasSubstr("Padding size should be less than the corresponding input dimension"));
}

TEST(ResnetStack, BeginsWithTheIds) {
  nn::Module root;
  nn::ResnetStack stack(root, "");
  stack.body({.in = 9, .features = 8, .down = 1, .blocks = 1, .norm = {}});
  root.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  const Shared x = drawn(1, 16, 12, {6, 1, 2});
  // Two norms amplify what the first layer rounds differently.
  expect_near(stack(nn::MapOrIds(x)), stack(x->map()), 1e-4);
  expect_near(stack.part(nn::MapOrIds(x), 0, 2), stack.part(x->map(), 0, 2), 1e-5);
  expect_near(stack.part(nn::MapOrIds(x), 0, 1), stack.part(x->map(), 0, 1), 0);
}

}  // namespace
}  // namespace weft

#include "framework/nn/conv.h"

#include "framework/testing/values.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

namespace weft {
namespace {

using nn::ConvOptions;
using nn::Padding;
using ::testing::ElementsAre;
using testing::map_of;
using testing::values;

const ConvOptions kUneven{
    .in = 4, .out = 6, .kernel = {1, 3}, .stride = {2, 1}, .padding = {0, 2}, .dilation = {1, 2}, .groups = 2};

TEST(Conv2d, HasRectangularKernelsGroupsAndDilationAsLibTorchHas) {
  Trial<nn::Conv2d> conv(kUneven);
  EXPECT_THAT(conv.keys(), ElementsAre("weight [6, 2, 1, 3]", "bias [6]"));
  const at::Tensor x = conv.draw({2, 4, 7, 8});
  expect_near((*conv)(x), at::conv2d(x, conv["weight"], conv["bias"], {2, 1}, at::IntArrayRef({0, 2}), {1, 2}, 2), 0);
}

TEST(Conv2d, TakesDifferentBordersOnEachSide) {
  ConvOptions options = kUneven;
  options.padding = Padding::sides({1, 0}, {0, 3});
  Trial<nn::Conv2d> conv(options);
  const at::Tensor x = conv.draw({2, 4, 7, 8}), padded = at::constant_pad_nd(x, {0, 3, 1, 0});
  expect_near((*conv)(x), at::conv2d(padded, conv["weight"], conv["bias"], {2, 1}, at::IntArrayRef({0, 0}), {1, 2}, 2));
}

TEST(Conv2d, GradientsAgreeWithDifferences) {
  for (const Padding& padding : {Padding{0, 2}, Padding::sides({1, 0}, {0, 3}), Padding::same()}) {
    ConvOptions options = kUneven;
    options.padding = padding;
    Trial<nn::Conv2d> conv(options);
    const at::Tensor x = conv.draw({2, 4, 5, 6});
    expect_gradients({x, conv["weight"], conv["bias"]}, [&] { return (*conv)(x); });
  }
}

TEST(Conv3d, ComputesWhatLibTorchDoes) {
  Trial<nn::Conv3d> conv(ConvOptions{.in = 4,
                                     .out = 6,
                                     .kernel = {1, 3, 2},
                                     .stride = {1, 2, 1},
                                     .padding = {0, 1, 1},
                                     .dilation = {1, 2, 1},
                                     .groups = 2});
  EXPECT_THAT(conv.keys(), ElementsAre("weight [6, 2, 1, 3, 2]", "bias [6]"));
  const at::Tensor x = conv.draw({2, 4, 3, 7, 5});
  expect_near((*conv)(x),
              at::conv3d(x, conv["weight"], conv["bias"], {1, 2, 1}, at::IntArrayRef({0, 1, 1}), {1, 2, 1}, 2), 0);
  expect_gradients({x, conv["weight"], conv["bias"]}, [&] { return (*conv)(x); });
}

TEST(ConvTranspose2d, ComputesWhatLibTorchDoes) {
  Trial<nn::ConvTranspose2d> conv(ConvOptions{.in = 4,
                                              .out = 6,
                                              .kernel = {3, 4},
                                              .stride = {2, 3},
                                              .padding = {1, 0},
                                              .output_padding = {1, 2},
                                              .dilation = {2, 1},
                                              .groups = 2});
  EXPECT_THAT(conv.keys(), ElementsAre("weight [4, 3, 3, 4]", "bias [6]"));
  const at::Tensor x = conv.draw({2, 4, 5, 3});
  expect_near((*conv)(x), at::conv_transpose2d(x, conv["weight"], conv["bias"], {2, 3}, {1, 0}, {1, 2}, 2, {2, 1}), 0);
  expect_gradients({x, conv["weight"], conv["bias"]}, [&] { return (*conv)(x); });
}

TEST(ConvTranspose2d, TakesDifferentBordersOffEachSide) {
  Trial<nn::ConvTranspose2d> conv(
      ConvOptions{.in = 2, .out = 3, .kernel = 4, .stride = 3, .padding = Padding::sides({2, 0}, {1, 3})});
  const at::Tensor x = conv.draw({1, 2, 4, 3});
  const at::Tensor full = at::conv_transpose2d(x, conv["weight"], conv["bias"], 3);  // [1, 3, 13, 10]
  expect_near((*conv)(x), full.slice(2, 2, 12).slice(3, 0, 7));
}

TEST(Conv2d, BiasIsLeftOutWhereItIsNotWanted) {
  Trial<nn::Conv2d> conv(ConvOptions{.in = 2, .out = 3, .kernel = 1, .bias = false});
  EXPECT_THAT(conv.keys(), ElementsAre("weight [3, 2, 1, 1]"));
}

/// Sums of three neighbours.
at::Tensor sums(const at::Tensor& row, int64_t stride, int64_t dilation = 1) {
  nn::Module root;
  nn::Conv2d conv(root, "",
                  {.in = 1,
                   .out = 1,
                   .kernel = {1, 3},
                   .stride = stride,
                   .padding = Padding::same(),
                   .dilation = dilation,
                   .bias = false,
                   .weight_init = nn::Init::ones()});
  root.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  return conv(row);
}

TEST(SamePadding, StandsBehindWhereItIsUneven) {
  EXPECT_THAT(values(sums(map_of({{1, 2, 3, 4}}), 1)), ElementsAre(3, 6, 9, 7));
  EXPECT_THAT(values(sums(map_of({{1, 2, 3, 4}}), 2)), ElementsAre(6, 7));        // nothing before, one 0 behind
  EXPECT_THAT(values(sums(map_of({{1, 2, 3, 4, 5}}), 2)), ElementsAre(3, 9, 9));  // a 0 on each side
  EXPECT_THAT(values(sums(map_of({{1, 2, 3, 4}}), 1, 2)), ElementsAre(4, 6, 4, 6));
  EXPECT_THAT(values(sums(map_of({{1, 2, 3, 4, 5, 6, 7}}), 4)), ElementsAre(6, 18));  // the kernel never reaches 4
}

TEST(SamePadding, IsTheOneOfI3d) {
  for (int64_t size = 1; size <= 12; ++size) {
    for (int64_t kernel = 1; kernel <= 7; ++kernel) {
      for (int64_t stride = 1; stride <= 3; ++stride) {
        const int64_t rest = size % stride, total = std::max<int64_t>(kernel - (rest == 0 ? stride : rest), 0);
        const auto sides = Padding::same().of(at::zeros({1, 1, size, 5, 5}), {kernel, stride});
        EXPECT_EQ(sides.before[0], total / 2) << size << ' ' << kernel << ' ' << stride;
        EXPECT_EQ(sides.after[0], total - total / 2) << size << ' ' << kernel << ' ' << stride;
      }
    }
  }
}

TEST(SamePadding, TransposedIsTheAdjointOfForward) {
  for (int64_t kernel = 1; kernel <= 5; ++kernel) {
    for (int64_t stride = 1; stride <= 3; ++stride) {
      const ConvOptions options{
          .in = 2, .out = 3, .kernel = kernel, .stride = stride, .padding = Padding::same(), .bias = false};
      ConvOptions back = options;
      std::swap(back.in, back.out);
      Trial<nn::Conv2d> forward(options);
      Trial<nn::ConvTranspose2d> transposed(back);
      transposed["weight"].copy_(forward["weight"]);
      const at::Tensor x = forward.draw({1, 2, 4 * stride, 3 * stride}), y = forward.draw({1, 3, 4, 3});
      ASSERT_EQ((*transposed)(y).sizes(), x.sizes()) << kernel << ' ' << stride;
      EXPECT_NEAR(((*forward)(x)*y).sum().item<double>(), (x * (*transposed)(y)).sum().item<double>(), 1e-10)
          << kernel << ' ' << stride;
    }
  }
}

TEST(Init, FansComeFromTheShape) {
  const std::vector<int64_t> shape{4, 2, 3, 3};  // fan in 18, fan out 36
  EXPECT_DOUBLE_EQ(nn::Init::fan_in().of(shape).spread, 1 / std::sqrt(18.0));
  EXPECT_DOUBLE_EQ(nn::Init::xavier_normal(0.02).of(shape).spread, 0.02 * std::sqrt(2.0 / 54));
  EXPECT_DOUBLE_EQ(nn::Init::xavier_uniform().of(shape).spread, std::sqrt(6.0 / 54));
  EXPECT_EQ(nn::Init::xavier_normal().of(shape).rule, nn::Init::Rule::Normal);
  EXPECT_EQ(nn::Init::xavier_uniform().of(shape).rule, nn::Init::Rule::Uniform);
}

TEST(Init, OfAConvolutionCanBeChosen) {
  nn::Module root;
  nn::Conv2d conv(root, "", {.in = 50, .out = 50, .weight_init = nn::Init::fan_in(), .bias_init = nn::Init::zeros()});
  root.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  const auto tensors = root.tensors();
  const double bound = 1 / std::sqrt(450.0), largest = (*tensors[0].parameter)->abs().max().item<double>();
  EXPECT_LE(largest, bound);
  EXPECT_GE(largest, 0.99 * bound);  // of 22500 uniform numbers
  EXPECT_EQ((*tensors[1].parameter)->abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace weft

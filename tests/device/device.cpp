// The simulated device itself: it computes what the CPU does, and finds what a GPU would not allow.
#include "framework/run/device.h"

#include "framework/base/text.h"
#include "framework/testing/values.h"
#include "tests/device/fixture.h"
#include "tests/device/simulated/device.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/add.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <gmock/gmock.h>

namespace weft::simulated {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::values;

/// What LibTorch throws in `action`, without its stack.
template <typename Action>
std::string thrown_by(const Action& action) {
  try {
    action();
  } catch (const c10::Error& error) {
    return error.what_without_backtrace();
  }
  return {};
}

at::Tensor numbers(at::IntArrayRef sizes) {
  const int64_t count = c10::multiply_integers(sizes);
  return (at::arange(count, at::kFloat) * 0.37).sin().view(sizes);
}

class SimulatedDevice : public testing::OnSimulatedDevice {};

TEST_F(SimulatedDevice, IsOpenedByItsName) {
  EXPECT_EQ(run::open_device("simulated"), device());
  EXPECT_EQ(device().str(), "simulated:0");
}

TEST_F(SimulatedDevice, AddsInMemoryOfItsOwn) {
  const at::Tensor a = numbers({2, 3}), b = numbers({3});
  const at::Tensor sum = a.to(device()) + b.to(device());
  EXPECT_EQ(sum.device(), device());
  EXPECT_TRUE(sum.cpu().equal(a + b));
}

TEST_F(SimulatedDevice, ConvolvesWithTheGradientsOfTheCpu) {
  const auto gradients = [](at::Device place) {
    const at::Tensor image = numbers({2, 3, 8, 9}).to(place).requires_grad_();
    const at::Tensor weight = numbers({4, 3, 3, 3}).to(place).requires_grad_();
    const at::Tensor bias = numbers({4}).to(place).requires_grad_();
    const at::Tensor out = at::conv2d(image, weight, bias, 2, 1);
    (out * out).sum().backward();
    return std::vector<at::Tensor>{out.detach().cpu(), image.grad().cpu(), weight.grad().cpu(), bias.grad().cpu()};
  };
  const auto here = gradients(at::kCPU), there = gradients(device());
  for (size_t i = 0; i < here.size(); ++i) EXPECT_TRUE(here[i].equal(there[i])) << i;
}

TEST_F(SimulatedDevice, KeepsRunningStatistics) {
  const auto statistics = [](at::Device place) {
    at::Tensor mean = at::zeros({3}, at::TensorOptions(place)), variance = mean + 1;
    at::batch_norm(numbers({2, 3, 4, 4}).to(place), {}, {}, mean, variance, true, 0.1, 1e-5, false);
    return at::cat({mean, variance}).cpu();
  };
  EXPECT_TRUE(statistics(at::kCPU).equal(statistics(device())));
}

TEST_F(SimulatedDevice, ChangesTensorsInTheirPlace) {
  at::Tensor x = numbers({2, 3}).to(device());
  const void* memory = x.data_ptr();
  x.add_(1).mul_(2);
  EXPECT_EQ(x.data_ptr(), memory);
  EXPECT_TRUE(x.cpu().equal((numbers({2, 3}) + 1) * 2));
}

TEST_F(SimulatedDevice, ViewsShareMemory) {
  const at::Tensor x = at::zeros({2, 3}, at::TensorOptions(device()));
  x.t().select(0, 1).fill_(5);
  x.view({6}).slice(0, 0, 1).fill_(7);
  x.as_strided({1}, {1}, 2).fill_(9);
  EXPECT_THAT(values(x), ElementsAre(7, 5, 9, 0, 5, 0));
  EXPECT_EQ(x.unfold(1, 2, 1).sizes(), (std::vector<int64_t>{2, 2, 2}));
}

TEST_F(SimulatedDevice, GivesResultsRoomWhereTheyNeedIt) {
  at::Tensor out = at::empty({0}, at::TensorOptions(device()));
  const at::Tensor x = numbers({2, 3}).to(device());
  at::add_out(out, x, x);
  EXPECT_TRUE(out.cpu().equal(numbers({2, 3}) * 2));
  out.resize_({1, 2});
  EXPECT_TRUE(out.cpu().equal(numbers({2, 3}).view(-1).slice(0, 0, 2).view({1, 2}) * 2));
}

TEST_F(SimulatedDevice, CopiesBetweenTypesAndLayouts) {
  const at::Tensor x = numbers({1, 2, 3, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor there = x.to(device(), at::kBFloat16);
  EXPECT_TRUE(there.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(there.cpu().equal(x.to(at::kBFloat16)));
  at::Tensor here = at::zeros({1, 2, 3, 4}, at::kDouble);
  here.copy_(there);
  EXPECT_TRUE(here.equal(x.to(at::kBFloat16).to(at::kDouble)));
}

TEST_F(SimulatedDevice, DrawsTheNumbersOfTheCpu) {
  const auto drawn = [](at::Device place, at::Generator generator) {
    generator.set_current_seed(7);
    return at::rand({5}, generator, at::TensorOptions(place)).cpu();
  };
  const at::Generator own = at::globalContext().defaultGenerator(device()).clone();
  EXPECT_TRUE(drawn(device(), own).equal(drawn(at::kCPU, at::make_generator<at::CPUGeneratorImpl>())));
}

TEST_F(SimulatedDevice, TellsOfAHostThatTouchesItsMemory) {
  const at::Tensor x = numbers({3}).to(device());
  EXPECT_EQ(*x.const_data_ptr<float>(), 0);  // the access goes on
  EXPECT_THAT(take_faults(), ElementsAre(HasSubstr("the host touches memory of the device, in ")));
  EXPECT_EQ(*x.const_data_ptr<float>(), 0);
  EXPECT_EQ(take_faults().size(), 1U) << "the memory is protected again";
}

TEST_F(SimulatedDevice, RefusesTensorsOfTwoDevices) {
  const at::Tensor there = numbers({2, 3}).to(device()), here = numbers({2, 3});
  EXPECT_THAT(thrown_by([&] { at::add(there, here); }), HasSubstr("Expected all tensors to be on the same device"));
  EXPECT_EQ(thrown_by([&] { at::matmul(here, there.t()); }),
            "Expected all tensors to be on the same device, but mm.out has `self` [2, 3] on cpu beside tensors on "
            "simulated:0");
  EXPECT_THAT(thrown_by([&] { at::cat({there, here}); }), HasSubstr("`tensors` [2, 3] on cpu"));
  EXPECT_THAT(thrown_by([&] { here.clone().add_(there); }), HasSubstr("Expected all tensors to be on the same device"));
  EXPECT_THAT(thrown_by([&] { at::cat({there.flatten(), at::scalar_tensor(1).view({1})}); }), HasSubstr("[1] on cpu"));
}

TEST_F(SimulatedDevice, TakesNumbersAndIndicesOfTheCpu) {
  const at::Tensor there = numbers({2, 3}).to(device()), here = numbers({2, 3});
  EXPECT_TRUE((there + at::scalar_tensor(2)).cpu().equal(here + 2));
  EXPECT_TRUE(there.index({at::arange(1, at::kLong)}).cpu().equal(here.slice(0, 0, 1)));
}

TEST_F(SimulatedDevice, CountsCopiesKernelsAndWaits) {
  const Counts before = counts_of_this_thread();
  const at::Tensor there = numbers({2, 3}).to(device());
  (there * 2 + 1).t().sum().item<float>();
  const at::Tensor copy = there.clone();
  EXPECT_EQ(text_of(counts_of_this_thread() - before),
            text_of({.to_device = 1, .to_host = 1, .on_device = 1, .kernels = 3, .waits = 2}));
}

TEST_F(SimulatedDevice, WaitsWhereTheNumberOfItemsIsAsked) {
  const at::Tensor there = numbers({2, 3}).to(device());
  const Counts before = counts_of_this_thread();
  const int64_t found = (there > 0).nonzero().size(0);
  EXPECT_EQ(found, (numbers({2, 3}) > 0).nonzero().size(0));
  EXPECT_EQ((counts_of_this_thread() - before).waits, 1);
}

/// Two streams, and memory for both.
class SimulatedStreams : public testing::OnSimulatedDevice {
 protected:
  c10::impl::VirtualGuardImpl guard_{at::kPrivateUse1};
  c10::Stream computing_ = guard_.getStream(device()), copying_ = guard_.getStreamFromGlobalPool(device());
  at::Tensor locked_ = at::empty({4}, at::TensorOptions().pinned_memory(true));
};

TEST_F(SimulatedStreams, AreOrderedByEvents) {
  c10::Event arrived(at::kPrivateUse1);
  at::Tensor there;
  locked_.fill_(3);
  {
    const c10::StreamGuard on_copying(copying_);
    there = locked_.to(device(), /*non_blocking=*/true);
    arrived.record(copying_);
  }
  arrived.block(computing_);
  there.record_stream(computing_);
  EXPECT_THAT(values(there + 1), ElementsAre(4, 4, 4, 4));
}

TEST_F(SimulatedStreams, AreNotOrderedWithoutThem) {
  at::Tensor there;
  {
    const c10::StreamGuard on_copying(copying_);
    there = locked_.fill_(3).to(device(), /*non_blocking=*/true);
  }
  there.record_stream(computing_);
  EXPECT_THAT(values(there + 1), ElementsAre(4, 4, 4, 4));
  EXPECT_THAT(take_faults(), ElementsAre(::testing::MatchesRegex(
                                 "add.out of the default stream reads what is written by a copy to the device of "
                                 "stream [0-9]+ without waiting for it")));
}

TEST_F(SimulatedStreams, KeepMemoryOnlyWhereItIsRecorded) {
  c10::Event computed(at::kPrivateUse1);
  {
    const at::Tensor there = at::zeros({4}, at::TensorOptions(device()));
    computed.record(computing_);
    computed.block(copying_);
    const c10::StreamGuard on_copying(copying_);
    locked_.copy_(there, /*non_blocking=*/true);
  }
  EXPECT_THAT(take_faults(),
              ElementsAre(::testing::MatchesRegex("16 bytes of the default stream are freed while stream "
                                                  "[0-9]+ may use them: record_stream is missing")));
}

TEST_F(SimulatedStreams, LetTheHostTouchACopyOnlyWhenItIsOver) {
  locked_.copy_(at::zeros({4}, at::TensorOptions(device())) + 5, /*non_blocking=*/true);
  EXPECT_EQ(*locked_.const_data_ptr<float>(), 5);
  EXPECT_THAT(take_faults(), ElementsAre(HasSubstr("page-locked memory while a copy from or to it is under way, in ")));
  c10::Event copied(at::kPrivateUse1);
  locked_.copy_(at::zeros({4}, at::TensorOptions(device())) + 6, /*non_blocking=*/true);
  copied.record(computing_);
  copied.synchronize();
  EXPECT_THAT(values(locked_), ElementsAre(6, 6, 6, 6));
}

TEST_F(SimulatedStreams, LetTheHostReadWhatIsCopiedButNotChangeIt) {
  locked_.fill_(1);
  const at::Tensor there = locked_.to(device(), /*non_blocking=*/true);
  EXPECT_THAT(values(locked_), ElementsAre(1, 1, 1, 1));
  EXPECT_EQ(join(take_faults(), "\n"), "");
  locked_.fill_(2);
  EXPECT_EQ(take_faults().size(), 1U);
}

}  // namespace
}  // namespace weft::simulated

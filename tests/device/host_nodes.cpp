// Nodes that work on the CPU in a graph that runs elsewhere: each node gets its values, weights and state where it works.
#include "framework/base/text.h"
#include "framework/plugin/plugins.h"
#include "framework/run/session.h"
#include "framework/testing/values.h"
#include "tests/device/fixture.h"
#include "tests/device/simulated/device.h"
#include "tests/plugins/text_files.h"
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>

#include <optional>

namespace weft {
namespace {

using Given = In<"in", "any[B,C,H,W]">;
using Window = In<"in", "any[B,T,C,H,W]">;
using Result = Out<"out", "like in[B,C,H,W]">;

/// @throws Error  when `tensor` is not where a node works
void expect_place(const at::Tensor& tensor, bool on_host) {
  if (tensor.is_cpu() != on_host) throw Error(Exit::Failed, text("its input is on ", tensor.device().str()));
}

/// Adds what it got last, which is its state.
template <bool kOnHost>
struct Adds {
  static constexpr auto about = "in + the last in";
  static constexpr bool on_host = kOnHost;
  Result run(Given in, Context& context) {
    if (!context.device().is_cpu()) expect_place(*in, kOnHost);
    const at::Tensor sum = last_.defined() ? *in + last_ : *in * 1;
    last_ = *in;
    return sum;
  }
  void reset() { last_.reset(); }
  void state(Archive& archive) { archive("last", last_); }

 private:
  at::Tensor last_;
};

template <bool kOnHost>
struct Sums {
  static constexpr auto about = "The sum of a window";
  static constexpr bool on_host = kOnHost;
  Out<"out", "any[B,C,H,W]"> run(Window in, Context& context) {
    if (!context.device().is_cpu()) expect_place(*in, kOnHost);
    return in->sum(1);
  }
};

template <bool kOnHost>
struct Weighs : nn::Module {
  static constexpr auto about = "w * in";
  static constexpr bool on_host = kOnHost;
  void build(const Shapes&) { w_.emplace(*this, "w", std::vector<int64_t>{1}, nn::Init::normal(3, 0)); }
  Result run(Given in, Context& context) {
    if (!context.device().is_cpu()) expect_place(*in, kOnHost);
    return **w_ * *in;
  }

 private:
  std::optional<nn::Parameter> w_;
};

class HostNodes : public testing::TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    Registry& registry = plugins_.registry();
    registry.add<Adds<true>>("host.adds");
    registry.add<Adds<false>>("there.adds");
    registry.add<Sums<true>>("host.sums");
    registry.add<Sums<false>>("there.sums");
    registry.add<Weighs<true>>("host.weighs");
    registry.add<Weighs<false>>("there.weighs");
    simulated::take_faults();
  }
  void TearDown() override {
    TextFiles::TearDown();
    EXPECT_EQ(join(simulated::take_faults(), "\n"), "");
  }

  /// The first number of a stream at each frame, for the frames 1, 2, 3, 4 everywhere.
  std::vector<float> numbers_of(const std::string& content, const std::string& stream, at::Device place) {
    graph::CheckOptions check;
    check.wanted = {stream};
    run::SessionOptions options;
    options.device = place;
    run::Session session(write("graph.toml", "format = 1\n[inputs]\nx = \"image[B,3,H,W]\"\n" + content), check,
                         plugins_, options, log_);
    session.begin();
    std::vector<float> numbers;
    for (int64_t t = 0; t < 4; ++t) {
      session.push("x", at::full({1, 3, 2, 2}, static_cast<double>(t + 1), at::kFloat));
      session.step();
      const Value& value = session.pull(stream);
      numbers.push_back(value.has_value() ? value.tensor().flatten()[0].item<float>() : -1);
    }
    session.end();
    return numbers;
  }

  void expect_numbers(const std::string& content, const std::string& stream, const std::vector<float>& numbers) {
    EXPECT_EQ(numbers_of(content, stream, at::kCPU), numbers);
    EXPECT_EQ(numbers_of(content, stream, testing::device()), numbers);
  }

  plugin::Plugins plugins_{plugin::default_folders()};
  Log log_{Log::Level::Quiet};
};

TEST_F(HostNodes, GetWhatIsPushedWhereTheyWork) {
  expect_numbers("[node.here]\nuse = \"host.adds\"\nin = \"x\"\n[node.there]\nuse = \"there.adds\"\nin = \"here\"\n",
                 "there", {1, 4, 8, 12});
}

TEST_F(HostNodes, DoNotShareWindowsWithThoseOfTheDevice) {
  expect_numbers(R"(
[node.here]
use = "host.sums"
in = "x[t-1..t]"
[node.there]
use = "there.sums"
in = "x[t-1..t]"
[node.both]
use = "there.sums"
in = "there[t-1..t]"
[node.end]
use = "host.adds"
in = "here"
[node.sum]
use = "toy.plus"
in.a = "both"
in.b = "end"
)",
                 "sum", {-1, -1, 16, 24});
}

TEST_F(HostNodes, MayFillAStreamThatTheDeviceReads) {
  expect_numbers(R"(
[stream]
past = "x before 1 else here[t-1]"
[node.here]
use = "host.adds"
in = "past"
[node.there]
use = "there.adds"
in = "past"
)",
                 "there", {1, 2, 3, 5});
}

TEST_F(HostNodes, HaveTheirWeightsThere) {
  expect_numbers(R"(
[node.here]
use = "host.weighs"
in = "x"
[node.there]
use = "there.weighs"
in = "here"
[weights]
"*" = "random"
)",
                 "there", {9, 18, 27, 36});
}

}  // namespace
}  // namespace weft

// Every node that can be tried with random inputs gives on the device what it gives on the CPU, with the same gradients, and does
// nothing there that a GPU forbids.
#include "framework/base/text.h"
#include "framework/testing/device_agreement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/trial_params.h"
#include "framework/testing/values.h"
#include "tests/device/fixture.h"
#include "tests/device/simulated/device.h"

#include <optional>

namespace weft {
namespace {

using testing::device;
using testing::TrialSetting;
using testing::TrialSizes;
using testing::TrialSubject;

/// Of the largest number of a tensor. The simulated device has the CPU's kernels; only where a node computes otherwise on a
/// GPU than on the CPU, sums have another order. On a GPU all sums have, and a network is some 50 of them, one upon the other.
double tolerance() {
  return testing::is_simulated() ? 1e-4 : 1e-3;
}

const std::vector<TrialSizes> kSizes = {{1, 32, 48, 4, 2, true}, {2, 48, 32, 3, 1, false}, {1, 37, 51, 5, 3, true}};

class NodeOnDevice : public testing::OnDevice, public ::testing::WithParamInterface<std::string> {
 protected:
  /// What the node is tried with: nothing where it refuses these sizes.
  std::optional<TrialSetting> setting_of(const TrialSizes& sizes) {
    TrialSetting setting;
    setting.plugins = &testing::NodeRunner::built_plugins();
    setting.spec = setting.plugins->find(GetParam());
    setting.sizes = sizes;
    refusal_ = testing::why_no_inputs(*setting.spec);
    if (refusal_.empty()) refusal_ = testing::choose_params(*setting.spec, setting.params);
    if (!refusal_.empty()) return {};
    try {
      TrialSubject subject(setting);
      refusal_ = subject.size_fault();
      if (!refusal_.empty()) return {};
      for (int64_t t = 0; t < 3; ++t) {  // as many as are compared
        const std::vector<Value> outputs = subject.run(t);
        for (size_t i = 0; i < outputs.size() && refusal_.empty(); ++i) refusal_ = subject.number_fault(i, outputs[i]);
      }
    } catch (const std::exception& refused) {  // sizes that the CPU does not take either
      refusal_ = refused.what();
    }
    return refusal_.empty() ? std::optional(setting) : std::nullopt;
  }

  std::string refusal_;
};

TEST_P(NodeOnDevice, GivesWhatItGivesOnTheCpu) {
  if (testing::NodeRunner::built_plugins().find(GetParam())->is_random && !testing::is_simulated())
    GTEST_SKIP() << "a GPU draws other numbers";
  int tried = 0;
  for (const TrialSizes& sizes : kSizes) {
    const auto setting = setting_of(sizes);
    if (!setting) continue;
    ++tried;
    EXPECT_EQ(testing::compare_devices(*setting, device(), testing::Compared::OutputsAndGradients, tolerance()).fault,
              "");
  }
  if (tried == 0) GTEST_SKIP() << "not tried: " << refusal_;
}

std::vector<std::string> tried_types() {
  std::vector<std::string> types;
  for (const std::string& type : testing::NodeRunner::built_plugins().types()) {
    const NodeSpec& spec = *testing::NodeRunner::built_plugins().find(type);
    if (!spec.is_source && !spec.is_sink) types.push_back(type);
  }
  return types;
}

INSTANTIATE_TEST_SUITE_P(Nodes, NodeOnDevice, ::testing::ValuesIn(tried_types()), [](const auto& info) {
  std::string name = info.param;
  for (char& c : name) c = c == '.' ? '_' : c;
  return name;
});

class OneHotOnDevice : public testing::OnDevice {};

TEST_F(OneHotOnDevice, LooksForWrongIdsInTheFirstFrameAlone) {
  testing::NodeRunner one_hot("semantics.one_hot", testing::NodeRunner::built_plugins(), device());
  const auto give = [&](const std::vector<int64_t>& ids) -> testing::NodeRunner& {
    return one_hot.input("labels", testing::ids_of({ids}).to(device()));
  };
  one_hot.set("classes", int64_t{2}).set("ignore", std::vector<int64_t>{255});
  EXPECT_EQ(testing::error_text([&] {
              give({0, 7}).run();
            }).substr(0, 51),
            "the label id 7 is none of the 2 classes (0 to 1), i");
  const int64_t before = simulated::counts_of_this_thread().waits;
  give({255, 7}).run();
  if (testing::is_simulated()) {
    EXPECT_EQ(simulated::counts_of_this_thread().waits - before, 1) << "of the labels that the test gives";
  }
  for (const float number : testing::values(one_hot.tensor("semantics"))) EXPECT_EQ(number, 0);
}

}  // namespace
}  // namespace weft

// What leads a video leads it: actions the future of a street, the joints of one dancer the picture of another.
#include "framework/base/text.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using Settings = std::vector<std::string>;

class LedBy : public testing::TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    for (const char* type : {"flow.dis", "pose.draw"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
  }

  run::Session session(const std::string& file, const Settings& settings, const std::vector<std::string>& wanted) {
    graph::CheckOptions check;
    for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
    check.wanted = wanted;
    return {text(WEFT_SOURCE_DIR, "/graphs/", file, ".toml"), check, testing::NodeRunner::built_plugins(), {}, log_};
  }

  /// The values of streams at the frames where they are present, joined: [T, ...] each.
  std::vector<at::Tensor> frames_of(const std::string& file, const Settings& settings,
                                    const std::vector<std::string>& streams) {
    run::Session run = session(file, settings, streams);
    std::vector<std::vector<at::Tensor>> frames(streams.size());
    run.begin();
    while (run.step()) {
      for (size_t i = 0; i < streams.size(); ++i) {
        if (run.pull(streams[i]).has_value()) frames[i].push_back(run.pull(streams[i]).tensor().clone());
      }
    }
    run.end();
    std::vector<at::Tensor> joined;
    for (const std::vector<at::Tensor>& one : frames) joined.push_back(at::stack(one));
    return joined;
  }

  Log log_{Log::Level::Quiet};
};

constexpr int64_t kSeen = 4, kFrames = 10;

class SteeredFuture : public LedBy {
 protected:
  /// Labels of the future, [T, 1, 1, H, W], and the horizontal flow that leads to them, [T, 1, H, W]: after the frames seen the
  /// driver does `action`.
  std::pair<at::Tensor, at::Tensor> future(const std::string& action) {
    std::string rows;
    for (int64_t t = 0; t < kFrames; ++t) rows += t < kSeen ? "0.3 0\n" : action + "\n";
    const std::string drive = write("drive.txt", rows);
    const std::vector<at::Tensor> frames =
        frames_of("prediction/steered",
                  {"size=[64, 128]", text("seen=", kSeen), text("frames=", kFrames), "drive=" + drive,
                   "out=" + path(text("future-", ++runs_, ".mp4"))},
                  {"labels", "P.flow"});
    return {frames[0].narrow(0, kSeen, kFrames - kSeen), frames[1].select(2, 0)};
  }

  int runs_ = 0;
};

double changed(const at::Tensor& labels) {
  return (labels[0] != labels[-1]).to(at::kFloat).mean().item<double>();
}

TEST_F(SteeredFuture, StandsStillWithTheDriver) {
  EXPECT_EQ(changed(future("0 0").first), 0);
  EXPECT_GT(changed(future("0.3 0").first), 0.02);
}

/// To the left, what is ahead moves to the right: it was further left before.
TEST_F(SteeredFuture, TurnsWithTheDriver) {
  EXPECT_LT(future("0.3 0.06").second.mean().item<double>(), -0.5);
  EXPECT_GT(future("0.3 -0.06").second.mean().item<double>(), 0.5);
}

class Retargeted : public LedBy {};

/// The joints of a dancer, written as files, in the proportions of another who makes the same motion.
TEST_F(Retargeted, IsWhereTheOtherWouldBe) {
  const Settings same = {"frames=60", "size=[128, 128]"};
  for (const auto& [identity, folder] : {std::pair{"identity=2", "driver"}, std::pair{"identity=1", "own"}}) {
    Settings settings = same;
    settings.insert(settings.end(), {identity, "out=" + path(folder)});
    run::Session joints = session("world/joints", settings, {});
    joints.run();
  }
  Settings settings = same;
  settings.insert(settings.end(), {"features=4", R"(weights."F.motion"=fill)", R"(weights."F.h"=fill)",
                                   "driver=" + path("driver"), "own=" + path("own"), "out=" + path("out.mp4")});
  const std::vector<at::Tensor> frames = frames_of("world/retarget", settings, {"pose", "people", "film.keypoints"});
  const auto distance = [&](const at::Tensor& joints) {  // [T, 1, K, 3]: x, y, confidence; the first 25 are the body
    const at::Tensor truth = frames[2].narrow(2, 0, 25), guess = joints.narrow(2, 0, 25);
    const at::Tensor found = (truth.select(3, 2) > 0).logical_and(guess.select(3, 2) > 0).to(at::kFloat);
    return (((guess - truth).narrow(3, 0, 2).norm(2, 3) * found).sum() / found.sum()).item<double>();
  };
  EXPECT_LT(distance(frames[0]), 1);
  EXPECT_GT(distance(frames[1]), 2) << "as they are";
}

}  // namespace
}  // namespace weft

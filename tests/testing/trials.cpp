// Each rule that a node can break is found, and by the right question; weft's own nodes break none.
#include "framework/testing/node_trials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace weft::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::StartsWith;

NodeTrials trials_of(const std::string& type, const ParamValues& params = {}) {
  static const plugin::Plugins plugins({WEFT_BUILD_DIR "/tests/faulty"});
  return try_node("faulty." + type, plugins, {params, {}});
}

/// "name: fault" of each failed trial.
std::vector<std::string> faults_of(const std::string& type) {
  std::vector<std::string> faults;
  for (const Trial& trial : trials_of(type).trials) {
    if (trial.outcome == Trial::Outcome::Failed) faults.push_back(trial.name + ": " + trial.fault);
  }
  return faults;
}

std::string word_of(const NodeTrials& trials, const std::string& name) {
  for (const Trial& trial : trials.trials) {
    if (trial.name == name) return trial.word;
  }
  return {};
}

TEST(NodeTrials, FindNothingInANodeThatKeepsTheRules) {
  const NodeTrials trials = trials_of("good");
  EXPECT_THAT(faults_of("good"), SizeIs(0));
  std::vector<std::string> words;
  for (const Trial& trial : trials.trials) words.push_back(trial.name + ' ' + trial.word);
  EXPECT_THAT(words, ElementsAre("sizes 3 of 3", "inputs ok", "seed ok", "reset ok", "state ok", "gradients ok",
                                 "GPU no GPU here"));
}

TEST(NodeTrials, FindAChangedInput) {
  EXPECT_THAT(faults_of("changes_input"),
              ::testing::Contains("inputs: it changes its input in frame 0: in [1, 3, 32, 48]"));
}

TEST(NodeTrials, FindWhatIsRememberedAfterReset) {
  EXPECT_THAT(faults_of("remembers"),
              ElementsAre("reset: after reset() frame 0 is not that of a fresh node: in [1, 3, 32, 48]"));
}

TEST(NodeTrials, FindWhatStateDoesNotName) {
  EXPECT_THAT(faults_of("forgets_state"), ElementsAre("state: a node restored from state() gives a different frame 2"));
}

TEST(NodeTrials, FindUndeclaredRandomNumbers) {
  EXPECT_THAT(faults_of("hidden_random"),
              ElementsAre("seed: its outputs depend on the seed, but it does not say that it is random"));
}

TEST(NodeTrials, FindRandomNumbersFromElsewhere) {
  EXPECT_THAT(faults_of("global_random"), ElementsAre(StartsWith("seed: two runs from one seed differ in frame 0")));
}

TEST(NodeTrials, FindAWrongGradient) {
  EXPECT_THAT(faults_of("wrong_gradient"), ElementsAre(StartsWith("gradients: the slope along its input `in` is ")));
}

TEST(NodeTrials, FindAnInputThatNoGradientReaches) {
  EXPECT_THAT(faults_of("lost_gradient"), ElementsAre(StartsWith("gradients: no gradient reaches its input `gain`")));
}

TEST(NodeTrials, FindNumbersThatBecomeNarrow) {
  EXPECT_THAT(faults_of("narrow"),
              ElementsAre("gradients: it gives float where its inputs are double: nothing can be compared"));
}

TEST(NodeTrials, ANodeWithoutGradientsIsNoFailure) {
  EXPECT_THAT(faults_of("rounds"), SizeIs(0));
  EXPECT_EQ(word_of(trials_of("rounds"), "gradients"), "not differentiable");
}

TEST(NodeTrials, FindAnOutputThatIsNotWhatIsDeclared) {
  EXPECT_THAT(faults_of("wrong_shape"), ElementsAre("sizes: the output `out` is declared as image[B,3,H,W], but is "
                                                    "[1, 3, 32, 47], from in [1, 3, 32, 48]"));
}

TEST(NodeTrials, FindNumbersThatAreNotFinite) {
  EXPECT_THAT(faults_of("not_finite"),
              ElementsAre("sizes: the output `out` holds numbers that are not finite, from in [1, 3, 32, 48]"));
}

TEST(NodeTrials, FindSizesAtWhichANodeBreaks) {
  EXPECT_THAT(faults_of("even_only"), ElementsAre("sizes: at 37x51 it throws: the width is odd"));
}

TEST(NodeTrials, SizesThatANodeRefusesAreNoFailure) {
  const NodeTrials trials = trials_of("even_and_says_so");
  EXPECT_FALSE(trials.has_failed());
  EXPECT_EQ(word_of(trials, "sizes"), "2 of 3");
}

TEST(NodeTrials, SayWhyANodeIsNotTried) {
  EXPECT_EQ(trials_of("wants_file").not_tried, "it wants a file (`path`): --set faulty.wants_file.path=…");
  EXPECT_FALSE(trials_of("wants_file", {{"path", std::string("here")}}).has_failed());
}

TEST(NodeTrials, ANetworkIsTriedWithFewChannelsAndAllItsWeights) {
  const NodeTrials trials = trials_of("network");
  EXPECT_EQ(trials.changed, "features = 8");
  EXPECT_FALSE(trials.has_failed());
  EXPECT_EQ(word_of(trials, "gradients"), "ok");
  EXPECT_EQ(trials_of("network", {{"features", int64_t{20}}}).changed, "features = 20");
}

TEST(NodeTrials, FindNothingInWeftsOwnNodes) {
  // Networks want sizes that they can halve and features of each other's; those of whole systems are held to the
  // originals' numbers and gradients by the conformance data instead. A window of random points may be empty. Feature networks
  // of metrics take a minute, and are held to the originals' numbers too.
  const auto is_tried = [](const std::string& type) {
    if (type.starts_with("metric.") && type.ends_with("_features")) return false;
    return !type.starts_with("vid2vid.") && !type.starts_with("gan.") && type != "face.crop" && type != "loss.vgg";
  };
  // Losses let no gradient into their targets, and |a - b| has kinks that differences step over, as have the ReLUs and maxima
  // of these networks: tests of their own and the conformance data look after their gradients. The gradient of a binary mask is
  // not its slope, but that of the mask before (straight-through estimator); that of driven flow goes through its values, not
  // through where they are read.
  const auto is_expected = [](const std::string& type, const std::string& trial) {
    static const std::set<std::string> has_kinks = {"fewshot.attention",
                                                    "fewshot.attention_keys",
                                                    "fewshot.encoder",
                                                    "fewshot.examples",
                                                    "fewshot.flow",
                                                    "fewshot.style",
                                                    "fewshot.weights",
                                                    "pix2pixhd.encoder",
                                                    "pix2pixhd.global_features",
                                                    "pix2pixhd.local_enhancer",
                                                    "pix2pixhd.local_features",
                                                    "prediction.prednet",
                                                    "prediction.prednet_port",
                                                    "posewarp.perceptual",
                                                    "prediction.s2s",
                                                    "segmentation.deeplabv3",
                                                    "segmentation.deeplabv3plus",
                                                    "segmentation.small"};
    return trial == "gradients" &&
           (type.starts_with("loss.") || type.starts_with("metric.") || type == "image.binary_mask" ||
            type == "prediction.driven_flow" || type == "prediction.flow_per_metre" || has_kinks.contains(type));
  };
  const plugin::Plugins plugins({WEFT_BUILD_DIR "/plugins"});
  for (const std::string& type : plugins.types()) {
    if (!is_tried(type)) continue;
    const NodeTrials trials = try_node(type, plugins, {});
    for (const Trial& trial : trials.trials) {
      if (is_expected(type, trial.name)) continue;
      EXPECT_NE(trial.outcome, Trial::Outcome::Failed) << type << ", " << trial.name << ": " << trial.fault;
    }
  }
}

}  // namespace
}  // namespace weft::testing

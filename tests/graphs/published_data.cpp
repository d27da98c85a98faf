// The graphs for the data sets that predictors were published with: KITTI's raw recordings and the video of Cityscapes,
// in miniature.
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "framework/train/trainer.h"
#include "framework/weights/fill.h"
#include "tests/graphs/networks.h"
#include "tests/plugins/text_files.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>

namespace weft {
namespace {

namespace fs = std::filesystem;

using Settings = std::vector<std::string>;
using nlohmann::json;
using testing::Networks;

class PublishedData : public testing::TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    if (!testing::NodeRunner::built_plugins().find("media.write_video")) GTEST_SKIP() << "this build writes no videos";
  }

  /// Writes frames to `folder`, each with the name that `named` makes of its number.
  template <typename Name>
  void add_sequence(const std::string& folder, int64_t frames, const Name& named) const {
    testing::NodeRunner writer("media.write_images");
    writer.set("path", path("drawn"));
    for (int64_t t = 0; t < frames; ++t) writer.input("in", weights::fill_input(text(folder, t), {1, 3, 32, 64})).run();
    writer.sink().finish(writer.context());
    fs::create_directories(path(folder));
    int64_t number = 0;
    for (const std::string& file : files_of(path("drawn"))) fs::rename(file, path(folder) + '/' + named(number++));
  }

  void add_kitti(const std::string& drive, int64_t frames) const {
    add_sequence("2011_09_26/" + drive + "/image_03/data", frames,
                 [](int64_t t) { return std::string(9, '0') + text(t) + ".png"; });
  }

  void add_cityscapes(const std::string& split, const std::string& sequence, int64_t frames) const {
    add_sequence("leftImg8bit_sequence/" + split + "/ulm", frames,
                 [&](int64_t t) { return text(sequence, "_0000", t < 10 ? "0" : "", t, "_leftImg8bit.png"); });
  }

  static std::vector<std::string> files_of(const std::string& folder) {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end(), natural_less);
    return files;
  }

  /// Makes a step of each stage. @returns the networks that it has changed
  std::vector<Networks> trained(const std::string& file, const Settings& settings) {
    std::vector<Networks> all;
    for (const graph::Stage& stage : testing::checked_graph(file, settings).stages) {
      train::Trainer trainer(stage.plan, testing::NodeRunner::built_plugins(), {}, log_);
      const Archive::Entries before = testing::copy_of(trainer.learnt().save());
      trainer.begin_epoch(trainer.position());
      // Four frames at a distance of three must be there before anything is predicted.
      for (int chunk = 0; chunk < 5; ++chunk) {
        const auto result = trainer.next({0, 10, 0, 20});
        if (!result) break;
        for (const train::UpdateResult& update : result->updates)
          for (const train::UpdateResult::Loss& loss : update.losses)
            EXPECT_TRUE(std::isfinite(loss.value.value_or(0))) << loss.name;
      }
      all.push_back(testing::moved(before, trainer.learnt().save(), testing::Compared::Weights));
    }
    return all;
  }

  /// Runs a graph. @returns what it reports, by the name of the node
  std::map<std::string, json> measured(const std::string& file, const Settings& settings,
                                       const std::vector<std::string>& reports) {
    graph::CheckOptions check;
    for (const std::string& setting : settings) check.settings.push_back(graph::read_setting(setting));
    for (const std::string& node : reports)
      check.settings.push_back(graph::read_setting(text(node, ".json=", path(node + ".json"))));
    run::Session session(text(WEFT_SOURCE_DIR, "/graphs/", file, ".toml"), check, testing::NodeRunner::built_plugins(),
                         {}, log_);
    session.run();
    std::map<std::string, json> found;
    for (const std::string& node : reports) found[node] = json::parse(std::ifstream(path(node + ".json")));
    return found;
  }

  Log log_{Log::Level::Quiet};
};

TEST_F(PublishedData, PredNetTrainsAndIsMeasuredOnKitti) {
  add_kitti("2011_09_26_drive_0001_sync", 16);
  for (const char* drive : {"0104", "0079", "0070"}) add_kitti(text("2011_09_26_drive_", drive, "_sync"), 3);
  const Settings small = {"data=" + path(), "size=[16, 16]", "street.size=[16, 40]", "stack=[3, 4, 4]"};
  Settings training = small;
  training.insert(training.end(), {"sequences=1", "run.batch=1", "run.show=[]"});
  EXPECT_EQ(trained("prediction/train-prednet-kitti", training), std::vector<Networks>(4, Networks{"P"}));

  Settings measuring = small;
  measuring.insert(measuring.end(), {"weights.P=fill", "out=" + path("{sequence}.mp4")});
  const auto found = measured("prediction/measure-prednet-kitti", measuring, {"say_mse", "say_mse_before"});
  for (const auto& [node, report] : found) {
    EXPECT_EQ(report.at("samples"), "mean of 3 sequences, 6 frames") << node;
    EXPECT_GT(report.at("numbers").at(0).at("value").get<double>(), 0) << node;
  }
}

TEST_F(PublishedData, S2sTrainsAndIsMeasuredOnCityscapes) {
  add_cityscapes("train", "ulm_000001", 22);
  for (const char* sequence : {"ulm_000002", "ulm_000003"}) add_cityscapes("val", sequence, 30);
  const Settings small = {"data=" + path(), "size=[16, 32]", "frame_size=[32, 64]",
                          "features=4",     "wide=4",        "weights.segmenter=fill"};
  Settings training = small;
  training.insert(training.end(), {"sequences=1", "run.batch=1"});
  EXPECT_EQ(trained("prediction/train-s2s-cityscapes", training), std::vector<Networks>(2, Networks{"S"}));

  Settings measuring = small;
  measuring.insert(measuring.end(), {"weights.S=fill"});
  const auto found =
      measured("prediction/measure-s2s-cityscapes", measuring, {"copied_3", "copied_9", "ahead_3", "ahead_9"});
  for (const auto& [node, report] : found) {
    EXPECT_EQ(report.at("samples"), text(2 * 16 * 32, " pixels")) << node << ": one frame of each clip";
    EXPECT_TRUE(report.at("settings").get<std::string>().ends_with("subset 11, 12, 13, 14, 15, 16, 17, 18")) << report;
  }
}

}  // namespace
}  // namespace weft

#include "framework/weights/weight_file.h"

#include "framework/weights/safetensors.h"
#include "tests/weights/temporary_files.h"

#include <ATen/ops/ones.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

namespace weft::weights {
namespace {

class Weights : public TemporaryFiles {
 protected:
  /// The whole message, with the folder taken out.
  std::string what(const std::string& name) const {
    try {
      read_weights(path(name));
    } catch (const Error& error) {
      std::string shown = error.what();
      return shown.erase(shown.find(folder_.string()), folder_.string().size() + 1);
    }
    return "";
  }
};

TEST_F(Weights, SayWhichFileIsMissingAndTheNearestThatIsThere) {
  write("latest_net_G0.pth", "x");
  EXPECT_EQ(what("latest_net_GO.pth"),
            "latest_net_GO.pth: there is no such file\n  did you mean \"latest_net_G0.pth\"?");
  EXPECT_EQ(what("far/away.pth"), "far/away.pth: there is no such file");
}

TEST_F(Weights, SayWhatIsNoFile) {
  std::filesystem::create_directory(path("folder"));
  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
  write("empty", "");
  EXPECT_EQ(what("folder"), "folder: is a folder, not a file");
  EXPECT_EQ(what("pipe"), "pipe: is no ordinary file, so it cannot be mapped");
  EXPECT_EQ(what("empty"), "empty: is empty\n  fetch or write the file again");
  EXPECT_EQ(what(std::string("empty\0.pth", 10)), "empty: has a NUL in its name");
}

TEST_F(Weights, SayWhatAFileIsInstead) {
  EXPECT_EQ(fault(std::string(257, 'x').append("ustar  ")),
            "is in the tar format of PyTorch before 0.1.10, or some other tar archive");
  EXPECT_EQ(fault("\x80\x02}."), "is a Python pickle, but not one that torch.save wrote");
  EXPECT_EQ(fault("\x1f\x8b\x08 and so on"), "is compressed with gzip");
  EXPECT_EQ(fault("version https://git-lfs.github.com/spec/v1\n"),
            "is the place-holder that Git LFS leaves for a file");
  EXPECT_EQ(fault("<!DOCTYPE html>"), "is a web page or XML, not weights");
  EXPECT_EQ(fault("Dear reader, "), "is no weight file: neither safetensors nor a .pth of torch.save");
  EXPECT_EQ(fault("PK"), "is no weight file: neither safetensors nor a .pth of torch.save");
}

TEST_F(Weights, ReadTheFilesThatAnIndexLists) {
  write_safetensors(path("model-1.safetensors"), {{{"a", at::ones({2})}, {"unlisted", at::ones({1})}}, {{"k", "v"}}});
  write_safetensors(path("model-2.safetensors"), {{{"b", at::ones({3})}}, {}});
  const auto index = [&](const std::string& map) { return write("index.json", "{\"weight_map\": " + map + "}"); };
  const WeightFile weights = read_weights(index(R"({"b": "model-2.safetensors", "a": "model-1.safetensors"})"));
  ASSERT_EQ(weights.tensors.size(), 2U);
  EXPECT_EQ(weights.tensors[0].first, "a");
  EXPECT_EQ(weights.tensors[1].second.numel(), 3);
  EXPECT_EQ(weights.metadata.at("k"), "v");
  index(R"({"c": "model-2.safetensors"})");
  EXPECT_EQ(what("index.json"),
            "index.json: is damaged or was cut off: it says that \"c\" is in model-2.safetensors, which lacks it\n"
            "  fetch or write the file again");
  for (const char* file : {"\"../model-1.safetensors\"", "\"/model-1.safetensors\"", "\"..\"", "\"\"", "3"}) {
    index(std::string("{\"a\": ") + file + "}");
    EXPECT_THAT(what("index.json"), ::testing::HasSubstr(", which is no file beside it")) << file;
  }
  index(R"({"a": "model-3.safetensors"})");
  EXPECT_THAT(what("index.json"), ::testing::StartsWith("model-3.safetensors: there is no such file\n  which "));
  EXPECT_EQ(fault("{\"settings\": 3}"), "is JSON, but no index of weights: it has no `weight_map`");
  EXPECT_EQ(fault("{\"weight_map\": {}}"), "is JSON, but no index of weights: it has no `weight_map`");
  write("index.json", "{\"weight_map\": {\"a\": ");
  EXPECT_THAT(what("index.json"), ::testing::StartsWith("index.json is not JSON"));
}

TEST_F(Weights, GiveThePartBelowAPrefix) {
  const at::Tensor one = at::ones({1});
  const WeightFile weights{
      {{"epoch.x", one}, {"state_dict.a.weight", one}, {"state_dict.b", one}, {"state_dicts", one}}, {{"k", "v"}}};
  const WeightFile part = weights.below("state_dict");
  ASSERT_EQ(part.tensors.size(), 2U);
  EXPECT_EQ(part.tensors[0].first, "a.weight");
  EXPECT_EQ(part.tensors[1].first, "b");
  EXPECT_EQ(part.metadata, weights.metadata);
  EXPECT_EQ(weights.below("state_dict.a").tensors.at(0).first, "weight");
  try {
    weights.below("model");
    FAIL() << "there is no such part";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "no tensor's name begins with \"model.\"\n"
                 "  they begin with \"epoch\", \"state_dict\" and \"state_dicts\"");
  }
}

}  // namespace
}  // namespace weft::weights

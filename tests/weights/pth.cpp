// Tensors from files of PyTorch.
#include "tests/weights/pth_fixture.h"

#include <ATen/ops/tensor.h>

#include <algorithm>

namespace weft::weights {
namespace {

using namespace bytes::pickle;
using bytes::legacy;
using bytes::zip;
using bytes::zip_pth;
using bytes::ZipForm;

TEST_F(Pth, ReadsBothFormats) {
  const std::string object = pickle(dict({{text("w"), tensor({})}}));
  for (const std::string& bytes : {legacy({.object = object}), zip_pth(object, {{"0", {1, 2, 3, 4}}})}) {
    const WeightFile weights = read_weights(write("weights.any_ending", bytes));
    ASSERT_EQ(weights.tensors.size(), 1U);
    EXPECT_EQ(weights.tensors[0].first, "w");
    EXPECT_TRUE(weights.tensors[0].second.equal(at::tensor({1.0F, 2.0F, 3.0F, 4.0F})));
  }
}

TEST_F(Pth, JoinsTheNamesOfNestedContainers) {
  const std::string object = dict({
      {text("state_dict"), dict({{text("a.weight"), tensor({})}})},
      {text("state"), dict({{integer(0), dict({{text("exp_avg"), tensor({})}})}})},
      {text("pair"), tuple({tensor({}), list({tensor({})})})},
      {text("epoch"), integer(7)},
      {text("best"), std::string("G") + bytes::little(0, 8)},
      {text("nothing"), kNone},
      {tuple({integer(1)}), tensor({})},  // a key that makes no name: skipped
  });
  EXPECT_EQ(names(legacy({.object = pickle(object)})),
            (std::vector<std::string>{"state_dict.a.weight", "state.0.exp_avg", "pair.0", "pair.1.0"}));
}

TEST_F(Pth, LeavesOutValuesThatTheCallerNames) {
  // argparse.Namespace(lr=…), with a tensor that is lost with it; a scalar made of a dtype and bytes; a path; a dict of a
  // class of its own.
  const std::string options = global("argparse", "Namespace") + ")\x81" + dict({{text("lr"), tensor({})}}) + 'b';
  const std::string dtype = call(global("numpy", "dtype"), tuple({text("f8"), kTrue})) + tuple({integer(3)}) + 'b';
  const std::string bytes = call(global("_codecs", "encode"), tuple({text("x"), text("latin1")}));
  const std::string loss = call(global("numpy._core.multiarray", "scalar"), tuple({dtype, bytes}));
  const std::string object = dict({{text("options"), options},
                                   {text("loss"), loss},
                                   {text("file"), call(global("pathlib", "PosixPath"), tuple({text("/")}))},
                                   {text("config"), global("mylab.config", "Config") + ")\x81(" + text("a") + "Nu"},
                                   {text("w"), tensor({})}});
  const std::string file = write("weights", legacy({.object = pickle(object)}));
  const auto names_without = [&](const SkippedNames& skipped) {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : read_weights(file, skipped).tensors) names.push_back(name);
    return names;
  };
  EXPECT_EQ(names_without({"argparse.Namespace", "numpy*", "_codecs.encode", "pathlib.PosixPath", "mylab.*"}),
            std::vector<std::string>{"w"});
  try {
    names_without({"numpy*"});
    FAIL() << "options were read";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "names `argparse.Namespace` in its pickle" + kNotRun);
    EXPECT_EQ(error.hints().at(1),
              "or keep the tensors beside such values, which runs nothing either: weft weights convert " + file +
                  " weights.safetensors --skip argparse.Namespace --skip _codecs.encode --skip pathlib.PosixPath "
                  "--skip mylab.config.Config");
  }
}

TEST_F(Pth, LeavesOutWhatPythonWroteBesideTensors) {
  const auto names_of = [&](const std::string& name, const SkippedNames& skipped) {
    std::vector<std::string> names;
    for (const auto& [key, tensor] : read_weights(write(name, kept(name)), skipped).tensors) names.push_back(key);
    return names;
  };
  EXPECT_EQ(names_of("zip_namespace.pth", {"argparse.Namespace"}), std::vector<std::string>{"w"});
  EXPECT_EQ(names_of("zip_numpy.pth", {"numpy.*", "numpy._core.*", "_codecs.encode"}), std::vector<std::string>{"w"});
  std::filesystem::current_path(folder_);
  EXPECT_EQ(names_of("zip_evil.pth", {"*"}), std::vector<std::string>{"w"});
  EXPECT_FALSE(std::filesystem::exists("pwned"));
  std::filesystem::current_path("/");
}

TEST_F(Pth, ReadsWhatPython2Wrote) {
  // Short strings of bytes, and an OrderedDict made of a list of pairs.
  const std::string key = std::string("U\1") + "w";
  const std::string object =
      call(global("collections", "OrderedDict"), tuple({list({list({key, tensor({})})})})) + "}b";
  EXPECT_EQ(names(legacy({.object = pickle(object)})), std::vector<std::string>{"w"});
}

TEST_F(Pth, ReadsTensorsOfFourArguments) {
  const std::string storage =
      tuple({text("storage"), global("torch.cuda", "FloatStorage"), text("0"), text("cuda:0"), integer(4), kNone}) +
      'Q';
  const std::string view = call(global("torch._utils", "_rebuild_tensor"),
                                tuple({storage, integer(1), tuple({integer(3)}), tuple({integer(1)})}));
  const WeightFile weights = read_weights(write("w", legacy({.object = pickle(dict({{text("w"), view}}))})));
  EXPECT_TRUE(weights.tensors.at(0).second.equal(at::tensor({2.0F, 3.0F, 4.0F})));
}

TEST_F(Pth, ViewsOfOneStorageShareItsMemory) {
  for (const char* name : {"leg_views.pth", "zip_views.pth"}) {
    const WeightFile weights = read_weights(write(name, kept(name)));
    const auto find = [&](const std::string& wanted) {
      return std::find_if(weights.tensors.begin(), weights.tensors.end(),
                          [&](const auto& entry) { return entry.first == wanted; })
          ->second;
    };
    // `t` is `whole` transposed; both are of 0 to 11.
    EXPECT_TRUE(find("t").equal(find("whole").t())) << name;
    find("whole").fill_(5);
    EXPECT_EQ(find("t").sum().item<float>(), 60) << name;
    EXPECT_EQ(read(path(name)), kept(name)) << "the file changed";
  }
}

TEST_F(Pth, ReadsContainersThatAreSharedOnce) {
  const std::string state = dict({{text("a.weight"), tensor({})}, {text("a.bias"), tensor({})}}) + "q\1";
  EXPECT_EQ(
      names(zip_pth(pickle("}(" + text("model") + state + text("average") + "h\1u"), {{"0", {1, 2, 3, 4}}})).size(),
      4U);
}

TEST_F(Pth, ReadsLargeArchives) {
  const std::string object = pickle(dict({{text("w"), tensor({})}}));
  const std::string bytes =
      zip({{.name = "a/data.pkl", .bytes = object}, {.name = "a/data/0", .bytes = bytes::floats({1, 2, 3, 4})}},
          ZipForm::Zip64);
  EXPECT_EQ(names(bytes), std::vector<std::string>{"w"});
}

}  // namespace
}  // namespace weft::weights

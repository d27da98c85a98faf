#include "framework/weights/pth.h"

#include "tests/weights/temporary_files.h"
#include "tests/weights/weight_bytes.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cstdlib>

namespace weft::weights {
namespace {

using namespace bytes::pickle;
using bytes::Legacy;
using bytes::legacy;
using bytes::zip;
using bytes::zip_pth;
using bytes::ZipForm;

const std::string kDamaged = "is damaged or was cut off: ";
const std::string kNotRun = ", which is no part of weights: refused, and nothing in the file was run";

class Pth : public TemporaryFiles {
 protected:
  /// Files that Python wrote.
  static std::string kept(const std::string& name) {
    return read(std::string(WEFT_SOURCE_DIR) + "/tests/conformance/weight-files/" + name);
  }

  /// The message about a file of either format whose object is this; both must say the same.
  std::string object_fault(const std::string& instructions) const {
    const std::string of_legacy = fault(legacy({.object = pickle(instructions)}));
    EXPECT_EQ(fault(zip_pth(pickle(instructions), {{"0", {1, 2, 3, 4}}})), of_legacy);
    return of_legacy;
  }

  std::vector<std::string> names(const std::string& bytes) const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : read_weights(write("weights", bytes)).tensors) names.push_back(name);
    return names;
  }
};

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

TEST_F(Pth, RefusesEveryGlobalThatIsNotOnTheListByName) {
  const auto refused = [&](const std::string& name) { return "names `" + name + "` in its pickle" + kNotRun; };
  EXPECT_EQ(fault(kept("leg_evil.pth")), refused("posix.system"));
  EXPECT_EQ(fault(kept("zip_evil.pth")), refused("posix.system"));
  EXPECT_EQ(fault(kept("zip_module.pth")), refused("torch.nn.modules.container.Sequential"));
  EXPECT_EQ(fault(kept("zip_namespace.pth")), refused("argparse.Namespace"));
  EXPECT_EQ(fault(kept("zip_numpy.pth")), refused("numpy._core.multiarray.scalar"));
  EXPECT_EQ(object_fault(text("os") + text("system") + '\x93'), refused("os.system"));
  EXPECT_EQ(object_fault(global("torch.cuda", "float32")), refused("torch.cuda.float32"));
  EXPECT_EQ(object_fault(global("torch", "_utils._rebuild_tensor_v2")), refused("torch._utils._rebuild_tensor_v2"));
  EXPECT_EQ(object_fault(global("a\033[2J", std::string(200, 'b'))),
            refused("a\\u001B[2J." + std::string(34, 'b') + " … (126 bytes more) … " + std::string(40, 'b')));
}

TEST_F(Pth, RunsNothingOfAHostileFile) {
  std::filesystem::current_path(folder_);
  fault(kept("leg_evil.pth"));
  fault(kept("zip_evil.pth"));
  EXPECT_FALSE(std::filesystem::exists("pwned"));
  std::filesystem::current_path("/");
}

TEST_F(Pth, RefusesInstructionsThatWeightsDoNotNeed) {
  EXPECT_EQ(object_fault(global("collections", "OrderedDict") + ")\x81"),
            "has the instruction 129 in its pickle" + kNotRun);
  EXPECT_EQ(object_fault("I12\n"), "has the instruction 73 in its pickle" + kNotRun);
  EXPECT_EQ(object_fault(tensor({}, text("a view"))), "has a storage that is a view of another" + kNotRun);
}

TEST_F(Pth, RefusesCallsThatPyTorchDoesNotMake) {
  const std::string no_call = kDamaged + "its pickle makes a call that PyTorch does not make";
  const std::string not_taken = kDamaged + "its pickle calls a function with arguments that it does not accept";
  EXPECT_EQ(object_fault(call(global("torch", "FloatStorage"), ")")), no_call);
  EXPECT_EQ(object_fault(call(global("torch", "float32"), ")")), no_call);
  EXPECT_EQ(object_fault(call(global("torch._utils", "_rebuild_tensor_v2"), tuple({kNone}))), no_call);
  EXPECT_EQ(object_fault(call(global("torch._utils", "_rebuild_parameter"), tuple({kNone, kTrue, kNone}))), not_taken);
  EXPECT_EQ(object_fault(call(text("os.system"), tuple({text("touch pwned")}))), not_taken);
  EXPECT_EQ(object_fault(call(global("torch", "Size"), tuple({integer(1)}))), not_taken);
  EXPECT_EQ(object_fault(call(global("collections", "OrderedDict"), tuple({list({list({kNone})})}))),
            kDamaged + "its pickle makes an OrderedDict of something other than pairs");
}

TEST_F(Pth, RefusesTensorsOutsideTheirStorage) {
  const std::string outside = kDamaged + "its pickle has a tensor that reaches outside its storage";
  const auto view = [&](const View& view) { return object_fault(dict({{text("w"), tensor(view)}})); };
  EXPECT_EQ(view({}), "");
  EXPECT_EQ(view({.sizes = {5}}), outside);
  EXPECT_EQ(view({.offset = 1}), outside);
  EXPECT_EQ(view({.offset = -1}), outside);
  EXPECT_EQ(view({.sizes = {-4}}), outside);
  EXPECT_EQ(view({.strides = {-1}}), outside);
  EXPECT_EQ(view({.sizes = {2, 2}, .strides = {4, 1}}), outside);
  EXPECT_EQ(view({.sizes = {2}, .strides = {INT64_MAX}}), outside);
  EXPECT_EQ(view({.sizes = {5, 2}, .strides = {INT64_MAX / 2, INT64_MAX / 2}}), outside);
  EXPECT_EQ(view({.sizes = {INT64_MAX, INT64_MAX}, .strides = {0, 0}}), outside);
  EXPECT_EQ(view({.sizes = {0, INT64_MAX, INT64_MAX}, .strides = {0, 0, 0}}), outside);
  EXPECT_EQ(view({.offset = 5, .sizes = {0}}), outside);
  EXPECT_EQ(view({.offset = 4, .sizes = {0}}), "");
  EXPECT_EQ(view({.sizes = {4, 1}}), kDamaged + "its pickle has a tensor whose sizes and strides differ in number");
  EXPECT_EQ(view({.sizes = std::vector<int64_t>(17, 1), .strides = std::vector<int64_t>(17, 1)}),
            kDamaged + "its pickle has a tensor of more than 16 dimensions");
}

TEST_F(Pth, RefusesTensorsThatRepeatNumbersWithoutMeasure) {
  const auto view = [&](const View& view) { return object_fault(dict({{text("w"), tensor(view)}})); };
  EXPECT_EQ(view({.sizes = {10}, .strides = {0}}), "");
  EXPECT_EQ(view({.sizes = {1'000'000'000'000}, .strides = {0}}), kDamaged + "\"w\" is larger than the whole file");
}

TEST_F(Pth, RefusesStoragesThatDoNotFitTheFile) {
  const std::string other_size = kDamaged + "a storage has another size than its tensors say";
  const auto object = [](const View& view) { return pickle(dict({{text("w"), tensor(view)}})); };
  EXPECT_EQ(fault(legacy({.object = object({.count = 5})})), other_size);
  EXPECT_EQ(fault(zip_pth(object({.count = 5}), {{"0", {1, 2, 3, 4}}})), other_size);
  // Counts whose bytes are more than 64 bits count.
  const int64_t huge = (int64_t{1} << 62) + 4;
  EXPECT_EQ(fault(zip_pth(object({.count = huge}), {{"0", {1, 2, 3, 4}}})), other_size);
  EXPECT_EQ(object_fault(dict({{text("w"), tensor({.count = -1})}})),
            kDamaged + "its pickle has a storage of negative size");
  EXPECT_EQ(object_fault(dict({{text("w"), tensor({})}, {text("v"), tensor({.count = 5})}})),
            kDamaged + "its pickle describes a storage in two ways");
}

TEST_F(Pth, RefusesListsOfStoragesThatDoNotFitTheTensors) {
  const std::string object = pickle(dict({{text("w"), tensor({})}}));
  EXPECT_EQ(fault(legacy({.object = object, .storages = {}})),
            kDamaged + "it does not list a storage that a tensor has");
  EXPECT_EQ(fault(legacy({.object = object, .storages = {{"0", {1, 2, 3, 4}}, {"1", {1}}}})),
            kDamaged + "it lists a storage that no tensor has");
  EXPECT_EQ(fault(legacy({.object = object, .storages = {{"0", {1, 2, 3, 4}}, {"0", {1, 2, 3, 4}}}})),
            kDamaged + "it lists a storage twice");
  EXPECT_EQ(fault(legacy({.object = object}) + "more"), kDamaged + "something follows its last storage");
  EXPECT_EQ(fault(zip_pth(object, {})), kDamaged + "there is no \"net/data/0\" in the zip archive");
  EXPECT_EQ(fault(zip_pth(object + "more", {{"0", {1, 2, 3, 4}}})),
            kDamaged + "something follows the end of its pickle");
}

TEST_F(Pth, RefusesOtherVersionsAndByteOrders) {
  const std::string object = pickle(dict({{text("w"), tensor({})}}));
  const std::string other_order = "was written with the high byte of numbers first, or is damaged";
  EXPECT_EQ(fault(legacy({.object = object, .version = pickle(integer(1002))})),
            kDamaged + "it has a version of the format that is not known");
  EXPECT_EQ(fault(legacy({.object = object, .machine = pickle(dict({{text("little_endian"), kFalse}}))})), other_order);
  EXPECT_EQ(fault(legacy({.object = object, .machine = pickle("}")})), other_order);
  EXPECT_EQ(fault(legacy({.object = object, .machine = pickle(kNone)})), other_order);
  const std::string numbers = bytes::floats({1, 2, 3, 4});
  EXPECT_EQ(fault(zip({{.name = "a/data.pkl", .bytes = object},
                       {.name = "a/data/0", .bytes = numbers},
                       {.name = "a/byteorder", .bytes = "big"}})),
            other_order);
}

TEST_F(Pth, RefusesObjectsWithoutNamedTensors) {
  EXPECT_EQ(object_fault("}"), "holds no tensors");
  EXPECT_EQ(object_fault(integer(3)), "holds no tensors");
  EXPECT_EQ(object_fault(tensor({})), "holds one tensor without a name");
  EXPECT_EQ(object_fault(dict({{text("a.b"), tensor({})}, {text("a"), dict({{text("b"), tensor({})}})}})),
            kDamaged + "two tensors are called \"a.b\"");
  EXPECT_EQ(object_fault(dict({{text("a\nb"), tensor({})}})), kDamaged + "\"a\\nb\" cannot be the name of a tensor");
  EXPECT_EQ(object_fault(dict({{text(std::string(1025, 'a')), tensor({})}})),
            kDamaged + '"' + std::string(40, 'a') + " … (945 bytes more) … " + std::string(40, 'a') +
                "\" cannot be the name of a tensor");
}

TEST_F(Pth, RefusesPicklesThatMisuseTheirStack) {
  const std::string empty = kDamaged + "its pickle takes more from its stack than the stack holds";
  EXPECT_EQ(object_fault(""), empty);
  EXPECT_EQ(object_fault("0"), empty);
  EXPECT_EQ(object_fault("N(0"), empty);  // what lies below a mark cannot be taken
  EXPECT_EQ(object_fault("N\x86"), empty);
  EXPECT_EQ(object_fault("}t"), kDamaged + "its pickle closes a list that was never opened");
  EXPECT_EQ(object_fault("}(Nu"), kDamaged + "its pickle has a key without a value");
  EXPECT_EQ(object_fault("NNa"), kDamaged + "its pickle adds to something that cannot be added to");
  EXPECT_EQ(object_fault("Nh\5"), kDamaged + "its pickle reads a memo entry that was never written");
  for (const std::string& place : {std::string("\xff\xff\xff\xff"), std::string("\x40\x42\x0f\0", 4)}) {  // a million
    EXPECT_EQ(object_fault("Nr" + place), kDamaged + "its pickle numbers what it remembers without measure");
  }
  EXPECT_EQ(object_fault(std::string("X\xff\xff\xff\xff", 5)), kDamaged + "its pickle ends too early");
  EXPECT_EQ(object_fault("\x80\x09"), kDamaged + "its pickle has a protocol that is not known");
}

TEST_F(Pth, SurvivesContainersThatContainThemselves) {
  const std::string deep = kDamaged + "its pickle is nested more than 64 deep";
  EXPECT_EQ(object_fault("]q\1h\1a"), deep);                   // a list in itself
  EXPECT_EQ(object_fault("}q\1" + text("a") + "h\1s"), deep);  // a dict in itself
  EXPECT_EQ(object_fault(std::string(1'000'000, ']') + std::string(999'999, 'a')), deep);
}

TEST_F(Pth, SurvivesContainersThatDoubleAtEveryStep) {
  // Forty lists, each holding the one before twice: 2^40 ways through 200 bytes.
  std::string doubling = "]q\1";
  for (int i = 0; i < 40; ++i) doubling += "](h\1h\1eq\1";
  EXPECT_EQ(object_fault(doubling), kDamaged + "its pickle expands without limit");
  // The same with an OrderedDict of a long list of pairs, which each call would copy.
  std::string copies = "](";
  for (int i = 0; i < 100'000; ++i) copies += "NN\x86";
  copies += "eq\1";
  for (int i = 0; i < 1000; ++i) copies += global("collections", "OrderedDict") + "h\1\x85R0";
  EXPECT_EQ(object_fault(copies), kDamaged + "its pickle makes more items than its length allows");
}

TEST_F(Pth, SurvivesNamesThatDoubleAtEveryStep) {
  // Twelve dicts, each holding the one before under two long keys: 4096 names of 600 bytes for one tensor.
  std::string doubling = dict({{text("w"), tensor({})}}) + "q\1";
  for (int i = 0; i < 12; ++i)
    doubling += "}(" + text(std::string(50, 'a')) + "h\1" + text(std::string(50, 'b')) + "h\1uq\1";
  EXPECT_EQ(object_fault(doubling), kDamaged + "its pickle expands without limit");
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

TEST_F(Pth, RefusesZipArchivesOfOtherKinds) {
  const std::string object = pickle(dict({{text("w"), tensor({})}}));
  EXPECT_EQ(fault(zip({{.name = "picture.png", .bytes = "..."}})),
            "is a zip archive, but not one of torch.save: it has no data.pkl");
  EXPECT_EQ(fault(zip({})), "is a zip archive, but not one of torch.save: it has no data.pkl");
  EXPECT_EQ(fault(zip({{.name = "a/data.pkl", .bytes = object}, {.name = "a/constants.pkl", .bytes = "."}})),
            "is a TorchScript program, not weights; it was not run");
  EXPECT_EQ(fault(zip({{.name = "a/data.pkl", .bytes = object, .method = 8}})),
            "\"a/data.pkl\" is compressed, which torch.save never does");
  for (const uint64_t method : {0, 8, 99}) {  // 99 is how AES is marked
    EXPECT_EQ(fault(zip({{.name = "a/data.pkl", .bytes = object, .method = method, .flags = 1}})),
              "\"a/data.pkl\" is encrypted with a password");
  }
}

TEST_F(Pth, RefusesZipArchivesThatLie) {
  const std::string object = pickle(dict({{text("w"), tensor({})}}));
  const std::string numbers = bytes::floats({1, 2, 3, 4});
  const std::string good = zip({{.name = "a/data.pkl", .bytes = object}, {.name = "a/data/0", .bytes = numbers}});
  EXPECT_EQ(fault(good), "");
  EXPECT_EQ(fault(zip({{.name = "a/data.pkl", .bytes = object}, {.name = "a/data.pkl", .bytes = object}})),
            kDamaged + "\"a/data.pkl\" is twice in the zip archive");
  EXPECT_EQ(fault(zip({{.name = "a/data.pkl", .bytes = object, .local_name = "a/other.pkl"}})),
            kDamaged + "\"a/data.pkl\" has another name where it lies in the zip archive");
  // The second entry of the directory is moved onto the first.
  std::string overlapping = good;
  const size_t second = good.rfind("PK\1\2");
  overlapping.replace(second + 42, 4, bytes::little(0, 4));
  EXPECT_EQ(fault(overlapping), kDamaged + "\"a/data/0\" has another name where it lies in the zip archive");
  // The first entry claims the second's bytes too.
  std::string larger = good;
  const size_t first = good.find("PK\1\2");
  larger.replace(first + 20, 8, bytes::little(object.size() + 1, 4) + bytes::little(object.size() + 1, 4));
  EXPECT_EQ(fault(larger), kDamaged + "\"a/data.pkl\" overlaps what follows it in the zip archive");
  std::string outside = good;
  outside.replace(second + 42, 4, bytes::little(0xFFFFFF00, 4));
  EXPECT_EQ(fault(outside), kDamaged + "its zip directory points outside the file");
  std::string unequal = good;
  unequal.replace(second + 20, 4, bytes::little(5, 4));
  EXPECT_EQ(fault(unequal), kDamaged + "\"a/data/0\" has two different sizes in the zip directory");
}

TEST_F(Pth, EveryCutIsRefused) {
  for (const char* name : {"zip_set.pth", "zip_sd.pth", "leg_views.pth", "leg_sd.pth"}) {
    SCOPED_TRACE(name);
    expect_every_cut_is_refused(kept(name));
  }
}

TEST_F(Pth, FlippedBitsDoNoHarm) {
  for (const char* name : {"zip_set.pth", "zip_dtypes.pth", "zip_adam.pth", "leg_views.pth", "leg_adam.pth"}) {
    expect_flips_do_no_harm(kept(name), 1000);
  }
}

/// The collection beside the checkout may have more files than the copy in it.
TEST_F(Pth, FlippedBitsOfTheSharedFilesDoNoHarm) {
  const char* named = std::getenv("WEFT_SHARED");
  const std::filesystem::path shared = named ? named : std::filesystem::path(WEFT_SOURCE_DIR).parent_path() / "shared";
  const std::filesystem::path files = shared / "conformance" / "weight-files";
  if (!std::filesystem::exists(files)) GTEST_SKIP() << files << " is not there";
  for (const auto& entry : std::filesystem::directory_iterator(files)) {
    if (entry.path().extension() == ".pth") expect_flips_do_no_harm(read(entry.path().string()), 100);
  }
}

}  // namespace
}  // namespace weft::weights

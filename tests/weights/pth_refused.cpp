// Files of PyTorch that are refused: what they would run, and damage.
#include "tests/weights/pth_fixture.h"

#include <cstdlib>

namespace weft::weights {
namespace {

using namespace bytes::pickle;
using bytes::legacy;
using bytes::zip;
using bytes::zip_pth;

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

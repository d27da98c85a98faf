#include "framework/weights/safetensors.h"

#include "tests/weights/temporary_files.h"
#include "tests/weights/weight_bytes.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <sys/resource.h>

#include <csignal>

namespace weft::weights {
namespace {

using bytes::floats;
using bytes::little;
using bytes::safetensors;

class Safetensors : public TemporaryFiles {};

/// Two floats under the header's description of "a".
std::string with(const std::string& description) {
  return safetensors("{\"a\":" + description + "}", floats({1, 2}));
}

const std::string kGood = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";

TEST_F(Safetensors, RoundTripKeepsNamesShapesTypesAndTexts) {
  WeightFile weights;
  for (const at::ScalarType type : {at::kDouble, at::kFloat, at::kHalf, at::kBFloat16, at::kLong, at::kInt, at::kShort,
                                    at::kChar, at::kByte, at::kBool}) {
    weights.tensors.emplace_back(c10::toString(type), at::tensor({0, 1, 1, 0, 1}).to(type));
  }
  weights.tensors.emplace_back("no dimensions", at::scalar_tensor(7.5));
  weights.tensors.emplace_back("nothing", at::zeros({3, 0, 2}));
  weights.tensors.emplace_back("strided", at::arange(12, at::kFloat).view({3, 4}).t().slice(0, 1, 3));
  weights.tensors.emplace_back("a \"name\" in\nÜnicode", at::ones({2}));
  weights.metadata = {{"fixture", "{\"a\": 1}"}, {"", "ü"}};
  write_safetensors(path("w.safetensors"), weights);

  const WeightFile read = read_weights(path("w.safetensors"));
  EXPECT_EQ(read.metadata, weights.metadata);
  ASSERT_EQ(read.tensors.size(), weights.tensors.size());
  for (const auto& [name, tensor] : read.tensors) {
    const auto is_same = [&, &name = name](const auto& entry) { return entry.first == name; };
    const auto written = std::find_if(weights.tensors.begin(), weights.tensors.end(), is_same);
    ASSERT_NE(written, weights.tensors.end()) << name;
    EXPECT_EQ(tensor.scalar_type(), written->second.scalar_type()) << name;
    EXPECT_TRUE(tensor.equal(written->second)) << name;
  }
}

TEST_F(Safetensors, LiesSoThatEveryAddressSuitsItsType) {
  write_safetensors(path("w"),
                    {{{"flag", at::ones({3}, at::kBool)}, {"x", at::ones({2})}, {"n", at::ones({1}, at::kLong)}}, {}});
  const std::string bytes = read(path("w"));
  EXPECT_EQ(static_cast<unsigned char>(bytes[0]) % 8, 0);  // of the header's length
  const WeightFile weights = read_weights(path("w"));
  std::vector<std::string> names;
  for (const auto& [name, tensor] : weights.tensors) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"n", "x", "flag"}));
}

TEST_F(Safetensors, ReadsTheFormatAsItIsDescribed) {
  const std::string header =
      R"({"__metadata__":{"made by":"hand"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[4,12]},)"
      R"("a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}  )";
  const WeightFile weights = read_weights(write("w", safetensors(header, "\1\2\3\4" + floats({0.5F, -2}))));
  ASSERT_EQ(weights.tensors.size(), 2U);
  EXPECT_EQ(weights.tensors[0].first, "a");  // in the order of the bytes
  EXPECT_TRUE(weights.tensors[0].second.equal(at::tensor({1, 2, 3, 4}, at::kByte)));
  EXPECT_TRUE(weights.tensors[1].second.equal(at::tensor({0.5F, -2.0F}).view({1, 2})));
  EXPECT_EQ(weights.metadata.at("made by"), "hand");
}

TEST_F(Safetensors, ReadsNumbersAtOddAddresses) {
  for (int blanks = 0; blanks < 8; ++blanks) {
    const std::string header = "{\"a\":" + kGood + std::string(blanks, ' ') + '}';
    const WeightFile weights = read_weights(write("w", safetensors(header, floats({1, 2}))));
    EXPECT_TRUE(weights.tensors.at(0).second.equal(at::tensor({1.0F, 2.0F})));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(weights.tensors[0].second.const_data_ptr()) % sizeof(float), 0U);
  }
}

TEST_F(Safetensors, WritingToATensorLeavesTheFileAsItWas) {
  write_safetensors(path("w"), {{{"a", at::zeros({1000})}}, {}});
  const std::string before = read(path("w"));
  const at::Tensor mine = read_weights(path("w")).tensors[0].second;
  mine.fill_(1);
  EXPECT_TRUE(mine.equal(at::ones({1000})));
  EXPECT_EQ(read(path("w")), before);
  EXPECT_TRUE(read_weights(path("w")).tensors[0].second.equal(at::zeros({1000})));
}

TEST_F(Safetensors, TensorsOutliveTheFileAndItsReplacement) {
  write_safetensors(path("w"), {{{"a", at::full({100000}, 3.0)}}, {}});
  const at::Tensor first = read_weights(path("w")).tensors[0].second;
  write_safetensors(path("w"), {{{"a", at::full({10}, 4.0)}}, {}});
  EXPECT_TRUE(first.equal(at::full({100000}, 3.0)));
  std::filesystem::remove(path("w"));
  EXPECT_TRUE(first.equal(at::full({100000}, 3.0)));
}

TEST_F(Safetensors, ReadsManyTensorsAndLongTextsInTheirTime) {
  std::string header = R"({"__metadata__":{"notes":")" + std::string(12'000'000, 'x') + "\"}";
  for (int i = 0; i < 60'000; ++i) {
    const std::string begin = std::to_string(i), end = std::to_string(i + 1);
    header += ",\"layer." + begin + R"(":{"dtype":"U8","shape":[1],"data_offsets":[)" + begin + ',' + end + "]}";
  }
  const WeightFile weights = read_weights(write("w", safetensors(header + '}', std::string(60'000, '\1'))));
  EXPECT_EQ(weights.tensors.size(), 60'000U);
  EXPECT_EQ(weights.metadata.at("notes").size(), 12'000'000U);
}

TEST_F(Safetensors, RefusesHeadersThatContradictTheFile) {
  const std::string damaged = "is damaged or was cut off: ";
  EXPECT_EQ(fault(little(UINT64_MAX, 8) + "{}"),
            damaged + "its header claims 18446744073709551615 bytes, but only 2 follow");
  EXPECT_EQ(fault(little(3, 8) + "{}"), damaged + "its header claims 3 bytes, but only 2 follow");
  EXPECT_EQ(fault(little(1, 8) + "{}"), damaged + "its header is not JSON");
  EXPECT_EQ(fault(safetensors("{\"a\":1", "")), damaged + "its header is not JSON");
  EXPECT_EQ(fault(safetensors("{} {}", "")), damaged + "its header is not JSON");
  EXPECT_EQ(fault(safetensors("{\"\xff\":1}", "")), damaged + "its header is not JSON");
  EXPECT_EQ(fault(safetensors("{}", "more")), damaged + "its tensors are 0 bytes, but 4 follow the header");
  const uint64_t huge = 40U << 20U;
  EXPECT_EQ(fault(little(huge, 8) + '{' + std::string(huge, ' ')),
            "has a header of 41943040 bytes; 33554432 is the most that is read");
}

TEST_F(Safetensors, RefusesWhatIsTwiceOrNested) {
  const std::string damaged = "is damaged or was cut off: its header ";
  EXPECT_EQ(fault(safetensors("{\"a\":" + kGood + ",\"a\":" + kGood + "}", floats({1, 2}))),
            damaged + "has the key \"a\" twice");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})")),
            damaged + "has the key \"dtype\" twice");
  EXPECT_EQ(fault(safetensors(R"({"__metadata__":{"a":"","a":""}})", "")), damaged + "has the key \"a\" twice");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[[2]],"data_offsets":[0,8]})")),
            damaged + "is nested more than 3 deep");
  EXPECT_EQ(fault(safetensors("{\"a\":" + std::string(1 << 20, '['), "")), damaged + "is nested more than 3 deep");
}

TEST_F(Safetensors, RefusesTensorsThatDoNotAddUp) {
  const std::string says = "is damaged or was cut off: its header says of \"a\" ";
  EXPECT_EQ(fault(with("1")), says + "something that is no object");
  EXPECT_EQ(fault(with("{}")), says + "no dtype");
  EXPECT_EQ(fault(with(R"({"dtype":4,"shape":[2],"data_offsets":[0,8]})")), says + "no dtype");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","data_offsets":[0,8]})")), says + "no shape of at most 16 sizes");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})")), says + "no shape of at most 16 sizes");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})")),
            says + "no shape of at most 16 sizes");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2],"data_offsets":[0,8]})")),
            says + "no shape of at most 16 sizes");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[2],"data_offsets":[8]})")), says + "no data_offsets of two numbers");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})")), says + "that F32 [3] is bytes 0 to 8");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})")), says + "that F32 [2] is bytes 8 to 0");
  // 2^62 floats are 2^64 bytes, which counted with 64 bits are none.
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]})")),
            says + "that F32 [4611686018427387904] is bytes 0 to 0");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})")),
            says + "that F32 [0,4294967296,4294967296] is bytes 0 to 0");
  EXPECT_EQ(fault(with(R"({"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,8]})")),
            says + "that F8_E4M3 [2] is bytes 0 to 8");
  EXPECT_EQ(fault(with(R"({"dtype":"F6_E2M3","shape":[2],"data_offsets":[0,8]})")),
            "\"a\" has the dtype F6_E2M3, which weft does not read");
}

TEST_F(Safetensors, RefusesTensorsThatOverlapOrLeaveGaps) {
  const auto two = [](const char* a, const char* b) {
    return safetensors(std::string(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":)") + a +
                           R"(},"b":{"dtype":"F32","shape":[1],"data_offsets":)" + b + "}}",
                       floats({1, 2}));
  };
  const std::string damaged = "is damaged or was cut off: ";
  EXPECT_EQ(fault(two("[0,4]", "[4,8]")), "");
  EXPECT_EQ(fault(two("[0,4]", "[0,4]")),
            damaged + "\"b\" begins at byte 0 of the data, inside the tensor that ends at byte 4");
  EXPECT_EQ(fault(two("[0,4]", "[2,6]")),
            damaged + "\"b\" begins at byte 2 of the data, inside the tensor that ends at byte 4");
  EXPECT_EQ(fault(two("[4,8]", "[8,12]")), damaged + "\"a\" begins at byte 4 of the data, after a gap from byte 0");
  EXPECT_EQ(fault(with(R"({"dtype":"F32","shape":[3],"data_offsets":[0,12]})")),
            damaged + "its tensors are 12 bytes, but 8 follow the header");
}

TEST_F(Safetensors, RefusesTextsThatAreNoneAndBooleansThatAreNumbers) {
  EXPECT_EQ(fault(safetensors(R"({"__metadata__":{"a":1}})", "")),
            "is damaged or was cut off: __metadata__ in its header is no object of texts");
  EXPECT_EQ(fault(safetensors(R"({"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", "\1\2")),
            "is damaged or was cut off: a tensor of booleans holds numbers other than 0 and 1");
}

TEST_F(Safetensors, ReadsTypesThatNoNetworkWants) {
  const std::string header =
      R"({"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F8_E5M2","shape":[1],"data_offsets":[2,3]},)"
      R"("c":{"dtype":"F8_E8M0","shape":[1],"data_offsets":[3,4]},"d":{"dtype":"U16","shape":[2],"data_offsets":[4,8]},)"
      R"("e":{"dtype":"U32","shape":[1],"data_offsets":[8,12]},"f":{"dtype":"U64","shape":[1],"data_offsets":[12,20]},)"
      R"("g":{"dtype":"C64","shape":[1],"data_offsets":[20,28]}})";
  const std::string bytes = safetensors(header, std::string(28, '\1'));
  const WeightFile weights = read_weights(write("w", bytes));
  std::vector<at::ScalarType> types;
  for (const auto& [name, tensor] : weights.tensors) types.push_back(tensor.scalar_type());
  EXPECT_EQ(types, (std::vector{at::kFloat8_e4m3fn, at::kFloat8_e5m2, at::kFloat8_e8m0fnu, at::kUInt16, at::kUInt32,
                                at::kUInt64, at::kComplexFloat}));
  write_safetensors(path("again"), weights);
  EXPECT_EQ(read_weights(path("again")).tensors.size(), 7U);
}

TEST_F(Safetensors, EveryCutIsRefused) {
  write_safetensors(path("whole"), {{{"a.weight", at::ones({4, 3})}, {"b", at::ones({5}, at::kBool)}}, {{"k", "v"}}});
  expect_every_cut_is_refused(read(path("whole")));
}

TEST_F(Safetensors, FlippedBitsDoNoHarm) {
  write_safetensors(path("whole"), {{{"a.weight", at::ones({4, 3})}, {"b", at::ones({5}, at::kBool)}}, {{"k", "v"}}});
  expect_flips_do_no_harm(read(path("whole")), 3000);
}

/// The message that writing ends with.
std::string writing_fault(const std::string& path, const WeightFile& weights) {
  try {
    write_safetensors(path, weights);
  } catch (const Error& error) {
    EXPECT_EQ(error.exit(), Exit::Failed);
    return error.message();
  }
  return "";
}

TEST_F(Safetensors, RefusesToWriteWhatTheFormatCannotHold) {
  const at::Tensor one = at::ones({1});
  EXPECT_EQ(writing_fault(path("w"), {{{"a", one}, {"a", one}}, {}}),
            "\"a\" cannot be written: there are two tensors of this name");
  EXPECT_EQ(writing_fault(path("w"), {{{"a", one.to(at::kComplexDouble)}}, {}}),
            "\"a\" cannot be written: safetensors has no name for the type ComplexDouble");
  EXPECT_EQ(writing_fault(path("w"), {{{"a", at::Tensor()}}, {}}), "\"a\" cannot be written: it has no values");
  EXPECT_EQ(writing_fault(path("w"), {{{"__metadata__", one}}, {}}),
            "\"__metadata__\" cannot be written: the format keeps this name for itself");
  EXPECT_EQ(writing_fault(path("w"), {{{"\xff", one}}, {}}), "cannot be written: a name or text in it is not UTF-8");
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(Safetensors, WritesAllOrNothing) {
  EXPECT_EQ(writing_fault(path("nowhere/w"), {}), "could not be written: No such file or directory");
  std::filesystem::create_directories(path("folder/below"));
  EXPECT_EQ(writing_fault(path("folder"), {}), "could not be written: Is a directory");

  write_safetensors(path("w"), {{{"a", at::ones({2})}}, {}});
  const std::string before = read(path("w"));
  // A limit on the size of files is how a full disk can be had anywhere.
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, limit.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  EXPECT_EQ(writing_fault(path("w"), {{{"a", at::ones({1000})}}, {}}), "could not be written: File too large");
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(read(path("w")), before);
  std::filesystem::remove(path("w"));
  std::filesystem::remove_all(path("folder"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));  // no half-written file is left
}

}  // namespace
}  // namespace weft::weights

#include "tests/conformance/runner.h"

#include "framework/base/error.h"
#include "framework/nn/conv.h"
#include "framework/weights/fill.h"
#include "framework/weights/safetensors.h"
#include "tests/conformance/compare.h"
#include "tests/conformance/fill.h"
#include "tests/conformance/weight_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace weft::conformance {
namespace {

namespace fs = std::filesystem;
using Verdict = Result::Verdict;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A folder of its own for each test.
class Runner : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() /
              ("weft_runner_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// A fixture of the module "Double", whose output `out` should be twice its input `x` [2, 3].
  std::string write_fixture(const std::string& name, const at::Tensor& stored, const std::string& kept = "") {
    const std::string description = R"({"module": "Double", "config": {}, "inputs": {"x": [2, 3]}, "params": {})" +
                                    (kept.empty() ? "" : R"(, "outputs": {"out": )" + kept + "}") + "}";
    const std::string file = (folder_ / (name + ".safetensors")).string();
    weights::write_safetensors(file, {{{"out", stored}}, {{"fixture", description}}});
    return file;
  }

  static at::Tensor right() { return weights::fill_input("x", {2, 3}) * 2; }

  fs::path folder_;
};

Cases doubling(Tolerance tolerance) {
  Cases cases;
  cases["Double"] = {[](const Fixture& fixture) {
                       return Tensors{{"out", fixture.input("x") * 2}};
                     },
                     [tolerance](const Fixture&, const std::string&) { return tolerance; }};
  return cases;
}

const Tolerance kClose{Tolerance::Measure::Largest, 1e-3};

TEST_F(Runner, PassesWhatIsEqual) {
  const Result result = run_fixture(doubling({}), write_fixture("right", right()));
  EXPECT_EQ(result.verdict, Verdict::Pass) << result.message;
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].error, 0);
}

TEST_F(Runner, FailsWhenAStoredValueIsCorrupted) {
  at::Tensor corrupted = right();
  corrupted[1][2] += 0.25;
  const Result result = run_fixture(doubling(kClose), write_fixture("corrupted", corrupted));
  EXPECT_EQ(result.verdict, Verdict::Fail);
  EXPECT_NEAR(result.outputs.at(0).error, 0.25, 1e-6);  // sums of floats near 1 round at 1e-7
  EXPECT_EQ(result.outputs.at(0).tolerance, 1e-3);
}

TEST_F(Runner, FailsWhenOneByteOfTheFileIsCorrupted) {
  const std::string file = write_fixture("flipped", right());
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(-1, std::ios::end);  // the highest byte of the last number: its sign and most of its exponent
  bytes.put('\x45');
  bytes.close();
  EXPECT_EQ(run_fixture(doubling(kClose), file).verdict, Verdict::Fail);
}

TEST_F(Runner, FailsWhenAValueIsNotANumber) {
  at::Tensor corrupted = right();
  corrupted[0][0] = kNan;
  EXPECT_EQ(run_fixture(doubling(kClose), write_fixture("nan", corrupted)).verdict, Verdict::Fail);
}

TEST_F(Runner, SaysWhichShapeWasExpected) {
  const std::string file =
      write_fixture("shape", right().flatten(), R"({"full_shape": [3, 2], "flat_stride": 1, "mean": 0, "absmean": 0})");
  const Result result = run_fixture(doubling(kClose), file);
  EXPECT_EQ(result.verdict, Verdict::Fail);
  EXPECT_EQ(result.outputs.at(0).fault, "\"out\" should be [3, 2], but is [2, 3]");
}

TEST_F(Runner, ComparesEveryNthValueAndTheMeansOfAll) {
  const at::Tensor whole = right();
  const auto kept = [&](double mean) {
    return "{\"full_shape\": [2, 3], \"flat_stride\": 2, \"mean\": " + std::to_string(mean) +
           ", \"absmean\": " + std::to_string(whole.abs().mean().item<double>()) + "}";
  };
  const at::Tensor picked = whole.flatten().slice(0, 0, 6, 2);
  const double mean = whole.mean().item<double>();
  EXPECT_EQ(run_fixture(doubling(kClose), write_fixture("picked", picked, kept(mean))).verdict, Verdict::Pass);
  // An error among the values between those that are stored shows in the mean alone.
  EXPECT_EQ(run_fixture(doubling(kClose), write_fixture("between", picked, kept(mean + 0.1))).verdict, Verdict::Fail);
}

TEST_F(Runner, FailsWhenAnOutputIsNotComputed) {
  Cases cases = doubling(kClose);
  cases["Double"].compute = [](const Fixture&) { return Tensors{{"other", at::zeros({1})}}; };
  const Result result = run_fixture(cases, write_fixture("missing", right()));
  EXPECT_EQ(result.verdict, Verdict::Fail);
  EXPECT_EQ(result.outputs.at(0).fault, "was not computed");
}

TEST_F(Runner, MeasuresDifferences) {
  const at::Tensor a = at::tensor({0.0, 1.0, 2.0, kNan, kInfinity}), b = at::tensor({0.0, 1.5, 2.0, kNan, kInfinity});
  EXPECT_EQ(measure(Tolerance::Measure::Largest, a, b), 0.5);
  EXPECT_EQ(measure(Tolerance::Measure::Mean, a, b), 0.1);            // 0.5 among 5 numbers
  EXPECT_EQ(measure(Tolerance::Measure::Fraction, a, b), 0.25);       // 1 of the 4 that are not zero
  EXPECT_EQ(measure(Tolerance::Measure::Largest, a, -b), kInfinity);  // infinity and its negative
  EXPECT_EQ(measure(Tolerance::Measure::Fraction, at::zeros({3}), at::zeros({3})), 0);
}

TEST_F(Runner, ScalesTheParametersThatThePatternsName) {
  const std::string description =
      R"({"module": "m", "config": {"param_scale_after_fill": {"G*.flow.weight": 0.5}}, "inputs": {},
          "params": {"G0": {"flow.weight": [4, 2], "flow.bias": [4]}, "D": {"flow.weight": [4, 2]}}})";
  const std::string file = (folder_ / "scaled.safetensors").string();
  weights::write_safetensors(file, {{{"out", at::zeros({1})}}, {{"fixture", description}}});
  const Fixture fixture(file);
  const at::Tensor weight = weights::fill("flow.weight", {4, 2}), bias = weights::fill("flow.bias", {4});
  EXPECT_TRUE(fixture.params("G0").at("flow.weight").equal(weight * 0.5));
  EXPECT_TRUE(fixture.params("G0").at("flow.bias").equal(bias));
  EXPECT_TRUE(fixture.params("D").at("flow.weight").equal(weight));
  try {
    fixture.params();
    FAIL() << "there are two nets";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(), "has parameters of several nets, so that one must be named");
  }
}

TEST_F(Runner, NamesTheParameterThatAFileLacks) {
  nn::Module root;
  const nn::Conv2d conv(root, "conv", {.in = 2, .out = 3, .kernel = 1});
  Tensors params = {{"conv.weight", at::zeros({3, 2, 1, 1})}};
  const auto fault = [&] {
    try {
      fill(root, params);
    } catch (const Error& error) {
      return error.message();
    }
    return std::string();
  };
  EXPECT_EQ(fault(), "the file's parameters have no conv.bias");
  params["conv.bias"] = at::zeros({4});
  EXPECT_EQ(fault(), "`bias` has the shape [4], but the network wants [3]");
  params["conv.bias"] = at::zeros({3});
  EXPECT_EQ(fault(), "");
}

TEST_F(Runner, AConfigurationThatTheRunnerDoesNotTakeIsAFailureOfItsFile) {
  Cases cases = doubling(kClose);
  cases["Double"].compute = [](const Fixture& fixture) {
    return Tensors{{"out", fixture.input("x") * fixture.config().at("factor").get<double>()}};
  };
  const Result result = run_fixture(cases, write_fixture("factor", right()));
  EXPECT_EQ(result.verdict, Verdict::Fail);
  EXPECT_EQ(result.message,
            "the runner does not take this configuration: [json.exception.out_of_range.403] key 'factor' not found");
}

TEST_F(Runner, EnlargesToBlocks) {
  const at::Tensor enlarged = enlarge8(at::tensor({1.0, 2.0}).view({1, 1, 1, 1, 2}));
  EXPECT_EQ(enlarged.sizes(), at::IntArrayRef({1, 1, 1, 8, 16}));
  EXPECT_TRUE(enlarged.slice(4, 0, 8).equal(at::full({1, 1, 1, 8, 8}, 1.0)));
  EXPECT_TRUE(enlarged.slice(4, 8, 16).equal(at::full({1, 1, 1, 8, 8}, 2.0)));
}

TEST_F(Runner, PrintsALineForEachFileAndTheCounts) {
  Cases cases = doubling(kClose);
  write_fixture("a", right());
  write_fixture("b", right() + 1);
  cases["Throws"] = {[](const Fixture&) -> Tensors { throw Error(Exit::Graph, "no such thing").hint("try another"); },
                     cases["Double"].tolerance};
  const auto write_other = [&](const std::string& name, const std::string& module) {
    weights::write_safetensors((folder_ / (name + ".safetensors")).string(),
                               {{{"out", right()}}, {{"fixture", R"({"module": ")" + module + R"(", "config": {}})"}}});
  };
  write_other("c", "Unknown");
  write_other("d", "Throws");
  std::ostringstream out;
  const Counts counts = run_files(cases, find_files({.paths = {folder_.string()}}), Options::Detail::Files, out);
  EXPECT_EQ(counts.passed, 1);
  EXPECT_EQ(counts.failed, 2);
  EXPECT_EQ(counts.skipped, 1);
  const std::string at = folder_.string();
  EXPECT_EQ(out.str(), at + "/a.safetensors          0      0.001  pass\n" + at +
                           "/b.safetensors          1      0.001  fail\n" + at +
                           "/c.safetensors          -          -  unsupported\n" + at +
                           "/d.safetensors          -          -  fail\n" +
                           "    no such thing\n      try another\n"
                           "1 passed, 2 failed, 1 skipped\n");
}

TEST_F(Runner, FindsFilesOnceInOrderAndByPattern) {
  write_fixture("b", right());
  write_fixture("a", right());
  std::ofstream(folder_ / "without_list.pth") << "x";
  const std::string folder = folder_.string();
  EXPECT_EQ(find_files({.paths = {folder, folder + "/a.safetensors"}}),
            (std::vector<std::string>{folder + "/a.safetensors", folder + "/b.safetensors"}));
  EXPECT_EQ(find_files({.paths = {folder}, .only = "b*"}), std::vector<std::string>{folder + "/b.safetensors"});
  try {
    find_files({.paths = {folder}, .only = "c*"});
    FAIL() << "nothing fits";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "there is nothing to run: no fixture and no weight file was found");
  }
}

/// The folder of weight files that the repository keeps.
fs::path kept_files() {
  return fs::path(WEFT_SOURCE_DIR) / "tests" / "conformance" / "weight-files";
}

TEST_F(Runner, FailsAWeightFileWithAWrongNumber) {
  fs::copy(kept_files() / "zip_sd.pth", folder_);
  fs::copy(kept_files() / "expected.json", folder_);
  const fs::path file = folder_ / "zip_sd.pth";
  EXPECT_EQ(run_weight_file(file.string()).verdict, Verdict::Pass);
  // Before an entry's bytes stand the length of an extra field, the entry's name, the field.
  std::ifstream in(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const std::string name = "zip_sd/data/0";
  const size_t at = bytes.find(name);
  const size_t begin = at + name.size() + static_cast<unsigned char>(bytes[at - 2]);
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(begin) + 3);
  out.put('\x40');
  out.close();
  const Result result = run_weight_file(file.string());
  EXPECT_EQ(result.verdict, Verdict::Fail);
  EXPECT_EQ(worst(result)->name, "0.weight");
}

TEST_F(Runner, FailsAHostileFileThatIsNotRefused) {
  fs::copy(kept_files() / "zip_sd.pth", folder_);
  std::ofstream(folder_ / "expected.json") << R"({"zip_sd.pth": "refuse"})";
  const Result result = run_weight_file((folder_ / "zip_sd.pth").string());
  EXPECT_EQ(result.verdict, Verdict::Fail);
  EXPECT_EQ(result.message, "the file should be refused, but was read");
}

}  // namespace
}  // namespace weft::conformance

#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "tests/plugins/model/onnx_bytes.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/max.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <torch/csrc/jit/api/module.h>

namespace weft {
namespace {

using testing::error_text;
using ::testing::HasSubstr;
using testing::NodeRunner;
using Texts = std::vector<std::string>;

class ModelFiles : public testing::TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    unsetenv("WEFT_TRUST");
  }
  void TearDown() override {
    unsetenv("WEFT_TRUST");
    TextFiles::TearDown();
  }

  /// A 1x1 convolution from three channels to two, and what it gives squared; a size of 0 is free.
  static std::string convolution(const std::vector<int64_t>& sizes) {
    using namespace testing::onnx;  // NOLINT: the names of one small file
    return model(
        {node("Conv", {"image", "weights"}, "logits"), node("Mul", {"logits", "logits"}, "squared")},
        {constant("weights", {2, 3, 1, 1}, {1, 2, 3, -1, 0, 4})}, {value("image", sizes)},
        {value("logits", {sizes[0], 2, sizes[2], sizes[3]}), value("squared", {sizes[0], 2, sizes[2], sizes[3]})});
  }

  /// A node of a model file.
  struct Model : NodeRunner {
    Model(const std::string& type, const std::string& file, const std::string& input, const Texts& outputs)
        : NodeRunner(type) {
      set("path", file).set("inputs", Texts{input}).set("outputs", outputs);
    }
  };

  /// Tests that need OpenVINO are skipped where this build has none.
  bool has_openvino() const {
    const std::string text = error_text([&] {
      Model("model.onnx", path("none.onnx"), "x float32[B,1,1,1]", {"y float32[B,1,1,1]"})
          .input("in", at::zeros({1, 1, 1, 1}))
          .run();
    });
    return text.find("without OpenVINO") == std::string::npos;
  }
};

#define NEEDS_OPENVINO() \
  if (!has_openvino()) GTEST_SKIP() << "built without OpenVINO: ./bootstrap build --with openvino"

const Texts kOutputs = {"logits float32[B,2,4,5]", "squared float32[B,2,4,5]"};
constexpr const char* kInput = "image float32[B,3,4,5]";

TEST_F(ModelFiles, OnnxComputesWhatTheFileSays) {
  NEEDS_OPENVINO();
  const at::Tensor image = at::rand({3, 3, 4, 5});
  const at::Tensor weights = at::tensor({1.F, 2.F, 3.F, -1.F, 0.F, 4.F}).view({2, 3, 1, 1});
  const at::Tensor wanted = at::conv2d(image, weights);
  // Of a file of one sample each sample is computed alone; a free batch is computed at once.
  for (const int64_t batch : {0, 1, 3}) {
    Model node("model.onnx", write("conv.onnx", convolution({batch, 3, 4, 5})), kInput, kOutputs);
    node.input("in", image).run();
    EXPECT_TRUE(node.tensor("out").allclose(wanted, 1e-5, 1e-6)) << batch;
    EXPECT_TRUE(node.tensor("out2").allclose(wanted.square(), 1e-5, 1e-6)) << batch;
    EXPECT_EQ(node.tensor("out3").numel(), 0);
  }
}

TEST_F(ModelFiles, ScalesInputsByMeanAndDeviation) {
  NEEDS_OPENVINO();
  Model node("model.onnx", write("conv.onnx", convolution({1, 3, 4, 5})), kInput, kOutputs);
  node.set("mean", std::vector<double>{-1}).set("deviation", std::vector<double>{2});
  node.input("in", at::ones({1, 3, 4, 5})).run();  // white is 1 in [0, 1]
  EXPECT_TRUE(node.tensor("out").select(1, 0).allclose(at::ones({1, 4, 5}) * 6));
}

TEST_F(ModelFiles, FreeSizesFollowTheValues) {
  NEEDS_OPENVINO();
  Model node("model.onnx", write("conv.onnx", convolution({0, 3, 0, 0})), "image float32[B,3,*,*]",
             {"logits float32[B,2,*,*]", "squared float32[B,2,*,*]"});
  EXPECT_EQ(node.input("in", at::zeros({1, 3, 8, 6})).run().tensor("out").sizes(), (std::vector<int64_t>{1, 2, 8, 6}));
  node.clear_inputs();
  EXPECT_EQ(node.input("in", at::zeros({2, 3, 5, 7})).run().tensor("out").sizes(), (std::vector<int64_t>{2, 2, 5, 7}));
}

TEST_F(ModelFiles, TfLiteHasItsChannelsLast) {
  NEEDS_OPENVINO();
  Model node("model.tflite", std::string(WEFT_SOURCE_DIR) + "/tests/plugins/model/scale.tflite",
             "image float32[B,4,5,3]", {"scaled float32[B,4,5,3]"});
  node.set("layout", std::string("nhwc"));
  const at::Tensor image = at::rand({2, 3, 4, 5});
  node.input("in", image).run();  // the file multiplies the channels by 1, 2 and 3
  EXPECT_TRUE(node.tensor("out").allclose(image * at::tensor({1.F, 2.F, 3.F}).view({1, 3, 1, 1})));
}

TEST_F(ModelFiles, PortsThatDifferFromTheFileAreNamed) {
  NEEDS_OPENVINO();
  const std::string file = write("conv.onnx", convolution({1, 3, 4, 5}));
  const auto fault = [&](const std::string& input, const Texts& outputs, const at::Tensor& image) {
    return error_text([&] { Model("model.onnx", file, input, outputs).input("in", image).run(); });
  };
  const at::Tensor image = at::zeros({1, 3, 4, 5});
  EXPECT_THAT(fault("picture float32[B,3,4,5]", kOutputs, image), HasSubstr("its name in the file is \"image\""));
  EXPECT_THAT(fault("image float16[B,3,4,5]", kOutputs, image), HasSubstr("its type in the file is float32"));
  EXPECT_THAT(fault("image float32[B,3,4,6]", kOutputs, image), HasSubstr("in the file it is image float32[1,3,4,5]"));
  EXPECT_THAT(fault(kInput, {kOutputs[0]}, image), HasSubstr("it has 2 outputs, but the graph declares 1"));
  EXPECT_THAT(fault(kInput, {kOutputs[0]}, image),
              HasSubstr("the file has outputs = [\"logits float32[1,2,4,5]\", \"squared float32[1,2,4,5]\"]"));
  EXPECT_THAT(fault(kInput, kOutputs, at::zeros({1, 3, 8, 5})),
              HasSubstr("the model wants \"image float32[B,3,4,5]\", but got [1, 3, 8, 5]"));
}

TEST_F(ModelFiles, DamagedFilesAreRefused) {
  NEEDS_OPENVINO();
  const auto fault = [&](const std::string& type, const std::string& file) {
    return error_text([&] { Model(type, file, kInput, kOutputs).input("in", at::zeros({1, 3, 4, 5})).run(); });
  };
  const std::string whole = convolution({1, 3, 4, 5});
  EXPECT_THAT(fault("model.onnx", path("none.onnx")), HasSubstr("there is no such model file"));
  EXPECT_THAT(fault("model.onnx", path()), HasSubstr("there is no such model file"));
  EXPECT_THAT(fault("model.onnx", write("empty.onnx", "")), HasSubstr("the model file is empty"));
  EXPECT_THAT(fault("model.onnx", write("cut.onnx", whole.substr(0, whole.size() / 2))),
              HasSubstr("cannot be read as ONNX"));
  EXPECT_THAT(fault("model.onnx", write("text.onnx", "no model at all")), HasSubstr("cannot be read as ONNX"));
  using namespace testing::onnx;  // NOLINT: the names of one small file
  const std::string unknown = model({node("Levitate", {"image"}, "logits")}, {}, {value("image", {1, 3, 4, 5})},
                                    {value("logits", {1, 3, 4, 5})});
  EXPECT_THAT(fault("model.onnx", write("unknown.onnx", unknown)), HasSubstr("Levitate"));
  EXPECT_THAT(fault("model.tflite", write("text.tflite", "no model at all")),
              HasSubstr("is not a TensorFlow Lite file"));
}

TEST_F(ModelFiles, TruncatedFilesAreRefused) {
  NEEDS_OPENVINO();
  std::ifstream file(std::string(WEFT_SOURCE_DIR) + "/tests/plugins/model/scale.tflite", std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  ASSERT_GT(whole.size(), 400U);
  for (size_t bytes = 4; bytes < whole.size(); bytes += 20) {
    const std::string cut = write("cut.tflite", whole.substr(0, bytes));
    EXPECT_THAT(error_text([&] {
                  Model("model.tflite", cut, "image float32[B,4,5,3]", {"scaled float32[B,4,5,3]"})
                      .set("layout", std::string("nhwc"))
                      .input("in", at::zeros({1, 3, 4, 5}))
                      .run();
                }),
                HasSubstr("cut.tflite"))
        << bytes;
  }
}

TEST_F(ModelFiles, CodeRunsOnlyWhenItIsTrusted) {
  torch::jit::Module module("twice");
  module.define("def forward(self, x):\n  return x * 2\n");
  module.save(path("twice.pt"));
  const auto make = [&](const std::string& type, const std::string& file) {
    return Model(type, file, "x float32[B,3,4,5]", {"y float32[B,3,4,5]"});
  };
  const at::Tensor image = at::rand({2, 3, 4, 5});
  for (const std::string type : {"model.torchscript", "model.pt2"}) {
    EXPECT_THAT(error_text([&] { make(type, path("twice.pt")).input("in", image).run(); }),
                HasSubstr("holds code that would run with your rights"));
  }
  setenv("WEFT_TRUST", "1", 1);
  EXPECT_TRUE(at::equal(make("model.torchscript", path("twice.pt")).input("in", image).run().tensor("out"), image * 2));
  EXPECT_THAT(error_text([&] { make("model.pt2", path("twice.pt")).input("in", image).run(); }),
              HasSubstr("cannot be opened as an AOTInductor package"));
  const std::string cut = write("cut.pt2", "PK\3\4 and no more");
  EXPECT_THAT(error_text([&] { make("model.pt2", cut).input("in", image).run(); }), HasSubstr("cannot be opened"));
  EXPECT_THAT(error_text([&] { make("model.torchscript", cut).input("in", image).run(); }),
              HasSubstr("cannot be opened"));
  EXPECT_THAT(error_text([&] { make("model.pt2", path("none")).input("in", image).run(); }),
              HasSubstr("no such model file"));
  // What the file gives is compared with what the graph declares.
  EXPECT_THAT(error_text([&] {
                Model("model.torchscript", path("twice.pt"), "x float32[B,3,4,5]", {"y float32[B,2,4,5]"})
                    .input("in", image)
                    .run();
              }),
              HasSubstr("declares the output \"y float32[B,2,4,5]\", but the model gave [2, 3, 4, 5]"));
}

TEST_F(ModelFiles, DeclarationsAreReadOrRefused) {
  const auto fault = [&](const std::string& input, const Texts& outputs) {
    return error_text([&] {
      Model("model.onnx", path("x"), input, outputs).input("in", at::zeros({1, 3, 4, 5})).run();
    });
  };
  EXPECT_THAT(fault("image", kOutputs), HasSubstr("it is not of the form"));
  EXPECT_THAT(fault("image float8[B]", kOutputs), HasSubstr("there is no type \"float8\""));
  EXPECT_THAT(fault("image float32[B,B]", kOutputs), HasSubstr("\"B\" is not a size"));
  EXPECT_THAT(fault("image float32[B,-3]", kOutputs), HasSubstr("\"-3\" is not a size"));
  EXPECT_THAT(fault(kInput, Texts(5, kOutputs[0])), HasSubstr("`outputs` has 5 entries"));
  EXPECT_THAT(fault(kInput, {"y float32[B,1,2,3,4]"}), HasSubstr("more than four dimensions"));
}

}  // namespace
}  // namespace weft

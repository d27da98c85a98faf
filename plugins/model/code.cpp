// Files that hold code: a .pt2 package has a shared library in it, and TorchScript may call any operator.
#include "plugins/model/code.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/engines/model_file.h"

#include <c10/core/InferenceMode.h>
#include <torch/csrc/inductor/aoti_package/model_package_loader.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <cstdlib>
#include <cstring>
#include <optional>

namespace weft::model {
namespace {

using engines::check_exists;
using engines::Declared;
using engines::Engine;
using engines::short_text;

void check_trusted(const Declared& declared) {
  const char* trusts = std::getenv("WEFT_TRUST");
  if (!trusts || std::strcmp(trusts, "1") != 0) {
    throw Error(Exit::Usage, text(declared.path, " holds code that would run with your rights"))
        .hint("--trust (or WEFT_TRUST=1) runs it; do so only for files that you made, or whose maker you trust");
  }
  check_exists(declared.path);
}

void check_count(const Declared& declared, size_t count) {
  if (count == declared.outputs.size()) return;
  throw Error(Exit::Data, text(declared.path, ": the model gave ", count, " outputs, but the graph declares ",
                               declared.outputs.size()));
}

class Pt2Engine : public Engine {
 public:
  explicit Pt2Engine(const Declared& declared) : declared_(declared) {
    setenv("AOTI_RUNTIME_CHECK_INPUTS", "1", 0);  // otherwise a wrong size is read beyond its end
    try {
      loader_.emplace(declared.path, "model", true);
    } catch (const std::exception& fault) {
      const std::string why = short_text(fault);
      Error error(Exit::Data, text(declared.path, " cannot be opened as an AOTInductor package: ", why));
      if (why.find("libtorch.so") != std::string::npos)
        error.hint("export it with inductor_configs={'aot_inductor.link_libtorch': False}");
      throw error;
    }
    const auto metadata = loader_->get_metadata();
    const auto device = metadata.find("AOTI_DEVICE_KEY");
    if (device != metadata.end() && device->second != "cpu")
      throw Error(Exit::Data, text(declared.path, ": the package is for the device ", device->second, ", not the CPU"));
  }

  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs) override {
    try {
      const c10::InferenceMode no_gradients;
      std::vector<at::Tensor> results = loader_->run(inputs);
      check_count(declared_, results.size());
      for (at::Tensor& result : results) result = result.clone();
      return results;
    } catch (const Error&) {
      throw;
    } catch (const std::exception& fault) {
      const std::string why = short_text(fault);
      // Only the place of the call is in the exception: the package itself prints what was wrong.
      if (why.find("API call failed") != std::string::npos)
        throw Error(Exit::Data, text(declared_.path, ": the model failed; its own message stands above"));
      throw Error(Exit::Data, text(declared_.path, ": the model failed: ", why));
    }
  }

 private:
  Declared declared_;
  std::optional<torch::inductor::AOTIModelPackageLoader> loader_;
};

class TorchScriptEngine : public Engine {
 public:
  explicit TorchScriptEngine(const Declared& declared) : declared_(declared) {
    try {
      module_ = torch::jit::load(declared.path, at::kCPU);
      module_.eval();
    } catch (const std::exception& fault) {
      throw Error(Exit::Data, text(declared.path, " cannot be opened as TorchScript: ", short_text(fault)));
    }
  }

  std::vector<at::Tensor> run(const std::vector<at::Tensor>& inputs) override {
    c10::IValue result;
    try {
      const c10::InferenceMode no_gradients;
      result = module_.forward({inputs.begin(), inputs.end()});
    } catch (const std::exception& fault) {
      throw Error(Exit::Data, text(declared_.path, ": the model failed: ", short_text(fault)));
    }
    std::vector<at::Tensor> results;
    add_tensors(result, results);
    check_count(declared_, results.size());
    return results;
  }

 private:
  void add_tensors(const c10::IValue& value, std::vector<at::Tensor>& results) const {
    if (value.isTensor()) {
      results.push_back(value.toTensor());
    } else if (value.isTuple()) {
      for (const c10::IValue& part : value.toTupleRef().elements()) add_tensors(part, results);
    } else if (value.isTensorList()) {
      for (const at::Tensor& part : value.toTensorVector()) results.push_back(part);
    } else {
      throw Error(Exit::Data, text(declared_.path, ": the model gives a ", value.tagKind(), ", not tensors"))
          .hint("export a module whose forward() returns a tensor or a tuple of tensors");
    }
  }

  Declared declared_;
  torch::jit::Module module_;
};

}  // namespace

std::unique_ptr<Engine> open_pt2(const Declared& declared) {
  check_trusted(declared);
  return std::make_unique<Pt2Engine>(declared);
}

std::unique_ptr<Engine> open_torchscript(const Declared& declared) {
  check_trusted(declared);
  return std::make_unique<TorchScriptEngine>(declared);
}

}  // namespace weft::model

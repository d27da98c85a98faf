#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/engines/engine.h"

namespace weft::engines {
namespace {

[[noreturn]] void refuse(const Declared& declared) {
  throw Error(Exit::Plugin, text(declared.path, " cannot be opened: this weft was built without OpenVINO"))
      .hint("`./bootstrap build --with openvino` fetches it (59 MB) and builds with it");
}

}  // namespace

std::unique_ptr<Engine> open_onnx(const Declared& declared) {
  refuse(declared);
}
std::unique_ptr<Engine> open_tflite(const Declared& declared) {
  refuse(declared);
}

}  // namespace weft::engines

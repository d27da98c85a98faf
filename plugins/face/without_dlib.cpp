#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/face/dlib_predictor.h"

namespace weft::face {

std::unique_ptr<DlibPredictor> open_dlib(const std::string& file, int64_t /*upsample*/) {
  throw Error(Exit::Plugin, text(file, " cannot be opened: this weft was built without dlib"))
      .hint("apt-get install libdlib-dev liblapack-dev, then ./bootstrap build; face.estimate needs no dlib");
}

}  // namespace weft::face

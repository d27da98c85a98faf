#include "plugins/vid2vid/norm.h"

namespace weft::vid2vid {

void NormParams::declare(Params& p) {
  using Options = nn::NormOptions;
  p("norm", options.kind, "normalisation of the layers",
    {{"batch", Options::Kind::Batch}, {"instance", Options::Kind::Instance}});
  p("statistics", options.statistics,
    "normalise with the statistics of the frame at hand, as the 2018 generators do at test time too, or with the "
    "running "
    "ones of the weights",
    {{"batch", Options::Statistics::Batch}, {"running", Options::Statistics::Running}});
  p("update_statistics", options.update,
    "let the running statistics follow the frames outside training too; in training they always do (they are not used "
    "with \"batch\")");
}

}  // namespace weft::vid2vid

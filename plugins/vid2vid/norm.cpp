#include "plugins/vid2vid/norm.h"

namespace weft::vid2vid {

void NormParams::declare(Params& p) {
  using Options = nn::NormOptions;
  p("norm", options.kind, "normalisation of the layers",
    {{"batch", Options::Kind::Batch}, {"instance", Options::Kind::Instance}});
  p("statistics", options.statistics,
    "normalises with the statistics of the current frame, as the 2018 generators do at test time too, or with the "
    "running statistics of the weights",
    {{"batch", Options::Statistics::Batch}, {"running", Options::Statistics::Running}});
  p("update_statistics", options.update,
    "updates the running statistics outside of training too; in training they are always updated (\"batch\" does not "
    "use them)");
}

}  // namespace weft::vid2vid

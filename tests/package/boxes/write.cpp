#include <cstdio>

#include "boxes.h"

namespace boxes {
namespace {

/// Lines "sequence: t count sum", where sum is that of all corners.
struct Write {
  static constexpr auto about = "Writes how many boxes each frame has, and the sum of their corners";

  weft::Path path;
  void params(weft::Params& p) { p("path", path, "the text file").required(); }

  void run(weft::In<"in", weft::record<Boxes>> in, weft::Context& context) {
    lines_ += weft::text(context.sequence(), ": ", context.frame(), ' ', in->counts.size() == 1 ? in->counts[0] : -1,
                         ' ', in->corners.sum().item<float>(), '\n');
  }
  /// Sequences follow one another in one file.
  void finish(weft::Context&) {
    FILE* file = std::fopen(path.c_str(), "a");
    if (!file) throw weft::Error(weft::Exit::Failed, weft::text(path, " cannot be written"));
    std::fputs(lines_.c_str(), file);
    std::fclose(file);
    lines_.clear();
  }

 private:
  std::string lines_;
};

}  // namespace

void add_write(weft::Registry& registry) {
  registry.add<Write>("boxes.write");
}

}  // namespace boxes

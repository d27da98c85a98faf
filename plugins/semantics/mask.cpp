#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::semantics {
namespace {

/// Where the foreground is.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.3.
struct Mask {
  static constexpr auto about = "Foreground mask from a label map: 1 where the label is one of `classes`, else 0";

  std::vector<int64_t> classes;

  void params(Params& p) { p("classes", classes, "the label ids of the foreground").required(); }

  void shape(Shapes&) const { check_classes(); }

  Out<"mask", "foreground_mask[B,1,H,W]"> run(In<"labels", "labels[B,1,H,W]"> labels) {
    check_classes();
    at::Tensor is_foreground = *labels == classes[0];
    for (size_t i = 1; i < classes.size(); ++i) is_foreground.logical_or_(*labels == classes[i]);
    return is_foreground.to(at::kFloat);
  }

 private:
  void check_classes() const {
    if (classes.empty()) throw Error(Exit::Graph, "`classes` is empty: name the label ids of the foreground");
  }
};

}  // namespace

void add_mask(Registry& registry) {
  registry.add<Mask>("semantics.mask");
}

}  // namespace weft::semantics

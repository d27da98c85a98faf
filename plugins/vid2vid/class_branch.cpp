#include "plugins/vid2vid/branch.h"

#include <ATen/ops/softmax.h>

namespace weft::vid2vid {
namespace {

/// Predicts the classes of a future frame from the features of past segmentations.
///
/// The image branch with a softmax over classes in place of the tanh over colours. Keys model_res_class,
/// model_up_class, model_final_class. Source: Wang et al. 2018, section 4, future video prediction: a generator of the
/// same kind predicts future segmentations.
struct ClassBranch : nn::Module {
  static constexpr auto about =
      "Class branch of the vid2vid generator, for segmentations in place of images: predicts the probabilities of "
      "classes from the trunk's features";

  Branch branch;
  int64_t classes = 19;
  void params(Params& p) {
    branch.declare(p);
    p("classes", classes, "channels of the probabilities").min(1).max(nn::kMostFeatures);
  }
  void shape(Shapes& shapes) const {
    branch.shape(shapes);
    shapes.set('C', classes);
  }

  void build(const Shapes&) {
    branch.build(*this, "class");
    final_.emplace(*this, "model_final_class").head(branch.features, classes, nn::ResnetStack::Activation::None);
  }

  std::tuple<Out<"probabilities", "feature[B,C,H,W]">, Out<"feature", "feature[B,K,H,W]">> run(
      In<"trunk", "feature[B,F,M,N]"> trunk, Opt<"up", "feature[B,F,M,N]"> up) {
    const at::Tensor feature = branch(*trunk, up ? &*up : nullptr);  // [B, K, H, W]
    return {nn::widened((*final_)(feature)).softmax(1), feature};    // [B, classes, H, W]
  }

 private:
  std::optional<nn::ResnetStack> final_;
};

}  // namespace

void add_class_branch(Registry& registry) {
  registry.add<ClassBranch>("vid2vid.class_branch");
}

}  // namespace weft::vid2vid

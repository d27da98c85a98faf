#include "plugins/pix2pixhd/feature_distribution.h"
#include "plugins/pix2pixhd/region_samples.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

namespace weft::pix2pixhd {
namespace {

/// Paints each instance with features from the distribution of its class.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", multimodal synthesis, and "High-Resolution Image Synthesis and Semantic
/// Manipulation with Conditional GANs", section 3.4. Instances of a class that the file does not have have features 0; in
/// the program of pix2pixHD their memory is not set.
struct DrawFeatures {
  static constexpr auto about =
      "Instance features for multimodal output (vid2vid, pix2pixHD): paints every instance with a random feature "
      "vector "
      "from the distribution of its class, of a file of pix2pixhd.write_features. An instance keeps its vector through "
      "a "
      "sequence; another seed gives another style. Instances of classes that the file does not have have features 0";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  enum class Fit { None, Gaussians, KMeans };

  Path path;
  int64_t features = 3;
  Fit fit = Fit::None;
  FitOptions options;

  void params(Params& p) {
    p("path", path, "the file: of pix2pixhd.write_features, or the original's features_clustered_010.npy").required();
    p("features", features, "channels of the features, as many as the file's").min(1).max(65536);
    p("fit", fit,
      "for a file of samples, the original's features.npy, to which the distributions are fitted first; none: the file "
      "has distributions",
      {{"none", Fit::None}, {"gaussians", Fit::Gaussians}, {"k_means", Fit::KMeans}});
    options.declare(p);
  }

  Out<"feature", "feature[B,features,H,W]"> run(In<"instances", "any[B,1,H,W]"> instances, Context& context) {
    if (classes_.empty()) read(context);
    const at::Tensor ids = instances->to(at::kLong);  // [B, 1, H, W]
    const auto [different, places] = at::_unique(ids, /*sorted=*/true, /*return_inverse=*/true);
    check_classes(different);
    std::vector<at::Tensor> rows;
    for (int64_t i = 0; i < different.numel(); ++i) rows.push_back(features_of(different[i].item<int64_t>(), context));
    return at::stack(rows)
        .index_select(0, places.flatten())
        .view({ids.size(0), ids.size(2), ids.size(3), features})
        .permute({0, 3, 1, 2})
        .contiguous();
  }

  void reset() {
    ids_ = at::zeros({0}, at::kLong);
    drawn_ = at::zeros({0, 0});
  }
  void state(Archive& archive) {
    archive("ids", ids_);
    archive("drawn", drawn_);
  }

 private:
  void read(const Context& context);
  void check_classes(const at::Tensor& different) const;
  at::Tensor features_of(int64_t id, const Context& context);

  ClassFeatures classes_;
  at::Tensor ids_ = at::zeros({0}, at::kLong);  ///< [N]: the instances so far
  at::Tensor drawn_ = at::zeros({0, 0});        ///< [N, F]: their features
};

void DrawFeatures::read(const Context& context) {
  if (fit == Fit::None) {
    classes_ = read_class_features(path, features);
    return;
  }
  at::Generator generator = context.generator(at::kCPU);
  generator.set_current_seed(0);  // another seed draws anew from the same distributions
  const auto method = fit == Fit::KMeans ? FitOptions::Method::KMeans : FitOptions::Method::Gaussians;
  classes_ = fit_class_features(path, features, method, options, generator);
}

/// Refuses a first frame of which the file has no class: it is one of other ids.
void DrawFeatures::check_classes(const at::Tensor& different) const {
  if (ids_.numel() > 0) return;
  std::vector<std::string> own, others;
  for (int64_t i = 0; i < different.numel(); ++i) {
    const int64_t of = class_of(different[i].item<int64_t>());
    if (classes_.contains(of)) return;
    if (others.empty() || others.back() != text(of)) others.push_back(text(of));
  }
  for (const auto& [of, distribution] : classes_) own.push_back(text(of));
  constexpr size_t kMost = 12;
  for (auto* const names : {&own, &others}) {
    if (names->size() > kMost) names->resize(kMost), names->push_back("…");
  }
  throw Error(Exit::Data, Place{path},
              text("has features of other classes: ", join(own), "; the instances belong to ", join(others)))
      .hint("an instance id is its class, or 1000 * class + a number, with the classes for which the file was written");
}

/// The features of an instance, drawn where it is new; 0 where the file does not have its class.
at::Tensor DrawFeatures::features_of(int64_t id, const Context& context) {
  const auto found = classes_.find(class_of(id));
  if (found == classes_.end()) return at::zeros({features});
  for (int64_t row = 0; row < ids_.size(0); ++row) {
    if (ids_[row].item<int64_t>() == id) return drawn_[row];
  }
  // The id is part of the seed, so that what an instance gets does not depend on those beside it.
  at::Generator generator = context.generator(at::kCPU);
  generator.set_current_seed(generator.current_seed() + static_cast<uint64_t>(id));
  const at::Tensor drawn = found->second.draw(generator);
  ids_ = at::cat({ids_, at::full({1}, id, at::kLong)});
  drawn_ = drawn_.numel() == 0 ? drawn.unsqueeze(0) : at::cat({drawn_, drawn.unsqueeze(0)});
  return drawn;
}

}  // namespace

void add_draw_features(Registry& registry) {
  registry.add<DrawFeatures>("pix2pixhd.draw_features");
}

}  // namespace weft::pix2pixhd

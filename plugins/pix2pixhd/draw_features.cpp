#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"
#include <weft/node.h>

#include <ATen/ops/_unique.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <charconv>
#include <map>

namespace weft::pix2pixhd {
namespace {

constexpr int64_t kIdsOfClass = 1000;

/// Paints each instance with one of the cluster centres of its class.
///
/// Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section 3.4.
/// Instances of a class without clusters have features 0; in the original their memory is not set.
struct DrawFeatures {
  static constexpr auto about =
      "Instance features drawn from clusters (pix2pixHD): paints every instance with a random cluster centre of its "
      "class, from a file of pix2pixhd.write_features. An instance keeps its centre through a sequence; instances of "
      "classes without clusters have features 0";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  Path path;
  int64_t features = 3;

  void params(Params& p) {
    p("path", path, "the file of clusters").required();
    p("features", features, "channels of the features, as many as the file's").min(1).max(65536);
  }

  Out<"feature", "feature[B,features,H,W]"> run(In<"instances", "any[B,1,H,W]"> instances, Context& context) {
    if (centres_.empty()) read();
    const at::Tensor ids = instances->to(at::kLong);  // [B, 1, H, W]
    at::Tensor painted = at::zeros({ids.size(0), features, ids.size(2), ids.size(3)});
    const at::Tensor different = std::get<0>(at::_unique(ids));
    for (int64_t index = 0; index < different.numel(); ++index) {
      const auto id = different[index].item<int64_t>();
      const at::Tensor centre = centre_of(id, context);
      if (centre.defined()) painted = at::where(ids == id, centre.view({1, features, 1, 1}), painted);
    }
    return painted;
  }

  void reset() { drawn_ = at::zeros({0, 2}, at::kLong); }
  void state(Archive& archive) { archive("drawn", drawn_); }

 private:
  void read();
  at::Tensor centre_of(int64_t id, const Context& context);

  std::map<int64_t, at::Tensor> centres_;            ///< by class, [K, F]
  at::Tensor drawn_ = at::zeros({0, 2}, at::kLong);  ///< [N, 2]: an id, and the row of its centre
};

void DrawFeatures::read() {
  for (const auto& [name, tensor] : weights::read_weights(path).tensors) {
    int64_t of = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), of);
    const bool is_number = fault == std::errc() && end == name.data() + name.size();
    if (!is_number || tensor.dim() != 2 || tensor.size(0) < 1 || tensor.size(1) != features ||
        !tensor.is_floating_point()) {
      throw Error(Exit::Data, Place{path},
                  text("is no file of clusters with ", count_text(features, "channel"), ": it holds \"", name, "\" ",
                       weights::shape_text(tensor)))
          .hint(
              "pix2pixhd.write_features writes one: a tensor [clusters, channels] for each class, named by its number");
    }
    centres_[of] = tensor.to(at::kFloat);
  }
}

/// The centre of an instance, drawn where it is new; undefined where its class has none.
at::Tensor DrawFeatures::centre_of(int64_t id, const Context& context) {
  const auto found = centres_.find(id < kIdsOfClass ? id : id / kIdsOfClass);
  if (found == centres_.end()) return {};
  for (int64_t row = 0; row < drawn_.size(0); ++row) {
    if (drawn_[row][0].item<int64_t>() == id) return found->second[drawn_[row][1].item<int64_t>()];
  }
  // The id is part of the seed, so that what an instance gets does not depend on those beside it.
  at::Generator generator = context.generator(at::kCPU);
  generator.set_current_seed(generator.current_seed() + static_cast<uint64_t>(id));
  const auto row = at::randint(found->second.size(0), {1}, generator, at::kLong).item<int64_t>();
  drawn_ = at::cat({drawn_, at::tensor({id, row}, at::kLong).view({1, 2})});
  return found->second[row];
}

}  // namespace

void add_draw_features(Registry& registry) {
  registry.add<DrawFeatures>("pix2pixhd.draw_features");
}

}  // namespace weft::pix2pixhd

#include "framework/weights/safetensors.h"
#include "plugins/pix2pixhd/k_means.h"
#include "plugins/pix2pixhd/region_samples.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>

#include <algorithm>
#include <map>
#include <vector>

namespace weft::pix2pixhd {
namespace {

constexpr double kSmallestArea = 0.5;  // of 1/32 of the image

/// Clusters what the encoder says of the instances of a data set, class by class.
///
/// Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section 3.4,
/// as the program's encode_features.py computes it.
struct WriteFeatures {
  static constexpr auto about =
      "K-means clusters of instance features (pix2pixHD): collects the encoder's features of all instances that cover "
      "more than 1/64 of an image, and writes the cluster centres of each class, which pix2pixhd.draw_features draws "
      "from. The file has a tensor for each class, named by its number, and is complete at the end of each sequence";
  static constexpr bool on_host = true;

  Path path;
  int64_t clusters = 10;

  void params(Params& p) {
    p("path", path, "the file, safetensors").required();
    p("clusters", clusters, "most clusters of a class; fewer where it has fewer instances").min(1).max(1000);
  }

  void run(In<"feature", "feature[B,F,H,W]"> feature, In<"instances", "any[B,1,H,W]"> instances) {
    for (int64_t sample = 0; sample < feature->size(0); ++sample) {
      for (const auto& [of, rows] : region_samples((*feature)[sample], (*instances)[sample][0])) {
        const at::Tensor large = rows.select(1, rows.size(1) - 1) > kSmallestArea;
        const at::Tensor kept = rows.narrow(1, 0, rows.size(1) - 1).index({large});
        if (kept.size(0) > 0) rows_[of].push_back(kept);
      }
    }
  }

  void finish(Context& context) {
    if (context.is_broken_off() || rows_.empty()) return;
    weights::WeightFile file;
    for (const auto& [of, all] : rows_) {
      const at::Tensor rows = at::cat(all);  // [N, F]
      const int64_t count = std::min(clusters, rows.size(0));
      file.tensors.emplace_back(text(of), k_means(rows, count, context.generator(at::kCPU)));
    }
    weights::write_safetensors(path, file);
  }

 private:
  std::map<int64_t, std::vector<at::Tensor>> rows_;  ///< by class; of all sequences
};

}  // namespace

void add_write_features(Registry& registry) {
  registry.add<WriteFeatures>("pix2pixhd.write_features");
}

}  // namespace weft::pix2pixhd

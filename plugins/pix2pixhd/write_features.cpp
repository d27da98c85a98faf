#include "framework/weights/safetensors.h"
#include "plugins/pix2pixhd/feature_distribution.h"
#include "plugins/pix2pixhd/region_samples.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>

#include <map>
#include <vector>

namespace weft::pix2pixhd {
namespace {

/// Fits distributions to what the encoder says of the instances of a data set, class by class.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", multimodal synthesis, of the mixtures; "High-Resolution Image Synthesis and
/// Semantic Manipulation with Conditional GANs", section 3.4, of K-means, as the program's encode_features.py computes it.
struct WriteFeatures {
  static constexpr auto about =
      "Distribution of instance features for multimodal output (vid2vid, pix2pixHD): collects the encoder's features "
      "of "
      "all instances that cover more than 1/64 of an image, fits a mixture of Gaussians to those of each class, or "
      "K-means, and writes the file that pix2pixhd.draw_features draws from. It has tensors for each class, named by "
      "its "
      "number, and is complete at the end of each sequence";
  static constexpr bool on_host = true;

  Path path;
  FitOptions::Method fit = FitOptions::Method::Gaussians;
  FitOptions options;

  void params(Params& p) {
    p("path", path, "the file, safetensors").required();
    p("fit", fit, "gaussians: vid2vid's mixture of Gaussians; k_means: pix2pixHD's cluster centres",
      {{"gaussians", FitOptions::Method::Gaussians}, {"k_means", FitOptions::Method::KMeans}});
    options.declare(p);
  }

  void run(In<"feature", "feature[B,F,H,W]"> feature, In<"instances", "any[B,1,H,W]"> instances) {
    for (int64_t sample = 0; sample < feature->size(0); ++sample) {
      for (const auto& [of, rows] : region_samples((*feature)[sample], (*instances)[sample][0])) {
        const at::Tensor kept = large_samples(rows);
        if (kept.size(0) > 0) rows_[of].push_back(kept);
      }
    }
  }

  void finish(Context& context) {
    if (context.is_broken_off() || rows_.empty()) return;
    weights::WeightFile file;
    for (const auto& [of, rows] : rows_) {
      for (const auto& [end, tensor] : fit_features(at::cat(rows), fit, options, context.generator(at::kCPU)))
        file.tensors.emplace_back(text(of, end), tensor);
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

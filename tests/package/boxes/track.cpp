#include <weft/nn.h>

#include <ATen/ops/cat.h>

#include "boxes.h"

namespace boxes {
namespace {

/// tracked = w * found + (1 - w) * m, where m is the mean box that this node gave last for the same sample. Where it gave
/// none, tracked = w * found. The last boxes are its state; w is learnt.
struct Track : weft::nn::Module {
  static constexpr auto about = "Smooths boxes: each is drawn towards the mean box of the frame before";

  double begin = 0.5;
  void params(weft::Params& p) { p("weight", begin, "of the boxes that are found, before it is learnt"); }

  void build(const weft::Shapes&) {
    weight_.emplace(*this, "weight", std::vector<int64_t>{1}, weft::nn::Init::normal(begin, 0));
  }
  void reset() { last_ = {}; }
  void state(weft::Archive& archive) { archive("last", last_); }

  weft::Out<"tracked", weft::record<Boxes>> run(weft::In<"found", weft::record<Boxes>> found) {
    const std::vector<Boxes> now = found->samples();
    const std::vector<Boxes> before = last_.corners.defined() ? last_.samples() : std::vector<Boxes>(now.size());
    std::vector<at::Tensor> corners;
    for (size_t sample = 0; sample < now.size(); ++sample) {
      at::Tensor of_sample = **weight_ * now[sample].corners;  // [n, 4]
      if (before[sample].corners.defined() && before[sample].corners.size(0) > 0)
        of_sample = of_sample + (1 - **weight_) * before[sample].corners.mean(0);
      corners.push_back(of_sample);
    }
    last_ = {at::cat(corners), found->scores, found->counts};
    return last_;
  }

 private:
  std::optional<weft::nn::Parameter> weight_;
  Boxes last_;
};

}  // namespace

void add_track(weft::Registry& registry) {
  registry.add<Track>("boxes.track");
}

}  // namespace boxes

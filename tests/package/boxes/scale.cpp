#include <weft/nn.h>

#include "boxes.h"

namespace boxes {
namespace {

struct Scale : weft::nn::Module {
  static constexpr auto about = "Scales boxes by a learnt factor";

  double begin = 0.5;
  void params(weft::Params& p) { p("weight", begin, "the factor before it is learnt"); }
  void build(const weft::Shapes&) {
    weight_.emplace(*this, "weight", std::vector<int64_t>{1}, weft::nn::Init::normal(begin, 0));
  }

  weft::Out<"scaled", weft::record<Boxes>> run(weft::In<"in", weft::record<Boxes>> in) {
    Boxes scaled = *in;
    scaled.corners = **weight_ * in->corners;  // [N, 4]
    return scaled;
  }

 private:
  std::optional<weft::nn::Parameter> weight_;
};

}  // namespace

void add_scale(weft::Registry& registry) {
  registry.add<Scale>("boxes.scale");
}

}  // namespace boxes

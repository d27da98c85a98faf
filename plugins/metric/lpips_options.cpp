#include "plugins/metric/lpips_options.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/weight_file.h"

#include <algorithm>
#include <map>

namespace weft::metric {

using backbones::FiveTaps;
using backbones::Lpips;

void LpipsOptions::declare(Params& p) {
  p("net", net, "the feature network: AlexNet, as LPIPS is usually reported, or VGG16",
    {{"alex", Lpips::Net::Alex}, {"vgg", Lpips::Net::Vgg}});
  p("keys", keys,
    "names in the weight file: features.0.weight … as in torchvision's, net.slice1.0.weight … as in lpips's",
    {{"features", FiveTaps::Keys::Features}, {"slices", FiveTaps::Keys::Slices}});
  p("linear", linear,
    "file of the linear weights, lin0.model.1.weight …, as the package lpips has it; default: they are in the file of "
    "[weights]");
}

void LpipsOptions::build(nn::Module& node) {
  network_.emplace(node, "", net, keys, linear.empty() ? Lpips::Linear::Registered : Lpips::Linear::Given);
  if (linear.empty()) return;
  std::map<std::string, at::Tensor> found;
  for (const auto& [key, tensor] : weights::read_weights(linear).tensors) found[key] = tensor;
  std::array<at::Tensor, 5> weights;
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::string key = text("lin", i, ".model.1.weight");
    if (!found.contains(key)) {
      throw Error(Exit::Data, Place{linear}, text("has no tensor `", key, "`, which LPIPS needs"))
          .hint("take alex.pth or vgg.pth of the folder weights/v0.1 of the package lpips");
    }
    weights[i] = found.at(key);
  }
  network_->give_linear(weights);
}

at::Tensor LpipsOptions::distance(const at::Tensor& a, const at::Tensor& b, const Context& context) const {
  const int64_t least = network_->least_side();
  if (std::min(a.size(2), a.size(3)) < least) {
    throw Error(Exit::Graph, text("LPIPS wants images of at least ", least, 'x', least, " pixels, but they have ",
                                  a.size(2), 'x', a.size(3)))
        .hint("use larger images, or net = \"vgg\", which wants 16x16");
  }
  return nn::widened((*network_)(nn::enter(a, context.precision()), nn::enter(b, context.precision())));
}

}  // namespace weft::metric

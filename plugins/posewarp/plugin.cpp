#include <weft/node.h>

namespace weft::posewarp {

void add_background(Registry& registry);
void add_discriminator(Registry& registry);
void add_foreground(Registry& registry);
void add_joints(Registry& registry);
void add_perceptual(Registry& registry);
void add_segmentation(Registry& registry);
void add_view(Registry& registry);
void add_window(Registry& registry);

}  // namespace weft::posewarp

WEFT_PLUGIN("posewarp", "0.1.0", registry) {
  weft::posewarp::add_joints(registry);
  weft::posewarp::add_window(registry);
  weft::posewarp::add_view(registry);
  weft::posewarp::add_segmentation(registry);
  weft::posewarp::add_background(registry);
  weft::posewarp::add_foreground(registry);
  weft::posewarp::add_discriminator(registry);
  weft::posewarp::add_perceptual(registry);
}

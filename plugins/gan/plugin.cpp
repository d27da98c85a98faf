#include <weft/node.h>

namespace weft::gan {

void add_face_box(Registry& registry);
void add_patch_discriminator(Registry& registry);

}  // namespace weft::gan

WEFT_PLUGIN("gan", "0.1.0", registry) {
  weft::gan::add_face_box(registry);
  weft::gan::add_patch_discriminator(registry);
}

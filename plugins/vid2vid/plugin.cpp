#include <weft/node.h>

namespace weft::vid2vid {

void add_class_branch(Registry& registry);
void add_encoder(Registry& registry);
void add_flow_branch(Registry& registry);
void add_foreground(Registry& registry);
void add_frames_before(Registry& registry);
void add_global_generator(Registry& registry);
void add_global_with_z(Registry& registry);
void add_image_branch(Registry& registry);
void add_local_enhancer(Registry& registry);
void add_trunk(Registry& registry);

}  // namespace weft::vid2vid

WEFT_PLUGIN("vid2vid", "0.1.0", registry) {
  weft::vid2vid::add_trunk(registry);
  weft::vid2vid::add_image_branch(registry);
  weft::vid2vid::add_class_branch(registry);
  weft::vid2vid::add_flow_branch(registry);
  weft::vid2vid::add_foreground(registry);
  weft::vid2vid::add_global_generator(registry);
  weft::vid2vid::add_local_enhancer(registry);
  weft::vid2vid::add_global_with_z(registry);
  weft::vid2vid::add_encoder(registry);
  weft::vid2vid::add_frames_before(registry);
}

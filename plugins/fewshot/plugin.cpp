#include <weft/node.h>

namespace weft::fewshot {

void add_attention(Registry& registry);
void add_code(Registry& registry);
void add_encoder(Registry& registry);
void add_examples(Registry& registry);
void add_face_box(Registry& registry);
void add_flow(Registry& registry);
void add_gather(Registry& registry);
void add_generator(Registry& registry);
void add_mask_loss(Registry& registry);
void add_pick(Registry& registry);
void add_pose_masks(Registry& registry);
void add_roll(Registry& registry);
void add_style(Registry& registry);
void add_weights(Registry& registry);

}  // namespace weft::fewshot

WEFT_PLUGIN("fewshot", "0.1.0", registry) {
  weft::fewshot::add_examples(registry);
  weft::fewshot::add_attention(registry);
  weft::fewshot::add_gather(registry);
  weft::fewshot::add_pick(registry);
  weft::fewshot::add_encoder(registry);
  weft::fewshot::add_weights(registry);
  weft::fewshot::add_code(registry);
  weft::fewshot::add_flow(registry);
  weft::fewshot::add_generator(registry);
  weft::fewshot::add_pose_masks(registry);
  weft::fewshot::add_face_box(registry);
  weft::fewshot::add_mask_loss(registry);
  weft::fewshot::add_roll(registry);
  weft::fewshot::add_style(registry);
}

#include <weft/node.h>

namespace weft::flow {

void add_channel_norm(Registry& registry);
#ifdef WEFT_HAS_OPENCV
void add_classic(Registry& registry);
#endif
void add_colours(Registry& registry);
void add_compose(Registry& registry);
void add_correlation(Registry& registry);
void add_flownet2(Registry& registry);
void add_raft(Registry& registry);
void add_resample(Registry& registry);
void add_visible(Registry& registry);
void add_warp(Registry& registry);

}  // namespace weft::flow

WEFT_PLUGIN("flow", "0.1.0", registry) {
  weft::flow::add_colours(registry);
  weft::flow::add_warp(registry);
  weft::flow::add_compose(registry);
  weft::flow::add_flownet2(registry);
#ifdef WEFT_HAS_OPENCV
  weft::flow::add_classic(registry);
#endif
  weft::flow::add_raft(registry);
  weft::flow::add_correlation(registry);
  weft::flow::add_visible(registry);
  weft::flow::add_resample(registry);
  weft::flow::add_channel_norm(registry);
}

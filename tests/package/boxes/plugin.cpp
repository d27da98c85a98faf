#include "boxes.h"

WEFT_PLUGIN("boxes", "1.0.0", registry) {
  boxes::add_distance(registry);
  boxes::add_draw(registry);
  boxes::add_scale(registry);
  boxes::add_track(registry);
  boxes::add_walk(registry);
  boxes::add_write(registry);
}

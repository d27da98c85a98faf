#include "plugins/world/scene.h"

#include <array>

namespace weft::world {
namespace {

constexpr std::array<Scene, 4> kScenes = {{
    {.name = "drive",
     .about = "a bit of everything behind a car that stays in view",
     .lead_gap = 12.5,
     .second_gap = 58,
     .oncoming = 0.5,
     .people_cross = 0.5,
     .cars_cross = 0.4,
     .cars_turn = 0.5},
    {.name = "approach",
     .about = "cars and lorries approach on a free road",
     .oncoming = 0.95,
     .walkers = 0.15,
     .large_vehicles = 0.3},
    {.name = "turn",
     .about = "cars turn off across our lane, and into it from crossing streets",
     .oncoming = 0.25,
     .cars_turn = 1,
     .cars_join = true,
     .walkers = 0.15},
    {.name = "crowd",
     .about = "full pavements, and people crossing at every junction",
     .lead_gap = 19,
     .oncoming = 0.25,
     .people_cross = 1,
     .most_in_group = 8,
     .both_crossings = true,
     .walkers = 0.8},
}};

}  // namespace

std::span<const Scene> all_scenes() {
  return kScenes;
}

}  // namespace weft::world

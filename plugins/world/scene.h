#pragma once

#include <span>
#include <string_view>

namespace weft::world {

/// The amount of each kind of traffic on the street. Probabilities, and metres.
struct Scene {
  std::string_view name;
  std::string_view about;
  double lead_gap = 0;           ///< to the car ahead, which stays in view; 0: there is none
  double second_gap = 0;         ///< to one ahead of it
  double oncoming = 0;           ///< share of the places where a car can be met
  double people_cross = 0;       ///< of a junction
  double cars_cross = 0;         ///< of a junction where no people do
  double cars_turn = 0;          ///< of a junction where neither do
  bool cars_join = false;        ///< at every other junction, for one block
  int most_in_group = 3;         ///< people who cross together
  bool both_crossings = false;   ///< people cross before and behind a junction
  double walkers = 0.22;         ///< share of the places on the pavement
  double large_vehicles = 0.15;  ///< share of those that move
};

/// All scenes; the first is the usual one.
std::span<const Scene> all_scenes();

}  // namespace weft::world

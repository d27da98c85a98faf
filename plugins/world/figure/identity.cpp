#include "plugins/world/figure/identity.h"

#include "plugins/world/chance.h"

#include <array>

namespace weft::world {
namespace {

constexpr std::array<Colour, 8> kSkins = {rgb(0xF0CBB0), rgb(0xC68C64), rgb(0x8A5A3C), rgb(0xE4B48E),
                                          rgb(0x5E3C2A), rgb(0xF4D6C4), rgb(0xA9714B), rgb(0xD8A27C)};
constexpr std::array<Colour, 7> kHairs = {rgb(0x2B211C), rgb(0x6B4428), rgb(0x1A1716), rgb(0xC79A55),
                                          rgb(0x8E3F22), rgb(0x4A3226), rgb(0x9C9A98)};
constexpr std::array<Colour, 5> kIrises = {rgb(0x5A3A22), rgb(0x4E7CA8), rgb(0x3C2A1C), rgb(0x5F8A5A), rgb(0x7A6A4A)};
constexpr std::array<Colour, 12> kTops = {rgb(0xD8433B), rgb(0xF1EFE8), rgb(0x2F6FB7), rgb(0xF2B632),
                                          rgb(0x3F8F5B), rgb(0xE98FA8), rgb(0x2C2F3A), rgb(0x7B4FA0),
                                          rgb(0xE8743B), rgb(0x49B3B1), rgb(0x9A2E3F), rgb(0xA9C26B)};
constexpr std::array<Colour, 7> kBelow = {rgb(0x2F4464), rgb(0x3A3A40), rgb(0x8A6F4E), rgb(0x6C86A8),
                                          rgb(0x1F2328), rgb(0xB9B2A4), rgb(0x5B3B4E)};
constexpr std::array<Colour, 5> kShoes = {rgb(0xEDEDEA), rgb(0x2A2626), rgb(0xB03A32), rgb(0x6B4A32), rgb(0x3B5F8F)};
constexpr std::array<Colour, 9> kWalls = {rgb(0xB9C7CF), rgb(0xD9C9B0), rgb(0x8FA58E), rgb(0xC7A6A0), rgb(0x5F6E80),
                                          rgb(0xE2DFD8), rgb(0xA79BB8), rgb(0x6D8F98), rgb(0xD0B26E)};
constexpr std::array<Colour, 6> kFloors = {rgb(0xA9825C), rgb(0x8C8C8E), rgb(0xC9B79C),
                                           rgb(0x6A5546), rgb(0xB7BDC2), rgb(0x7D6A78)};
constexpr std::array<Hair, 8> kCuts = {Hair::Short, Hair::Long, Hair::Curls,   Hair::Bob,
                                       Hair::Crop,  Hair::Bun,  Hair::Parting, Hair::Bald};
constexpr std::array<Pattern, 8> kPatterns = {Pattern::Hoops,      Pattern::Plain, Pattern::Emblem, Pattern::Checks,
                                              Pattern::Pinstripes, Pattern::Dots,  Pattern::Halves, Pattern::Knit};
constexpr std::array<Bottom, 6> kBottoms = {Bottom::Trousers, Bottom::Skirt, Bottom::Shorts,
                                            Bottom::Trousers, Bottom::Dress, Bottom::Trousers};

/// One of a list: neighbours have different ones, and one list's period is not another's.
template <typename List>
const auto& turn(const List& list, uint64_t number, uint64_t stride, uint64_t first) {
  return list[(number * stride + first) % list.size()];
}

HeadShape head_of(Chance& chance) {
  HeadShape shape;
  for (double* factor : {&shape.width, &shape.jaw, &shape.chin}) *factor = chance.between(0.93, 1.07);
  for (double* factor : {&shape.nose, &shape.lips, &shape.brows, &shape.cheeks}) *factor = chance.between(0.8, 1.25);
  shape.eyes = chance.between(0.92, 1.1);
  shape.eye_tilt = chance.between(-0.001, 0.003);
  return shape;
}

void dress(Identity& person, Chance& chance, uint64_t number) {
  person.bottom = turn(kBottoms, number, 1, 0);
  const bool is_long = person.bottom == Bottom::Trousers;
  person.hem = static_cast<float>(is_long ? 1.9 : chance.between(0.7, 1.0));
  person.flare = is_long ? chance.between(-0.004, 0.014) : chance.between(0.006, 0.014);
  person.sleeves = std::array<float, 4>{0.55F, 1.9F, 0.0F, 0.9F}[(number * 3 + number / 4) % 4];
  person.top = {turn(kPatterns, number, 3, 0), turn(kTops, number, 5, 0), turn(kTops, number, 7, 1),
                static_cast<float>(chance.between(0.06, 0.11)), static_cast<uint32_t>(chance.bits())};
  person.below = {chance.happens(0.25) ? Pattern::Checks : Pattern::Knit, turn(kBelow, number, 2, 0),
                  turn(kBelow, number, 2, 3), 0.05F, static_cast<uint32_t>(chance.bits())};
  if (person.bottom == Bottom::Dress) person.below = person.top;
  if (person.bottom == Bottom::Skirt) person.below.main = turn(kTops, number, 5, 4);
  person.shoes = turn(kShoes, number, 3, 0);
  person.soles = mix(person.shoes, rgb(0xF2F0EA), 0.7F);
  person.belt = mix(person.below.main, rgb(0x201810), 0.7F);
}

}  // namespace

Identity identity_of(uint64_t number) {
  Chance chance(number, Matter::Identity, 0);
  Identity person;
  person.height = chance.between(1.56, 1.92);
  person.stout = chance.between(0.9, 1.18);
  person.shoulders = chance.between(0.92, 1.1);
  person.hips = chance.between(0.92, 1.1);
  person.legs = chance.between(0.97, 1.03);
  person.head = chance.between(0.97, 1.06);
  person.face = head_of(chance);
  person.skin = turn(kSkins, number, 3, 0);
  person.hair = turn(kCuts, number, 1, 0);
  person.hair_colour = turn(kHairs, number, 2, 0);
  const bool is_soft = person.hair == Hair::Long || person.hair == Hair::Bob || person.hair == Hair::Bun;
  person.bust = is_soft ? chance.between(1.05, 1.2) : chance.between(0.92, 1.05);
  person.brow_colour = 0.8F * mix(person.hair_colour, rgb(0x2A1E18), 0.35F);
  person.iris = turn(kIrises, number, 1, 0);
  person.lips = mix(person.skin, rgb(0xB5443F), is_soft ? 0.55F : 0.32F);
  person.stubble = !is_soft && chance.happens(0.5) ? static_cast<float>(chance.between(0.15, 0.7)) : 0;
  person.seed = static_cast<uint32_t>(chance.bits());
  dress(person, chance, number);
  if (!is_soft && (person.bottom == Bottom::Skirt || person.bottom == Bottom::Dress)) {
    person.bottom = Bottom::Shorts;
    person.below = {Pattern::Knit, turn(kBelow, number, 2, 0), turn(kBelow, number, 2, 3), 0.05F, person.seed};
  }
  return person;
}

Studio studio_of(uint64_t number) {
  Chance chance(number, Matter::Identity, 1);
  Studio studio;
  studio.wall = turn(kWalls, number, 2, 0);
  studio.wall_second = mix(studio.wall, chance.happens(0.5) ? rgb(0xFFFFFF) : rgb(0x303030), 0.25F);
  studio.floor = turn(kFloors, number, 5, 0);
  studio.floor_second = mix(studio.floor, rgb(0x201810), static_cast<float>(chance.between(0.25, 0.5)));
  studio.wall_pattern = static_cast<Studio::Wall>((number * 5 + 1) % 6);
  studio.floor_pattern = static_cast<Studio::Floor>((number * 2 + 1) % 3);
  const auto warm = static_cast<float>(chance.between(-0.12, 0.16)),
             strong = static_cast<float>(chance.between(0.6, 0.8));
  studio.key = strong * Colour{1 + warm, 1, 1 - warm};
  studio.above = 0.34F * Colour{1 - 0.4F * warm, 1, 1 + 0.5F * warm};
  studio.beneath = 0.2F * mix({1, 1, 1}, studio.floor, 0.5F);
  studio.bearing = chance.sign() * chance.between(0.35, 1.1);
  studio.elevation = chance.between(0.6, 1.05);
  studio.seed = static_cast<uint32_t>(chance.bits());
  return studio;
}

}  // namespace weft::world

#include "plugins/world/figure/sitter.h"

#include "plugins/world/figure/cloth.h"
#include "plugins/world/figure/pieces.h"
#include "plugins/world/texture.h"

namespace weft::world {
namespace {

/// How far down two bones a share of them is, in metres.
float along_bones(double share, double first, double second) {
  return static_cast<float>(share < 1 ? share * first : first + (share - 1) * second);
}

/// A seam or a rim of cloth at 0, darker than the cloth.
float seam(float distance, float reach) {
  const float wide = std::max(0.004F, reach);
  return std::exp(-0.5F * distance * distance / (wide * wide)) * std::min(1.0F, 0.004F / wide + 0.2F);
}

}  // namespace

Vec to_lamp(const Studio& studio) {
  const double c = std::cos(studio.elevation);
  return {-c * std::cos(studio.bearing), c * std::sin(studio.bearing), std::sin(studio.elevation)};
}

Sitter::Sitter(const Identity& person, const Studio& studio, double upper_arm, double forearm, double thigh,
               double shin)
    : person_(person),
      studio_(studio),
      to_lamp_(ray(to_lamp(studio))),
      sleeve_(along_bones(person.sleeves, upper_arm, forearm)),
      hem_(along_bones(person.hem, thigh, shin)) {}

Sheen Sitter::skin(const Spotted& place) const {
  const float grain = 0.04F * visible(place.reach, 0.02F) *
                      noise(place.anchor.along / 0.02F, place.anchor.around / 0.02F, person_.seed);
  return {(1 + grain) * person_.skin, 0.06F, 14, 0.3F, 1};
}

Sheen Sitter::torso(const Spotted& place) const {
  const float height = static_cast<float>(person_.height), along = place.anchor.along, around = place.anchor.around;
  // The neckline is lower at the front, and at the waist another cloth begins.
  const float low = std::exp(-0.5F * around * around / 0.0022F) * (person_.sleeves < 0.2F ? 0.032F : 0.016F);
  const float neck = along - (0.289F - low) * height;
  if (neck > place.reach) return skin(place);
  const float waist = along - 0.045F * height;
  Sheen sheen = {cloth_colour(person_.top, along, around, place.reach), 0.02F, 8, 0.1F, 1};
  if (person_.bottom != Bottom::Dress && waist < 0.5F * place.reach) {
    const bool is_belt = waist > -0.03F && person_.bottom == Bottom::Trousers;
    sheen.albedo = is_belt ? person_.belt : cloth_colour(person_.below, along, around, place.reach);
  }
  const float rim =
      std::max(seam(neck + 0.006F, place.reach), person_.bottom == Bottom::Dress ? 0.0F : seam(waist, place.reach));
  sheen.albedo = (1 - 0.4F * rim) * sheen.albedo;
  if (neck > -place.reach) sheen.albedo = mix(sheen.albedo, person_.skin, above(neck, place.reach, 0));
  return sheen;
}

Sheen Sitter::arm(const Spotted& place) const {
  const float end = place.anchor.along - sleeve_;
  if (sleeve_ <= 0 || end > place.reach) return skin(place);
  Cloth cloth = person_.top;
  if (cloth.pattern == Pattern::Halves || cloth.pattern == Pattern::Emblem) {
    if (cloth.pattern == Pattern::Halves && static_cast<Piece>(place.piece) == Piece::LeftArm)
      cloth.main = cloth.second;
    cloth.pattern = Pattern::Plain;
  }
  Sheen sheen = {cloth_colour(cloth, place.anchor.along, place.anchor.around, place.reach), 0.02F, 8, 0.1F, 1};
  sheen.albedo = (1 - 0.35F * seam(end + 0.006F, place.reach)) * sheen.albedo;
  if (end > -place.reach) sheen.albedo = mix(sheen.albedo, person_.skin, above(end, place.reach, 0));
  return sheen;
}

Sheen Sitter::leg(const Spotted& place) const {
  const float end = place.anchor.along - hem_;
  const bool is_bare = person_.bottom == Bottom::Skirt || person_.bottom == Bottom::Dress;
  if (is_bare || end > place.reach) return skin(place);
  Sheen sheen = {cloth_colour(person_.below, place.anchor.along, place.anchor.around, place.reach), 0.015F, 8, 0.1F, 1};
  sheen.albedo = (1 - 0.35F * seam(end + 0.008F, place.reach)) * sheen.albedo;
  const float side = std::abs(std::abs(place.anchor.around) - 0.09F);
  sheen.albedo = (1 - 0.3F * seam(side, place.reach)) * sheen.albedo;
  if (end > -place.reach) sheen.albedo = mix(sheen.albedo, person_.skin, above(end, place.reach, 0));
  return sheen;
}

Sheen Sitter::shoe(const Spotted& place) const {
  // Around a shoe 0 is the top; soles are at the sides' lower end.
  const float side = std::abs(place.anchor.around), sole = above(side, place.reach, 0.062F);
  Colour colour = mix(person_.shoes, person_.soles, sole);
  const float laces = band(side, place.reach, -0.02F, 0.016F) * band(place.anchor.along, place.reach, 0.02F, 0.11F) *
                      pulses(place.anchor.along / 0.018F, place.reach / 0.018F, 0, 0.5F);
  colour = mix(colour, person_.soles, 0.7F * laces);
  return {colour, 0.12F, 20, 0, 0.85F};
}

Sheen Sitter::sheen(const Spotted& place) const {
  switch (static_cast<Piece>(place.piece)) {
    case Piece::Head:
      return face_sheen(person_, place);
    case Piece::LeftEye:
    case Piece::RightEye:
      return eye_sheen(person_, place);
    case Piece::Mouth:
    case Piece::UpperTeeth:
    case Piece::LowerTeeth:
    case Piece::Tongue:
      return mouth_sheen(place);
    case Piece::Hair:
      return hair_sheen(person_, place);
    case Piece::Torso:
      return torso(place);
    case Piece::LeftArm:
    case Piece::RightArm:
      return arm(place);
    case Piece::LeftLeg:
    case Piece::RightLeg:
      return leg(place);
    case Piece::Skirt:
      return {cloth_colour(person_.below, place.anchor.along, place.anchor.around, place.reach), 0.02F, 8, 0.1F, 1};
    case Piece::LeftShoe:
    case Piece::RightShoe:
      return shoe(place);
    case Piece::Ear:
    case Piece::LeftHand:
    case Piece::RightHand:
      break;
  }
  return skin(place);
}

Colour Sitter::light(const Spotted& place) const {
  const Sheen sheen = this->sheen(place);
  const float cosine = dot(place.normal, to_lamp_);
  const float direct = std::max((cosine + sheen.soft) / (1 + sheen.soft), 0.0F);
  const float up = 0.5F + 0.5F * place.normal.z, facing = std::max(dot(place.normal, place.to_eye), 0.0F);
  // A little light from behind draws the edge.
  const float rim = 0.22F * (1 - facing) * (1 - facing) * (1 - facing) * up;
  const Colour ambient = (sheen.open * (0.8F + 0.2F * facing)) * mix(studio_.beneath, studio_.above, up);
  const Colour warmth = sheen.soft > 0.2F ? Colour{1.04F, 0.97F, 0.94F} : Colour{1, 1, 1};
  Colour light = sheen.albedo * (ambient + direct * warmth * studio_.key + rim * studio_.above);
  if (sheen.gloss > 0) {
    const float shine = std::max(dot(place.normal, unit(to_lamp_ + place.to_eye)), 0.0F);
    light = light + (sheen.gloss * std::pow(shine, sheen.hardness)) * studio_.key;
  }
  return light;
}

}  // namespace weft::world

#include "plugins/world/figure/complexion.h"

#include "plugins/world/figure/head.h"
#include "plugins/world/figure/pieces.h"
#include "plugins/world/texture.h"

namespace weft::world {
namespace {

constexpr float kIris = 0.0067F, kPupil = 0.0029F;
constexpr float kMouth = static_cast<float>(kMouthHeight);

float bell(float x, float y) {
  return std::exp(-0.5F * (x * x + y * y));
}

/// From 0 outside to 1 inside of an edge at 0.
float inside(float distance, float reach) {
  return std::clamp(0.5F + distance / (2 * reach), 0.0F, 1.0F);
}

/// How much of a brow covers a place: metres aside and above the eyes.
float brow(const Identity& person, float aside, float height, float reach) {
  const float off = std::abs(aside);
  if (off < 0.010F || off > 0.058F || height < 0.008F || height > 0.036F) return 0;
  const auto middle = static_cast<float>(brow_height(off)), along = (off - 0.015F) / 0.039F;
  const float half =
      static_cast<float>(person.face.brows) * (along < 0 || along > 1 ? 0.0F : 0.0030F - 0.0021F * along * along);
  const float ends = inside(std::min(off - 0.0155F, 0.053F - off), std::max(reach, 0.002F));
  return ends * inside(half + 0.0008F - std::abs(height - middle), std::max(reach, 0.0009F));
}

/// Signed distance into the red of the lips, in metres.
float into_lips(float aside, float height) {
  const float way = height - kMouth, off = std::abs(aside);
  if (off > static_cast<float>(kMouthWidth)) return -0.01F;
  return way > 0 ? static_cast<float>(upper_lip(aside)) - way : static_cast<float>(lower_lip(aside)) + way;
}

bool is_front(const Spotted& place) {
  return std::abs(place.anchor.around) < 0.075F;
}

/// A place on the front of a face that is being painted.
struct Stroke {
  const Identity& person;
  float height, aside, off, reach;
  float fine;  ///< how much of the finest patterns is seen
  Sheen& sheen;

  /// The colour becomes another one by a share.
  void cover(const Colour& colour, float share) const { sheen.albedo = mix(sheen.albedo, colour, share); }
  float grain(float across, float along, uint32_t seed) const {
    return fine * noise(aside / across, height / along, person.seed + seed);
  }
};

void paint_cheeks(const Stroke& at) {
  const Colour red = at.person.skin * Colour{1.05F, 0.68F, 0.62F};
  at.cover(red, 0.45F * bell((at.off - 0.045F) / 0.016F, (at.height + 0.032F) / 0.016F) +
                    0.3F * bell(at.aside / 0.012F, (at.height + 0.038F) / 0.01F));
}

/// The hollow of an eye, the crease above its lid, and lashes.
void paint_lids(const Stroke& at) {
  at.sheen.open *= 1 - 0.28F * bell((at.off - 0.031F) / 0.019F, (at.height - 0.004F) / 0.011F);
  const auto width = static_cast<float>(kEyeWidth * at.person.face.eyes);
  const float eye = (at.off - static_cast<float>(kEyeAside)) / (1.12F * width), arch = 1 - eye * eye;
  if (arch < 0) return;
  const float lash = inside(0.0016F * arch + 0.0002F - std::abs(at.height - 0.0008F), std::max(at.reach, 0.0006F));
  at.cover(0.25F * at.person.brow_colour, 0.85F * lash);
  const float crease = bell(0, (at.height - 0.0062F * (0.6F + 0.4F * arch)) / std::max(0.0009F, at.reach));
  at.cover(at.person.skin * Colour{0.6F, 0.45F, 0.4F}, 0.5F * crease);
}

void paint_stubble(const Stroke& at) {
  if (at.person.stubble <= 0) return;
  const double upper = at.off > 0.03F ? 0.03 : 0, cheek = 0.25 * at.off - 0.048 + upper - at.height;
  const auto beard = static_cast<float>(smooth_step(0.03, 0.05, -at.height) * smooth_step(0, 0.012, cheek) *
                                        smooth_step(0.073, 0.055, at.off));
  const float hairs = 0.8F + 0.2F * at.grain(0.0015F, 0.0015F, 0);
  at.cover(at.person.brow_colour, 0.75F * at.person.stubble * beard * hairs);
}

void paint_nostrils(const Stroke& at) {
  const float nostril = bell((at.off - 0.0075F) / 0.0032F, (at.height + 0.0495F) / 0.0022F);
  at.cover(at.person.skin * Colour{0.12F, 0.07F, 0.06F}, std::min(nostril * 1.2F, 1.0F));
  at.sheen.open *= 1 - 0.35F * bell(at.aside / 0.016F, (at.height + 0.0535F) / 0.004F);
}

void paint_lips(const Stroke& at) {
  const float lips = inside(into_lips(at.aside, at.height), std::max(at.reach, 0.0008F));
  if (lips > 0) {
    at.cover((1 + 0.08F * at.grain(0.0018F, 0.02F, 2)) * at.person.lips, lips);
    at.sheen.gloss = between(at.sheen.gloss, 0.22F, lips), at.sheen.hardness = between(14, 26, lips);
  }
  const float line = bell(0, (at.height - kMouth) / std::max(0.0012F, at.reach)) *
                     inside(static_cast<float>(kMouthWidth) + 0.001F - at.off, 0.003F);
  at.cover(at.person.lips * Colour{0.22F, 0.15F, 0.15F}, 0.8F * line);
}

}  // namespace

Sheen face_sheen(const Identity& person, const Spotted& place) {
  const float height = place.anchor.along, aside = place.anchor.around;
  Sheen sheen = {person.skin, 0.07F, 14, 0.3F, 1};
  const Stroke stroke = {person, height, aside, std::abs(aside), place.reach, visible(place.reach, 0.004F), sheen};
  const float blotches = 0.04F * visible(place.reach, 0.02F) * noise(height / 0.02F, aside / 0.02F, person.seed + 1);
  sheen.albedo = (1 + 0.03F * stroke.grain(0.004F, 0.004F, 0) + blotches) * sheen.albedo;
  sheen.open = between(0.62F, 1, static_cast<float>(smooth_step(-0.135, -0.112, height)));
  if (!is_front(place) || height > 0.06F || height < -0.125F) return sheen;
  paint_cheeks(stroke);
  paint_lids(stroke);
  paint_stubble(stroke);
  paint_nostrils(stroke);
  paint_lips(stroke);
  stroke.cover(person.brow_colour, 0.9F * brow(person, aside, height, place.reach));
  return sheen;
}

Sheen eye_sheen(const Identity& person, const Spotted& place) {
  const float x = place.anchor.around, y = place.anchor.along, far = std::sqrt(x * x + y * y),
              reach = std::max(place.reach, 0.0003F);
  Sheen sheen = {{0.74F, 0.71F, 0.69F}, 0.75F, 90, 0, 0.86F};
  sheen.albedo = mix(sheen.albedo, {0.62F, 0.36F, 0.32F}, std::clamp((std::abs(x) - 0.009F) / 0.006F, 0.0F, 0.55F));
  const float rays = visible(reach, 0.0016F) * 0.3F * noise(std::atan2(y, x) * 9, far / 0.004F, person.seed);
  const Colour iris = (0.75F + rays + 60 * std::max(far - 0.003F, 0.0F)) * person.iris;
  const float of_iris = inside(kIris - far, reach), rim = bell(0, (far - kIris) / 0.0007F);
  sheen.albedo = mix(sheen.albedo, iris, of_iris);
  sheen.albedo = mix(sheen.albedo, 0.25F * person.iris, 0.6F * rim);
  sheen.albedo = mix(sheen.albedo, {0.008F, 0.007F, 0.007F}, inside(kPupil - far, reach));
  return sheen;
}

Sheen hair_sheen(const Identity& person, const Spotted& place) {
  const bool is_curly = person.hair == Hair::Curls;
  const float size = is_curly ? 0.012F : 0.0035F, length = is_curly ? 0.012F : 0.06F;
  const float strands =
      visible(place.reach, 2 * size) * noise(place.anchor.around / size, place.anchor.along / length, person.seed);
  const float locks = visible(place.reach, 8 * size) *
                      noise(place.anchor.around / (4 * size), place.anchor.along / (2 * length), person.seed + 1);
  Sheen sheen = {(1 + 0.28F * strands + 0.22F * locks) * person.hair_colour, 0.16F, 9, 0.15F, 0.9F};
  sheen.gloss *= 1 + strands;
  return sheen;
}

Sheen mouth_sheen(const Spotted& place) {
  const float up = place.anchor.along, left = place.anchor.around;
  switch (static_cast<Piece>(place.piece)) {
    case Piece::UpperTeeth:
    case Piece::LowerTeeth: {
      const float gap = pulses(left / 0.0066F + 0.5F + 0.05F, std::max(place.reach / 0.0066F, 0.02F), 0, 0.1F);
      const float deep = 1 - 0.45F * std::clamp((std::abs(left) - 0.006F) / 0.012F, 0.0F, 1.0F);
      const bool is_upper = static_cast<Piece>(place.piece) == Piece::UpperTeeth;
      const Colour gum = {0.45F, 0.14F, 0.13F};
      const float of_gum = is_upper ? inside(up - 0.0055F, 0.001F) : inside(-0.0085F - up, 0.001F);
      return {deep * mix((1 - 0.35F * gap) * Colour{0.80F, 0.76F, 0.68F}, gum, of_gum), 0.25F, 30, 0, 0.75F};
    }
    case Piece::Tongue:
      return {{0.36F, 0.11F, 0.11F}, 0.12F, 18, 0.2F, 0.6F};
    default:
      return {{0.045F, 0.012F, 0.012F}, 0, 10, 0, 0.5F};
  }
}

FacePart face_part(const Identity& person, const Spotted& place) {
  switch (static_cast<Piece>(place.piece)) {
    case Piece::LeftEye:
    case Piece::RightEye:
      return FacePart::Eyes;
    case Piece::Mouth:
    case Piece::UpperTeeth:
    case Piece::LowerTeeth:
    case Piece::Tongue:
      return FacePart::Mouth;
    case Piece::Hair:
      return FacePart::Hair;
    case Piece::Ear:
      return FacePart::Skin;
    case Piece::Head:
      break;
    default:
      return FacePart::Clothes;
  }
  const float height = place.anchor.along, aside = place.anchor.around, off = std::abs(aside);
  if (height < -0.128F) return FacePart::Neck;
  if (!is_front(place)) return height < -0.06F ? FacePart::Neck : FacePart::Skin;
  if (brow(person, aside, height, 0.0002F) > 0.5F) return FacePart::Brows;
  if (into_lips(aside, height) > 0) return FacePart::Lips;
  const float nose = 0.008F + 0.0105F * static_cast<float>(smooth_step(0.0, -0.04, height));
  if (height < 0 && height > -0.0535F && off < nose) return FacePart::Nose;
  return FacePart::Skin;
}

}  // namespace weft::world

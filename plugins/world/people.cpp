#include "plugins/world/people.h"

namespace weft::world {
namespace {

/// Turns something that hangs from a joint forwards by `angle`.
Pose swung(const Pose& parent, const Vec& joint, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return {parent.at(joint), c * parent.ahead + s * parent.up, parent.left, c * parent.up - s * parent.ahead};
}

/// The skeleton's lengths, as shares of the height.
constexpr double kHip = 0.52, kThigh = 0.26, kShin = 0.245, kShoulder = 0.81, kArm = 0.33, kHead = 0.925;

/// Both times of a joint.
struct Joint {
  Pose now, before;

  Joint swing(const Vec& at, double angle, double angle_before) const {
    return {swung(now, at, angle), swung(before, at, angle_before)};
  }
};

/// Puts limbs of one person onto the stage, each a body of its own.
class Doll {
 public:
  Doll(Site& site, const Person& person, const Stance& now, const Stance& before, float sunlit)
      : site_(site), person_(person), now_(now), before_(before), sunlit_(sunlit), root_{now.pose, before.pose} {
    coat_ = skin(person.coat);
    trousers_ = skin(person.trousers);
    face_ = skin(person.face);
    hair_ = skin(person.hair);
    shoes_ = skin({0.03F, 0.028F, 0.027F});
  }

  void add() {
    for (const double side : {1.0, -1.0}) add_leg(side);
    add_trunk();
    for (const double side : {1.0, -1.0}) add_arm(side);
  }

 private:
  int32_t skin(const Colour& colour) {
    Skin skin;
    skin.material = Material::Round;
    skin.label = Label::Person;
    skin.instance = person_.instance;
    skin.main = colour;
    return site_.stage.skin(skin);
  }

  void enter(const Joint& joint) { site_.stage.enter({joint.now, joint.before, person_.key + limb_++, sunlit_}); }
  double leg_angle(const Stance& stance, double side) const {
    return stance.swing * 0.42 * std::sin(stance.stride + (side > 0 ? 0 : kPi));
  }
  /// The knee bends while the leg comes forwards.
  double knee_angle(const Stance& stance, double side) const {
    return -stance.swing * 0.55 * std::max(std::cos(stance.stride + (side > 0 ? 0.5 : 0.5 + kPi)), 0.0);
  }

  void add_leg(double side) {
    const double tall = person_.height;
    const Joint thigh =
        root_.swing({0, side * 0.052 * tall, kHip * tall}, leg_angle(now_, side), leg_angle(before_, side));
    enter(thigh);
    site_.stage.rod({0, 0, 0}, {0, 0, -kThigh * tall}, 0.05 * tall, 0.036 * tall, trousers_);
    const Joint shin = thigh.swing({0, 0, -kThigh * tall}, knee_angle(now_, side), knee_angle(before_, side));
    enter(shin);
    site_.stage.rod({0, 0, 0}, {0, 0, -kShin * tall + 0.03}, 0.036 * tall, 0.026 * tall,
                    person_.wears_skirt ? face_ : trousers_);
    site_.stage.rod({-0.02, 0, -kShin * tall + 0.02}, {0.13, 0, -kShin * tall + 0.01}, 0.042, 0.034, shoes_);
  }

  void add_trunk() {
    const double tall = person_.height;
    enter(root_);
    if (person_.wears_skirt)
      site_.stage.rod({0, 0, 0.36 * tall}, {0, 0, 0.58 * tall}, 0.115 * tall, 0.075 * tall, coat_, Stage::Ends::Flat);
    site_.stage.rod({0, 0, (kHip - 0.005) * tall}, {0, 0, 0.755 * tall}, 0.078 * tall, 0.098 * tall, coat_);
    site_.stage.rod({0, 0, 0.8 * tall}, {0.01, 0, 0.88 * tall}, 0.034 * tall, 0.034 * tall, face_);
    site_.stage.ball({0.012 * tall, 0, kHead * tall}, 0.066 * tall, face_);
    site_.stage.ball({-0.016 * tall, 0, (kHead + 0.014) * tall}, 0.0665 * tall, hair_);
  }

  void add_arm(double side) {
    const double tall = person_.height;
    const auto angle = [&](const Stance& stance) { return -0.75 * leg_angle(stance, side); };
    const Joint arm = root_.swing({0, side * 0.108 * tall, kShoulder * tall}, angle(now_), angle(before_));
    enter(arm);
    const Vec hand = {0.05 * tall, side * 0.02 * tall, -kArm * tall};
    site_.stage.rod({0, 0, 0}, hand, 0.035 * tall, 0.026 * tall, coat_);
    site_.stage.ball(hand + Vec{0.004 * tall, 0, -0.03 * tall}, 0.027 * tall, face_);
  }

  Site& site_;
  const Person& person_;
  const Stance &now_, &before_;
  float sunlit_;
  Joint root_;
  uint32_t limb_ = 0;
  int32_t coat_, trousers_, face_, hair_, shoes_;
};

void add_shadow(Site& site, const Person& person, const Pose& pose, float seen) {
  const Vec& sun = site.stage.view().to_sun;
  Mark mark;
  mark.is_round = true;
  mark.kind = Mark::Kind::Contact;
  mark.centre = pose.origin;
  mark.length = mark.width = 0.9;
  mark.soft = 0.45;
  mark.strength = 0.6F * seen;
  site.ground.add_mark(mark);
  const double far = std::min(person.height / std::max(sun.z, 0.1), 8.0);
  mark.kind = Mark::Kind::Shadow;
  mark.centre = pose.origin - Vec{0.5 * far * sun.x, 0.5 * far * sun.y, 0};
  mark.heading = std::atan2(sun.y, sun.x);
  mark.length = far * std::hypot(sun.x, sun.y) + 0.45;
  mark.width = 0.5;
  mark.soft = 0.2;
  mark.strength = 0.75F * seen;
  site.ground.add_mark(mark);
}

}  // namespace

Person person_of(const Site& site, Matter matter, int64_t index, int64_t instance) {
  Chance chance(site.layout.seed(), matter, index, 1);
  const auto& clothes = site.look.clothes;
  static constexpr std::array<Colour, 4> kTrousers = {rgb(0x2E3A52), rgb(0x3A3A3C), rgb(0x5A4C3E), rgb(0x6E7480)};
  static constexpr std::array<Colour, 4> kHair = {rgb(0x2A211C), rgb(0x5A3F2A), rgb(0xB08A52), rgb(0x8C8A88)};
  static constexpr std::array<Colour, 4> kFaces = {rgb(0xE8B999), rgb(0xC68E6A), rgb(0x8C5A3C), rgb(0xF0C8AC)};
  Person person;
  person.height = chance.between(1.58, 1.88);
  person.coat = clothes[chance.pick(clothes.size())];
  person.trousers = kTrousers[chance.pick(4)];
  person.hair = kHair[chance.pick(4)];
  person.face = kFaces[chance.pick(4)];
  person.wears_skirt = chance.happens(0.22);
  person.instance = instance_id(Label::Person, instance);
  person.key = key_of(matter, index, 1);
  return person;
}

void add_person(Site& site, const Person& person, const Stance& now, const Stance& before) {
  const double away = length(now.pose.origin - site.stage.view().now.pose.origin);
  if (away < 70) add_shadow(site, person, now.pose, fade(away, 70));
  if (away > kSight || !site.stage.sees(now.pose.at({0, 0, 1}), 1.2)) return;
  const Spot spot = site.road.locate(now.pose.origin.x, now.pose.origin.y);
  Doll(site, person, now, before, site.ground.sun_at(spot, 1)).add();
}

}  // namespace weft::world

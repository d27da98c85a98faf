#include "plugins/world/vehicles.h"

namespace weft::world {
namespace {

constexpr VehicleShape kHatchback = {};
constexpr VehicleShape kSaloon = {.length = 4.7,
                                  .belt = 0.9,
                                  .bonnet_end = 0.95,
                                  .rear_glass = -1.75,
                                  .roof = 1.42,
                                  .roof_front = 0.2,
                                  .roof_rear = -1.05};
constexpr VehicleShape kEstate = {.length = 4.75,
                                  .width = 1.86,
                                  .belt = 1.04,
                                  .nose = 0.84,
                                  .bonnet_end = 1.0,
                                  .rear_glass = -2.28,
                                  .roof = 1.66,
                                  .roof_front = 0.35,
                                  .roof_rear = -2.0,
                                  .inset = 0.14,
                                  .wheel = 0.37};
constexpr VehicleShape kVan = {.length = 5.2,
                               .width = 1.98,
                               .belt = 1.2,
                               .nose = 0.98,
                               .bonnet_end = 1.95,
                               .rear_glass = -2.57,
                               .roof = 2.15,
                               .roof_front = 1.25,
                               .roof_rear = -2.5,
                               .inset = 0.1,
                               .wheel = 0.36};
constexpr VehicleShape kLorry = {.label = Label::Truck,
                                 .length = 6.4,
                                 .width = 2.2,
                                 .belt = 1.3,
                                 .nose = 1.2,
                                 .bonnet_end = 3.05,
                                 .rear_glass = 1.3,
                                 .roof = 2.4,
                                 .roof_front = 2.75,
                                 .roof_rear = 1.3,
                                 .inset = 0.08,
                                 .wheel = 0.45,
                                 .cargo = 3.1};
constexpr VehicleShape kBus = {.label = Label::Bus,
                               .length = 9.6,
                               .width = 2.45,
                               .belt = 1.25,
                               .nose = 1.2,
                               .bonnet_end = 4.76,
                               .rear_glass = -4.78,
                               .roof = 2.95,
                               .roof_front = 4.6,
                               .roof_rear = -4.72,
                               .inset = 0.06,
                               .wheel = 0.48};

Skin skin_of(const Vehicle& vehicle, Material material, const Colour& colour) {
  Skin skin;
  skin.material = material;
  skin.label = vehicle.shape.label;
  skin.instance = vehicle.instance;
  skin.main = colour;
  return skin;
}

void add_body(Site& site, const Vehicle& vehicle) {
  const VehicleShape& shape = vehicle.shape;
  Stage& stage = site.stage;
  const double half = shape.length / 2, wide = shape.width / 2, low = kBodyGap, belt = shape.belt - low,
               nose = shape.nose - low;
  const int32_t side = stage.skin(skin_of(vehicle, Material::VehicleSide, vehicle.paint));
  const std::array<float, 3> extent = {static_cast<float>(shape.length), static_cast<float>(belt),
                                       static_cast<float>(shape.wheel)};
  const double cowl = half - shape.bonnet_end, full = shape.length;
  stage.polygon({{half, wide, low}, {-1, 0, 0}, kUp},
                std::array<Point, 5>{{{0, 0}, {full, 0}, {full, belt}, {cowl, belt}, {0, nose}}}, side, extent);
  stage.polygon({{-half, -wide, low}, {1, 0, 0}, kUp},
                std::array<Point, 5>{{{0, 0}, {full, 0}, {full, nose}, {full - cowl, belt}, {0, belt}}}, side, extent);
  Skin front = skin_of(vehicle, Material::VehicleFront, vehicle.paint),
       rear = skin_of(vehicle, Material::VehicleRear, vehicle.paint);
  const bool has_lights = site.look.lamps > 0 && !vehicle.is_parked;
  front.glow = has_lights ? 1 : 0;
  rear.glow = (has_lights ? 0.45F : 0.0F) + 0.75F * static_cast<float>(vehicle.brake);
  stage.wall({half, -wide, low}, {half, wide, low}, nose, stage.skin(front));
  stage.wall({-half, wide, low}, {-half, -wide, low}, belt, stage.skin(rear));
  const int32_t top = stage.skin(skin_of(vehicle, Material::Plain, vehicle.paint));
  stage.rectangle({half, -wide, shape.nose}, {0, 2 * wide, 0}, {shape.bonnet_end - half, 0, shape.belt - shape.nose},
                  top);
  stage.rectangle({shape.bonnet_end, -wide, shape.belt}, {0, 2 * wide, 0}, {-half - shape.bonnet_end, 0, 0}, top);
}

/// Windows and roof.
void add_cabin(Site& site, const Vehicle& vehicle) {
  const VehicleShape& shape = vehicle.shape;
  Stage& stage = site.stage;
  const double base = shape.width / 2 - 0.02, roof = base - shape.inset, rise = shape.roof - shape.belt;
  const double front = shape.bonnet_end, rear = shape.rear_glass;
  Skin pane = skin_of(vehicle, Material::VehicleGlass, vehicle.paint);
  const int32_t glass = stage.skin(pane);
  pane.seed = 1;  // with a post in the middle
  const int32_t side = stage.skin(pane);
  const auto across_pane = [&](double x, double y, double base_end, double roof_end) {
    const double lean = roof_end - base_end, height = std::hypot(lean, rise), inset = shape.inset;
    stage.polygon({{x, y, shape.belt}, {0, y < 0 ? 1.0 : -1.0, 0}, {lean / height, 0, rise / height}},
                  std::array<Point, 4>{{{0, 0}, {2 * base, 0}, {2 * base - inset, height}, {inset, height}}}, glass,
                  {static_cast<float>(2 * base), static_cast<float>(height), static_cast<float>(inset)});
  };
  across_pane(front, -base, front, shape.roof_front);
  across_pane(rear, base, rear, shape.roof_rear);
  const double height = std::hypot(shape.inset, rise), span = front - rear;
  const double at_front = front - shape.roof_front, at_rear = shape.roof_rear - rear;
  const std::array<float, 3> extent = {static_cast<float>(span), static_cast<float>(height),
                                       static_cast<float>((at_front + at_rear) / 2)};
  stage.polygon({{front, base, shape.belt}, {-1, 0, 0}, {0, -shape.inset / height, rise / height}},
                std::array<Point, 4>{{{0, 0}, {span, 0}, {span - at_rear, height}, {at_front, height}}}, side, extent);
  stage.polygon({{rear, -base, shape.belt}, {1, 0, 0}, {0, shape.inset / height, rise / height}},
                std::array<Point, 4>{{{0, 0}, {span, 0}, {span - at_front, height}, {at_rear, height}}}, side, extent);
  const int32_t top = stage.skin(skin_of(vehicle, Material::Plain, 1.05F * vehicle.paint));
  stage.rectangle({shape.roof_front, -roof, shape.roof}, {0, 2 * roof, 0}, {shape.roof_rear - shape.roof_front, 0, 0},
                  top);
}

void add_wheels(Site& site, const Vehicle& vehicle) {
  const VehicleShape& shape = vehicle.shape;
  Stage& stage = site.stage;
  const int32_t disc = stage.skin(skin_of(vehicle, Material::Wheel, {}));
  const int32_t tread = stage.skin(skin_of(vehicle, Material::Plain, {0.012F, 0.012F, 0.013F}));
  const double r = shape.wheel, wide = shape.width / 2, axle = shape.length * (0.5 - kWheelPlace);
  std::array<Point, 12> circle;
  for (size_t i = 0; i < circle.size(); ++i) {
    const double turn = kPi * static_cast<double>(i) / 6;
    circle[i] = {r * std::cos(turn), r * std::sin(turn)};
  }
  const std::array<float, 3> extent = {0, static_cast<float>(r), 0};
  for (const double x : {axle, -axle}) {
    stage.polygon({{x, wide + 0.01, r}, {-1, 0, 0}, kUp}, circle, disc, extent);
    stage.polygon({{x, -wide - 0.01, r}, {1, 0, 0}, kUp}, circle, disc, extent);
    for (const double side : {wide, -wide + 0.22}) {
      stage.wall({x - 0.7 * r, side, 0}, {x - 0.7 * r, side - 0.22, 0}, r, tread);
      stage.wall({x + 0.7 * r, side - 0.22, 0}, {x + 0.7 * r, side, 0}, r, tread);
    }
  }
}

void add_shadow(Site& site, const Vehicle& vehicle, const Pose& pose, float seen) {
  const Vec& sun = site.stage.view().to_sun;
  Mark mark;
  mark.heading = std::atan2(pose.ahead.y, pose.ahead.x);
  mark.length = vehicle.shape.length - 0.1;
  mark.width = vehicle.shape.width - 0.1;
  mark.kind = Mark::Kind::Contact;
  mark.soft = 0.7;
  mark.strength = 0.85F * seen;
  mark.centre = pose.origin;
  site.ground.add_mark(mark);
  mark.kind = Mark::Kind::Shadow;
  const double height = 0.8 * std::max(vehicle.shape.roof, vehicle.shape.cargo),
               far = 0.5 * height / std::max(sun.z, 0.3);
  mark.centre = pose.origin - Vec{far * sun.x, far * sun.y, 0};
  mark.length += std::abs(dot(sun, pose.ahead)) * 1.2 * far;
  mark.width += std::abs(dot(sun, pose.left)) * 1.6 * far;
  mark.soft = 0.35;
  mark.strength = 0.9F * seen;
  site.ground.add_mark(mark);
  if (site.look.lamps <= 0 || vehicle.is_parked) return;
  mark.kind = Mark::Kind::Lamp;  // of its head lamps
  mark.is_round = true;
  mark.centre = pose.at({vehicle.shape.length / 2 + 4.5, 0, 0});
  mark.length = 9, mark.width = 4, mark.soft = 2;
  mark.strength = 0.75F * seen;
  site.ground.add_mark(mark);
}

}  // namespace

Vehicle vehicle_of(const Site& site, Matter matter, int64_t index, int64_t instance, double large_share) {
  Chance chance(site.layout.seed(), matter, index, 1);
  static constexpr std::array<VehicleShape, 3> kCars = {kHatchback, kSaloon, kEstate};
  static constexpr std::array<VehicleShape, 3> kLarge = {kVan, kLorry, kBus};
  Vehicle vehicle;
  vehicle.shape = chance.happens(large_share) ? kLarge[chance.pick(3)] : kCars[chance.pick(3)];
  vehicle.paint = site.look.cars[chance.pick(site.look.cars.size())];
  vehicle.cargo = site.look.walls[chance.pick(site.look.walls.size())];
  vehicle.instance = instance_id(vehicle.shape.label, instance);
  vehicle.key = key_of(matter, index, 1);
  return vehicle;
}

void add_vehicle(Site& site, const Vehicle& vehicle, const Pose& now, const Pose& before) {
  const double away = length(now.origin - site.stage.view().now.pose.origin);
  if (away < 120) add_shadow(site, vehicle, now, fade(away, 120));
  if (away > kSight || !site.stage.sees(now.at({0, 0, 1}), 0.6 * vehicle.shape.length + 1)) return;
  const Spot spot = site.road.locate(now.origin.x, now.origin.y);
  site.stage.enter({now, before, vehicle.key, site.ground.sun_at(spot, 1)});
  add_body(site, vehicle);
  add_cabin(site, vehicle);
  add_wheels(site, vehicle);
  if (vehicle.shape.cargo <= 0) return;
  Skin crate = skin_of(vehicle, Material::Crate, vehicle.cargo);
  crate.trim = vehicle.paint;
  const int32_t cargo = site.stage.skin(crate);
  const double half = vehicle.shape.length / 2, wide = vehicle.shape.width / 2;
  site.stage.box({-half + 0.02, -wide, vehicle.shape.belt - 0.35},
                 {vehicle.shape.roof_rear - 0.15, wide, vehicle.shape.cargo}, cargo, cargo);
}

void add_own_lamps(Site& site) {
  if (site.look.lamps <= 0) return;
  const Pose& eye = site.stage.view().now.pose;
  Mark mark;
  mark.kind = Mark::Kind::Lamp;
  mark.is_round = true;
  mark.centre = eye.at({9, 0, 0});
  mark.heading = std::atan2(eye.ahead.y, eye.ahead.x);
  mark.length = 22, mark.width = 7, mark.soft = 3.5;
  mark.strength = 0.6F;
  site.ground.add_mark(mark);
}

void add_parked_cars(Site& site) {
  constexpr double kBay = 6.4;  // as the lines on the road say
  const Layout& layout = site.layout;
  const auto first = static_cast<int64_t>(std::floor(site.from() / kBay)),
             last = static_cast<int64_t>(site.to() / kBay);
  for (int64_t i = first; i <= last; ++i) {
    const double along = kBay * (static_cast<double>(i) + 0.5);
    const int64_t block = layout.block_at(along);
    if (along < layout.junction(block) + 14 || along > layout.junction(block + 1) - 14) continue;
    for (const double side : {1.0, -1.0}) {
      const int64_t index = sided(i, side);
      Chance chance(layout.seed(), Matter::ParkedCar, index);
      if (!chance.happens(0.55)) continue;
      Vehicle vehicle = vehicle_of(site, Matter::ParkedCar, index, 2 * index, 0.06);
      if (vehicle.shape.length > 6) continue;
      vehicle.is_parked = true;
      const Spot spot = {along + chance.between(-0.4, 0.4), side * (4.35 + chance.between(-0.1, 0.1))};
      Pose pose = site.road.pose(spot, (side > 0 ? kPi : 0) + chance.between(-0.02, 0.02));
      add_vehicle(site, vehicle, pose, pose);
    }
  }
}

}  // namespace weft::world

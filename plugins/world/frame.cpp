#include "plugins/world/frame.h"

#include "plugins/world/chance.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

namespace weft::world {
namespace {

constexpr const char* kAny = "any";  // look or scene
constexpr const char* kDrawnLook = "drawn";

std::vector<std::string> look_names() {
  std::vector<std::string> names;
  for (const Look& look : all_looks()) names.emplace_back(look.name);
  names.emplace_back(kAny);
  names.emplace_back(kDrawnLook);
  return names;
}

/// "noon (a bright summer day), night (street lamps)".
template <typename Things>
std::string described(const Things& things) {
  std::vector<std::string> parts;
  for (const auto& thing : things) parts.push_back(text(thing.name, " (", thing.about, ")"));
  return join(parts);
}

Look find_look(const std::string& name, uint64_t seed) {
  if (name == kDrawnLook) return drawn_look(seed);
  const std::span<const Look> looks = all_looks();
  for (const Look& look : looks) {
    if (look.name == name) return look;
  }
  return looks[Chance(seed, Matter::Look, 0).pick(looks.size())];
}

const Scene* find_scene(const std::string& name, uint64_t seed) {
  const std::span<const Scene> scenes = all_scenes();
  for (const Scene& scene : scenes) {
    if (scene.name == name) return &scene;
  }
  return &scenes[seed % scenes.size()];
}

/// The camera's pose and its lens, as matrices for columns (x, y, z, 1).
at::Tensor camera_matrices(const Camera& camera) {
  const Pose& pose = camera.pose;
  const Lens& lens = camera.lens;
  const std::array<Vec, 4> columns = {-pose.left, -pose.up, pose.ahead, pose.origin};
  at::Tensor matrices = at::zeros({1, 2, 4, 4});
  auto cells = matrices.accessor<float, 4>();
  for (int64_t column = 0; column < 4; ++column) {
    const Vec& of_world = columns[static_cast<size_t>(column)];
    cells[0][0][0][column] = static_cast<float>(of_world.x);
    cells[0][0][1][column] = static_cast<float>(of_world.y);
    cells[0][0][2][column] = static_cast<float>(of_world.z);
  }
  cells[0][1][0][0] = cells[0][1][1][1] = static_cast<float>(lens.focal);
  cells[0][1][0][2] = static_cast<float>(lens.middle_x);
  cells[0][1][1][2] = static_cast<float>(lens.horizon);
  cells[0][0][3][3] = cells[0][1][2][2] = cells[0][1][3][3] = 1;
  return matrices;
}

}  // namespace

void StreetParams::params(Params& p) {
  p("seed", seed, "chooses the street; every seed is another street").min(0).max(kLargestSeed);
  p("look", look,
    text(
        "city, hour and weather: ", described(all_looks()),
        ", or any: one of these, chosen by `look_seed`, or drawn: light, weather, colours and textures drawn at random "
        "by `look_seed`"))
      .choice(look_names());
  p("look_seed", look_seed,
    "chooses or draws the look of \"any\" and \"drawn\"; the next sequence has the next one; default: `seed`")
      .min(0)
      .max(kLargestSeed);
  p("looks", looks, "how many look seeds there are, before the first comes again; default: one for each sequence")
      .min(1);
  std::vector<std::string> scenes;
  for (const Scene& one : all_scenes()) scenes.emplace_back(one.name);
  scenes.emplace_back(kAny);
  p("scene", scene,
    text("what happens: ", described(all_scenes()), ", or any: one of these, in turn from seed to seed"))
      .choice(scenes);
  p("size", size, "height and width in pixels").count({2}).min(16).max(8192);
  p("field_of_view", field_of_view, "horizontal field of view, in degrees").min(10).max(120);
  p("traffic", traffic, "cars and people move; false: only the camera moves");
}

void StreetParams::shape(Shapes& shapes) const {
  shapes.set('H', size[0]);
  shapes.set('W', size[1]);
}

StreetOptions StreetParams::options(int64_t number, double speed) const {
  StreetOptions options;
  options.seed = static_cast<uint64_t>(seed + number);
  const int64_t of_look = look_seed.value_or(seed) + (looks ? number % *looks : number);
  options.look = find_look(look, static_cast<uint64_t>(of_look));
  options.scene = find_scene(scene, options.seed);
  options.lens = Lens::of(static_cast<int>(size[0]), static_cast<int>(size[1]), field_of_view);
  options.speed = speed;
  options.has_traffic = traffic;
  return options;
}

void declare_drives(Params& p, SequenceCount& count) {
  p("frames", count.frame_limit, "frames of a sequence; 0: the drive never ends").min(0);
  p("start", count.start, "the time on the street at t = 0").min(0).max(1e6);
  p("sequences", count.sequences, "number of drives; each has the next seed").min(1);
}

FrameOut frame_of(Renderer& renderer, const Lens& lens, const Shot& now, const Shot& before) {
  const int64_t height = lens.height, width = lens.width;
  const auto map = [&](int64_t channels, at::ScalarType type) { return at::empty({1, channels, height, width}, type); };
  at::Tensor image = map(3, at::kFloat), labels = map(1, at::kLong), instances = map(1, at::kLong);
  at::Tensor flow = map(2, at::kFloat), occlusion = map(1, at::kFloat), depth = map(1, at::kFloat);
  renderer.render(
      now, before,
      {image.mutable_data_ptr<float>(), labels.mutable_data_ptr<int64_t>(), instances.mutable_data_ptr<int64_t>(),
       flow.mutable_data_ptr<float>(), occlusion.mutable_data_ptr<float>(), depth.mutable_data_ptr<float>()});
  return {image, labels, instances, flow, occlusion, depth, camera_matrices({now.camera, lens})};
}

}  // namespace weft::world

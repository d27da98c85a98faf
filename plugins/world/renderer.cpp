#include "plugins/world/renderer.h"

#include "plugins/world/maps.h"
#include "plugins/world/painter.h"
#include "plugins/world/vehicles.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr int kBandRows = 16;  // so many that a band stays in the cache

Skin sky_skin() {
  Skin skin;
  skin.material = Material::Sky;
  skin.label = Label::Sky;
  return skin;
}

}  // namespace

Renderer::Renderer(const StreetOptions& options)
    : options_(options),
      road_(options.seed),
      layout_(options.seed),
      drive_(options.seed, options.speed),
      lighting_(options_.look) {}

Renderer::~Renderer() = default;

Shot Renderer::shot_at(double time) const {
  const double along = drive_.along(time);
  return {{time, along}, Drive::pose(road_, along)};
}

View Renderer::view_of(const Shot& now, const Shot& before) const {
  return {{now.camera, options_.lens}, {before.camera, options_.lens}, lighting_.to_sun()};
}

void Renderer::populate(Stage& stage, Ground& ground, const Shot& now, const Shot& before) const {
  Site site = {stage, ground, road_, layout_, options_.look, now.moment.along};
  add_houses(site);
  add_ground(site);
  add_trees(site);
  add_furniture(site);
  add_own_lamps(site);
  add_parked_cars(site);
  if (options_.has_traffic) {
    const Plan plan = {drive_, *options_.scene, now.moment, before.moment};
    add_traffic(site, plan);
    add_people(site, plan);
  }
  stage.sky(stage.skin(sky_skin()));
}

std::unique_ptr<Renderer::Seen> Renderer::look_back(const Shot& before) const {
  auto seen = std::make_unique<Seen>(before, view_of(before, before));
  Ground ground(road_, before.moment.along, lighting_.to_sun());
  populate(seen->stage, ground, before, before);
  draw(*seen, 1, ground, nullptr);
  return seen;
}

void Renderer::draw(Seen& seen, size_t samples, const Ground& ground, const FrameMaps* maps) const {
  const Lens& lens = options_.lens;
  const auto seed = static_cast<uint32_t>(options_.seed);
  const Painter painter(seen.stage, options_.look, lighting_, ground, seed);
  seen.centres.resize(static_cast<size_t>(lens.width) * static_cast<size_t>(lens.height));
  Band band(lens.width, kBandRows, samples);
  for (int top = 0; top < lens.height; top += kBandRows) {
    const int end = std::min(top + kBandRows, lens.height);
    band.begin(top);
    const std::vector<Surface>& surfaces = seen.stage.surfaces();
    for (size_t i = 0; i < surfaces.size(); ++i) {
      if (surfaces[i].top < static_cast<float>(end) && surfaces[i].bottom > static_cast<float>(top - 1)) {
        band.draw(seen.stage, static_cast<int32_t>(i));
      }
    }
    for (int y = top; y < end; ++y) {
      std::copy_n(band.row(0, y), lens.width, &seen.centres[static_cast<size_t>(y) * static_cast<size_t>(lens.width)]);
      if (maps) paint_row(seen.stage, painter, band, y, maps->image);
    }
  }
}

void Renderer::render(const Shot& now, const Shot& before, const FrameMaps& maps) {
  if (!last_ || !(last_->shot == before)) last_ = look_back(before);
  auto seen = std::make_unique<Seen>(now, view_of(now, before));
  Ground ground(road_, now.moment.along, lighting_.to_sun());
  populate(seen->stage, ground, now, before);
  draw(*seen, kSamples.size(), ground, &maps);
  const Glance of_now = {seen->stage, seen->centres}, of_before = {last_->stage, last_->centres};
  map_classes(of_now, maps.labels, maps.instances);
  map_motion(of_now, of_before, maps.flow, maps.occlusion, maps.depth);
  last_ = std::move(seen);
}

}  // namespace weft::world

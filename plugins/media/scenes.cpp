#include "framework/vision/resize.h"
#include "plugins/media/film.h"
#include "plugins/media/frame_size.h"
#include "plugins/media/scene_cuts.h"
#include <weft/node.h>

#include <ATen/ops/clamp.h>

#include <filesystem>

namespace weft::media {
namespace {

/// A part of a film without a cut.
struct Scene {
  std::string film, name;
  int64_t first = 0, count = 0;  ///< frames
};

/// Films as sequences without cuts, for data sets: no clip may reach over a cut.
///
/// Each film is read twice: first, at the beginning of the run, to find the cuts.
struct Scenes {
  static constexpr auto about =
      "Scenes of videos, or of pictures in folders: each film is split at its cuts, and each scene is a sequence, "
      "called "
      "after its film and, where it has several, a number: walk-001, walk-002; the way from raw video to a data set";

  Path path;
  double cut = 0.1;
  int64_t least_frames = 2;
  std::optional<Fraction> fps;
  FrameSize size;

  void params(Params& p) {
    p("path", path,
      "a video, a folder of videos, a folder of pictures, or a folder with a sub-folder of pictures for each film")
        .required();
    p("cut", cut,
      "the mean absolute difference of two frames, of values from 0 to 1, from which they belong to two scenes, if it "
      "also "
      "is three times that of the frames around them; 1: nothing is split")
        .above(0)
        .max(1);
    p("least_frames", least_frames, "shorter scenes are left out").min(1);
    p("fps", fps, "frames per second that are taken from a video; default: all").above(0);
    size.params(p);
  }
  void shape(Shapes& shapes) const { size.shape(shapes); }

  std::vector<std::string> sequences() {
    find();
    std::vector<std::string> names;
    for (const Scene& scene : scenes_) names.push_back(scene.name);
    return names;
  }
  std::optional<std::string> next_sequence(Context& context) {
    size.check();
    find();
    if (!std::exchange(has_told_, true) && left_out_ > 0)
      context.log().note(text(count_text(left_out_, "scene"), " of less than ", least_frames, " frames left out"));
    if (next_ == scenes_.size()) return {};
    const Scene& scene = scenes_[next_++];
    if (!film_ || open_ != scene.film || position_ > scene.first) {
      film_ = open_film(scene.film, fps);
      open_ = scene.film;
      position_ = 0;
    }
    for (; position_ < scene.first && film_->skip(); ++position_) continue;
    is_first_ = true;
    return scene.name;
  }
  bool skip_sequence() {
    find();
    if (next_ == scenes_.size()) return false;
    ++next_;
    return true;
  }
  std::optional<int64_t> frames() { return scenes_[next_ - 1].count; }
  std::optional<Recording> recording() {
    if (!film_->rate()) return {};
    return Recording{*film_->rate(), "", 0};
  }
  bool skip() { return !is_over() && film_->skip() && ++position_ > 0; }

  std::optional<Out<"image", "image[B,3,H,W]">> run() {
    if (is_over()) return {};
    const std::optional<at::Tensor> image = film_->next();
    if (!image) return {};
    const std::string name = text("frame ", position_++, " of ", open_);
    const Size own = {image->size(2), image->size(3)};
    if (std::exchange(is_first_, false)) size.begin(own, name);
    const Size wanted = size.size_for(own, name);
    if (wanted == own) return *image;
    return vision::resize(*image, wanted.height, wanted.width, vision::Filter::Bicubic).clamp(-1, 1);
  }

 private:
  bool is_over() const {
    const Scene& scene = scenes_[next_ - 1];
    return position_ >= scene.first + scene.count;
  }

  void find() {
    if (is_found_) return;
    for (const std::string& film : films_in(path)) split(film);
    if (scenes_.empty())
      throw Error(Exit::Data, text(path, " has no scene of at least ", count_text(least_frames, "frame")));
    is_found_ = true;
  }

  void split(const std::string& film) {
    const std::unique_ptr<Film> frames = open_film(film, fps);
    FrameDifferences differences;
    while (const std::optional<at::Tensor> image = frames->next()) differences.add(*image);
    std::vector<int64_t> firsts = {0};
    for (const int64_t first : find_cuts(differences.all(), cut)) firsts.push_back(first);
    firsts.push_back(static_cast<int64_t>(differences.all().size()));
    const std::filesystem::path named(film);
    const std::string stem = std::filesystem::is_directory(named) ? named.filename() : named.stem();
    for (size_t i = 0; i + 1 < firsts.size(); ++i) {
      const std::string number = text(i + 1);
      const std::string name =
          firsts.size() == 2 ? stem
                             : text(stem, '-', std::string(number.size() < 3 ? 3 - number.size() : 0, '0'), number);
      const int64_t count = firsts[i + 1] - firsts[i];
      if (count >= least_frames)
        scenes_.push_back({film, name, firsts[i], count});
      else
        ++left_out_;
    }
  }

  std::vector<Scene> scenes_;
  bool is_found_ = false, has_told_ = false;
  int64_t left_out_ = 0;
  size_t next_ = 0;  ///< the scene after the current one
  std::unique_ptr<Film> film_;
  std::string open_;      ///< the current film
  int64_t position_ = 0;  ///< of its next frame
  bool is_first_ = true;
};

}  // namespace

void add_scenes(Registry& registry) {
  registry.add<Scenes>("media.scenes");
}

}  // namespace weft::media

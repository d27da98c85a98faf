#include "plugins/media/clip_view.h"

#include "framework/base/error.h"

#include <algorithm>
#include <cmath>

namespace weft::media {

void ViewRules::params(Params& p) {
  p("size", size_, "height and width of every frame, in pixels; files of other sizes are resized")
      .count({2})
      .min(1)
      .max(32768);
  p("scale", scale_,
    "how the frames' size follows from the size of the clip's first file; sides are rounded to multiples of 4 and, "
    "unless there is a crop, of 32, as in the 2018 program: none keeps the files' size, round only rounds, resize "
    "makes squares of load_size, width and height set that side to load_size, random_width and random_height to a "
    "random number from fine_size to load_size + 1",
    {{"none", How::None},
     {"round", How::Round},
     {"resize", How::Square},
     {"width", How::Width},
     {"height", How::Height},
     {"random_width", How::RandomWidth},
     {"random_height", How::RandomHeight}});
  p("load_size", load_size_, "pixels of the side that `scale` names").min(1).max(32768);
  p("crop", crop_,
    "crop of the scaled frames, its sides rounded to multiples of 32: square, or width or height for a crop in the "
    "frames' proportions, whose width or height is fine_size; its position is random, near the middle horizontally and "
    "in the uppermost eighth vertically; in a run without training it is the middle of that range",
    {{"none", Part::Whole}, {"square", Part::Square}, {"width", Part::Width}, {"height", Part::Height}});
  p("fine_size", fine_size_, "pixels of the side that `crop` names").min(1).max(32768);
  p("flip", flip_, "in training, mirrors a clip (left becomes right) with probability 0.5");
}

bool ViewRules::wants_load_size() const {
  return scale_ != How::None && scale_ != How::Round;
}

void ViewRules::check() const {
  const auto refuse = [](const std::string& message, const std::string& hint) {
    throw Error(Exit::Graph, message).hint(hint);
  };
  if (size_ && (scale_ != How::None || crop_ != Part::Whole))
    refuse(text("`size` and `", scale_ != How::None ? "scale" : "crop",
                "` are both given, but each determines the size of the frames"),
           "leave one out");
  if (wants_load_size() && !load_size_)
    refuse("`scale` needs `load_size`, the pixels of the side that it names", "add a size, such as `load_size = 512`");
  if (!wants_load_size() && load_size_)
    refuse("`load_size` is given, but `scale` does not use it", "add the side, such as `scale = \"width\"`");
  const bool wants_fine_size = crop_ != Part::Whole || is_random();
  if (wants_fine_size && !fine_size_)
    refuse(crop_ != Part::Whole ? "`crop` needs `fine_size`, the pixels of the side that it names"
                                : "a random `scale` needs `fine_size`, the smallest random side",
           "add a size, such as `fine_size = 256`");
  if (!wants_fine_size && fine_size_)
    refuse("`fine_size` is given, but neither `crop` nor a random `scale` uses it",
           "add a crop, such as `crop = \"square\"`");
  if (is_random() && *fine_size_ > *load_size_)
    refuse(text("random sizes go from `fine_size` to `load_size`, but ", *fine_size_, " is more than ", *load_size_),
           "`load_size` must be the larger one");
}

/// The smallest that a side can become, where the parameters alone say so.
std::optional<int64_t> ViewRules::least_side(How own, How random) const {
  if (scale_ != How::Square && scale_ != own && scale_ != random) return {};
  const int64_t pixels = scale_ == random ? *fine_size_ : *load_size_;
  return size_to_crop({1, 1}, Scale::Square, pixels).height;
}

void ViewRules::shape(Shapes& shapes) const {
  check();
  if (size_) {
    shapes.set('H', Dim(size_->at(0)));
    shapes.set('W', Dim(size_->at(1)));
    return;
  }
  const auto set = [&](char letter, How own, How random, Part part) {
    const std::optional<int64_t> least = least_side(own, random);
    if (!least) return;
    if (crop_ == Part::Square || crop_ == part) {
      const int64_t side = size_of_crop({1, 1}, Crop::Square, *fine_size_).height;
      if (side <= *least) shapes.set(letter, Dim(side));
    } else if (crop_ == Part::Whole && scale_ != random) {
      shapes.set(letter, Dim(size_to_load({1, 1}, Scale::Square, *load_size_).height));
    }
  };
  set('H', How::Height, How::RandomHeight, Part::Height);
  set('W', How::Width, How::RandomWidth, Part::Width);
}

Size ViewRules::scaled_size(Size source, data::Draws* draws) const {
  int64_t pixels = load_size_.value_or(0);
  if (is_random() && draws) pixels = draws->between(*fine_size_, *load_size_ + 1);
  Scale scale = Scale::None;
  if (scale_ == How::Round) scale = Scale::Round;
  if (scale_ == How::Square) scale = Scale::Square;
  if (scale_ == How::Width || scale_ == How::RandomWidth) scale = Scale::Width;
  if (scale_ == How::Height || scale_ == How::RandomHeight) scale = Scale::Height;
  return crop_ == Part::Whole ? size_to_load(source, scale, pixels) : size_to_crop(source, scale, pixels);
}

Size ViewRules::part_size(Size source) const {
  const Crop crop = crop_ == Part::Square ? Crop::Square : crop_ == Part::Width ? Crop::Width : Crop::Height;
  return size_of_crop(source, crop, *fine_size_);
}

View ViewRules::view(Size source, data::Draws* draws) const {
  View view;
  view.scaled = size_ ? Size{size_->at(0), size_->at(1)} : scaled_size(source, draws);
  view.cut = view.scaled;
  if (crop_ != Part::Whole) {
    const Size part = part_size(source), whole = view.scaled;
    const int64_t span = std::max<int64_t>(whole.width - part.width, 0) / 2;
    const int64_t lowest = std::min(std::max<int64_t>(whole.height - part.height, 0), whole.height / 8);
    const double middle = static_cast<double>(span);
    view.x =
        draws ? std::clamp<int64_t>(static_cast<int64_t>(draws->normal() * middle / 3 + middle), 0, 2 * span) : span;
    view.y = draws ? draws->between(0, lowest) : lowest / 2;
    view.cut = {std::min(part.height, whole.height - view.y), std::min(part.width, whole.width - view.x)};
  }
  view.is_mirrored = flip_ && draws && draws->coin();
  return view;
}

}  // namespace weft::media

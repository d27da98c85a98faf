#include "plugins/media/frame_size.h"

#include "framework/base/text.h"
#include "plugins/media/picture.h"

#include <utility>

namespace weft::media {

void FrameSize::params(Params& p) {
  p("size", size_, "height and width of every frame, in pixels; frames of other sizes are resized")
      .count({2})
      .min(1)
      .max(32768);
  p("scale", scale_,
    "how the frames' size follows from the size of the first file and load_size; sides are rounded to multiples of 4, "
    "then of 32, as in the 2018 program: none keeps the files' size, round only rounds, resize makes squares",
    {{"none", Scale::None},
     {"round", Scale::Round},
     {"resize", Scale::Square},
     {"width", Scale::Width},
     {"height", Scale::Height}});
  p("load_size", load_size_, "pixels of the side that `scale` names").min(1).max(32768);
}

void FrameSize::shape(Shapes& shapes) const {
  check();
  if (size_) {
    shapes.set('H', Dim(size_->at(0)));
    shapes.set('W', Dim(size_->at(1)));
    return;
  }
  if (!load_size_) return;
  const Size square = size_to_load({1, 1}, Scale::Square, *load_size_);
  if (scale_ != Scale::Width) shapes.set('H', Dim(square.height));
  if (scale_ != Scale::Height) shapes.set('W', Dim(square.width));
}

void FrameSize::check() const {
  if (size_ && size_->at(0) * size_->at(1) > kMostPixels) {
    throw Error(Exit::Graph, text("`size` is ", size_->at(0), "x", size_->at(1), " pixels; frames of at most ",
                                  kMostPixels / 1'000'000, " million are made"));
  }
  const bool scales_to = scale_ == Scale::Square || scale_ == Scale::Width || scale_ == Scale::Height;
  if (size_ && scale_ != Scale::None) {
    throw Error(Exit::Graph, "`size` and `scale` are both given, but each determines the size of the frames")
        .hint("leave one out");
  }
  if (scales_to && !load_size_) {
    throw Error(Exit::Graph, "`scale` needs `load_size`, the pixels of the side that it names")
        .hint("add a size, such as `load_size = 512`");
  }
  if (!scales_to && load_size_) {
    throw Error(Exit::Graph, "`load_size` is given, but `scale` does not use it")
        .hint("add the side, such as `scale = \"width\"`, or give `size = [height, width]` instead");
  }
}

void FrameSize::begin(Size first, std::string name) {
  first_size_ = first;
  first_name_ = std::move(name);
}

Size FrameSize::size_for(Size own, const std::string& name) const {
  if (size_) return {size_->at(0), size_->at(1)};
  if (scale_ != Scale::None) return size_to_load(first_size_, scale_, load_size_.value_or(0));
  if (own == first_size_) return own;
  throw Error(Exit::Data, text("frames differ in size: ", name, " is ", size_text(own), ", but ", first_name_, " is ",
                               size_text(first_size_)))
      .hint("`size = [height, width]` resizes all to one size");
}

}  // namespace weft::media

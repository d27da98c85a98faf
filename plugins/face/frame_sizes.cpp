#include "plugins/face/frame_sizes.h"

namespace weft::face {
namespace {

constexpr double kLargest = 32768;

Error unknown_size() {
  Error error(Exit::Graph, "the size of the landmarks' frame is not known");
  error.hint("wire the frames to `image`, or give `frame_size = [height, width]`");
  return error;
}

}  // namespace

void FrameSizes::params(Params& p) {
  p("frame_size", frame_size_, "height and width of the landmarks' video, in pixels; default: the size of `image`")
      .count({2})
      .min(1)
      .max(kLargest);
  p("size", size_, "height and width of the map, in pixels; default: those of the video")
      .count({2})
      .min(1)
      .max(kLargest);
}

void FrameSizes::shape(Shapes& shapes) const {
  if (!shapes.input("window").empty() && !size_) {
    throw Error(Exit::Graph, "`window` is wired, but `size` is not given: windows differ in size, and maps must not")
        .hint("add a size, such as `size = [512, 512]`");
  }
  const bool has_image = !shapes.input("image").empty();
  if (!has_image && !frame_size_) throw unknown_size();
  if (const auto& known = size_ ? size_ : frame_size_) {
    shapes.set('Y', Dim(known->at(0)));
    shapes.set('X', Dim(known->at(1)));
  } else {
    shapes.set('Y', shapes['H']);
    shapes.set('X', shapes['W']);
  }
}

Size FrameSizes::frame(const std::optional<at::Tensor>& image) const {
  if (!image && !frame_size_) throw unknown_size();
  if (!image) return {frame_size_->at(0), frame_size_->at(1)};
  const Size of_image = {image->size(1), image->size(2)};
  if (!frame_size_ || of_image == Size{frame_size_->at(0), frame_size_->at(1)}) return of_image;
  throw Error(Exit::Graph, text("`image` is ", of_image.width, 'x', of_image.height, ", but `frame_size` says ",
                                frame_size_->at(1), 'x', frame_size_->at(0)))
      .hint("landmarks are in pixels of the original video: wire frames of that size, or remove `frame_size`");
}

at::Tensor FrameSizes::fit(const at::Tensor& picture, const std::optional<at::Tensor>& corners, Outside outside,
                           vision::Filter filter) const {
  if (!corners) return sized(picture, {}, filter);
  const Window window = window_of(*corners);
  return sized(cut_out(picture, window, outside), window, filter);
}

at::Tensor FrameSizes::sized(const at::Tensor& picture, const Window& window, vision::Filter filter) const {
  if (!size_ || picture.sizes() == at::IntArrayRef(*size_)) return turned(picture, window);
  return turned(vision::resize_pil(picture, size_->at(0), size_->at(1), filter), window);
}

}  // namespace weft::face

#include "framework/base/text.h"
#include "framework/vision/resize.h"
#include "plugins/pose/window.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace weft::pose {
namespace {

constexpr int64_t kParts = 24;

/// A DensePose map as the input of a pose network.
///
/// An erased part becomes background in all three channels.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct DensePose {
  static constexpr auto about =
      "DensePose maps as conditions: the two surface coordinates stay in [-1, 1], and the part numbers 0 to 24 are "
      "scaled to [-1, 1]; read the pictures, PNG files, with media.image_folder without a size, because interpolated "
      "pixels and those of a JPEG are not part numbers; cropped to a window, such as that of pose.window, where one is "
      "wired";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  std::optional<std::vector<int64_t>> size;
  std::string channels = "vui";
  bool remove_face = false;
  double drop_probability = 0;

  void params(Params& p) {
    p("size", size, "height and width of the map, resized by nearest neighbour; default: those of the picture")
        .count({2})
        .min(1)
        .max(32768);
    p("channels", channels,
      "what red, green and blue hold, a letter each: i the part numbers, u and v the surface coordinates; the default "
      "is "
      "that of DensePose's own program, whose IUV pictures are written blue first; \"iuv\" where red holds the parts")
        .choice({"vui", "uvi", "iuv", "ivu", "uiv", "viu"});
    p("remove_face", remove_face,
      "erases the head, parts 23 and 24, in every run; the original erases it in training only: set it in the training "
      "graph, and not in the graph that generates");
    p("drop_probability", drop_probability,
      "in training, the probability that a part is erased from a frame; 0.05 in the original")
        .min(0)
        .max(1);
  }

  void shape(Shapes& shapes) const {
    if (!shapes.input("window").empty() && !size) {
      throw Error(Exit::Graph, "`window` is wired, but `size` is not given: windows differ in size, and maps must not")
          .hint("add a size, such as `size = [512, 256]`");
    }
    shapes.set('Y', size ? Dim(size->at(0)) : shapes['H']);
    shapes.set('X', size ? Dim(size->at(1)) : shapes['W']);
  }

  Out<"conditions", "conditions[B,3,Y,X]"> run(In<"image", "image[B,3,H,W]"> image,
                                               Opt<"window", "keypoints[B,2,3]"> window, Context& context) {
    if (window) report_outside(*window, image->size(2), image->size(3), context.log());
    const at::Tensor plain = (window ? seen(*image, *window) : sized(*image)).to(at::kFloat).contiguous();
    const Erased erased = erased_parts(context);
    at::Tensor map = at::empty_like(plain);
    for (int64_t b = 0; b < plain.size(0); ++b) spread(plain[b], erased, map[b]);
    return map;
  }

 private:
  using Erased = std::array<bool, kParts + 1>;

  at::Tensor sized(const at::Tensor& images) const {
    return size ? vision::resize(images, size->at(0), size->at(1), vision::Filter::Nearest) : images;
  }

  /// Warns once of a window of which the picture has less than half: it may be one of other pixels.
  void report_outside(const at::Tensor& windows, int64_t height, int64_t width, Log& log) {
    if (has_reported_outside_) return;
    const at::Tensor corners = windows.to(at::kCPU, at::kDouble).contiguous();
    const auto inside = [](double first, double last, int64_t size) {
      const double length = std::max(std::abs(last - first), 1.0);
      const double begin = std::max(std::min(first, last), 0.0);
      const double end = std::min(std::max(first, last), static_cast<double>(size));
      return std::max(end - begin, 0.0) / length;
    };
    for (int64_t b = 0; b < corners.size(0); ++b) {
      const double* number = corners[b].const_data_ptr<double>();
      if (inside(number[0], number[3], width) * inside(number[1], number[4], height) >= 0.5) continue;
      has_reported_outside_ = true;
      log.warn(text("most of the window, (", number_text(number[0]), ", ", number_text(number[1]), ") to (",
                    number_text(number[3]), ", ", number_text(number[4]),
                    "), is outside of the DensePose picture, which has ", width, 'x', height,
                    " pixels: it must be as large as the keypoints' video"));
      return;
    }
  }

  /// The parts of the images that windows show; nothing but background is outside of an image.
  at::Tensor seen(const at::Tensor& images, const at::Tensor& windows) const {
    const at::Tensor bytes = ((images.to(at::kFloat) + 1) * 127.5).round().to(at::kByte).permute({0, 2, 3, 1});
    std::vector<at::Tensor> pictures;
    for (int64_t b = 0; b < bytes.size(0); ++b)
      pictures.push_back(seen_through(bytes[b], windows[b], size->at(0), size->at(1)));
    return at::stack(pictures).permute({0, 3, 1, 2}).to(at::kFloat) / 127.5 - 1;  // [B, 3, Y, X]
  }

  /// One picture, [3, Y, X].
  void spread(const at::Tensor& picture, const Erased& erased, const at::Tensor& map) const {
    const int64_t count = picture.size(1) * picture.size(2);
    const auto channel = [&](char what) {
      return picture.const_data_ptr<float>() + count * static_cast<int64_t>(channels.find(what));
    };
    const float *v = channel('v'), *u = channel('u'), *coded = channel('i');
    float* out = map.mutable_data_ptr<float>();
    std::optional<std::pair<float, float>> background;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t part = byte_of(coded[i]);
      if (part < 0 || part > kParts) refuse(part, picture);
      if (part == 0 && !background) background = {v[i], u[i]};
      if (part == 0 && background != std::pair(v[i], u[i])) refuse_lossy();
      const bool is_seen = !erased[static_cast<size_t>(part)];
      out[i] = is_seen ? v[i] : -1;
      out[count + i] = is_seen ? u[i] : -1;
      out[2 * count + i] = is_seen ? static_cast<float>(part) / kParts * 2 - 1 : -1;
    }
  }

  static int64_t byte_of(float value) { return static_cast<int64_t>(std::nearbyint((value + 1) * 127.5F)); }

  [[noreturn]] void refuse(int64_t part, const at::Tensor& picture) const {
    constexpr const char* kColours[] = {"red", "green", "blue"};
    const auto holds_parts = [&](int64_t channel) {
      return picture.select(0, channel).max().item<float>() <= kParts / 127.5F - 1 + 1e-3F;
    };
    Error error(Exit::Data, text("the ", kColours[channels.find('i')],
                                 " channel of a DensePose picture must hold part numbers, 0 to ", kParts,
                                 ", but here it holds ", part));
    for (const auto& [channel, order] : {std::pair(0, "iuv"), std::pair(1, "uiv"), std::pair(2, "vui")}) {
      if (!holds_parts(channel)) continue;
      throw error.hint(
          text("its ", kColours[channel], " channel could be the part numbers: channels = \"", order, '"'));
    }
    throw error.hint("the picture must be DensePose's IUV picture as a PNG, not a JPEG, read without resizing");
  }

  /// The background of a DensePose picture is one colour, as nothing is measured there.
  [[noreturn]] static void refuse_lossy() {
    throw Error(Exit::Data,
                "the background (part 0) of the DensePose picture has several colours, so its numbers were "
                "changed: by JPEG compression, a video's, or resizing")
        .hint("write DensePose's IUV pictures as PNG files");
  }

  Erased erased_parts(const Context& context) const {
    Erased erased = {};
    if (drop_probability > 0 && context.is_training()) {
      const at::Tensor drawn = at::rand({kParts}, context.generator(at::kCPU), at::kDouble);
      const double* numbers = drawn.const_data_ptr<double>();
      for (size_t part = 1; part <= kParts; ++part) erased[part] = numbers[part - 1] < drop_probability;
    }
    if (remove_face) erased[23] = erased[24] = true;
    return erased;
  }

  bool has_reported_outside_ = false;
};

}  // namespace

void add_densepose(Registry& registry) {
  registry.add<DensePose>("pose.densepose");
}

}  // namespace weft::pose

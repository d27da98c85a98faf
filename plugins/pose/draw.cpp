#include "framework/vision/resize.h"
#include "plugins/pose/keypoint_scale.h"
#include "plugins/pose/skeleton.h"
#include "plugins/pose/window.h"
#include <weft/node.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>

namespace weft::pose {
namespace {

/// Skeletons as the input of a pose network.
///
/// In training, parts are dropped and heads moved, so that the network learns to live with a detector's
/// faults. The 2018 program's noise also moves points that were not found, from the corner of the picture;
/// here they stay unseen.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct Draw {
  static constexpr auto about =
      "Skeleton drawing of people: body, hands and faces in colour, from the keypoints of pose.openpose_folder; a map "
      "in [-1, 1], drawn at the size of the video, then resized, or cropped to a window such as that of media.clips, "
      "by nearest neighbour";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  std::vector<int64_t> frame_size;
  std::optional<std::vector<int64_t>> size;
  KeypointScale unit;
  bool basic_point_only = false;
  double drop_probability = 0;
  bool move_head = false;

  void params(Params& p) {
    p("frame_size", frame_size, "height and width of the keypoints' video, in pixels")
        .required()
        .count({2})
        .min(1)
        .max(32768);
    p("size", size,
      "height and width of the map, in pixels; default: those of the video; required where `window` is wired")
        .count({2})
        .min(1)
        .max(32768);
    unit.params(p);
    p("basic_point_only", basic_point_only, "draws only the limbs of the body, without head, face and hands");
    p("drop_probability", drop_probability,
      "in training, the probability that a limb, a hand or a face is left out of a frame; 0.05 in the original")
        .min(0)
        .max(1);
    p("move_head", move_head,
      "in training, moves the head by noise, so that a network cannot read the face's shape from it: nose, eyes and "
      "ears by 5 pixels each, the face as a whole by 2 (standard deviations); remove_face_labels of the original");
  }

  void shape(Shapes& shapes) const {
    unit.check();
    if (!shapes.input("window").empty() && !size) {
      throw Error(Exit::Graph, "`window` is wired, but `size` is not given: windows differ in size, and maps must not")
          .hint("add a size, such as `size = [256, 448]`");
    }
    const std::vector<int64_t>& wanted = size ? *size : frame_size;
    if (wanted.size() != 2) return;
    shapes.set('H', Dim(wanted.at(0)));
    shapes.set('W', Dim(wanted.at(1)));
  }

  Out<"pose", "conditions[B,3,H,W]"> run(In<"keypoints", "keypoints[B,K,3]"> keypoints,
                                         Opt<"window", "keypoints[B,2,3]"> window, Context& context) {
    at::Generator generator = context.generator(at::kCPU);
    const std::vector<int64_t>& wanted = size ? *size : frame_size;
    at::Tensor maps = at::empty({keypoints->size(0), 3, wanted.at(0), wanted.at(1)}, at::kFloat);
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      std::vector<Person> people = people_of(keypoints->select(0, b));
      unit.apply(people, frame_size.at(0), frame_size.at(1), context.log());
      if (move_head && context.is_training()) move_heads(people, generator);
      const at::Tensor drawn = draw(people, context.is_training() ? drop_probability : 0, generator);
      spread(window ? seen_through(drawn, window->select(0, b), wanted.at(0), wanted.at(1)) : sized(drawn), maps[b]);
    }
    return maps;
  }

 private:
  /// The whole frame, [height, width, 3] uint8.
  at::Tensor draw(const std::vector<Person>& people, double probability, at::Generator& generator) const {
    const Drops drops = [&] {
      return probability > 0 && at::rand({}, generator, at::kDouble).item<double>() < probability;
    };
    const Detail detail = basic_point_only ? Detail::Body : Detail::All;
    return draw_people(people, frame_size.at(0), frame_size.at(1), detail, drops);
  }

  at::Tensor sized(const at::Tensor& drawn) const {
    if (!size || *size == frame_size) return drawn;
    return vision::resize_pil(drawn, size->at(0), size->at(1), vision::Filter::Nearest);
  }

  /// [H, W, 3] uint8 becomes [3, H, W] in [-1, 1].
  static void spread(const at::Tensor& drawn, const at::Tensor& map) {
    std::array<float, 256> levels;
    for (size_t i = 0; i < levels.size(); ++i) levels[i] = (static_cast<float>(i) / 255 - 0.5F) / 0.5F;
    const int64_t count = drawn.size(0) * drawn.size(1);
    const uint8_t* pixel = drawn.const_data_ptr<uint8_t>();
    float* value = map.mutable_data_ptr<float>();
    for (int64_t i = 0; i < count; ++i, pixel += 3) {
      for (int64_t c = 0; c < 3; ++c) value[c * count + i] = levels[pixel[c]];
    }
  }

  static void move_heads(std::vector<Person>& people, at::Generator& generator) {
    constexpr double kHeadPoint = 5, kFace = 2;  // pixels
    const auto move = [&](std::vector<Keypoint*> points, double deviation) {
      const at::Tensor shift = at::randn({2}, generator, at::kDouble).mul_(deviation);
      for (Keypoint* point : points) {
        point->x += shift[0].item<double>();
        point->y += shift[1].item<double>();
      }
    };
    for (Person& person : people) {
      for (const size_t point : {0, 15, 16, 17, 18}) move({&person.body[point]}, kHeadPoint);
      std::vector<Keypoint*> face;
      for (Keypoint& point : person.face) face.push_back(&point);
      move(face, kFace);
    }
  }
};

}  // namespace

void add_draw(Registry& registry) {
  registry.add<Draw>("pose.draw");
}

}  // namespace weft::pose

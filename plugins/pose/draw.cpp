#include "framework/vision/resize.h"
#include "plugins/pose/keypoint_scale.h"
#include "plugins/pose/skeleton.h"
#include "plugins/pose/window.h"
#include <weft/node.h>

#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>

#include <algorithm>

namespace weft::pose {
namespace {

/// Skeletons as the input of a pose network.
///
/// In training, parts are dropped and heads moved, so that the network learns to live with a detector's
/// faults. The 2018 program's noise also moves points that were not found, from the corner of the picture;
/// here they stay unseen.
///
/// Source: Wang et al. 2018 and 2019, programs; docs/papers/vid2vid.md.
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
  Program program = Program::Vid2vid;
  enum class People { All, Tallest };
  People people_drawn = People::All;
  bool face = true;
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
    p("basic_point_only", basic_point_only,
      "draws only the limbs of the body, without face and hands, and without head, or with `program` few_shot without "
      "feet");
    p("program", program,
      "how to draw: as vid2vid (2018), or as few-shot vid2vid (2019), whose lines are as wide as the person is tall in "
      "150 parts (hands and face 450), in training by chance, and which draws the jaw",
      {{"vid2vid", Program::Vid2vid}, {"few_shot", Program::FewShot}});
    p("people", people_drawn, "who is drawn: everybody, or the person whose points reach over the largest height",
      {{"all", People::All}, {"tallest", People::Tallest}});
    p("face", face, "draws the face; remove_face_labels of few-shot vid2vid turns it off");
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
      if (people_drawn == People::Tallest) keep_tallest(people);
      if (move_head && context.is_training()) move_heads(people, generator);
      const at::Tensor drawn = draw(people, context.is_training(), generator);
      spread(window ? seen_through(drawn, window->select(0, b), wanted.at(0), wanted.at(1)) : sized(drawn), maps[b]);
    }
    return maps;
  }

 private:
  /// The whole frame, [height, width, 3] uint8.
  at::Tensor draw(const std::vector<Person>& people, bool is_training, at::Generator& generator) const {
    const double probability = is_training ? drop_probability : 0;
    const Drops drops = [&] {
      return probability > 0 && at::rand({}, generator, at::kDouble).item<double>() < probability;
    };
    Drawing drawing{basic_point_only ? Detail::Body : Detail::All, program, face};
    if (program == Program::FewShot && !people.empty()) set_brushes(people, is_training, generator, drawing);
    return draw_people(people, frame_size.at(0), frame_size.at(1), drawing, drops);
  }

  /// Of few-shot vid2vid: by the height of the first person, in training by chance. A point far outside of the frame makes
  /// nobody taller than two frames.
  void set_brushes(const std::vector<Person>& people, bool is_training, at::Generator& generator,
                   Drawing& drawing) const {
    const int64_t tallest = 2 * std::max(frame_size.at(0), frame_size.at(1));
    const int64_t height = std::min(static_cast<int64_t>(height_of(people.front())), tallest);
    drawing.body_brush = std::max<int64_t>(1, height / 150);
    drawing.fine_brush = std::max<int64_t>(1, height / 450);
    if (!is_training) return;
    drawing.body_brush = at::randint(2, 5, {}, generator, at::kLong).item<int64_t>();
    drawing.fine_brush = at::randint(1, 3, {}, generator, at::kLong).item<int64_t>();
  }

  static void keep_tallest(std::vector<Person>& people) {
    const auto is_shorter = [](const Person& a, const Person& b) { return height_of(a) < height_of(b); };
    const auto tallest = std::max_element(people.begin(), people.end(), is_shorter);
    if (tallest != people.end()) people = {*tallest};
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

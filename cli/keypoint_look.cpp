#include "cli/keypoint_look.h"

#include "framework/base/text.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdio>
#include <map>

namespace weft::cli {
namespace {

using nlohmann::json;

/// Faces and limbs may leave the frame, but not by more than a part of its size.
constexpr float kLargestOutside = 0.5F;

/// The node that reads a kind of keypoints.
const char* reader_of(const std::string& kind) {
  return kind == "people" ? "pose.openpose_folder" : "face.landmark_folder";
}

struct Size {
  float width = 0, height = 0;
};

/// The size of all frames; nothing where they differ.
std::optional<Size> size_of_frames(const json& facts) {
  if (!facts.contains("image") || facts["image"]["sizes"].size() != 1) return {};
  Size size;
  const std::string words = facts["image"]["sizes"].begin().key();
  if (std::sscanf(words.c_str(), "%fx%f", &size.width, &size.height) != 2) return {};
  return size;
}

/// Looks at one kind of keypoints.
class KeypointLook {
 public:
  KeypointLook(std::string kind, const std::string& folder, const json& facts, bool is_whole, Program& program)
      : kind_(std::move(kind)),
        size_(size_of_frames(facts)),
        is_whole_(is_whole),
        context_(reader_of(kind_), 1, at::kCPU, at::kFloat, *program.log),
        node_(make_reader(reader_of(kind_), "keypoints", program)) {
    for (const auto& [name, length] : facts["lengths"].items()) lengths_[name] = length;
    node_->configure({{"path", folder}});
  }

  std::vector<Finding> run(bool only_headers) {
    if (!compare_names()) return findings_;
    while (open_next()) {
      if (!only_headers) read_frames();
    }
    for (const auto& [name, length] : lengths_)
      add_fault(text("the frames have the sequence \"", name, "\", but ", kind_, " has not"),
                "folders of one sequence have one name; add the missing one, or remove this one");
    std::string line = text(kind_, ": ", count_text(frames_, "frame"), " in ", count_text(sequences_, "sequence"));
    if (empty_ > 0) line += text(", ", empty_, kind_ == "people" ? " without anybody" : " without a face");
    findings_.push_back({line, "", false, {}});
    return findings_;
  }

 private:
  void add_fault(const std::string& what, const std::string& way_out) {
    findings_.push_back({what, way_out, true, {}});
  }

  void add_fault(const Error& error) {
    const std::string place = error.place().file.empty() ? "" : text(error.place(), ": ");
    add_fault(text(place, error.message()), error.hints().empty() ? "" : error.hints().front());
  }

  /// @returns whether there are sequences at all. Folders of single sequences may be called what they like.
  bool compare_names() {
    try {
      const auto names = node_->as_source()->sequences();
      is_single_ = names && names->size() == 1 && lengths_.size() == 1;
      return true;
    } catch (const Error& error) {
      add_fault(error);
      return false;
    }
  }

  /// Opens the next sequence, and compares its length with that of the frames.
  bool open_next() {
    try {
      const auto name = node_->as_source()->next_sequence(context_);
      if (!name) return false;
      name_ = *name;
      ++sequences_;
      const int64_t frames = node_->as_source()->frames().value_or(0);
      const auto known = is_single_ ? lengths_.begin() : lengths_.find(name_);
      if (known == lengths_.end()) {
        if (is_whole_)
          add_fault(text(kind_, " has the sequence \"", name_, "\", but the frames have not"),
                    "folders of one sequence have one name; add the missing one, or remove this one");
      } else if (known->second != frames) {
        add_fault(text(kind_, " of sequence \"", name_, "\" has ", count_text(frames, "frame"), ", but there are ",
                       count_text(known->second, "picture")),
                  "keypoints and pictures are matched by their order, so there must be as many of each");
      }
      if (known != lengths_.end()) lengths_.erase(known);
      frames_ += frames;
    } catch (const Error& error) {  // what follows cannot be told from what is missing
      add_fault(error);
      lengths_.clear();
      return false;
    }
    return true;
  }

  void read_frames() {
    const std::vector<std::string> names = node_->as_source()->frame_names();
    int64_t outside = 0, frame = 0;
    size_t first = 0;  // of the frames with keypoints outside
    try {
      node_->reset();
      std::array<Value, 1> outputs;
      for (; node_->run({}, outputs, context_); ++frame) {
        const at::Tensor points = outputs[0].tensor().flatten(0, 1);  // [K, 3]: x, y, confidence
        const at::Tensor seen = points.index_select(0, (points.select(1, 2) > 0).nonzero().flatten());
        if (seen.size(0) == 0) ++empty_;
        if (seen.size(0) > 0 && lies_outside(seen) && outside++ == 0) first = static_cast<size_t>(frame);
      }
    } catch (const Error& error) {
      add_fault(error);
    }
    if (outside == 0) return;
    const std::string name = first < names.size() ? text(" (", names[first], ")") : "";
    add_fault(
        text(kind_, " of sequence \"", name_, "\", frame ", first, name, ": keypoints lie far outside of frames of ",
             size_->width, 'x', size_->height, outside > 1 ? text(" (", outside, " such frames)") : ""),
        "they must be in pixels of these frames: find them again in them, or scale the frames back");
  }

  bool lies_outside(const at::Tensor& seen) const {
    if (!size_) return false;
    const auto lies = [&](int64_t axis, float length) {
      const at::Tensor at = seen.select(1, axis);
      return at.max().item<float>() > (1 + kLargestOutside) * length ||
             at.min().item<float>() < -kLargestOutside * length;
    };
    return lies(0, size_->width) || lies(1, size_->height);
  }

  std::string kind_;
  std::optional<Size> size_;
  bool is_whole_;
  Context context_;
  std::unique_ptr<Node> node_;
  std::map<std::string, int64_t> lengths_;  ///< of the sequences of frames that were not met yet
  bool is_single_ = false;
  std::string name_;  ///< of the current sequence
  int64_t sequences_ = 0, frames_ = 0, empty_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace

void look_at_keypoints(const json& facts, bool is_whole, bool only_headers, Program& program,
                       const std::function<void(const Finding&)>& take) {
  if (!facts.contains("keypoints")) return;
  for (const auto& [kind, folder] : facts["keypoints"].items()) {
    for (const Finding& finding : KeypointLook(kind, folder, facts, is_whole, program).run(only_headers)) take(finding);
  }
}

}  // namespace weft::cli

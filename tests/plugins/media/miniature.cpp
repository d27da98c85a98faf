#include "tests/plugins/media/miniature.h"

#include <cstdio>
#include <filesystem>

namespace weft::testing {
namespace {

namespace fs = std::filesystem;

struct Kinds {
  std::map<std::string, std::string> patterns;  ///< SPLIT, SEQUENCE, and the frame's number as printf has it
  std::vector<std::string> words;               ///< of sequences in paths
  std::vector<std::string> names;
  std::vector<int64_t> frames, first;
  std::string keypoints{};  ///< a folder that must be there
};

const std::map<std::string, Kinds>& all() {
  static const std::map<std::string, Kinds> all = {
      {"folders",
       {{{"image", "SPLIT/images/SEQUENCE/f%d.png"},
         {"labels", "SPLIT/labels/SEQUENCE/f%d.png"},
         {"instances", "SPLIT/instances/SEQUENCE/f%d.png"},
         {"condition", "SPLIT/condition/SEQUENCE/f%d.png"}},
        {"b2", "b10"},
        {"b2", "b10"},
        {5, 12},
        {0, 0}}},
      {"vid2vid",
       {{{"image", "SPLIT_B/SEQUENCE/real%d.png"},
         {"labels", "SPLIT_A/SEQUENCE/label%d.png"},
         {"instances", "SPLIT_inst/SEQUENCE/f%d.png"}},
        {"b2", "deep/b10"},
        {"b2", "deep/b10"},
        {5, 12},
        {0, 0}}},
      {"vid2vid_pictures",
       {{{"image", "SPLIT_B/SEQUENCE/f%d.png"}, {"condition", "SPLIT_A/SEQUENCE/f%d.png"}},
        {"b2", "b10"},
        {"b2", "b10"},
        {5, 12},
        {0, 0}}},
      {"vid2vid_densepose",
       {{{"image", "SPLIT_img/SEQUENCE/f%d.png"}, {"condition", "SPLIT_densepose/SEQUENCE/f%d.png"}},
        {"b2", "b10"},
        {"b2", "b10"},
        {5, 12},
        {0, 0}}},
      {"vid2vid_faces",
       {{{"image", "SPLIT_img/SEQUENCE/f%d.png"}}, {"b2", "b10"}, {"b2", "b10"}, {5, 12}, {0, 0}, "SPLIT_keypoints"}},
      // The second sequence goes on where the first one has a gap.
      {"cityscapes",
       {{{"image", "leftImg8bit_sequence/SPLIT/ulm/SEQUENCE_%06d_leftImg8bit.png"},
         {"labels", "gtFine_sequence/SPLIT/ulm/SEQUENCE_%06d_gtFine_labelIds.png"},
         {"instances", "gtFine_sequence/SPLIT/ulm/SEQUENCE_%06d_gtFine_instanceIds.png"}},
        {"ulm_000003", "ulm_000003"},
        {"ulm_000003_000000", "ulm_000003_000030"},
        {5, 12},
        {0, 30}}},
      {"cityscapes_frames",
       {{{"image", "leftImg8bit/SPLIT/ulm/SEQUENCE_%06d_leftImg8bit.png"},
         {"labels", "gtFine/SPLIT/ulm/SEQUENCE_%06d_gtFine_labelIds.png"},
         {"instances", "gtFine/SPLIT/ulm/SEQUENCE_%06d_gtFine_instanceIds.png"}},
        {"ulm_000000", "ulm_000001"},
        {"ulm_000000_000019", "ulm_000001_000019"},
        {1, 1},
        {19, 19}}},
      {"kitti",
       {{{"image", "SPLITing/image_02/SEQUENCE/%06d.png"},
         {"labels", "SPLITing/semantic_02/SEQUENCE/%06d.png"},
         {"instances", "SPLITing/instances/SEQUENCE/%06d.png"}},
        {"0002", "0010"},
        {"0002", "0010"},
        {5, 12},
        {0, 0}}},
      {"kitti_frames",
       {{{"image", "SPLITing/image_2/SEQUENCE_%02d.png"},
         {"labels", "SPLITing/semantic/SEQUENCE_%02d.png"},
         {"instances", "SPLITing/instance/SEQUENCE_%02d.png"}},
        {"000002", "000010"},
        {"000002", "000010"},
        {1, 1},
        {10, 10}}},
      {"apolloscape",
       {{{"image", "SPLIT/ColorImage/SEQUENCE/170908_%09d_Camera_5.png"},
         {"labels", "SPLIT/Label/SEQUENCE/170908_%09d_Camera_5_bin.png"},
         {"instances", "SPLIT/Label/SEQUENCE/170908_%09d_Camera_5_instanceIds.png"}},
        {"Record002/Camera 5", "Record010/Camera 5"},
        {"Record002/Camera 5", "Record010/Camera 5"},
        {5, 12},
        {61502408, 61502408}}},
      {"camvid",
       {{{"image", "701_StillsRaw_full/SEQUENCE_%06d.png"}, {"labels", "LabeledApproved_full/SEQUENCE_%06d_L.png"}},
        {"0001TP", "Seq05VD"},
        {"0001TP", "Seq05VD"},
        {5, 12},
        {6690, 0}}},
      {"kitti_raw",
       {{{"image", "2011_09_26/SEQUENCE/image_03/data/%010d.png"}},
        {"2011_09_26_drive_0001_sync", "2011_09_26_drive_0002_sync"},
        {"2011_09_26_drive_0001_sync", "2011_09_26_drive_0002_sync"},
        {5, 12},
        {0, 0}}},
  };
  return all;
}

std::string replaced(std::string text, const std::string& word, const std::string& by) {
  const size_t at = text.find(word);
  return at == std::string::npos ? text : text.replace(at, word.size(), by);
}

std::string png_of(const std::string& kind, int value) {
  const bool is_picture = kind == "image" || kind == "condition", is_wide = kind == "instances";
  std::string rows;
  for (int64_t i = 0; i < Miniature::kWidth * Miniature::kHeight; ++i) {
    const int own = value + (i % Miniature::kWidth == 0 ? 1 : 0);
    if (is_wide) rows += static_cast<char>(own >> 8);
    rows.append(is_picture ? 3 : 1, static_cast<char>(own & 0xFF));
  }
  return png_file({.width = Miniature::kWidth,
                   .height = Miniature::kHeight,
                   .bits = is_wide ? 16 : 8,
                   .colours = is_picture ? Png::Rgb : Png::Grey,
                   .rows = rows});
}

}  // namespace

std::vector<std::string> Miniature::layouts() {
  std::vector<std::string> names;
  for (const auto& [name, kinds] : all()) names.push_back(name);
  return names;
}

Miniature::Miniature(const std::string& layout, const std::string& split) : split_(split) {
  const Kinds& kinds = all().at(layout);
  patterns_ = kinds.patterns;
  words_ = kinds.words;
  names = kinds.names;
  frames = kinds.frames;
  first_number = kinds.first;
  if (!kinds.keypoints.empty()) fs::create_directories(folder_ / replaced(kinds.keypoints, "SPLIT", split_));
  for (const auto& [kind, pattern] : patterns_) {
    for (size_t s = 0; s < names.size(); ++s) {
      for (int64_t t = 0; t < frames[s]; ++t) write(kind, s, t, png_of(kind, value(kind, s, t)));
    }
  }
}

int Miniature::value(const std::string& kind, size_t sequence, int64_t frame) {
  const int s = static_cast<int>(sequence), t = static_cast<int>(frame);
  if (kind == "labels") return 10 * s + t;
  if (kind == "instances") return 1000 * s + t + 256;
  return (kind == "condition" ? 100 : 0) + 20 * s + t;
}

std::string Miniature::file(const std::string& kind, size_t sequence, int64_t frame) const {
  const std::string pattern = replaced(replaced(patterns_.at(kind), "SPLIT", split_), "SEQUENCE", words_[sequence]);
  std::string name(pattern.size() + 20, '\0');
  // NOLINTNEXTLINE: the pattern is one of the above
  name.resize(static_cast<size_t>(
      std::snprintf(name.data(), name.size(), pattern.c_str(), static_cast<int>(first_number[sequence] + frame))));
  return folder_ / name;
}

void Miniature::write(const std::string& kind, size_t sequence, int64_t frame, const std::string& bytes) const {
  const fs::path path = file(kind, sequence, frame);
  fs::create_directories(path.parent_path());
  folder_.add(fs::relative(path, folder_.path()), bytes);
}

void Miniature::remove(const std::string& kind, size_t sequence, int64_t frame) const {
  fs::remove(file(kind, sequence, frame));
}

std::vector<std::string> Miniature::kinds() const {
  std::vector<std::string> kinds;
  for (const auto& [kind, pattern] : patterns_) kinds.push_back(kind);
  return kinds;
}

}  // namespace weft::testing

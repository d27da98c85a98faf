#pragma once

#include "framework/data/clip_choice.h"
#include "framework/node/params.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {
class Log;
}  // namespace weft

namespace weft::data {

/// The files of a folder as a sequence, one file for each frame. The common part of all sources that read folders.
///
/// Files are read in natural order (frame2 before frame10). Hidden files and other extensions are skipped. In a folder
/// without such files, each sub-folder with such files is a sequence, in natural order too; others are reported.
class FileFolder {
 public:
  /// The names of the frames in a file that has many; nothing where it has one.
  using FramesWithin = std::vector<std::string> (*)(const std::string& file);

  /// @param content  the kind of files, for messages and docs, such as "OpenPose files"
  /// @param endings  extensions of these files in lower case, such as ".json"
  /// @param frames_within  for kinds of files of which one may have all frames: a folder's only file, or a file in the
  ///                       place of a folder, is then a sequence; its frames are called FILE/FRAME
  FileFolder(std::string content, std::vector<std::string> endings, FramesWithin frames_within = nullptr)
      : content_(std::move(content)), endings_(std::move(endings)), frames_within_(frames_within) {}

  /// Declares `path`, `start`, `stop`, `length`, `stride`, `clips`, `example`, `apart` and `held_out`.
  void params(Params& p);

  /// The names of all sequences: of the folder, or of its sub-folders.
  /// @throws Error  (Data) when there is no such folder, it has no such files, or files and folders of them;
  ///                (Graph) when `stop` comes before `start`
  std::vector<std::string> sequences();
  /// Opens the next sequence, at the first call the first one, and lists its files.
  /// @returns its name; nothing after the last one
  /// @throws Error  as sequences() does; (Data) when two files have one name, but for the ending
  std::optional<std::string> open();
  /// The same if `length` makes clips of sequences: in training it opens the next sequence in the epoch's order, and lists
  /// the files of a clip that is chosen at random. Folders of the same sequences give the same clips.
  std::optional<std::string> open(const Context& context);
  /// Skips the next sequence. @returns false when there is none
  bool skip_sequence();

  /// The files' names without folder and ending.
  std::vector<std::string> frame_names() const;
  /// The same of all frames of each sequence, if `length` makes clips of them; otherwise empty.
  /// @throws Error  (Data) as sequences() and open() do
  std::vector<std::vector<std::string>> drawn_from();
  /// Frames of a clip by the parameters, or the one of an example; nothing where a sequence decides. A shorter sequence has fewer.
  std::optional<int64_t> frame_count() const;
  /// Frames of the sequence.
  int64_t frames() const { return static_cast<int64_t>(files_.size()); }
  /// Their files, in order.
  const std::vector<std::string>& files() const { return files_; }
  /// Those of the whole sequence, of which `length` may leave a clip.
  const std::vector<std::string>& files_of_sequence() const { return all_files_; }
  /// Skips a frame. @returns false at the end
  bool skip() { return next().has_value(); }
  /// The file of the next frame; nothing at the end.
  std::optional<std::string> next();

 private:
  void find_sequences();
  [[noreturn]] void refuse_both(const std::vector<std::string>& files);
  void report_left_out(Log& log);
  void check_clips() const;
  const std::vector<size_t>& order_of_epoch(uint64_t seed);
  const std::vector<std::vector<std::string>>& files_of_sequences();
  std::vector<int64_t> frames_of_sequences();
  size_t most_clips();
  bool is_file() const;
  std::string open_folder(size_t number);
  std::vector<std::string> files_of(const std::string& folder) const;
  void cut_to_range(const std::string& folder, std::vector<std::string>& files) const;
  void cut_to(const std::string& name, const ClipFrames& clip, const Draws& of_examples);
  void check_held_out() const;

  std::string content_;
  std::vector<std::string> endings_;
  FramesWithin frames_within_;
  Path path_;
  int64_t start_ = 0;
  std::optional<int64_t> stop_;
  std::optional<int64_t> length_;
  int64_t stride_ = 1;
  std::optional<int64_t> clips_;
  ExampleRules example_;
  std::optional<Path> held_out_;

  std::vector<std::string> folders_;                ///< of the sequences
  std::vector<std::string> left_out_;               ///< folders beside them that are to be reported
  std::vector<std::vector<std::string>> files_of_;  ///< of each, once they were all listed
  std::vector<size_t> order_;                       ///< of the epoch's clips: their folders
  size_t next_folder_ = 0;                          ///< or clip of the epoch
  std::vector<std::string> files_;
  std::vector<std::string> all_files_;
  size_t next_ = 0;
};

/// The files of a folder with one of these extensions, with the folder's path, in natural order, without hidden files.
/// @param endings  in lower case, such as ".json"
/// @throws Error  (Data) when the folder cannot be read
std::vector<std::string> list_files(const std::string& folder, const std::vector<std::string>& endings);

}  // namespace weft::data

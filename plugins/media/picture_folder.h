#pragma once

#include "framework/data/file_folder.h"
#include "plugins/media/endings.h"
#include "plugins/media/frame_size.h"

namespace weft::media {

/// The name of a value that all files of a sequence are read for.
std::vector<std::string> first_of(std::vector<std::string> names);

/// A folder of images, all resized to one size; shared by the readers of images.
class PictureFolder {
 public:
  /// @param endings  of the files that count, in lower case, such as ".png"
  explicit PictureFolder(std::vector<std::string> endings) : files_("pictures", std::move(endings)) {}

  /// Declares `path`, `start`, `stop`, `length`, `stride`, `size`, `scale` and `load_size`.
  void params(Params& p);
  /// Sets H and W as far as the parameters say them.
  void shape(Shapes& shapes) const { size_.shape(shapes); }

  std::vector<std::string> sequences() { return files_.sequences(); }
  /// Goes on to the next sequence. Where the files' own size counts, all headers are read, so that a frame of
  /// another size is found before the run and not in the middle of it.
  /// @returns its name; nothing after the last one
  /// @throws Error  (Data) when there is no such folder, it has no such files, or their sizes differ
  std::optional<std::string> open(const Context& context);
  bool skip_sequence() { return files_.skip_sequence(); }

  std::vector<std::string> frame_names() const { return files_.frame_names(); }
  std::vector<std::vector<std::string>> drawn_from() { return files_.drawn_from(); }
  std::optional<int64_t> frame_count() const { return files_.frame_count(); }
  int64_t frames() const { return files_.frames(); }
  bool skip() { return files_.skip(); }
  /// Skips all frames that are left. @returns whether there was one
  bool skip_all();
  /// The file of the next frame; nothing at the end.
  std::optional<std::string> next() { return files_.next(); }

  /// The size to which an image of size `own` is resized.
  /// @throws Error  (Data) when its own size counts and is not that of the first frame
  Size size_for(Size own, const std::string& file) const { return size_.size_for(own, file); }

 private:
  data::FileFolder files_;
  FrameSize size_;
};

}  // namespace weft::media

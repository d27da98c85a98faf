#pragma once

#include "framework/node/file_folder.h"
#include "framework/spec/node_spec.h"
#include "plugins/media/load_size.h"

namespace weft::media {

/// A folder of pictures as one sequence, all brought to one size: what the readers of pictures have in
/// common.
class PictureFolder {
 public:
  /// @param endings  of the files that count, in lower case, such as ".png"
  explicit PictureFolder(std::vector<std::string> endings) : files_("pictures", std::move(endings)) {}

  /// Declares `path`, `start`, `stop`, `size`, `scale` and `load_size`.
  void params(Params& p);
  /// Sets H and W as far as the parameters say them.
  void shape(Shapes& shapes) const;

  /// Lists the files, the first time it is called. Where the files' own size counts, all headers are read, so
  /// that a frame of another size is found before the run and not in the middle of it.
  /// @returns the folder's name; nothing from the second call on
  /// @throws Error  (Data) when there is no such folder, it has no such files, or their sizes differ;
  ///                (Graph) when parameters contradict each other
  std::optional<std::string> open();

  int64_t frames() const { return files_.frames(); }
  bool skip() { return files_.skip(); }
  /// The file of the next frame; nothing at the end.
  std::optional<std::string> next() { return files_.next(); }

  /// The size that a picture of size `own` is brought to.
  /// @throws Error  (Data) when its own size counts and is not that of the first frame
  Size size_for(Size own, const std::string& file) const;

 private:
  bool keeps_size() const { return !size_ && scale_ == Scale::None; }
  void check_params() const;

  FileFolder files_;
  std::optional<std::vector<int64_t>> size_;
  Scale scale_ = Scale::None;
  std::optional<int64_t> load_size_;
  std::string first_file_;
  Size first_size_;
};

}  // namespace weft::media

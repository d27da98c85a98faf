#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::media {

/// A file of a data set.
struct FoundFile {
  std::string sequence;  ///< the folder or the part of the name that says so; empty where nothing does
  std::string frame;     ///< the part of the name that says so
  std::string path;
};

/// The places of the files of a data set, below its folder:
///
///   {split}_A/{sequence}/{frame}                                      each folder, at any depth, is a sequence
///   leftImg8bit/{split}/*/{sequence}_{frame}_leftImg8bit.png          names tell the sequence and the frame
///   */{sequence}/image_03/data/{frame}                                a folder with folders of its own is a sequence
///
/// `{sequence}` is once the last folder of the path, for any number of folders, also none; or one folder, with others
/// after it; or a part of the file's name.
/// `*` is any one folder. `{frame}` is in the file's name. A name without an ending takes all endings that are read.
class FilePattern {
 public:
  FilePattern() = default;
  /// @throws Error  (Data), without a place, when `pattern` is not of that form
  explicit FilePattern(std::string_view pattern);

  /// The folder in which all files are, as far as it is certain: "train_A".
  std::string folder(const std::string& split) const;
  /// All files below `root`, of a sequence in natural order of their frames, sequences too; hidden ones are skipped.
  /// @param endings  of files that are read, in lower case, such as ".png"
  /// A link that leads back to a folder that it lies in is ignored.
  /// @throws Error  (Data) when a folder cannot be read, or there are absurdly many; one that is not there has no files
  std::vector<FoundFile> files(const std::string& root, const std::string& split,
                               const std::vector<std::string>& endings) const;

  const std::string& text() const { return text_; }
  bool has_ending() const { return has_ending_; }

 private:
  struct Search;
  void collect(const std::string& folder, const std::string& sequence, Search& search) const;
  bool read_name(const std::string& name, const std::vector<std::string>& endings, FoundFile& file) const;

  std::string text_;
  std::vector<std::string> folders_;  ///< of the path, up to {sequence}
  std::vector<std::string> inside_;   ///< those after it
  bool has_sequence_folders_ = false;
  bool has_sequence_in_name_ = false;
  std::string before_, between_, after_;  ///< of {sequence} and {frame} in the name, or of {frame} alone
  bool has_ending_ = false;
};

}  // namespace weft::media

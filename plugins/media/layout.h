#pragma once

#include "framework/data/palette.h"
#include "framework/node/params.h"
#include "framework/vision/resize.h"
#include "plugins/media/file_pattern.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::media {

/// The kinds of files that belong to a frame.
enum class Modality { Image, Labels, Instances, Condition };

inline constexpr size_t kModalities = 4;
inline constexpr std::array<Modality, kModalities> kAllModalities = {Modality::Image, Modality::Labels,
                                                                     Modality::Instances, Modality::Condition};

/// Its name in layouts, in messages and at ports: "labels".
std::string name_of(Modality modality);
/// Whether its files hold numbers rather than colours.
bool holds_ids(Modality modality);
/// The endings of files that can hold it, in lower case.
const std::vector<std::string>& endings_of(Modality modality);

/// The rules of a layout for one kind of files.
struct ModalityFiles {
  FilePattern pattern;
  bool is_required = false;
  vision::Filter filter = vision::Filter::Bicubic;  ///< for resizing its images
  std::optional<int64_t> largest_id;                ///< that files may have
};

/// Where the keypoints of a data set are: a folder with a folder for each sequence. Nodes of other plugins read its files.
struct KeypointFolder {
  std::string pattern;  ///< "{split}/people"
  bool is_required = false;

  /// @param split  the folder of a split
  std::string folder(const std::string& split) const;
};

/// Label ids and their new ids.
struct RemapTable {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  std::optional<int64_t> other;  ///< the new id of all other ids; without it they are faults
};

/// Which frames of two kinds of files belong together: those of one number, of one name, or the first with the first.
enum class Pairs { Number, Name, Order };

/// How the files of a data set are organised.
struct Layout {
  std::string name;
  std::string about;
  Pairs pairs = Pairs::Number;                                ///< where names have no rising numbers, by order
  bool is_cut_at_gaps = false;                                ///< a sequence ends where the frames' numbers jump
  std::map<std::string, std::string> splits;                  ///< name -> folder, where these differ
  std::map<std::string, std::vector<std::string>> sequences;  ///< split -> its sequences, where no folders say that
  std::array<std::optional<ModalityFiles>, kModalities> files;
  std::map<std::string, KeypointFolder> keypoints;  ///< "people": those of pose estimators, "landmarks": of faces
  std::map<std::string, RemapTable> remaps;
  std::shared_ptr<const data::Palette> palette;  ///< in whose colours labels are painted; null: they hold ids

  std::string folder_of_split(const std::string& split) const;
  /// Whether a sequence belongs to a split: all do without lists of sequences, and to ".", the data set without splits;
  /// "train" without a list of its own has those that no list names.
  /// @throws Error  (Graph) when no list has the name of the split
  bool has(const std::string& split, const std::string& sequence) const;
  /// @throws Error  (Graph) when there is none of that name
  const RemapTable& remap(const std::string& name) const;
};

/// @param name  of the layout, for messages
/// @param file  of the text, for places
/// @throws Error  (Data) with the place of the fault
Layout read_layout(std::string_view toml, const std::string& name, const std::string& file);

/// The parameters that name a data set; shared by the nodes for data sets.
struct DataSetParams {
  Path root;
  std::string layout = "folders";
  std::optional<Path> layout_file;
  std::string split = "train";
  data::PaletteParams palette;

  void params(Params& p);
  /// @throws Error  (Data) when the layout's file is missing or faulty
  Layout read() const;

 private:
  Layout read_layout_alone() const;
};

}  // namespace weft::media

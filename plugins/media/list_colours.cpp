#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/palette.h"
#include "plugins/media/picture.h"
#include "plugins/media/picture_folder.h"
#include <weft/node.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

/// More are those of photographs, or of labels whose edges are soft.
constexpr size_t kMostColours = 1000;

/// Of so many pixels, one is not enough for a class.
constexpr int64_t kRare = 100'000;

using Counts = std::map<data::Rgb, int64_t>;

/// The pictures below a folder, of any depth, in order.
std::vector<std::string> pictures_below(const std::string& folder) {
  const std::vector<std::string> endings = id_endings();
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string ending = lower_case(entry->path().extension());
    std::error_code unknown;
    const bool is_picture = std::find(endings.begin(), endings.end(), ending) != endings.end();
    if (is_picture && entry->is_regular_file(unknown)) files.push_back(entry->path());
  }
  if (error) throw Error(Exit::Data, text("cannot read the folder ", folder, ": ", error.message()));
  if (files.empty()) {
    throw Error(Exit::Data, text("the folder ", folder, " has no pictures of labels"))
        .hint(text("looked for files with the ending ", join(endings), ", in its folders too"));
  }
  std::sort(files.begin(), files.end(), natural_less);
  return files;
}

void count_colours(const std::string& file, Counts& counts) {
  const at::Tensor picture = read_picture(file);
  const uint8_t* pixel = picture.const_data_ptr<uint8_t>();
  Counts::iterator last = counts.end();
  for (int64_t i = 0; i < picture.size(0) * picture.size(1); ++i, pixel += 3) {
    const data::Rgb colour = {pixel[0], pixel[1], pixel[2]};
    if (last == counts.end() || last->first != colour) last = counts.try_emplace(colour, 0).first;
    ++last->second;
    if (counts.size() <= kMostColours) continue;
    throw Error(Exit::Data, text("the pictures up to ", file, " have more than ", kMostColours, " colours"))
        .hint(
            "labels that were stored as JPEG or resized smoothly have mixed colours at their edges; take the "
            "originals");
  }
}

/// Colours of a few pixels alone may be slips: as classes they would be learnt in silence.
/// @param by_count  minus the number of pixels, and the colour; the most frequent first
void note_rare(const std::vector<std::pair<int64_t, data::Rgb>>& by_count, Log& log) {
  int64_t pixels = 0;
  for (const auto& [count, colour] : by_count) pixels -= count;
  for (size_t id = 0; id < by_count.size(); ++id) {
    const auto& [count, colour] = by_count[id];
    if (-count * kRare >= pixels) continue;
    log.note(text("class ", id, ", ", data::colour_text(colour), ", has ", -count, " of ", pixels,
                  " pixels: with a palette without it, `weft data check` tells where they are"));
  }
}

/// The colours of a folder of labels, as the palette file that `weft data palette` prints.
struct ListColours {
  static constexpr auto about =
      "The colours in which the labels of a folder are painted, as a palette file for `palette_file`; the most "
      "frequent "
      "colour has the id 0";

  Path path;

  void params(Params& p) { p("path", path, "the folder; pictures in its folders count too").required(); }

  std::optional<Out<"palette", "text">> run(Context& context) {
    if (std::exchange(is_done_, true)) return {};
    Counts counts;
    for (const std::string& file : pictures_below(path)) count_colours(file, counts);
    std::vector<std::pair<int64_t, data::Rgb>> by_count;
    for (const auto& [colour, count] : counts) by_count.emplace_back(-count, colour);
    std::sort(by_count.begin(), by_count.end());
    note_rare(by_count, context.log());
    std::vector<data::PaintedClass> classes;
    for (const auto& [count, colour] : by_count) {
      const auto id = static_cast<int64_t>(classes.size());
      classes.push_back({id, colour, text("class ", id)});
    }
    return Out<"palette", "text">(data::palette_text(classes, "the colours of the labels, the most frequent first"));
  }

 private:
  bool is_done_ = false;
};

}  // namespace

void add_list_colours(Registry& registry) {
  registry.add<ListColours>("media.list_colours");
}

}  // namespace weft::media

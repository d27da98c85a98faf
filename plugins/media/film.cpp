#include "plugins/media/film.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/file_folder.h"
#include "plugins/media/picture.h"
#include "plugins/media/picture_folder.h"

#include <algorithm>
#include <filesystem>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

/// Of the files in a folder that are taken for videos.
std::vector<std::string> video_endings() {
  return {".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".wmv", ".flv", ".y4m"};
}

bool is_folder(const std::string& path) {
  std::error_code unknown;
  return fs::is_directory(path, unknown);
}

/// The pictures of a folder.
class PictureFilm : public Film {
 public:
  explicit PictureFilm(const std::string& folder) : files_(data::list_files(folder, picture_endings())) {}

  std::optional<at::Tensor> next() override {
    if (next_ == files_.size()) return {};
    return image_of_bytes(read_picture(files_[next_++]));
  }
  bool skip() override {
    if (next_ == files_.size()) return false;
    ++next_;
    return true;
  }
  std::optional<Fraction> rate() const override { return {}; }

 private:
  std::vector<std::string> files_;
  size_t next_ = 0;
};

}  // namespace

std::vector<std::string> films_in(const std::string& path) {
  if (!is_folder(path)) return {path};
  if (!data::list_files(path, picture_endings()).empty()) return {path};
  std::vector<std::string> films = data::list_files(path, video_endings());
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string folder = entry->path();
    if (is_folder(folder) && !data::list_files(folder, picture_endings()).empty()) films.push_back(folder);
  }
  std::sort(films.begin(), films.end(), natural_less);
  if (!films.empty()) return films;
  throw Error(Exit::Data, text("the folder ", path, " has neither videos nor pictures"))
      .hint(
          "give a video, a folder of videos, a folder of pictures, or a folder with a sub-folder of pictures for each "
          "film");
}

std::unique_ptr<Film> open_film(const std::string& film, const std::optional<Fraction>& rate) {
  if (is_folder(film)) return std::make_unique<PictureFilm>(film);
#ifdef WEFT_HAS_LIBAV
  return open_video_film(film, rate);
#else
  static_cast<void>(rate);
  throw Error(Exit::Plugin, text(film, " cannot be read: this weft was built without libav, which reads videos"))
      .hint("pictures in a folder can be read; ./bootstrap build installs libav");
#endif
}

}  // namespace weft::media

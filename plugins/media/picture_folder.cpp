#include "plugins/media/picture_folder.h"

#include "plugins/media/picture.h"

namespace weft::media {

std::vector<std::string> first_of(std::vector<std::string> names) {
  if (names.size() > 1) names.resize(1);
  return names;
}

bool PictureFolder::skip_all() {
  const bool has_frame = skip();
  while (skip()) {
  }
  return has_frame;
}

void PictureFolder::params(Params& p) {
  files_.params(p);
  size_.params(p);
}

std::optional<std::string> PictureFolder::open(const Context& context) {
  size_.check();
  const std::optional<std::string> name = files_.open(context);
  if (!name) return {};
  const std::string& first = files_.files().front();
  if (size_.follows_first()) size_.begin(picture_size(first), first);
  if (size_.keeps_size()) {
    for (const std::string& file : files_.files()) size_.size_for(picture_size(file), file);
  }
  return name;
}

}  // namespace weft::media

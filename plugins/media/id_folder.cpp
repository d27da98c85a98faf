#include "plugins/media/id_folder.h"

#include "framework/vision/resize.h"
#include "plugins/media/picture.h"

#include <ATen/ops/cat.h>

namespace weft::media {

std::optional<at::Tensor> IdFolder::next() {
  const std::optional<std::string> file = folder.next();
  if (!file) return {};
  return read(*file);
}

std::optional<at::Tensor> IdFolder::rest() {
  std::vector<at::Tensor> maps;
  while (const std::optional<at::Tensor> map = next()) maps.push_back(*map);
  if (maps.empty()) return {};
  return at::cat(maps, 0);
}

at::Tensor IdFolder::read(const std::string& file) const {
  at::Tensor ids = palette ? read_painted_ids(file, *palette) : read_ids(file);  // [H, W]
  const Size own = {ids.size(0), ids.size(1)};
  const Size wanted = folder.size_for(own, file);
  if (!(wanted == own)) ids = vision::resize_pil(ids, wanted.height, wanted.width, vision::Filter::Nearest);
  return labels_of_ids(ids);
}

}  // namespace weft::media

#include "plugins/media/picture.h"
#include "tests/fuzz/fuzz.h"

void weft::fuzz::read_input(std::string_view input) {
  const std::string& file = file_of(input);
  media::Size size;
  attempt([&] { size = media::picture_size(file); });
  const at::Tensor picture = media::read_picture(file);
  if (size != media::Size{picture.size(0), picture.size(1)}) fail("the header tells another size");
}

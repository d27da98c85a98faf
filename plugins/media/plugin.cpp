#include <weft/node.h>

namespace weft::media {

void add_check_data(Registry& registry);
void add_clips(Registry& registry);
void add_flow_files(Registry& registry);
void add_image_folder(Registry& registry);
void add_instance_folder(Registry& registry);
void add_label_folder(Registry& registry);
void add_list_colours(Registry& registry);
void add_scenes(Registry& registry);
void add_write_images(Registry& registry);
void add_write_labels(Registry& registry);
#ifdef WEFT_HAS_LIBAV
void add_instance_video(Registry& registry);
void add_label_video(Registry& registry);
void add_stream(Registry& registry);
void add_video(Registry& registry);
void add_write_video(Registry& registry);
#endif
#ifdef WEFT_HAS_LIBAVDEVICE
void add_camera(Registry& registry);
#endif

}  // namespace weft::media

WEFT_PLUGIN("media", "0.1.0", registry) {
  weft::media::add_check_data(registry);
  weft::media::add_clips(registry);
  weft::media::add_flow_files(registry);
  weft::media::add_image_folder(registry);
  weft::media::add_instance_folder(registry);
  weft::media::add_label_folder(registry);
  weft::media::add_list_colours(registry);
  weft::media::add_scenes(registry);
  weft::media::add_write_images(registry);
  weft::media::add_write_labels(registry);
#ifdef WEFT_HAS_LIBAV
  weft::media::add_instance_video(registry);
  weft::media::add_label_video(registry);
  weft::media::add_stream(registry);
  weft::media::add_video(registry);
  weft::media::add_write_video(registry);
#endif
#ifdef WEFT_HAS_LIBAVDEVICE
  weft::media::add_camera(registry);
#endif
}

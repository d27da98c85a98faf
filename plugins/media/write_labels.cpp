#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_files.h"
#include "framework/vision/png.h"
#include "plugins/media/picture.h"
#include <weft/node.h>

#include <ATen/ops/aminmax.h>

namespace weft::media {
namespace {

constexpr int64_t kMostIn8Bits = 255;
constexpr int64_t kMostIn16Bits = 65535;

/// A grey PNG file for each map of ids.
struct WriteIds : data::FrameWriter {
  std::optional<int64_t> bits;

  WriteIds() : FrameWriter{data::FrameFiles({".png"})} {}

  void params(Params& p) {
    files.params(p);
    p("bits", bits, "8 or 16 for every file; default: as the largest id of each frame needs").min(8).max(16);
  }

 protected:
  /// @param maps  [1, 1, H, W]
  void write(const at::Tensor& maps, Context& context) {
    const at::Tensor ids = data::only_frame(maps).select(0, 0);  // [H, W]
    files.write(vision::encode_png(ids.to(type_for(ids, context.frame()))), context);
  }

 private:
  /// The narrowest type that the ids fit into, as far as `bits` leaves a choice.
  at::ScalarType type_for(const at::Tensor& ids, int64_t frame) const {
    if (bits && *bits != 8 && *bits != 16) {
      throw Error(Exit::Graph, text("`bits` is ", *bits, ", but PNG files of ids have 8 or 16"));
    }
    const auto [least, most] = at::aminmax(ids);
    const int64_t lowest = least.item<int64_t>(), highest = most.item<int64_t>();
    const int64_t limit = bits == 8 ? kMostIn8Bits : kMostIn16Bits;
    if (lowest < 0 || highest > limit) {
      const std::string hint = bits == 8 && lowest >= 0 && highest <= kMostIn16Bits ? "`bits = 16` holds it" : "";
      throw Error(Exit::Data, text("frame ", frame, " has the id ", lowest < 0 ? lowest : highest,
                                   ", but the PNG file holds 0 to ", limit))
          .hint(hint);
    }
    return bits == 16 || highest > kMostIn8Bits ? at::kShort : at::kByte;
  }
};

struct WriteLabels : WriteIds {
  static constexpr auto about =
      "Writes each label map to a grey PNG file: its values are the ids, with 8 bits, or 16 where an id is above 255; "
      "until the sequence is complete, the files are in a folder `unfinished`";

  void run(In<"in", "labels[B,1,H,W]"> in, Context& context) { write(*in, context); }
};

struct WriteInstances : WriteIds {
  static constexpr auto about =
      "Writes each instance map to a grey PNG file: its values are the ids, with 8 bits, or 16 where an id is above "
      "255; "
      "until the sequence is complete, the files are in a folder `unfinished`";

  void run(In<"in", "instances[B,1,H,W]"> in, Context& context) { write(*in, context); }
};

}  // namespace

void add_write_labels(Registry& registry) {
  registry.add<WriteLabels>("media.write_labels");
  registry.add<WriteInstances>("media.write_instances");
}

}  // namespace weft::media

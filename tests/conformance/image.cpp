#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "framework/vision/resize.h"
#include "plugins/media/load_size.h"
#include "tests/conformance/cases.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty_like.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <regex>

namespace weft::conformance {
namespace {

using testing::NodeRunner;
using Measure = Tolerance::Measure;

// ---- Pillow's resize

/// Outputs are called FILTER_WIDTHxHEIGHT.
Tensors resize_pictures(const Fixture& fixture) {
  static const std::map<std::string, vision::Filter> filters = {{"nearest", vision::Filter::Nearest},
                                                                {"bilinear", vision::Filter::Bilinear},
                                                                {"bicubic", vision::Filter::Bicubic}};
  static const std::regex form("([a-z]+)_([0-9]+)x([0-9]+)");
  const at::Tensor image = ((fixture.input("img") + 1) / 2 * 256).floor().clamp_max(255).to(at::kByte);
  Tensors outputs;
  for (const std::string& name : fixture.output_names()) {
    std::smatch match;
    if (!std::regex_match(name, match, form) || !filters.contains(match[1])) continue;
    outputs[name] =
        vision::resize_pil(image, std::stoll(match[3]), std::stoll(match[2]), filters.at(match[1])).to(at::kFloat);
  }
  return outputs;
}

// ---- Semantic maps, their pyramid and the foreground

/// [B, T, 1, H, W] -> [B*T, 1, H, W]: nodes take the frames of all times as a batch.
at::Tensor as_batch(const at::Tensor& sequence) {
  return sequence.flatten(0, 1).contiguous();
}

at::Tensor made_labels(const Fixture& fixture, int64_t classes) {
  const at::Tensor raw = enlarge8(fixture.input("label_raw"));
  return as_batch(((raw + 1) / 2 * classes).floor().clamp(0, classes - 1).to(at::kLong));
}

at::Tensor made_instances(const Fixture& fixture) {
  return as_batch(((enlarge8(fixture.input("inst_raw")) + 1) * 2).floor().to(at::kLong));
}

at::Tensor semantics_of(const at::Tensor& labels, int64_t classes) {
  return NodeRunner("semantics.one_hot").set("classes", classes).input("labels", labels).run().tensor("semantics");
}

at::Tensor with_edges(const at::Tensor& semantics, const at::Tensor& instances) {
  const at::Tensor edges = NodeRunner("semantics.edges").input("instances", instances).run().tensor("edges");
  return NodeRunner("image.concat").input("in", semantics).input("in", edges).run().tensor("conditions");
}

/// The frame of which the original made its masks: the last of the window.
int64_t frame_of_masks(const Fixture& fixture, int64_t frames) {
  static const std::regex form("compute_mask\\([a-z]+, *([0-9]+)\\)");
  const std::string call = fixture.description().value("call", "");
  std::smatch match;
  return std::regex_search(call, match, form) ? std::stoll(match[1]) : frames - 1;
}

Tensors encode(const Fixture& fixture) {
  const auto classes = fixture.config().at("label_nc").get<int64_t>();
  const auto foreground = fixture.config().at("fg_labels").get<std::vector<int64_t>>();
  const at::Tensor raw = fixture.input("label_raw");
  const int64_t batch = raw.size(0), frames = raw.size(1);
  const at::Tensor labels = made_labels(fixture, classes);
  at::Tensor level = semantics_of(labels, classes);
  if (fixture.config().at("use_instance").get<bool>()) level = with_edges(level, made_instances(fixture));
  Tensors outputs;
  for (int k = 0; k < fixture.config().at("n_scales").get<int>(); ++k) {
    if (k > 0) level = NodeRunner("image.half").input("in", level).run().tensor("half");
    outputs[text("lvl", k)] = level.unflatten(0, {batch, frames});
    if (foreground.empty()) continue;
    NodeRunner mask(k == 0 ? "semantics.mask" : "semantics.channel_mask");
    mask.set("classes", foreground).input(k == 0 ? "labels" : "semantics", k == 0 ? labels : level);
    outputs[text("mask", k)] =
        mask.run().tensor("mask").unflatten(0, {batch, frames}).select(1, frame_of_masks(fixture, frames));
  }
  return outputs;
}

/// Zeros, ones and differences are exact; means of up to 9 numbers are summed in another order.
Tolerance of_levels(const Fixture&, const std::string& output) {
  return {Measure::Largest, output.ends_with("0") ? 0 : 1e-6};
}

// ---- Values as bytes, and the colours of classes

/// A folder of this process, removed at the end.
class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / text("weft-conformance-", getpid())) {
    std::filesystem::create_directory(path_);
  }
  ~Folder() {
    std::error_code unimportant;
    std::filesystem::remove_all(path_, unimportant);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// An image [1, 3, H, W] as [H, W, 3] in bytes.
at::Tensor bytes_of(const at::Tensor& image) {
  return ((image + 1) / 2 * 255).round()[0].permute({1, 2, 0});
}

/// What is on disk when weft has written an image.
at::Tensor written_bytes(const at::Tensor& image) {
  const Folder folder;
  NodeRunner write("media.write_images"), read("media.image_folder");
  write.set("path", folder.path()).input("in", image).run();
  return bytes_of(read.set("path", folder.path()).run().tensor("image"));
}

/// The original has Cityscapes colours for 35 and 20 classes; 19 have those of bits.
at::Tensor in_colours(const at::Tensor& map, int64_t classes) {
  NodeRunner colours("semantics.colours");
  colours.set("classes", classes).set("palette", std::string(classes == 35 || classes == 20 ? "cityscapes" : "bits"));
  return bytes_of(colours.input("semantics", map).run().tensor("image"));
}

/// The factor in a rule such as "inp*1.2".
double factor_of(const Fixture& fixture, const std::string& input) {
  static const std::regex form("inp *\\* *([0-9.]+)");
  const std::string rule = fixture.description().at("derived").value(input, "");
  std::smatch match;
  return std::regex_search(rule, match, form) ? std::stod(match[1]) : 1;
}

Tensors draw_bytes(const Fixture& fixture) {
  static const std::regex form("(label|cmap)([0-9]+)");
  const at::Tensor image = fixture.input("x") * factor_of(fixture, "x");
  Tensors outputs;
  outputs["im"] = written_bytes(image);
  outputs["im_nonorm"] = written_bytes(image * 2 - 1);  // without the shift, black is 0
  for (const std::string& name : fixture.output_names()) {
    std::smatch match;
    if (!std::regex_match(name, match, form)) continue;
    const int64_t classes = std::stoll(match[2]);
    const at::Tensor each_id = at::arange(classes, at::kLong).view({1, 1, 1, classes});
    outputs[name] = match[1] == "label" ? in_colours(fixture.input("lab"), classes) : in_colours(each_id, classes)[0];
  }
  return outputs;
}

/// Bytes are exact. Where the shift is taken back, a rounding of 1e-7 may move a value over the border
/// between two bytes, one value in 50 thousand.
Tolerance of_bytes(const Fixture&, const std::string& output) {
  if (output == "im_nonorm") return {Measure::Fraction, 0.01};
  return {Measure::Largest, 0};
}

// ---- Sizes of scaled and cropped pictures

bool has(const std::string& mode, const char* word) {
  return mode.find(word) != std::string::npos;
}

/// How a picture is scaled before it is cropped; nothing where the original draws a random size.
std::optional<media::Scale> scale_of(const std::string& mode) {
  if (has(mode, "resize")) return media::Scale::Square;
  if (has(mode, "scaleWidth")) return media::Scale::Width;
  if (has(mode, "scaleHeight")) return media::Scale::Height;
  if (has(mode, "randomScale")) return std::nullopt;
  return media::Scale::Round;
}

media::Crop crop_of(const std::string& mode) {
  if (!has(mode, "scaledCrop")) return media::Crop::Square;
  return has(mode, "Width") ? media::Crop::Width : media::Crop::Height;
}

/// A row of the table by the names of its columns; "new_w(-1 random)" is new_w.
using Row = std::map<std::string, int64_t>;

Row sizes_for(const Row& asked, const std::string& mode) {
  const media::Size source = {asked.at("h"), asked.at("w")};
  const bool crops = has(mode, "crop") || has(mode, "Crop");
  const auto scale = scale_of(mode);
  media::Size scaled = {-1, -1}, crop = {0, 0};
  if (scale && crops) scaled = media::size_to_crop(source, *scale, asked.at("loadSize"));
  if (scale && !crops) scaled = media::size_to_load(source, *scale, asked.at("loadSize"));
  if (crops) crop = media::size_of_crop(source, crop_of(mode), asked.at("fineSize"));
  return {{"new_w", scaled.width}, {"new_h", scaled.height}, {"crop_w", crop.width}, {"crop_h", crop.height}};
}

/// Each stored row holds the question and the answer; the answer is made anew.
Tensors find_sizes(const Fixture& fixture) {
  const auto modes = fixture.config().at("resize_or_crop").get<std::vector<std::string>>();
  auto columns = fixture.config().at("columns").get<std::vector<std::string>>();
  for (std::string& column : columns) column = column.substr(0, column.find('('));
  const auto count = static_cast<int64_t>(columns.size());
  const at::Tensor stored = fixture.stored("rows").view({-1, count}).contiguous();
  const at::Tensor made = at::empty_like(stored);
  for (int64_t i = 0; i < stored.size(0); ++i) {
    const float* from = stored.const_data_ptr<float>() + i * count;
    float* to = made.mutable_data_ptr<float>() + i * count;
    Row asked;
    for (size_t c = 0; c < columns.size(); ++c) asked[columns[c]] = static_cast<int64_t>(from[c]);
    const Row found = sizes_for(asked, modes.at(static_cast<size_t>(asked.at("mode index"))));
    for (size_t c = 0; c < columns.size(); ++c) {
      to[c] = found.contains(columns[c]) ? static_cast<float>(found.at(columns[c])) : from[c];
    }
  }
  return {{"rows", made}};
}

/// Integer arithmetic.
Tolerance exact(const Fixture&, const std::string&) {
  return {Measure::Largest, 0};
}

}  // namespace

void add_image_cases(Cases& cases) {
  cases["PIL Image.resize"] = {resize_pictures, exact};
  cases["encode_input/build_pyr/compute_mask"] = {encode, of_levels};
  cases["tensor2im/tensor2label/labelcolormap"] = {draw_bytes, of_bytes};
  cases["get_img_params"] = {find_sizes, exact};
}

}  // namespace weft::conformance

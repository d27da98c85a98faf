#include "cli/cli.h"
#include "cli/data_look.h"
#include "cli/new_files.h"
#include "cli/shell_word.h"
#include "framework/base/text.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

/// Pixels of a frame with which training shows results within an hour on two cores.
constexpr double kMostPixels = 128.0 * 192.0;
/// Networks halve their maps twice.
constexpr int64_t kMultiple = 4;
/// Flow of 20 pixels at this height is 1 in the last layer.
constexpr double kHeightOfRange = 64, kRange = 20;
/// Side of the square around a face.
constexpr double kFace = 128;

struct Arguments {
  std::string kind, data, folder;

  bool has_labels() const { return kind == "street" || kind == "scenes"; }
  /// The folder of what the frames are generated from.
  std::string conditions() const { return kind == "pose" ? "people" : kind == "face" ? "landmarks" : "labels"; }
};

/// What a data set says about itself.
struct Seen {
  std::string split, measured_split;  ///< to train with, and to measure with
  std::string size;                   ///< "768x576", of most frames
  int64_t classes = 0;
  int64_t ids = 0;  ///< of labels that occur
  int64_t frames = 0;
  bool has_instances = false;
  std::string palette;  ///< the text of a palette file, where labels are painted
};

/// The size of most files.
std::string most_frequent(const nlohmann::json& sizes) {
  std::string most;
  for (const auto& [size, count] : sizes.items()) {
    if (most.empty() || count > sizes[most]) most = size;
  }
  return most;
}

/// @returns what is there; nothing where the data has faults, which are then in `faults`
std::optional<Seen> look(const ParamValues& params, Program& program, std::vector<Finding>& faults) {
  faults.clear();
  nlohmann::json facts;
  look_at_data(params, program, [&](const Finding& finding) {
    if (finding.is_fault) faults.push_back(finding);
    if (!finding.facts.is_null()) facts = finding.facts;
  });
  if (!faults.empty()) return {};
  Seen seen;
  if (!facts.contains("image")) return seen;
  seen.size = most_frequent(facts["image"]["sizes"]);
  seen.frames = facts["frames"];
  if (!facts.contains("labels")) return seen;
  seen.classes = facts["labels"]["largest_id"].get<int64_t>() + 1;
  seen.ids = facts["labels"]["ids"].get<int64_t>();
  seen.has_instances = facts.contains("instances");
  return seen;
}

std::string wanted_folders(const Arguments& arguments) {
  return text("graphs are for data with images/SEQUENCE and ", arguments.conditions(),
              "/SEQUENCE, or the same below train/ and val/");
}

[[noreturn]] void fail_for(const std::vector<Finding>& faults, const Arguments& arguments,
                           const std::string& option = "") {
  const Finding& first = faults.front();
  Error error(Exit::Data, first.text);
  if (!first.way_out.empty()) error.hint(first.way_out);
  throw error.hint(
      text("`weft data check ", arguments.data, option, "` tells all that is wrong; ", wanted_folders(arguments)));
}

/// Removes the folders that were made for nothing: those of a path that are there, empty, and were not before.
class Made {
 public:
  explicit Made(const fs::path& folder) : folder_(fs::absolute(folder).lexically_normal()), there_(folder_) {
    std::error_code error;
    while (!there_.empty() && there_ != there_.root_path() && !fs::exists(there_, error)) there_ = there_.parent_path();
    fs::create_directories(folder_, error);
    if (error) throw Error(Exit::Failed, text("the folder ", folder.string(), " cannot be made: ", error.message()));
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;
  ~Made() {
    std::error_code error;
    for (fs::path one = folder_; one != there_ && fs::is_empty(one, error) && !error; one = one.parent_path())
      fs::remove(one, error);
  }

 private:
  fs::path folder_, there_;
};

/// look() with the palette of painted labels, which lies in a file only as long.
std::optional<Seen> look_with(const std::string& palette, const fs::path& palette_file, ParamValues params,
                              Program& program, std::vector<Finding>& faults) {
  std::ofstream(palette_file) << palette;
  params["palette_file"] = palette_file.string();
  const std::optional<Seen> seen = look(params, program, faults);
  fs::remove(palette_file);
  return seen;
}

/// Labels that are painted in colours are looked at a second time, with the palette of these colours.
Seen look_at_labels(const Arguments& arguments, const ParamValues& params, const fs::path& palette_file,
                    Program& program) {
  const fs::path split = fs::path(arguments.data) / std::get<std::string>(params.at("split"));
  std::vector<Finding> faults;
  std::optional<Seen> seen = look(params, program, faults);
  if (!seen && fs::is_directory(split / "labels") && fs::is_directory(split / "images")) {
    const std::vector<Finding> before = faults;
    const std::string palette = palette_of(split / "labels", program);
    seen = look_with(palette, palette_file, params, program, faults);
    if (seen) seen->palette = palette;
    if (!seen) faults = before;
  }
  if (!seen) fail_for(faults, arguments);
  return *seen;
}

/// The classes of the clips that are held out count too.
void look_at_held_out(const Arguments& arguments, ParamValues params, const fs::path& palette_file, Seen& seen,
                      Program& program) {
  params["split"] = seen.measured_split;
  std::vector<Finding> faults;
  const std::optional<Seen> held_out = seen.palette.empty()
                                           ? look(params, program, faults)
                                           : look_with(seen.palette, palette_file, params, program, faults);
  if (!held_out) fail_for(faults, arguments, " --split " + seen.measured_split);
  seen.classes = std::max(seen.classes, held_out->classes);
  seen.ids = std::max(seen.ids, held_out->ids);
}

/// Whether readers pass over a folder.
bool is_hidden(const fs::path& folder) {
  return folder.filename().string().starts_with('.');
}

/// @throws Error  (Exit::Data) when a sequence of frames has no poses or landmarks
void check_conditions(const Arguments& arguments, const fs::path& split) {
  const fs::path conditions = split / arguments.conditions();
  if (!fs::is_directory(conditions))
    throw Error(Exit::Data, text("there is no folder ", conditions.string())).hint(wanted_folders(arguments));
  for (const auto& entry : fs::directory_iterator(split / "images")) {
    const fs::path other = conditions / entry.path().filename();
    if (!entry.is_directory() || is_hidden(entry.path()) || fs::exists(other)) continue;
    throw Error(Exit::Data, text(entry.path().string(), " has no partner ", other.string()))
        .hint("sequences of frames and of what they are generated from have the same names");
  }
}

/// @throws Error  (Exit::Data) when there is nothing to train with
Seen look_at(const Arguments& arguments, const fs::path& palette_file, Program& program) {
  const fs::path root = arguments.data;
  const std::string split = fs::is_directory(root / "train") ? "train" : ".";
  const ParamValues params = {{"root", arguments.data}, {"split", split}, {"only_headers", !arguments.has_labels()}};
  Seen seen;
  if (arguments.has_labels()) {
    seen = look_at_labels(arguments, params, palette_file, program);
  } else {
    std::vector<Finding> faults;
    const std::optional<Seen> frames = look(params, program, faults);
    if (!frames) fail_for(faults, arguments);
    seen = *frames;
  }
  if (seen.size.empty() || (arguments.has_labels() && seen.classes < 1))
    throw Error(Exit::Data, text(arguments.data, " lacks images or ", arguments.conditions()))
        .hint(wanted_folders(arguments));
  seen.split = split;
  seen.measured_split = fs::is_directory(root / "val" / "images") ? "val" : split;
  if (arguments.has_labels()) {
    if (seen.measured_split != split) look_at_held_out(arguments, params, palette_file, seen, program);
    return seen;
  }
  for (const std::string& one : {seen.split, seen.measured_split}) check_conditions(arguments, root / one);
  return seen;
}

/// Width and height of files, from "768x576".
std::pair<double, double> sides_of(const std::string& size) {
  const size_t cross = size.find('x');
  return {std::stod(size.substr(0, cross)), std::stod(size.substr(cross + 1))};
}

/// Height and width for training: those of the files, or smaller ones of the same shape; of a face a square.
std::pair<int64_t, int64_t> training_size(const std::string& kind, const std::string& size) {
  auto [width, height] = sides_of(size);
  if (kind == "face") width = height = std::min({width, height, kFace});
  const double scale = std::min(1.0, std::sqrt(kMostPixels / (width * height)));
  const auto rounded = [&](double side) {
    return std::max<int64_t>(kMultiple, std::llround(side * scale / kMultiple) * kMultiple);
  };
  return {rounded(height), rounded(width)};
}

/// Text in TOML's quotes.
std::string quoted(const std::string& plain) {
  return toml_text(ParamValue(plain));
}

/// The folder of a split's first sequence, or of its only one.
fs::path first_sequence(const fs::path& images) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(images)) {
    if (entry.is_directory() && !is_hidden(entry.path()) && !fs::is_empty(entry.path()))
      names.push_back(entry.path().filename());
  }
  return names.empty() ? "" : *std::min_element(names.begin(), names.end(), natural_less);
}

struct Template {
  const Arguments& arguments;
  const Seen& seen;
  std::string data;  ///< from the folder of the graphs

  std::string of_network() const {
    const auto [height, width] = training_size(arguments.kind, seen.size);
    const auto [frame_width, frame_height] = sides_of(seen.size);
    std::string own = arguments.has_labels() ? text("classes = ", seen.classes, '\n') : "";
    if (arguments.kind == "pose")
      own = text("frame   = [", static_cast<int64_t>(frame_height), ", ", static_cast<int64_t>(frame_width), "]\n");
    return text(own, "size    = [", height, ", ", width, "]   # of files of ", seen.size,
                "\nrange   = ", number_text(std::round(kRange * static_cast<double>(height) / kHeightOfRange)),
                ".0   # pixels of flow for a value of 1 in the last layer\n");
  }
  std::string palette_of_node(const char* node) const {
    return seen.palette.empty() ? "" : text("\n[node.", node, "]\npalette_file = \"palette.toml\"\n");
  }
  std::string head(const std::string& about, const std::string& base) const {
    return text("format = 1\nabout  = ", quoted(about), "\nbase   = \"weft:own/", base, arguments.kind, ".toml\"\n");
  }
  std::string path(const std::string& split, const std::string& kind, const fs::path& sequence = "") const {
    fs::path folder = (fs::path(data) / split / kind).lexically_normal();
    if (!sequence.empty()) folder /= sequence;
    return quoted(folder.string());
  }
  std::string conditions_of(const std::string& split) const {
    return text(arguments.conditions(), " = ", path(split, arguments.conditions()), '\n');
  }
  std::string frames_of(const std::string& split) const {
    return text(arguments.kind == "face" ? "frames  = " : "first   = ", path(split, "images"), '\n');
  }
  std::string sources() const {
    const std::string& split = seen.measured_split;
    return text(conditions_of(split), frames_of(split),
                arguments.kind == "street" ? text("instances = ", path(split, "instances"), '\n') : "", weights());
  }
  static std::string weights() {
    return "motion  = \"runs/train/last/weights/F.motion.safetensors\"\n"
           "drawing = \"runs/train/last/weights/F.h.safetensors\"\n";
  }

  std::string run() const {
    return head(text("My ", arguments.conditions(), " become a video"), "") + "\n[params]\n" + sources() +
           "out     = \"out/{sequence}.mp4\"\n" + of_network() + palette_of_node("labels");
  }
  std::string retarget() const {
    const bool is_face = arguments.kind == "face";
    const fs::path sequence = first_sequence(fs::path(arguments.data) / seen.split / "images");
    const std::string own = path(seen.split, arguments.conditions(), is_face ? sequence : "");
    const std::string frames = path(seen.split, "images", sequence);
    return head("My person follows another one's motion", "retarget-") + "\n[params]\n" +
           (is_face ? text("landmarks  = \"driver/landmarks\"   # of the face that moves: --set landmarks=FOLDER\n",
                           "frames     = \"driver/images\"      # its frames: --set frames=FOLDER\n",
                           "own        = ", own, "\nown_frames = ", frames, '\n')
                    : text("people  = \"driver\"   # poses of the person who moves: --set people=FOLDER\n",
                           "own     = ", own, "\nfirst   = ", frames, '\n')) +
           weights() + "out     = \"out/retarget.mp4\"\n" + of_network();
  }
  std::string trained_on() const {
    std::string own = arguments.has_labels() ? "" : conditions_of(seen.split);
    own += arguments.kind == "face" ? frames_of(seen.split)
                                    : text("data    = ", quoted(data), "\nsplit   = ", quoted(seen.split), '\n');
    return "\n[params]\n" + own + of_network() + palette_of_node("clips");
  }
  std::string train() const { return head("Trains run.toml on my clips", "train-") + trained_on(); }
  std::string no_warp() const {
    return head("The same without flow warping, to compare with", "no-warp-") + trained_on();
  }
  std::string measure() const {
    return head("A table of both, and a video: `weft eval`", "measure-") + "\n[params]\n" + sources() +
           "baseline = \"runs/no-warp/last/weights/F.h.safetensors\"\nout     = \"out/measure/{sequence}.mp4\"\n" +
           of_network() + palette_of_node("labels");
  }
};

Exit make_graphs(Arguments arguments, Program& program) {
  std::error_code error;
  if (!fs::is_directory(arguments.data, error))
    throw Error(Exit::Data, text("there is no folder ", arguments.data)).hint("name the folder of your data");
  if (printable(arguments.data) != arguments.data)
    throw Error(Exit::Usage, text(printable(arguments.data), " cannot be named in a graph file, which is UTF-8"))
        .hint("rename the folder");
  check_free(arguments.folder);
  const fs::path folder = arguments.folder;
  const Made made(folder);
  const Seen seen = look_at(arguments, folder / "palette.toml", program);
  if (arguments.kind == "street" && !seen.has_instances)
    throw Error(Exit::Data, text(arguments.data, " has no instances, whose edges `street` shows its networks"))
        .hint("`weft new graph scenes` does without");
  const Template texts{arguments, seen, fs::relative(arguments.data, folder).string()};
  write_new(folder / "run.toml", texts.run(), program);
  write_new(folder / "train.toml", texts.train(), program);
  write_new(folder / "no-warp.toml", texts.no_warp(), program);
  write_new(folder / "measure.toml", texts.measure(), program);
  if (!arguments.has_labels()) write_new(folder / "retarget.toml", texts.retarget(), program);
  if (!seen.palette.empty()) write_new(folder / "palette.toml", seen.palette, program);
  program.log->note(text(count_text(seen.frames, "frame"), " of ", seen.size,
                         arguments.has_labels() ? text(", ", seen.classes, " classes") : "",
                         seen.palette.empty() ? "" : ", painted in the colours of palette.toml",
                         seen.has_instances ? ", with instances" : ""));
  if (seen.ids < seen.classes) {
    program.log->note(text(
        "only ", seen.ids, " of the label ids 0 to ", seen.classes - 1,
        " occur, and networks get a channel for each; the table [remap] of a layout file closes gaps (docs/media.md)"));
  }
  if (seen.measured_split == seen.split)
    program.log->note(text("there is no ", (fs::path(arguments.data) / "val").string(),
                           ": run.toml and measure.toml show clips that were trained on"));
  program.log->note(text("what to do next:\n  cd ", shell_word(folder.string()),
                         "\n  weft check --data train.toml\n  weft train train.toml\n  weft run run.toml\n",
                         "  weft train no-warp.toml\n  weft eval measure.toml",
                         arguments.kind == "pose" ? "\n  weft run retarget.toml --set people=POSES_OF_ANOTHER"
                         : arguments.kind == "face"
                             ? "\n  weft run retarget.toml --set landmarks=OF_ANOTHER --set frames=OF_ANOTHER"
                             : ""));
  return Exit::Done;
}

}  // namespace

void add_new_graph_verb(CLI::App& verb, Program& program) {
  CLI::App* graph = verb.add_subcommand(
      "graph", "Writes graphs for data of your own: run, train, train without flow warping, measure");
  auto arguments = std::make_shared<Arguments>();
  graph
      ->add_option("kind", arguments->kind,
                   "street: label maps and instances; scenes: label maps; pose: files of OpenPose or "
                   "AlphaPose; face: landmarks")
      ->required()
      ->check(CLI::IsMember({"street", "scenes", "pose", "face"}));
  graph
      ->add_option(
          "data", arguments->data,
          "The folder with images/SEQUENCE and labels/SEQUENCE (or people, landmarks), or with train/ and val/")
      ->required()
      ->type_name("DATA");
  graph->add_option("-o,--output", arguments->folder, "The folder to write")->required()->type_name("FOLDER");
  graph->callback(
      [arguments, &program] { program.action = [arguments, &program] { return make_graphs(*arguments, program); }; });
}

}  // namespace weft::cli

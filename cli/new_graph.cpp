#include "cli/cli.h"
#include "cli/data_look.h"
#include "cli/new_files.h"
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

struct Arguments {
  std::string kind, data, folder;
};

/// What a data set says about itself.
struct Seen {
  std::string split, measured_split;  ///< to train with, and to measure with
  std::string size;                   ///< "768x576", of most frames
  int64_t classes = 0;
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
  if (!facts.contains("image") || !facts.contains("labels")) return seen;
  seen.size = most_frequent(facts["image"]["sizes"]);
  seen.classes = facts["labels"]["largest_id"].get<int64_t>() + 1;
  seen.frames = facts["frames"];
  seen.has_instances = facts.contains("instances");
  return seen;
}

[[noreturn]] void fail_for(const std::vector<Finding>& faults, const Arguments& arguments) {
  const Finding& first = faults.front();
  Error error(Exit::Data, first.text);
  if (!first.way_out.empty()) error.hint(first.way_out);
  throw error.hint(text("`weft data check ", arguments.data,
                        "` tells all that is wrong; graphs are for data with images/",
                        "SEQUENCE and labels/SEQUENCE, or the same below train/ and val/"));
}

/// Labels that are painted in colours are looked at a second time, with the palette of these colours.
Seen look_at(const Arguments& arguments, const fs::path& palette_file, Program& program) {
  const fs::path root = arguments.data;
  const std::string split = fs::is_directory(root / "train") ? "train" : ".";
  ParamValues params = {{"root", arguments.data}, {"split", split}, {"only_headers", false}};
  std::vector<Finding> faults;
  std::optional<Seen> seen = look(params, program, faults);
  if (!seen && fs::is_directory(root / split / "labels") && fs::is_directory(root / split / "images")) {
    const std::vector<Finding> before = faults;
    const std::string palette = palette_of(root / split / "labels", program);
    fs::create_directories(palette_file.parent_path());
    std::ofstream(palette_file) << palette;
    params["palette_file"] = palette_file.string();
    seen = look(params, program, faults);
    if (seen) seen->palette = palette;
    fs::remove(palette_file);
    if (!seen) faults = before;
  }
  if (!seen) fail_for(faults, arguments);
  if (seen->classes < 1)
    throw Error(Exit::Data, text(arguments.data, " lacks images or labels"))
        .hint("graphs are for data with images/SEQUENCE and labels/SEQUENCE, or the same below train/ and val/");
  seen->split = split;
  seen->measured_split = fs::is_directory(root / "val" / "images") ? "val" : split;
  return *seen;
}

/// Height and width for training: those of the files, or smaller ones of the same shape.
std::pair<int64_t, int64_t> training_size(const std::string& size) {
  const size_t cross = size.find('x');
  const double width = std::stod(size.substr(0, cross)), height = std::stod(size.substr(cross + 1));
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

struct Template {
  const Arguments& arguments;
  const Seen& seen;
  std::string data;  ///< from the folder of the graphs

  std::string of_network() const {
    const auto [height, width] = training_size(seen.size);
    return text("classes = ", seen.classes, "\nsize    = [", height, ", ", width, "]   # of files of ", seen.size,
                "\nrange   = ", number_text(std::round(kRange * static_cast<double>(height) / kHeightOfRange)), ".0\n");
  }
  std::string palette_of_node(const char* node) const {
    return seen.palette.empty() ? "" : text("\n[node.", node, "]\npalette_file = \"palette.toml\"\n");
  }
  std::string head(const std::string& about, const std::string& base) const {
    return text("format = 1\nabout  = ", quoted(about), "\nbase   = \"weft:own/", base, arguments.kind, ".toml\"\n");
  }
  std::string path(const std::string& split, const std::string& kind) const {
    return quoted((fs::path(data) / split / kind).lexically_normal().string());
  }
  std::string sources() const {
    const std::string& split = seen.measured_split;
    return text("labels  = ", path(split, "labels"), "\nfirst   = ", path(split, "images"), '\n',
                arguments.kind == "street" ? text("instances = ", path(split, "instances"), '\n') : "",
                "motion  = \"runs/train/last/weights/F.motion.safetensors\"\n"
                "drawing = \"runs/train/last/weights/F.h.safetensors\"\n");
  }

  std::string run() const {
    return head("My label maps become a video", "") + "\n[params]\n" + sources() +
           "out     = \"out/{sequence}.mp4\"\n" + of_network() + palette_of_node("labels");
  }
  std::string train() const {
    return head("Trains run.toml on my clips", "train-") + "\n[params]\ndata    = " + quoted(data) +
           "\nsplit   = " + quoted(seen.split) + '\n' + of_network() + palette_of_node("clips");
  }
  std::string no_warp() const {
    return head("The same without flow warping, to compare with", "no-warp-") +
           "\n[params]\ndata    = " + quoted(data) + "\nsplit   = " + quoted(seen.split) + '\n' + of_network() +
           palette_of_node("clips");
  }
  std::string measure() const {
    return head("A table of both, and a video: `weft eval`", "measure-") + "\n[params]\n" + sources() +
           "baseline = \"runs/no-warp/last/weights/F.h.safetensors\"\nout     = \"out/measure/{sequence}.mp4\"\n" +
           of_network() + palette_of_node("labels");
  }
};

/// A folder that is not there, or empty.
fs::path free_folder(const std::string& name) {
  check_free(name);
  std::error_code error;
  fs::create_directories(name, error);
  if (error) throw Error(Exit::Failed, text("the folder ", name, " cannot be made: ", error.message()));
  return name;
}

Exit make_graphs(Arguments arguments, Program& program) {
  if (!fs::is_directory(arguments.data))
    throw Error(Exit::Data, text("there is no folder ", arguments.data)).hint("name the folder of your data");
  const fs::path folder = free_folder(arguments.folder);
  const Seen seen = look_at(arguments, folder / "palette.toml", program);
  if (arguments.kind == "street" && !seen.has_instances)
    throw Error(Exit::Data, text(arguments.data, " has no instances, whose edges `street` shows its networks"))
        .hint("`weft new graph scenes` does without");
  const Template texts{arguments, seen, fs::relative(arguments.data, folder).string()};
  write_new(folder / "run.toml", texts.run(), program);
  write_new(folder / "train.toml", texts.train(), program);
  write_new(folder / "no-warp.toml", texts.no_warp(), program);
  write_new(folder / "measure.toml", texts.measure(), program);
  if (!seen.palette.empty()) write_new(folder / "palette.toml", seen.palette, program);
  program.log->note(text(count_text(seen.frames, "frame"), " of ", seen.size, ", ", seen.classes, " classes",
                         seen.palette.empty() ? "" : ", painted in the colours of palette.toml",
                         seen.has_instances ? ", with instances" : ""));
  if (seen.measured_split == seen.split)
    program.log->note(text("there is no ", (fs::path(arguments.data) / "val").string(),
                           ": run.toml and measure.toml show clips that were trained on"));
  program.log->note(text("what to do next:\n  cd ", folder.string(), "\n  weft train train.toml\n  weft run run.toml\n",
                         "  weft train no-warp.toml\n  weft eval measure.toml"));
  return Exit::Done;
}

}  // namespace

void add_new_graph_verb(CLI::App& verb, Program& program) {
  CLI::App* graph = verb.add_subcommand(
      "graph", "Writes graphs for data of your own: run, train, train without flow warping, measure");
  auto arguments = std::make_shared<Arguments>();
  graph->add_option("kind", arguments->kind, "street: label maps and instances; scenes: label maps")
      ->required()
      ->check(CLI::IsMember({"street", "scenes"}));
  graph
      ->add_option("data", arguments->data,
                   "The folder with images/SEQUENCE and labels/SEQUENCE, or with train/ and val/")
      ->required()
      ->type_name("DATA");
  graph->add_option("-o,--output", arguments->folder, "The folder to write")->required()->type_name("FOLDER");
  graph->callback(
      [arguments, &program] { program.action = [arguments, &program] { return make_graphs(*arguments, program); }; });
}

}  // namespace weft::cli

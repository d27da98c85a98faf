#include "cli/study_file.h"

#include "cli/ablation_cell.h"
#include "cli/running.h"
#include "cli/study_clips.h"
#include "framework/base/text.h"
#include "framework/graph/toml.h"
#include "framework/report/json_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace weft::cli {
namespace {

using graph::Item;
using report::StudyDesign;

constexpr int64_t kMost = 1'000'000;

const std::vector<std::string> kKeys = {"format", "about",    "preset", "question", "seed",     "workers", "per_worker",
                                        "clips",  "approval", "pairs",  "embed",    "ablation", "method",  "check"};

const char* const kQuestion =
    "Which of the two videos looks more as if a real camera had recorded it? Look at the quality of the images, and at "
    "whether they go on smoothly.";

/// What a preset sets before the file's own keys.
struct Preset {
  int64_t workers = 10, clips = 0, approval_permille = 0;
  bool only_first = false;
  std::vector<std::string> sets;  ///< that may occur; none: any
};

/// The protocols of the papers: Wang et al. 2018 (vid2vid), Wang et al. 2019 (few-shot vid2vid).
Preset preset_of(const Item* name) {
  if (!name) return {};
  if (name->is_text() && name->text == "vid2vid") return {10, 0, 980, true, {"short", "long"}};
  if (name->is_text() && name->text == "few-shot") return {60, 100, 0, true, {}};
  throw Error(Exit::Graph, name->place, text("`preset` may be \"vid2vid\" or \"few-shot\", not ", name->toml()));
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file), root_(graph::read_toml(file)) {}

  StudyFile read() {
    check_keys();
    preset_ = preset_of(root_.find("preset"));
    StudyFile study;
    StudyDesign& design = study.design;
    design.name = stem_of(file_);
    design.question = text_of("question", kQuestion);
    design.seed = number("seed", 1, 0);
    design.workers = number("workers", preset_.workers, 1);
    design.per_worker = number("per_worker", 0, 0);
    design.clips = number("clips", preset_.clips, 0);
    design.approval_permille = approval();
    const std::string pairs = text_of("pairs", preset_.only_first ? "first" : "all");
    if (pairs != "first" && pairs != "all")
      throw Error(Exit::Graph, root_.find("pairs")->place,
                  text("`pairs` may be \"all\" or \"first\", not \"", pairs, '"'));
    design.only_first = pairs == "first";
    if (const Item* embed = root_.find("embed")) {
      if (!embed->is(Item::Type::Boolean)) wrong(*embed, "embed", "true or false");
      study.embeds = embed->boolean;
    }
    read_ablation(design);
    read_methods(design);
    read_check(design);
    return study;
  }

 private:
  [[noreturn]] static void wrong(const Item& item, const std::string& key, const std::string& wanted) {
    throw Error(Exit::Graph, item.place, text('`', key, "` must be ", wanted, ", not ", item.describe()));
  }

  void check_keys() const {
    for (const Item::Entry& entry : root_.entries) {
      if (std::find(kKeys.begin(), kKeys.end(), entry.key) != kKeys.end()) continue;
      Error unknown(Exit::Graph, entry.place, text("a study has no key `", entry.key, '`'));
      const std::string meant = did_you_mean(entry.key, kKeys);
      throw unknown.hint(meant.empty() ? text("it has ", join(kKeys)) : meant);
    }
    const Item* format = root_.find("format");
    if (!format || !format->is(Item::Type::Integer) || format->integer != 1)
      throw Error(Exit::Graph, Place{file_}, "a study begins with `format = 1`");
  }

  int64_t number(const char* key, int64_t otherwise, int64_t least) const {
    const Item* item = root_.find(key);
    if (!item) return otherwise;
    if (!item->is(Item::Type::Integer)) wrong(*item, key, text("a whole number from ", least, " to ", kMost));
    if (item->integer >= least && item->integer <= kMost) return item->integer;
    throw Error(Exit::Graph, item->place,
                text('`', key, "` must be from ", least, " to ", kMost, ", not ", item->integer));
  }

  std::string text_of(const char* key, const std::string& otherwise) const {
    const Item* item = root_.find(key);
    if (!item) return otherwise;
    if (!item->is_text() || item->text.empty()) wrong(*item, key, "a text");
    return item->text;
  }

  int64_t approval() const {
    const Item* item = root_.find("approval");
    if (!item) return preset_.approval_permille;
    const double rate = item->is(Item::Type::Integer) ? static_cast<double>(item->integer) : item->real;
    const bool is_number = item->is(Item::Type::Integer) || item->is(Item::Type::Real);
    if (!is_number || !(rate >= 0 && rate < 1)) wrong(*item, "approval", "a share from 0 to below 1, as 0.98");
    return std::lround(1000 * rate);
  }

  /// Each variant of an ablation is a method, in the order of its table.
  void read_ablation(StudyDesign& design) const {
    const Item* folder = root_.find("ablation");
    if (!folder) return;
    if (!folder->is_text()) wrong(*folder, "ablation", "the folder of an ablation");
    const std::string path = folder->text;
    const std::string table = path + "/table.json";
    if (!std::filesystem::exists(table))
      throw Error(Exit::Data, folder->place, text("there is no ", table)).hint("`weft ablate` writes it");
    const nlohmann::json written = report::read_json_file(table);
    report::read_fields(table, "table of an ablation", "`weft ablate` writes it", [&] {
      for (const auto& row : written.at("rows")) {
        const std::string variant = row.at("variant");
        add_method(design, variant, "clips", find_clips(path + '/' + folder_name(variant), folder->place));
      }
    });
  }

  void read_methods(StudyDesign& design) const {
    const Item* methods = root_.find("method");
    if (!methods) return;
    if (!methods->is_table()) wrong(*methods, "method", "tables [method.NAME]");
    for (const Item::Entry& method : methods->entries) {
      if (!method.value.is_table() || method.value.entries.empty())
        throw Error(Exit::Graph, method.place, text("[method.", method.key, "] names no clips"))
            .hint("clips = \"FOLDER\"");
      for (const Item::Entry& set : method.value.entries) {
        if (!preset_.sets.empty() && std::find(preset_.sets.begin(), preset_.sets.end(), set.key) == preset_.sets.end())
          throw Error(Exit::Graph, set.place,
                      text("this preset has the sets ", quoted_list(preset_.sets, "and"), ", not \"", set.key, '"'));
        add_method(design, method.key, set.key, clips_of(set));
      }
    }
  }

  void read_check(StudyDesign& design) const {
    const Item* check = root_.find("check");
    if (!check) return;
    const bool has_both =
        check->is_table() && check->entries.size() == 2 && check->find("better") && check->find("worse");
    if (!has_both) throw Error(Exit::Graph, check->place, "[check] has `better` and `worse`, two folders of clips");
    for (const Item::Entry& side : check->entries)
      (side.key == "better" ? design.better : design.worse) = clips_of(side);
    const auto is_common = [&](const auto& clip) { return design.worse.contains(clip.first); };
    if (std::none_of(design.better.begin(), design.better.end(), is_common))
      throw Error(Exit::Data, check->place, "`better` and `worse` have no clip of the same name");
  }

  static report::NamedClips clips_of(const Item::Entry& entry) {
    if (!entry.value.is_text()) wrong(entry.value, entry.key, "a folder of clips");
    return find_clips(entry.value.text, entry.value.place);
  }

  static void add_method(StudyDesign& design, const std::string& name, const std::string& set,
                         report::NamedClips clips) {
    auto known =
        std::find_if(design.methods.begin(), design.methods.end(), [&](const auto& one) { return one.name == name; });
    if (known == design.methods.end()) known = design.methods.insert(known, {name, {}});
    known->sets[set] = std::move(clips);
  }

  std::string file_;
  Item root_;
  Preset preset_;
};

}  // namespace

StudyFile read_study_file(const std::string& file) {
  return Reader(file).read();
}

}  // namespace weft::cli

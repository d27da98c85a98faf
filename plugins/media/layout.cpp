#include "plugins/media/layout.h"

#include "framework/base/error.h"
#include "framework/data/ordinary_file.h"
#include "framework/data/tables.h"
#include "plugins/media/built_in_layouts.h"
#include "plugins/media/endings.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>

namespace weft::media {
namespace {

using data::Table;
using data::TableValue;

constexpr int64_t kLargestId = 65535;
constexpr int64_t kLargestFile = 1 << 20;

template <typename T>
using Choice = std::pair<std::string_view, T>;  // a word of a layout and its meaning

constexpr std::array<Choice<vision::Filter>, 3> kFilters = {{{"bicubic", vision::Filter::Bicubic},
                                                             {"bilinear", vision::Filter::Bilinear},
                                                             {"nearest", vision::Filter::Nearest}}};
constexpr std::array<Choice<Pairs>, 3> kPairs = {
    {{"number", Pairs::Number}, {"name", Pairs::Name}, {"order", Pairs::Order}}};

template <typename T, size_t count>
T chosen(Table& table, const std::string& key, const std::array<Choice<T>, count>& choices, T otherwise) {
  const auto word = table.take<std::string>(key, "a text");
  if (!word) return otherwise;
  std::vector<std::string> words;
  for (const auto& [choice, meaning] : choices) {
    if (choice == *word) return meaning;
    words.emplace_back(choice);
  }
  throw Error(Exit::Data, table.place(), text('`', key, "` is \"", *word, "\", but may be ", quoted_list(words)));
}

int64_t checked_id(int64_t id, const Place& place) {
  if (id >= 0 && id <= kLargestId) return id;
  throw Error(Exit::Data, place, text("ids go from 0 to ", kLargestId, ", not ", id));
}

/// @param what  what the folder is, for the message
void check_within(const char* what, const std::string& folder, const Place& place) {
  for (const std::filesystem::path& part : std::filesystem::path(folder)) {
    if (part == ".." || part == "/")
      throw Error(Exit::Data, place, text("the ", what, " \"", folder, "\" leads out of the data set"));
  }
}

ModalityFiles read_files(Table& table, Modality modality, const std::string& file) {
  ModalityFiles files;
  const auto pattern = table.take<std::string>("files", "a text");
  if (!pattern) throw Error(Exit::Data, {file}, text('[', name_of(modality), "] has no `files`"));
  try {
    files.pattern = FilePattern(*pattern);
  } catch (const Error& fault) {
    Error placed(Exit::Data, table.place(), fault.message());
    for (const std::string& hint : fault.hints()) placed.hint(hint);
    throw placed;
  }
  files.is_required = table.take<bool>("required", "true or false").value_or(false);
  if (holds_ids(modality)) {
    files.filter = vision::Filter::Nearest;
    files.largest_id = table.take<int64_t>("largest_id", "a whole number");
    if (files.largest_id) checked_id(*files.largest_id, table.place());
  } else {
    files.filter = chosen(table, "filter", kFilters, vision::Filter::Bicubic);
  }
  table.end();
  return files;
}

KeypointFolder read_keypoints(Table& table, const std::string& name, const std::string& file) {
  const auto pattern = table.take<std::string>("folder", "a text");
  if (!pattern)
    throw Error(Exit::Data, {file}, text('[', name, "] has no `folder`")).hint("folder = \"{split}/people\"");
  check_within("folder", *pattern, table.place());
  const bool is_required = table.take<bool>("required", "true or false").value_or(false);
  table.end();
  return {*pattern, is_required};
}

RemapTable read_remap(Table& table, const std::string& name, const std::string& file) {
  RemapTable remap;
  const auto pairs = table.take<TableValue::Pairs>("pairs", "pairs of ids, [[7, 0], [8, 1]]");
  if (!pairs || pairs->empty()) throw Error(Exit::Data, {file}, text('[', name, "] has no `pairs`"));
  for (const auto& [from, to] : *pairs)
    remap.pairs.emplace_back(checked_id(from, table.place()), checked_id(to, table.place()));
  remap.other = table.take<int64_t>("other", "a whole number");
  if (remap.other) checked_id(*remap.other, table.place());
  table.end();
  return remap;
}

void read_table(Layout& layout, const std::string& name, std::map<std::string, TableValue> values,
                const std::string& file) {
  Table table("a layout", name, std::move(values));
  if (name == "splits") {
    while (const auto* line = table.first()) {
      const std::string split = line->first;
      const Place place = line->second.place;
      std::string& folder = layout.splits[split];
      folder = table.take<std::string>(split, "a text").value();
      check_within("split", folder, place);
    }
    return;
  }
  if (name == "sequences") {
    if (!table.first()) throw Error(Exit::Data, {file}, "[sequences] has no list");
    while (const auto* line = table.first()) {
      const std::string split = line->first;
      auto names = table.take<TableValue::Texts>(split, "names of sequences, [\"a\", \"b\"]").value();
      for (const std::string& sequence : names) {
        for (const auto& [other, list] : layout.sequences) {
          if (std::find(list.begin(), list.end(), sequence) == list.end()) continue;
          throw Error(Exit::Data, table.place(),
                      text("the sequence \"", sequence, "\" is in ", other, " and in ", split));
        }
      }
      layout.sequences[split] = std::move(names);
    }
    return;
  }
  if (name.starts_with("remap.")) {
    layout.remaps[name.substr(6)] = read_remap(table, name, file);
    return;
  }
  if (name == "people" || name == "landmarks") {
    layout.keypoints[name] = read_keypoints(table, name, file);
    return;
  }
  for (const Modality modality : kAllModalities) {
    if (name != name_of(modality)) continue;
    layout.files[static_cast<size_t>(modality)] = read_files(table, modality, file);
    return;
  }
  Error unknown(Exit::Data, table.first() ? table.first()->second.place : Place{file},
                text("a layout has no table [", name, ']'));
  throw unknown.hint(
      "there are splits, sequences, image, labels, instances, condition, people, landmarks and remap.NAME");
}

}  // namespace

std::string name_of(Modality modality) {
  static const std::array<const char*, kModalities> names = {"image", "labels", "instances", "condition"};
  return names[static_cast<size_t>(modality)];
}

bool holds_ids(Modality modality) {
  return modality == Modality::Labels || modality == Modality::Instances;
}

const std::vector<std::string>& endings_of(Modality modality) {
  static const std::vector<std::string> pictures = picture_endings(), ids = id_endings();
  return holds_ids(modality) ? ids : pictures;
}

std::string KeypointFolder::folder(const std::string& split) const {
  constexpr std::string_view kSplit = "{split}";
  std::string whole = pattern;
  const size_t at = whole.find(kSplit);
  if (at != std::string::npos) whole.replace(at, kSplit.size(), split);
  return std::filesystem::path(whole).lexically_normal().string();
}

std::string Layout::folder_of_split(const std::string& split) const {
  const auto found = splits.find(split);
  return found == splits.end() ? split : found->second;
}

bool Layout::has(const std::string& split, const std::string& sequence) const {
  if (sequences.empty() || split == ".") return true;
  const auto is_in = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), sequence) != list.end();
  };
  const auto own = sequences.find(split);
  if (own != sequences.end()) return is_in(own->second);
  if (split == "train")
    return std::none_of(sequences.begin(), sequences.end(), [&](const auto& list) { return is_in(list.second); });
  std::vector<std::string> names;
  if (!sequences.contains("train")) names.emplace_back("train");
  for (const auto& [known, list] : sequences) names.push_back(known);
  throw Error(Exit::Graph, text("the layout ", name, " has no split \"", split, '"'))
      .hint(text("there is ", quoted_list(names), "; \".\" is the whole data set"));
}

const RemapTable& Layout::remap(const std::string& wanted) const {
  const auto found = remaps.find(wanted);
  if (found != remaps.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, table] : remaps) names.push_back(known);
  throw Error(Exit::Graph, text("the layout ", name, " has no table of ids \"", wanted, '"'))
      .hint(names.empty() ? "it has no tables; semantics.remap takes pairs of ids"
                          : text("there is ", quoted_list(names)));
}

Layout read_layout(std::string_view toml, const std::string& name, const std::string& file) {
  data::Tables tables = data::read_tables(toml, file);
  Layout layout;
  layout.name = name;
  Table own("a layout", "", std::move(tables.at("")));
  layout.about = own.take<std::string>("about", "a text").value_or("");
  layout.pairs = chosen(own, "pairs", kPairs, Pairs::Number);
  layout.is_cut_at_gaps = own.take<bool>("cut_at_gaps", "true or false").value_or(false);
  own.end();
  tables.erase("");
  for (auto& [table, values] : tables) read_table(layout, table, std::move(values), file);
  bool has_files = false;
  for (const auto& files : layout.files) has_files = has_files || files;
  if (!has_files) throw Error(Exit::Data, {file}, "the layout names no files").hint("[image] files = …");
  return layout;
}

void DataSetParams::params(Params& p) {
  std::vector<std::string> names;
  std::string about = "how the files are organised:";
  for (const auto& [name, toml] : kBuiltInLayouts) {
    names.emplace_back(name);
    about += text(names.size() > 1 ? "; " : " ", name, ": ", read_layout(toml, name, name).about);
  }
  p("root", root, "the folder of the data set").required();
  p("layout", layout, about).choice(names);
  p("layout_file", layout_file, "a layout file of your own (TOML), instead of `layout`");
  p("split", split,
    "the split of the data set: train, val, test, or the name of its folder; \".\" where the data set has no splits");
  palette.params(p, "labels are painted in the colours of classes:");
}

Layout DataSetParams::read() const {
  Layout layout = read_layout_alone();
  if (auto given = palette.read()) layout.palette = std::make_shared<const data::Palette>(std::move(*given));
  return layout;
}

Layout DataSetParams::read_layout_alone() const {
  if (layout_file)
    return read_layout(data::read_small_text(*layout_file, kLargestFile),
                       std::filesystem::path(layout_file->c_str()).stem(), *layout_file);
  for (const auto& [name, toml] : kBuiltInLayouts) {
    if (layout == name) return read_layout(toml, name, name);
  }
  throw Error(Exit::Graph, text("there is no layout \"", layout, '"'));  // the check lets no other name through
}

}  // namespace weft::media

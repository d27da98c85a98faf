#include "framework/data/palette.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/built_in_palettes.h"
#include "framework/data/ordinary_file.h"
#include "framework/data/tables.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

namespace weft::data {
namespace {

constexpr int64_t kMostBytes = 1 << 20;
constexpr int64_t kLargestId = 65535;

/// A number in the whole of a text. @param base  10 or 16
std::optional<int64_t> number_in(std::string_view digits, int base) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
  return is_whole && number >= 0 ? std::optional(number) : std::nullopt;
}

uint32_t packed(const Rgb& colour) {
  return static_cast<uint32_t>(colour[0]) << 16U | static_cast<uint32_t>(colour[1]) << 8U | colour[2];
}

std::string hex_text(uint32_t colour) {
  std::array<char, 8> digits{};
  std::snprintf(digits.data(), digits.size(), "#%06x", colour);
  return digits.data();
}

Rgb parse_colour(const std::string& word, const Place& place) {
  const auto number =
      word.size() == 7 && word[0] == '#' ? number_in(std::string_view(word).substr(1), 16) : std::nullopt;
  if (!number) throw Error(Exit::Data, place, text('"', word, "\" is no colour")).hint("as in \"#804080\"");
  return {static_cast<uint8_t>(*number >> 16), static_cast<uint8_t>(*number >> 8), static_cast<uint8_t>(*number)};
}

/// The lines of a table whose keys are ids.
template <typename Use>
void for_each_id(Table& table, Use use) {
  while (const auto* line = table.first()) {
    const std::string key = line->first;
    const Place place = line->second.place;
    const auto id = number_in(key, 10);
    if (!id || *id > kLargestId) throw Error(Exit::Data, place, text('`', key, "` is no id from 0 to ", kLargestId));
    use(*id, table.take<std::string>(key, "a text").value(), place);
  }
}

}  // namespace

std::string colour_text(const Rgb& colour) {
  return hex_text(packed(colour));
}

Palette Palette::parse(std::string_view toml, const std::string& file) {
  Tables tables = read_tables(toml, file);
  Palette palette;
  palette.name_ = file;
  Table own("a palette", "", std::move(tables.at("")));
  own.take<std::string>("about", "a text");
  palette.other_ = own.take<int64_t>("other", "a whole number");
  if (palette.other_ && (*palette.other_ < 0 || *palette.other_ > kLargestId))
    throw Error(Exit::Data, own.place(), text("ids go from 0 to ", kLargestId, ", not ", *palette.other_));
  own.end();
  std::map<int64_t, PaintedClass> classes;
  Table colours("", "colours", std::move(tables["colours"]));
  for_each_id(colours, [&](int64_t id, const std::string& word, const Place& place) {
    classes[id] = {id, parse_colour(word, place), ""};
  });
  if (classes.empty())
    throw Error(Exit::Data, {file}, "the palette has no colours").hint("[colours] 0 = \"#804080\" …");
  Table names("", "names", std::move(tables["names"]));
  for_each_id(names, [&](int64_t id, const std::string& name, const Place& place) {
    const auto found = classes.find(id);
    if (found == classes.end()) throw Error(Exit::Data, place, text("the id ", id, " has a name, but no colour"));
    found->second.name = name;
  });
  for (const char* known : {"", "colours", "names"}) tables.erase(known);
  if (!tables.empty()) {
    throw Error(Exit::Data, {file}, text("a palette has no table [", tables.begin()->first, ']'))
        .hint("there are [colours] and [names]");
  }
  for (const auto& [id, painted] : classes) palette.classes_.push_back(painted);
  palette.add_lookup();
  return palette;
}

Palette Palette::read(const std::string& file) {
  return parse(read_small_text(file, kMostBytes), file);
}

Palette Palette::built_in(const std::string& name) {
  for (const auto& [known, toml] : kBuiltInPalettes) {
    if (name == known) return parse(toml, text("the palette ", name));
  }
  throw Error(Exit::Graph, text("there is no palette \"", name, '"')).hint(text("there is ", quoted_list(names())));
}

std::vector<std::string> Palette::names() {
  std::vector<std::string> names;
  for (const auto& [name, toml] : kBuiltInPalettes) names.emplace_back(name);
  return names;
}

void Palette::add_lookup() {
  for (const PaintedClass& painted : classes_)
    lookup_.push_back({packed(painted.colour), static_cast<uint16_t>(painted.id)});
  const auto by_colour = [](const Entry& a, const Entry& b) { return a.colour < b.colour; };
  std::stable_sort(lookup_.begin(), lookup_.end(), by_colour);
}

at::Tensor Palette::ids_of(const at::Tensor& rgb, const std::string& file) const {
  const at::Tensor rows = rgb.contiguous();
  const int64_t height = rows.size(0), width = rows.size(1);
  at::Tensor ids = at::empty({height, width}, at::kShort);
  const uint8_t* from = rows.const_data_ptr<uint8_t>();
  int16_t* to = ids.mutable_data_ptr<int16_t>();
  uint32_t last = UINT32_MAX;  // neighbours are alike
  int16_t id = 0;
  for (int64_t i = 0; i < height * width; ++i, from += 3) {
    const uint32_t colour = packed({from[0], from[1], from[2]});
    if (colour != last) {
      const auto found = std::lower_bound(lookup_.begin(), lookup_.end(), colour,
                                          [](const Entry& entry, uint32_t wanted) { return entry.colour < wanted; });
      const bool is_known = found != lookup_.end() && found->colour == colour;
      if (!is_known && !other_) {
        throw Error(Exit::Data, text(file, ": the pixel in row ", i / width, ", column ", i % width, " is ",
                                     hex_text(colour), ", which is no class's colour in ", name_))
            .hint("`weft data palette` lists the colours of a folder; `other = ID` in a palette file takes all others");
      }
      id = static_cast<int16_t>(is_known ? found->id : *other_);
      last = colour;
    }
    to[i] = id;
  }
  return ids;
}

at::Tensor Palette::colours() const {
  at::Tensor colours = at::zeros({classes_.back().id + 1, 3}, at::kByte);
  uint8_t* to = colours.mutable_data_ptr<uint8_t>();
  for (const PaintedClass& painted : classes_)
    std::copy(painted.colour.begin(), painted.colour.end(), to + 3 * painted.id);
  return colours;
}

void PaletteParams::params(Params& p, const std::string& what_for) {
  p("palette", name_, text(what_for, " those of a data set")).choice(Palette::names());
  p("palette_file", file_, text(what_for, " a table of your own (TOML; `weft data palette` writes one)"));
}

std::optional<Palette> PaletteParams::read() const {
  if (name_ && file_) throw Error(Exit::Graph, "`palette` and `palette_file` are both given").hint("leave one out");
  if (name_) return Palette::built_in(*name_);
  if (file_) return Palette::read(*file_);
  return {};
}

std::string palette_text(const std::vector<PaintedClass>& classes, const std::string& about) {
  std::string colours, names;
  for (const PaintedClass& painted : classes) {
    colours += text(painted.id, " = \"", colour_text(painted.colour), "\"\n");
    if (!painted.name.empty()) names += text(painted.id, " = \"", painted.name, "\"\n");
  }
  return text("about = \"", about, "\"\n\n[colours]\n", colours, names.empty() ? "" : "\n[names]\n", names);
}

}  // namespace weft::data

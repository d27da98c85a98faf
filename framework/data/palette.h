#pragma once

#include "framework/node/params.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::data {

using Rgb = std::array<uint8_t, 3>;

/// "#3cb429".
std::string colour_text(const Rgb& colour);

/// A class, its label id, and the colour in which it is painted.
struct PaintedClass {
  int64_t id = 0;
  Rgb colour{};
  std::string name;  ///< empty where the file gives none
};

/// The colours in which a data set paints its classes: a file of TOML with the tables [colours], `0 = "#804080"`, and
/// [names], `0 = "road"`.
class Palette {
 public:
  /// @param file  its name for messages
  /// @throws Error  (Data) with the place of the first fault
  static Palette parse(std::string_view toml, const std::string& file);
  /// @throws Error  (Data) when the file cannot be read or is faulty
  static Palette read(const std::string& file);
  /// One that weft brings along: see names().
  static Palette built_in(const std::string& name);
  static std::vector<std::string> names();

  /// By id, ascending.
  const std::vector<PaintedClass>& classes() const { return classes_; }

  /// The class of each pixel. Of classes of one colour the first counts.
  /// @param rgb   [H, W, 3] uint8
  /// @param file  what it was read from, for messages
  /// @returns [H, W] int16 with the bits of an unsigned number
  /// @throws Error  (Data) when a pixel has a colour that is no class's and there is no `other`
  at::Tensor ids_of(const at::Tensor& rgb, const std::string& file) const;

  /// The colour of each id from 0 to the largest; black where an id has no class. @returns [N, 3] uint8
  at::Tensor colours() const;

 private:
  struct Entry {
    uint32_t colour;
    uint16_t id;
  };

  void add_lookup();

  std::string name_;
  std::vector<PaintedClass> classes_;
  std::vector<Entry> lookup_;     ///< by colour
  std::optional<int64_t> other_;  ///< of any other colour
};

/// The parameters `palette` and `palette_file` of a node.
class PaletteParams {
 public:
  /// @param what_for  what the colours are for: "labels are painted in the colours of classes:"
  void params(Params& p, const std::string& what_for);
  /// Nothing where neither is given.
  /// @throws Error  (Data) when the file cannot be read, (Graph) when both are given
  std::optional<Palette> read() const;

 private:
  std::optional<std::string> name_;
  std::optional<Path> file_;
};

/// Writes a palette file, with the classes' names where they have some.
std::string palette_text(const std::vector<PaintedClass>& classes, const std::string& about);

}  // namespace weft::data

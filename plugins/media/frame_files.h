#pragma once

#include "framework/node/context.h"
#include "framework/node/params.h"

#include <optional>
#include <string>
#include <string_view>

namespace weft::media {

/// A folder of numbered files that a writer fills: what the writers of sequences have in common.
class NumberedFiles {
 public:
  /// Declares `path` and `name`.
  void params(Params& p);

  /// Writes the file of the frame in hand; its number is t. The folder is made with the first.
  /// @throws Error  (Failed) when it cannot be written, (Graph) when `name` cannot be used
  void write(std::string_view bytes, Context& context);

  /// The sequence is over: one is written in a run.
  void finish() { is_finished_ = begun_; }

 private:
  void begin(Context& context);

  Path path_;
  std::string name_ = "%06d.png";
  bool begun_ = false;
  bool is_finished_ = false;
};

/// What a name such as "frame_%06d.png" says.
struct NumberedName {
  std::string before;
  size_t digits = 0;  ///< at least; filled up with zeros
  std::string after;

  /// @returns nothing when `name` is not a file's name with one %d or %0Nd in it, ending in .png
  static std::optional<NumberedName> parse(std::string_view name);
  std::string operator()(int64_t number) const;
};

}  // namespace weft::media

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weft::graph {

/// How far training has come, over all stages.
struct Progress {
  int64_t epoch = 0;   ///< epochs that are over
  int64_t epochs = 1;  ///< in all
  int64_t step = 0;    ///< chunks that are over
  int64_t steps = 0;   ///< in all; 0 where epochs decide
};

/// How the learning rate of an update changes. Rates change with the epochs, or with the steps where [run] `steps` says
/// how many there are.
///
///   constant
///   linear to X from N          N epochs at the full rate, then in a line to X times the rate at the end
///   linear to X from N steps
///   linear to X from N %        of all
///   cosine | cosine to X        half a cosine from the full rate to X times the rate
///   original N M [from RATE]    vid2vid's: N epochs, then M in a line to 0; RATE in place of the update's own rate
///                               as soon as it falls, as the original's TTUR has it
class Schedule {
 public:
  /// @param fault  why `text` is none of these
  static std::optional<Schedule> parse(std::string_view text, std::string& fault);

  /// The learning rate of a step that begins at `progress`.
  /// @param rate  the update's own
  double rate(double rate, const Progress& progress) const;

 private:
  enum class Form { Constant, Linear, Cosine, Original };
  enum class Unit { Epochs, Steps, Percent };

  bool read_linear(const std::string& text);
  bool read_original(const std::string& text);

  Form form_ = Form::Constant;
  Unit unit_ = Unit::Epochs;
  double last_ = 0;   ///< factor at the end
  double begin_ = 0;  ///< where the rate begins to fall
  double decay_ = 0;  ///< epochs in which it falls, of the original's
  std::optional<double> base_;
};

}  // namespace weft::graph

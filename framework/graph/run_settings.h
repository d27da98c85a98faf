#pragma once

#include "framework/graph/interval.h"
#include "framework/graph/schedule.h"
#include "framework/graph/settings.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::graph {

enum class Precision { F32, Bf16 };
/// "f32", "bf16".
std::string_view name_of(Precision precision);

/// Whether updates share a forward pass, or how each has its own.
enum class UpdateMode { Shared, Separate, Alternate };

enum class OptimiserRule { Adam, AdamW, Sgd };
/// "adam", "adamw", "sgd".
std::string_view name_of(OptimiserRule rule);

/// The loss or metric by which the best checkpoint is chosen.
struct BestBy {
  std::string name;
  bool is_largest = false;
  Place place;
};

/// The table [run]; run_settings() holds what each setting means.
struct RunSettings {
  enum class Pair { Names, Position };
  enum class Missing { Error, Skip, Nobody };

  int64_t seed = 1;
  std::optional<int64_t> frames;
  Precision precision = Precision::F32;
  int64_t batch = 1;
  Pair pair = Pair::Names;
  Missing missing = Missing::Error;
  std::optional<int64_t> chunk;
  int64_t bptt = 1;
  std::optional<int64_t> epochs, steps;
  UpdateMode updates = UpdateMode::Shared;
  std::vector<std::string> order;
  bool drops_remainder = false;
  Interval checkpoint;
  int64_t keep = 3;
  std::optional<BestBy> best;
  std::vector<std::string> show;
  bool recompute = false;
  Place watched_place;  ///< of `show`, or of `best` where that alone is given
  ParamValues values;   ///< all of them by name: for `$run.NAME`, and to write them
};

/// The settings of a table [update.NAME]; update_settings() holds what each means.
struct UpdateSettings {
  OptimiserRule rule = OptimiserRule::Adam;
  double rate = 0;
  std::array<double, 2> betas = {};
  double epsilon = 0, weight_decay = 0, momentum = 0;
  Schedule schedule;
  int64_t warmup = 0;
  std::optional<double> clip;
  int64_t accumulate = 1;
  int64_t ratio = 1;
  std::optional<double> average_decay;  ///< `ema`
  ParamValues values;                   ///< all of them by name, to write them
};

/// The settings that name streams which training computes beside its losses: "`show`", "`best`", or both.
std::string watched_settings(const RunSettings& run);

/// @param table  [run], or nullptr where the file has none
RunSettings read_run_settings(const Item* table, Diagnostics& diagnostics);
/// @param table  [update.NAME], whose keys `of` and `loss` are others'
UpdateSettings read_update_settings(const std::string& name, const Item& table, Diagnostics& diagnostics);

}  // namespace weft::graph

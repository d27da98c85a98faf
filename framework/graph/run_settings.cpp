#include "framework/graph/run_settings.h"

#include "framework/base/text.h"

namespace weft::graph {
namespace {

/// The settings of one table by name; those that have neither a value nor a default are not there.
class Values {
 public:
  explicit Values(const ParamValues& values) : values_(values) {}

  template <typename T>
  T get(const std::string& name) const {
    return std::get<T>(values_.at(name));
  }
  template <typename T>
  std::optional<T> find(const std::string& name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional<T>(std::get<T>(found->second));
  }
  /// Which of these words a setting is; the check of its choices lets no other pass.
  template <typename Enum>
  Enum one_of(const std::string& name, std::initializer_list<std::string_view> words) const {
    const auto& word = std::get<std::string>(values_.at(name));
    int index = 0;
    for (const std::string_view one : words) {
      if (word == one) break;
      ++index;
    }
    return static_cast<Enum>(index);
  }

 private:
  const ParamValues& values_;
};

std::optional<BestBy> read_best(const std::string& best, const SettingsReading& reading, Diagnostics& diagnostics) {
  if (best.empty()) return {};
  const std::vector<std::string> words = split(best, ' ');
  const Place& place = reading.places.at("best");
  if (words.size() == 2 && (words[0] == "min" || words[0] == "max")) return BestBy{words[1], words[0] == "max", place};
  diagnostics.error("E206", place, "[run]: `best` must look like \"min flow_error\" or \"max psnr\"");
  return {};
}

}  // namespace

std::string_view name_of(Precision precision) {
  return precision == Precision::Bf16 ? "bf16" : "f32";
}

std::string_view name_of(OptimiserRule rule) {
  return rule == OptimiserRule::Sgd ? "sgd" : rule == OptimiserRule::AdamW ? "adamw" : "adam";
}

std::string watched_settings(const RunSettings& run) {
  return !run.best ? "`show`" : run.show.empty() ? "`best`" : "`show` or `best`";
}

RunSettings read_run_settings(const Item* table, Diagnostics& diagnostics) {
  const SettingsReading reading = read_settings(
      run_settings(), table, "[run]", [](const std::string&) { return false; }, diagnostics);
  const Values values(reading.values);
  RunSettings run;
  run.seed = values.get<int64_t>("seed");
  run.frames = values.find<int64_t>("frames");
  run.precision = values.one_of<Precision>("precision", {"f32", "bf16"});
  run.batch = values.get<int64_t>("batch");
  run.pair = values.one_of<RunSettings::Pair>("pair", {"names", "position"});
  run.missing = values.one_of<RunSettings::Missing>("missing", {"error", "skip", "nobody"});
  run.chunk = values.find<int64_t>("chunk");
  run.bptt = values.get<int64_t>("bptt");
  run.epochs = values.find<int64_t>("epochs");
  run.steps = values.find<int64_t>("steps");
  run.updates = values.one_of<UpdateMode>("updates", {"shared", "separate", "alternate"});
  run.order = values.get<std::vector<std::string>>("order");
  run.drops_remainder = values.get<std::string>("remainder") == "drop";
  run.keep = values.get<int64_t>("keep");
  run.best = read_best(values.get<std::string>("best"), reading, diagnostics);
  run.show = values.get<std::vector<std::string>>("show");
  run.recompute = values.get<bool>("recompute");
  std::string fault;
  const auto checkpoint = Interval::parse(values.get<std::string>("checkpoint"), fault);
  if (checkpoint) run.checkpoint = *checkpoint;
  if (!checkpoint) diagnostics.error("E206", reading.places.at("checkpoint"), text("[run]: `checkpoint` ", fault));
  for (const char* name : {"best", "show"}) {
    const auto place = reading.places.find(name);
    if (place != reading.places.end()) run.watched_place = place->second;
  }
  run.values = reading.values;
  return run;
}

UpdateSettings read_update_settings(const std::string& name, const Item& table, Diagnostics& diagnostics) {
  const std::string owner = text("[update.", name, "]");
  const SettingsReading reading = read_settings(
      update_settings(), &table, owner, [](const std::string& key) { return key == "of" || key == "loss"; },
      diagnostics);
  const Values values(reading.values);
  UpdateSettings update;
  update.rule = values.one_of<OptimiserRule>("use", {"adam", "adamw", "sgd"});
  update.rate = values.get<double>("lr");
  const auto betas = values.get<std::vector<double>>("betas");
  update.betas = {betas[0], betas[1]};
  update.epsilon = values.get<double>("eps");
  update.weight_decay = values.get<double>("weight_decay");
  update.momentum = values.get<double>("momentum");
  update.warmup = values.get<int64_t>("warmup");
  update.clip = values.find<double>("clip");
  update.accumulate = values.get<int64_t>("accumulate");
  update.ratio = values.get<int64_t>("ratio");
  update.average_decay = values.find<double>("ema");
  if (values.get<bool>("ema_warmup") && !update.average_decay) {
    diagnostics.error("E206", reading.places.at("ema_warmup"),
                      text(owner, ": `ema_warmup` is about the average that `ema` makes, and there is none"),
                      "write ema = 0.998, or leave it out");
  }
  std::string fault;
  const auto schedule = Schedule::parse(values.get<std::string>("schedule"), fault);
  if (schedule) update.schedule = *schedule;
  if (!schedule) diagnostics.error("E206", reading.places.at("schedule"), text(owner, ": `schedule` ", fault));
  update.values = reading.values;
  return update;
}

}  // namespace weft::graph

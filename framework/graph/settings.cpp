#include "framework/graph/settings.h"

#include "framework/base/text.h"
#include "framework/graph/library.h"

#include <algorithm>

namespace weft::graph {
namespace {

ParamSpec setting(std::string name, ParamType type, std::optional<ParamValue> initial, std::string about) {
  ParamSpec spec;
  spec.name = std::move(name);
  spec.type = type;
  spec.default_value = std::move(initial);
  spec.about = std::move(about);
  return spec;
}

ParamSpec at_least(double min, ParamSpec spec) {
  spec.min = min;
  return spec;
}

ParamSpec within(double min, double max, ParamSpec spec) {
  spec.min = min;
  spec.max = max;
  return spec;
}

ParamSpec one_of(std::vector<std::string> choices, ParamSpec spec) {
  spec.choices = std::move(choices);
  return spec;
}

ParamSpec integer(std::string name, std::optional<int64_t> initial, std::string about) {
  return setting(std::move(name), ParamType::Integer, initial ? std::optional<ParamValue>(*initial) : std::nullopt,
                 std::move(about));
}

ParamSpec real(std::string name, std::optional<double> initial, std::string about) {
  return setting(std::move(name), ParamType::Real, initial ? std::optional<ParamValue>(*initial) : std::nullopt,
                 std::move(about));
}

ParamSpec words(std::string name, const std::string& initial, std::string about) {
  return setting(std::move(name), ParamType::Text, ParamValue(initial), std::move(about));
}

}  // namespace

const std::vector<ParamSpec>& run_settings() {
  static const std::vector<ParamSpec> specs = {
      at_least(0, integer("seed", 1, "where all randomness of the run begins")),
      at_least(1, integer("frames", {}, "stop after this many frames of each sequence")),
      one_of({"f32", "bf16"}, words("precision", "f32", "in which numbers networks compute")),
      at_least(1, integer("batch", 1, "independent sequences or clips side by side")),
      at_least(1, integer("chunk", {}, "frames for one optimiser step; all of a clip when not given")),
      at_least(1, integer("bptt", 1, "how many frames gradients go back through delayed edges")),
      at_least(1, integer("epochs", {}, "passes through the data; the sum of the stages when not given, else 1")),
      at_least(1, integer("steps", {}, "end training after this many chunks, whatever the epochs")),
      one_of({"shared", "separate", "alternate"},
             words("updates", "shared", "whether updates share a forward pass, or each has its own")),
      setting("order", ParamType::Texts, ParamValue(std::vector<std::string>{}), "order of alternating updates"),
      one_of({"run", "drop"}, words("remainder", "run", "what happens to a clip's shorter last chunk")),
      words("checkpoint", "10 min", "how often training is saved: minutes, steps or epochs"),
      at_least(1, integer("keep", 3, "how many checkpoints stay")),
      words("best", "", "a loss or metric by which one more checkpoint is kept: \"min flow_error\", \"max psnr\""),
      setting("show", ParamType::Texts, ParamValue(std::vector<std::string>{}),
              "streams whose last frame goes into the event file with each checkpoint"),
      setting("recompute", ParamType::Boolean, ParamValue(false),
              "forget what networks compute inside, and compute it again for the gradients: less memory, more time"),
  };
  return specs;
}

const std::vector<ParamSpec>& update_settings() {
  static const std::vector<ParamSpec> specs = {
      one_of({"adam", "adamw", "sgd"}, words("use", "adam", "the optimiser")),
      at_least(0, real("lr", 2e-4, "learning rate")),
      [] {
        ParamSpec spec = within(0, 1,
                                setting("betas", ParamType::Reals, ParamValue(std::vector<double>{0.9, 0.999}),
                                        "Adam's decay of the first and second moment"));
        spec.below_max = true;
        spec.allowed_counts = {2};
        return spec;
      }(),
      at_least(0, real("eps", 1e-8, "Adam's smallest denominator")),
      at_least(0, real("weight_decay", 0, "decay of the weights in each step")),
      within(0, 1, real("momentum", 0, "of sgd")),
      words("schedule", "constant",
            "how the rate changes: \"constant\", \"linear to 0 from 10\" (epochs; or \"10 steps\", \"60 %\"), "
            "\"cosine\", "
            "\"original 10 10\" (vid2vid's: epochs at the full rate, epochs in which it falls)"),
      at_least(0, integer("warmup", 0, "steps in which the rate rises from 0")),
      at_least(0, real("clip", {}, "largest norm of the gradient")),
      at_least(1, integer("accumulate", 1, "chunks whose gradients are summed for one step")),
      at_least(1, integer("ratio", 1, "chunks for one step; the chunks between leave these networks alone")),
      within(0, 1, real("ema", {}, "decay of a moving average of the weights, which is what is written for runs")),
  };
  return specs;
}

std::optional<ParamValue> read_param_value(const ParamSpec& spec, const Item& value, const Place& place,
                                           const std::string& owner, Diagnostics& diagnostics) {
  const bool wants_text = spec.type == ParamType::Text || spec.type == ParamType::Path;
  // Values of the command line keep their text, so that --set out=2024 names a file.
  const bool is_typed_text = wants_text && value.place.file.empty() && !value.text.empty();
  const auto given = is_typed_text ? std::optional<ParamValue>(value.text) : value.param_value();
  auto converted = given ? convert(*given, spec.type) : std::nullopt;
  const bool is_number = value.is(Item::Type::Integer) || value.is(Item::Type::Real);
  if (!converted && spec.type == ParamType::Fraction && is_number) {
    diagnostics.error(
        "E206", place,
        text(owner, ": `", spec.name, "` must be a number from 1/2147483647 to 2147483647, not ", value.toml()));
    return {};
  }
  if (!converted) {
    diagnostics.error("E205", place,
                      text(owner, ": `", spec.name, "` must be ", describe(spec.type), ", not ", value.describe(),
                           value.is_table() ? "" : text(" (", value.toml(), ')')));
    return {};
  }
  const std::string fault = range_fault(spec, *converted);
  if (!fault.empty()) {
    const bool is_word = std::holds_alternative<std::string>(*converted);
    diagnostics.error("E206", place, text(owner, ": `", spec.name, "` ", fault),
                      is_word ? did_you_mean(std::get<std::string>(*converted), spec.choices) : "");
    return {};
  }
  if (spec.type == ParamType::Path) return ParamValue(resolve_path(std::get<std::string>(*converted), value.place));
  return converted;
}

SettingsReading read_settings(const std::vector<ParamSpec>& specs, const Item* table, const std::string& owner,
                              const std::function<bool(const std::string&)>& is_other, Diagnostics& diagnostics) {
  SettingsReading reading;
  for (const ParamSpec& spec : specs) {
    if (spec.default_value) reading.values[spec.name] = *spec.default_value;
  }
  if (!table) return reading;
  if (!table->is_table()) {
    diagnostics.error("E106", table->place, text(owner, " must be a table, not ", table->describe()));
    return reading;
  }
  for (const auto& [key, place, value] : table->entries) {
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const ParamSpec& one) { return one.name == key; });
    if (spec != specs.end()) {
      reading.places[key] = place;
      if (auto converted = read_param_value(*spec, value, value.place, owner, diagnostics))
        reading.values[key] = *converted;
    } else if (!is_other(key)) {
      diagnostics.error("E105", place, text(owner, " has no key `", key, '`'), [&, &wanted = key] {
        std::vector<std::string> names;
        for (const ParamSpec& one : specs) names.push_back(one.name);
        return did_you_mean(wanted, names);
      });
    }
  }
  return reading;
}

}  // namespace weft::graph

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
      at_least(0, integer("seed", 1, "seed of all random numbers of the run")),
      at_least(1, integer("frames", {}, "stop after this many frames of each sequence")),
      one_of({"f32", "bf16"}, words("precision", "f32", "number format in which networks compute")),
      within(1, 4096, integer("batch", 1, "batch size: independent sequences or clips that run side by side")),
      one_of(
          {"names", "position"},
          words(
              "pair", "names",
              "what belongs together in sources that are read side by side: frames with one number in their names, or "
              "the first with the first")),
      one_of({"error", "skip", "nobody"},
             words("missing", "error",
                   "frames that some of these sources lack: an error, left out, or, of poses and landmarks, read as "
                   "frames without people")),
      at_least(1, integer("chunk", {}, "frames of one optimiser step; default: the whole clip")),
      at_least(1, integer("bptt", 1, "number of frames over which gradients flow back through delayed edges")),
      at_least(1,
               integer("epochs", {}, "passes through the data; default: the sum over the stages, or 1 without stages")),
      at_least(1, integer("steps", {}, "end training after this many chunks, whatever `epochs` says")),
      one_of({"shared", "separate", "alternate"},
             words("updates", "shared", "whether updates share a forward pass, or each has its own")),
      setting("order", ParamType::Texts, ParamValue(std::vector<std::string>{}), "order of alternating updates"),
      one_of({"run", "drop"},
             words("remainder", "run", "whether training uses or drops the shorter last chunk of a clip")),
      words("checkpoint", "10 min", "interval between checkpoints: minutes, steps or epochs"),
      at_least(1, integer("keep", 3, "number of latest checkpoints that are kept")),
      words("best", "",
            "a loss or metric; the checkpoint with its best value is kept too: \"min flow_error\", \"max psnr\""),
      setting("show", ParamType::Texts, ParamValue(std::vector<std::string>{}),
              "streams whose last frame is written to the event file with each checkpoint"),
      setting(
          "recompute", ParamType::Boolean, ParamValue(false),
          "discard the intermediate values of networks and recompute them for the gradients: less memory, more time"),
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
                                        "Adam's decay rates of the first and second moment"));
        spec.below_max = true;
        spec.allowed_counts = {2};
        return spec;
      }(),
      at_least(0, real("eps", 1e-8, "Adam's epsilon, added to the denominator")),
      at_least(0, real("weight_decay", 0, "weight decay")),
      within(0, 1, real("momentum", 0, "of sgd")),
      words("schedule", "constant",
            "schedule of the learning rate: \"constant\", \"linear to 0 from 10\" (epochs; or \"10 steps\", \"60 %\"), "
            "\"cosine\", \"original 10 10\" (vid2vid's: epochs at the full rate, then epochs of decay)"),
      at_least(0, integer("warmup", 0, "warm-up steps, over which the rate rises from 0")),
      at_least(0, real("clip", {}, "largest norm of the gradient; a larger gradient is scaled down to it")),
      at_least(1, integer("accumulate", 1, "chunks whose gradients are accumulated for one step")),
      at_least(1,
               integer("ratio", 1, "one step every so many chunks; the other chunks leave these networks unchanged")),
      within(0, 1, real("ema", {}, "decay of an exponential moving average of the parameters; runs use the average")),
      setting("ema_warmup", ParamType::Boolean, ParamValue(false),
              "begin the average with the latest parameters: after n steps its decay is at most (1 + n) / (10 + n)"),
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
    const auto spec =
        std::find_if(specs.begin(), specs.end(), [&wanted = key](const ParamSpec& one) { return one.name == wanted; });
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

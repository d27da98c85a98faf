// How training goes on from epoch to epoch: the stages of a graph, and the rates that its schedules give.
#include "framework/base/text.h"
#include "framework/graph/check.h"
#include "framework/graph/schedule.h"
#include "framework/testing/node_runner.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/graph_run.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <set>

namespace weft::conformance {
namespace {

/// What of the program's state changes between epochs.
struct EpochState {
  int64_t frames = 0;  ///< that are drawn of a clip
  int64_t chunk = 1, bptt = 1;
  bool all_scales = true;

  bool operator==(const EpochState&) const = default;
};

/// The options of the program; those that a fixture does not name have its defaults.
struct Recipe {
  explicit Recipe(const nlohmann::json& of) : config(of) {}

  int64_t option(const char* name, int64_t otherwise) const { return config.value(name, otherwise); }
  int64_t full_epochs() const { return option("niter", 10); }
  int64_t falling_epochs() const { return option("niter_decay", 10); }
  int64_t epochs() const { return full_epochs() + falling_epochs(); }
  int64_t scales() const { return option("n_scales_spatial", 1); }
  int64_t finest_alone() const { return scales() > 1 ? option("niter_fix_global", 0) : 0; }
  double rate() const { return config.value("lr", 2e-4); }
  bool has_two_rates() const { return config.value("TTUR", false); }

  std::vector<EpochState> states() const;
  std::string graph() const;

  nlohmann::json config;
};

/// By epoch. The rule is that of reference section 4.2 for one GPU.
std::vector<EpochState> Recipe::states() const {
  constexpr int64_t kGiven = 2, kLongest = 128;
  const int64_t most = std::min(kLongest, option("seq_len_max", kLongest)) - kGiven;
  const int64_t begin = option("n_frames_total", 30);
  EpochState state{begin, std::min(option("max_frames_per_gpu", 1), begin), 1, finest_alone() == 0};
  std::vector<EpochState> states;
  for (int64_t epoch = 1; epoch <= epochs(); ++epoch) {
    states.push_back(state);
    const int64_t steps = option("niter_step", 5);
    if (epoch % steps == 0) {
      const int64_t doubled = int64_t{1} << (epoch / steps);
      if (state.frames < most) state.frames = std::min(most, begin * doubled);
      const int64_t back = std::min(option("max_frames_backpropagate", 1), doubled);
      if (state.bptt < state.chunk) state.bptt = state.chunk / ((state.chunk + back - 1) / back);
    }
    if (epoch == finest_alone()) state.all_scales = true;
  }
  return states;
}

/// A graph whose stages are these states; its networks are small, and stand for those of the scales and discriminators.
std::string Recipe::graph() const {
  const double first = has_two_rates() ? rate() / 2 : rate();
  const char* betas = has_two_rates() ? "betas = [0.0, 0.9]\n" : "betas = [0.5, 0.999]\n";
  // The program's falling rates come from the one that the command named, whatever the update had before.
  const std::string schedule =
      text("schedule = \"original ", full_epochs(), ' ', falling_epochs(), " from ", number_text(rate()), "\"\n");
  std::string graph =
      "[params]\nlength = 8\n[node.street]\nuse = \"world.street\"\nsize = [16, 32]\nframes = \"$length\"\n"
      "[stream]\nreal = \"street.image\"\n"
      "[node.s]\nuse = \"semantics.one_hot\"\nin = \"street.labels\"\nclasses = 34\n";
  std::string fakes;
  for (int64_t scale = 0; scale < scales(); ++scale) {
    graph += text("[node.G", scale,
                  "]\nuse = \"vid2vid.global_generator\"\nin = \"s\"\nfeatures = 4\ndown = 1\nblocks = 1\n");
    fakes += text(scale > 0 ? ", " : "", "\"G", scale, '"');
  }
  const std::string finest = text("G", scales() - 1);
  const std::string judge = "use = \"gan.patch_discriminator\"\nlayers = 1\nfeatures = 4\nscales = 1\n";
  graph += text("[node.D]\n", judge, "in.real = \"real\"\nin.fake = [", fakes, "]\n[node.D_T]\n", judge,
                "in.real = \"real[t-1..t]\"\nin.fake = [\"", finest, "[t-1..t]\"]\n",
                "[node.gan]\nuse = \"loss.gan\"\nin = \"D\"\n[node.gan_T]\nuse = \"loss.gan\"\nin = \"D_T\"\n",
                "[weights]\n\"**\" = \"random\"\n");
  graph +=
      text("[update.G]\nof = [\"", finest, "\"]\nlr = ", number_text(first), '\n', betas, schedule,
           "[update.G.loss]\n\"gan.generator\" = 1.0\n[update.D]\nof = [\"D\"]\nlr = ",
           number_text(has_two_rates() ? 2 * rate() : rate()), '\n', betas, schedule,
           "[update.D.loss]\n\"gan.discriminator\" = 0.5\n[update.D_T]\nof = [\"D_T\"]\nlr = ", number_text(rate()),
           "\nbetas = [0.5, 0.999]\n[update.D_T.loss]\n\"gan_T.discriminator\" = 0.5\n");
  const std::vector<EpochState> all = states();
  for (size_t begin = 0; begin < all.size();) {
    const EpochState& state = all[begin];
    const auto end = static_cast<size_t>(std::find_if(all.begin() + static_cast<std::ptrdiff_t>(begin), all.end(),
                                                      [&](const EpochState& other) { return other != state; }) -
                                         all.begin());
    graph += text("[[stage]]\nname = \"from ", begin + 1, "\"\nepochs = ", end - begin,
                  "\nset.params.length = ", state.frames + 2, "\nset.run = { chunk = ", state.chunk,
                  ", bptt = ", state.bptt, " }\n");
    if (state.all_scales && finest_alone() > 0) {
      graph += text("optimiser = \"new\"\nset.update.G = { of = [\"G*\"], lr = ", number_text(rate()),
                    ", betas = [0.5, 0.999] }\n");
    }
    begin = end;
  }
  return graph;
}

/// Rate and betas of an update in an epoch.
void add_update(const graph::Plan& plan, const std::string& name, const graph::Progress& progress,
                std::vector<float>& row) {
  const auto update = std::find_if(plan.graph.updates.begin(), plan.graph.updates.end(),
                                   [&](const graph::Update& one) { return one.name == name; });
  const graph::UpdateSettings& settings = update->settings;
  row.push_back(static_cast<float>(settings.schedule.rate(settings.rate, progress)));
  for (const double beta : settings.betas) row.push_back(static_cast<float>(beta));
}

/// How many scales the generator's update moves.
int64_t learning_scales(const graph::Plan& plan) {
  for (const graph::Update& update : plan.graph.updates)
    if (update.name == "G") return static_cast<int64_t>(update.nodes.size());
  return 0;
}

int64_t frames_of_clips(const graph::Plan& plan) {
  for (const graph::FlatNode& node : plan.graph.nodes)
    if (node.path == "street") return std::get<int64_t>(node.params.at("frames"));
  return 0;
}

Tensors compute_schedule(const Fixture& fixture) {
  constexpr int64_t kTensorsOfScale = 46;  // of the networks with which the fixtures were made
  const Recipe recipe(fixture.config());
  GraphRun run;
  run.text(recipe.graph());
  std::vector<float> rows;
  graph::Progress progress;
  progress.epochs = recipe.epochs();
  for (const graph::Stage& stage : run.stages()) {
    for (int64_t i = 0; i < stage.epochs; ++i, ++progress.epoch) {
      const graph::Plan& plan = stage.plan;
      std::vector<float> row = {static_cast<float>(progress.epoch + 1)};
      for (const char* update : {"G", "D", "D_T"}) add_update(plan, update, progress, row);
      const int64_t chunk = plan.graph.run.chunk.value_or(0), moving = learning_scales(plan);
      for (const int64_t number : {frames_of_clips(plan) - 2, chunk, chunk, plan.graph.run.bptt,
                                   int64_t{moving == recipe.scales()}, kTensorsOfScale * moving})
        row.push_back(static_cast<float>(number));
      rows.insert(rows.end(), row.begin(), row.end());
    }
  }
  return {{"rows", at::tensor(rows).view({recipe.epochs(), -1})}};
}

}  // namespace

void add_schedule_cases(Cases& cases) {
  if (!testing::NodeRunner::built_plugins().find("loss.gan")) return;
  // Rates are of 1e-5 and more, in float.
  cases["update_models schedule"] = {compute_schedule, [](const Fixture&, const std::string&) {
                                       return Tolerance{Tolerance::Measure::Largest, 1e-10};
                                     }};
}

}  // namespace weft::conformance

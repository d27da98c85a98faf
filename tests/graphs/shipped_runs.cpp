#include "tests/graphs/shipped_runs.h"

#include "framework/base/text.h"

#include <set>

namespace weft::testing {
namespace {

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Settings kSmall = {"features=8", "foreground_features=4", "blocks=2", "weights.F=fill"};
const Settings kStreet = kSmall + Settings{"size=[64, 128]"};
const Settings kWorld = {"size=[64, 128]", "run.frames=3"};
const Settings kFilm = {"size=[64, 64]", "frames=3"};
const Settings kFilmWeights = {"features=8", R"(weights."F.motion"=fill)", R"(weights."F.h"=fill)"};
const Settings kFace = kSmall + Settings{"size=[64, 64]"};
const Settings kTwoScales = {"fine_features=4", "fine_foreground_features=2", "fine_blocks=1",
                             R"(weights."F.coarse"=fill)", R"(weights."F.fine"=fill)"};
const Settings kThreeScales = {"features=16",
                               "fine_features=8",
                               "finest_features=4",
                               "foreground_features=8",
                               "fine_foreground_features=4",
                               "finest_foreground_features=2",
                               "fine_blocks=1",
                               R"(weights."F.below.coarse"=fill)",
                               R"(weights."F.below.fine"=fill)",
                               R"(weights."F.finest"=fill)"};
const Settings kSmallFirst = {"first.features=4", "first.down=2", "first.blocks=1", "weights.first=fill"};

const Settings kFewShot = {"size=[64, 64]", "features=4",    "down=3",         "layers=2",           "flow_features=4",
                           "flow_down=2",   "flow_blocks=1", "weights.F=fill", "spectral_norm=false"};

/// Without first frames the grey ones are not written.
constexpr int64_t kDrawnOnly = Clips::kFrames - 2;

const Settings kRestoration = {"size=[64, 128]", "frames=3", "R.features=4", "R.blocks=1", "weights.R=fill"};

const Settings kReal = {"size=[32, 32]", "features=4", "blocks=1", R"(weights."F.motion"=fill)",
                        R"(weights."F.h"=fill)"};

const std::vector<ShippedRun> kRows = {
    {"tiny/street", {}, 64, 128, kDrawnOnly},
    {"tiny/street-2048", {}, 64, 128, kDrawnOnly},
    {"tiny/pose", {}, 64, 64, kDrawnOnly},
    {"tiny/face", {}, 64, 64},
    {"tiny/pix2pixhd", {}, 64, 128, 4, "G.image", 4},
    {"tiny/covst", {}, 64, 128, 4, "O.image", 4},
    {"tiny/spade", {}, 64, 128, 4, "G", 4},
    {"tiny/fewshot", {}, 64, 128, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/street", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/street-examples", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/finetuned", kFewShot + Settings{R"(weights."F.flow"=fill)"}, 64, 64, Clips::kFrames, "F.image",
     Clips::kFrames},
    {"fewshot/encoder", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/concat-style", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/adain", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/pose", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"fewshot/face", kFewShot, 64, 64, Clips::kFrames, "F.image", Clips::kFrames},
    {"tiny/s2s", {}, 32, 132, 16, "panel", 16},
    {"tiny/prednet", {}, 32, 132, 6, "panel", 6, "written"},
    {"tiny/mcnet", {}, 32, 132, 7, "panel", 7, "written"},
    {"tiny/monkeynet", {}, 32, 132, 4, "panel", 4, "written"},
    {"tiny/posewarp", {}, 32, 64, Clips::kFrames, "G.image", Clips::kFrames},
    {"vid2vid/street", kStreet},
    {"vid2vid/street-instances", kStreet},
    {"vid2vid/street-no-foreground", kStreet},
    {"vid2vid/street-drawn",
     kStreet + Settings{"first_features=4", "first_down=2", "first.blocks=1", "weights.first=fill"}},
    {"vid2vid/street-1024", kStreet + kTwoScales},
    {"vid2vid/street-1024-zeros", kStreet + kTwoScales, 64, 128, kDrawnOnly},
    {"vid2vid/street-1024-drawn", kStreet + kTwoScales + kSmallFirst},
    {"vid2vid/street-2048", kStreet + kThreeScales},
    {"vid2vid/street-2048-drawn", kStreet + kThreeScales + kSmallFirst},
    {"vid2vid/pose-given", kStreet, 64, 64},
    {"vid2vid/pose-512", kStreet + kTwoScales, 64, 64, kDrawnOnly},
    {"vid2vid/pose-1024", kStreet + kThreeScales, 64, 64, kDrawnOnly},
    {"vid2vid/face-zeros", kFace, 64, 64, kDrawnOnly},
    {"vid2vid/face-drawn",
     kFace + Settings{"drawn.features=4", "drawn.down=2", "drawn.blocks=1", "looks.features=4", "weights.drawn=fill",
                      "weights.looks=fill"},
     64, 64},
    {"world/street", kWorld, 132, 392, 3, "panel", 3},
    {"world/steered", kWorld, 64, 128, 3, "street.image", 3},
    {"world/synthesis", kWorld, 64, 128, 3, "F.frames", 3},
    {"world/per-frame", kWorld, 64, 128, 3, "P", 3},
    {"world/dancer", kFilm, 132, 200, 3, "panel", 3},
    {"world/talker", kFilm, 132, 200, 3, "panel", 3},
    {"world/pose", kFilm + kFilmWeights, 64, 200, 3, "panel", 3},
    {"world/face", kFilm + kFilmWeights, 64, 200, 3, "panel", 3},
    {"world/few-shot", kWorld, 132, 260, 3, "panel", 3},
    {"world/replace", kWorld, 132, 260, 3, "panel", 3},
    {"world/replace-area", kWorld, 132, 260, 3, "panel", 3},
    {"demo", kWorld, 132, 392, 3, "panel", 3},
    {"prediction/street", {"size=[64, 128]", "seen=2", "frames=4"}, 64, 392, 4, "panel", 4},
    {"prediction/street-predictor", {"size=[64, 128]", "seen=2", "frames=4"}, 64, 392, 4, "panel", 4},
    {"prediction/steered", {"size=[64, 128]", "seen=2", "frames=4"}, 64, 392, 4, "panel", 4},
    {"prediction/steered-predictor",
     {"size=[64, 128]", "seen=2", "frames=4", "P.features=4", "P.blocks=1", "weights.P=fill"},
     64,
     392,
     4,
     "panel",
     4},
    {"prediction/street-s2s",
     {"size=[64, 128]", "seen=5", "frames=7", "step=1", "predictor_features=4", "predictor_wide=4", "weights.P=fill"},
     64,
     392,
     7,
     "panel",
     7},
    {"restoration/super-resolution", kRestoration, 64, 392, 3, "panel", 3},
    {"restoration/colourisation", kRestoration, 64, 392, 3, "panel", 3},
    {"restoration/denoising", kRestoration, 64, 392, 3, "panel", 3},
    {"transfer/street", kWorld, 64, 128, 3, "F.frames", 3},
    {"real/face", kReal + Settings{"given=2"}, 32, 140, Clips::kFrames, "panel", Clips::kFrames},
    {"real/pose", kReal + Settings{"given=2"}, 32, 140, Clips::kFrames, "panel", Clips::kFrames},
    {"real/drive-face", kReal, 32, 104, Clips::kFrames, "panel", Clips::kFrames},
    {"real/drive-pose", kReal, 32, 68, Clips::kFrames, "panel", Clips::kFrames},
};

}  // namespace

const std::vector<ShippedRun>& shipped_runs() {
  return kRows;
}

Settings clips_for(const std::string& graph, const std::string& folder) {
  static const std::set<std::string> kOfTheStreet = {"demo",     "tiny/pix2pixhd", "tiny/covst", "tiny/spade",
                                                     "tiny/s2s", "tiny/prednet",   "tiny/mcnet", "tiny/monkeynet"};
  if (graph.starts_with("world/") || graph.starts_with("prediction/") || graph.starts_with("restoration/") ||
      graph.starts_with("transfer/") || kOfTheStreet.contains(graph))
    return {};
  const Clips clips(folder);
  if (graph.starts_with("real/")) {
    const bool is_face = graph.find("face") != std::string::npos;
    Settings settings = is_face ? Settings{"landmarks=" + clips.landmarks, "frames=" + clips.images}
                                : Settings{"people=" + clips.openpose, "first=" + clips.images,
                                           text("frame=[", Clips::kHeight, ", ", Clips::kWidth, ']')};
    if (graph == "real/drive-face")
      settings = settings + Settings{"own=" + clips.landmarks, "own_frames=" + clips.images};
    if (graph == "real/drive-pose") settings.push_back("own=" + clips.openpose);
    return settings;
  }
  if (graph == "fewshot/face") {
    return {"landmarks=" + clips.landmarks, "frames=" + clips.images, "examples=" + clips.images,
            "example_landmarks=" + clips.landmarks};
  }
  if (graph.find("face") != std::string::npos) return {"landmarks=" + clips.landmarks, "frames=" + clips.images};
  if (graph == "tiny/posewarp")
    return {"source=" + clips.images, "source_poses=" + clips.openpose, "poses=" + clips.openpose};
  if (graph.find("pose") != std::string::npos) {
    Settings settings = {"densepose=" + clips.densepose, "openpose=" + clips.openpose,
                         text("frame=[", Clips::kHeight, ", ", Clips::kWidth, ']')};
    if (graph == "fewshot/pose") {
      return settings + Settings{"examples=" + clips.images, "example_densepose=" + clips.densepose,
                                 "example_openpose=" + clips.openpose,
                                 text("example_frame=[", Clips::kHeight, ", ", Clips::kWidth, ']')};
    }
    return graph == "vid2vid/pose-given" ? settings + Settings{"first=" + clips.images} : settings;
  }
  Settings settings = {"labels=" + clips.labels};
  if (graph.starts_with("fewshot/"))
    return settings + Settings{"examples=" + clips.images, "example_labels=" + clips.labels};
  const bool reads_images = graph == "vid2vid/street" || graph == "vid2vid/street-1024" ||
                            graph == "vid2vid/street-2048" || graph == "vid2vid/street-no-foreground" ||
                            graph == "vid2vid/street-instances";
  if (reads_images) settings.push_back("first=" + clips.images);
  if (graph == "vid2vid/street-instances") settings.push_back("instance_maps=" + clips.instances);
  return settings;
}

std::string test_name(const ShippedRun& run) {
  std::string name = run.graph;
  for (char& c : name) c = c == '/' || c == '-' ? '_' : c;
  return name;
}

}  // namespace weft::testing

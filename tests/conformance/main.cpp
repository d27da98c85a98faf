#include "framework/base/error.h"
#include "framework/base/text.h"
#include "tests/conformance/runner.h"

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

namespace weft::conformance {
namespace {

constexpr int kSkipped = 77;  // what ctest is told to count as skipped
constexpr const char* kUsage =
    "conformance [--verbose] [--only PATTERN] [--shared] DIR-or-FILE...\n"
    "\n"
    "Runs every fixture (*.safetensors) and weight file (*.pth beside an expected.json) and prints a line "
    "for each: the\n"
    "error that is largest beside its tolerance, the tolerance, and whether all outputs are within theirs.\n"
    "\n"
    "  --verbose       a line for every output\n"
    "  --only PATTERN  only files whose name fits, such as 'composite_*'\n"
    "  --shared        paths are below $WEFT_SHARED/conformance (default: shared/ beside the source folder); "
    "those that are\n"
    "                  not there are left out, and without any the exit code is 77\n"
    "\n"
    "Exit code 0 when nothing failed. `skipped` counts fixtures of modules that weft does not have.\n";

struct Arguments {
  Options options;
  bool is_shared = false;
  bool wants_help = false;
};

Arguments parse(const std::vector<std::string>& words) {
  Arguments arguments;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--verbose") {
      arguments.options.detail = Options::Detail::Outputs;
    } else if (word == "--shared") {
      arguments.is_shared = true;
    } else if (word == "--help" || word == "-h") {
      arguments.wants_help = true;
    } else if (word == "--only") {
      if (++i == words.size()) throw Error(Exit::Usage, "--only wants a pattern");
      arguments.options.only = words[i];
    } else if (word.starts_with("-")) {
      throw Error(Exit::Usage, text("there is no option ", word)).hint("conformance --help lists them");
    } else {
      arguments.options.paths.push_back(word);
    }
  }
  return arguments;
}

/// The paths that are there below the shared folder.
std::vector<std::string> shared_paths(const std::vector<std::string>& paths) {
  const char* named = std::getenv("WEFT_SHARED");
  const std::filesystem::path source(WEFT_SOURCE_DIR);
  const std::filesystem::path shared = named ? std::filesystem::path(named) : source.parent_path() / "shared";
  std::vector<std::string> present;
  for (const std::string& path : paths) {
    const std::filesystem::path place = shared / "conformance" / path;
    if (std::filesystem::exists(place)) present.push_back(place.string());
  }
  return present;
}

int run(Arguments arguments) {
  if (arguments.wants_help) {
    std::cout << kUsage;
    return 0;
  }
  if (arguments.options.paths.empty()) {
    throw Error(Exit::Usage, "conformance wants files or folders").hint(kUsage);
  }
  if (arguments.is_shared) {
    arguments.options.paths = shared_paths(arguments.options.paths);
    if (arguments.options.paths.empty()) {
      std::cout << "skipped: there is no shared conformance data\n";
      return kSkipped;
    }
  }
  Cases cases;
  add_drawing_cases(cases);
  add_image_cases(cases);
  add_generator_cases(cases);
  add_discriminator_cases(cases);
  add_loss_cases(cases);
  add_flow_cases(cases);
  add_feature_cases(cases);
  add_fewshot_data_cases(cases);
  add_metric_cases(cases);
  add_detection_cases(cases);
  add_segmentation_cases(cases);
  add_rollout_cases(cases);
  add_sampling_cases(cases);
  add_schedule_cases(cases);
  add_training_cases(cases);
  add_pix2pixhd_cases(cases);
  add_spade_cases(cases);
  add_prediction_cases(cases);
  add_fewshot_part_cases(cases);
  add_fewshot_generator_cases(cases);
  add_fewshot_loss_cases(cases);
  add_fewshot_training_cases(cases);
  add_monkeynet_cases(cases);
  add_posewarp_cases(cases);
  const Counts counts = run_files(cases, find_files(arguments.options), arguments.options.detail, std::cout);
  return counts.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace weft::conformance

int main(int argc, char** argv) {
  try {
    return weft::conformance::run(weft::conformance::parse({argv + 1, argv + argc}));
  } catch (const weft::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.exit());
  }
}

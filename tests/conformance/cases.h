#pragma once

#include "tests/conformance/fixture.h"

#include <functional>
#include <optional>
#include <string>

namespace weft::conformance {

/// How an output is compared with the original's.
struct Tolerance {
  enum class Measure {
    Largest,   ///< the largest absolute difference
    Mean,      ///< the mean absolute difference
    Fraction,  ///< the share of values that differ at all, among those that are not zero in either
  };
  Measure measure = Measure::Largest;
  double bound = 0;
};

/// Of an image that was warped: at its edges an error of the flow, which is within a tolerance of its own, is many times as large
/// in the image. So the mean counts, which has a fifth of the bound that other numbers of the file have.
inline Tolerance tolerance_of_warped(double bound) {
  return {Tolerance::Measure::Mean, bound / 5};
}

/// What weft computes for a fixture's inputs, by the names of the fixture's outputs. A name that is missing fails;
/// names that the fixture lacks are skipped.
using Compute = std::function<Tensors(const Fixture&)>;
/// The tolerance of one output; the reason for each bound stands where it is chosen.
using Tolerances = std::function<Tolerance(const Fixture&, const std::string& output)>;

/// One kind of fixture: all files whose metadata names this module.
struct Case {
  Compute compute;
  Tolerances tolerance;
  /// Where several originals call a module by one name, which of their files this is for; all, when it is empty.
  std::function<bool(const Fixture&)> is_for = nullptr;
};

/// The case for a module of the originals, or nothing when weft does not have it yet.
/// Each area adds its rows: `cases["CompositeGenerator"] = {compute, tolerance}`.
using Cases = std::map<std::string, Case>;

void add_drawing_cases(Cases& cases);            // pose, face, canny
void add_fewshot_data_cases(Cases& cases);       // skeletons, faces and labels of few-shot vid2vid
void add_image_cases(Cases& cases);              // resizing, colours, sizes of crops, encode_input
void add_generator_cases(Cases& cases);          // networks by themselves
void add_discriminator_cases(Cases& cases);      // what judges them
void add_loss_cases(Cases& cases);               // what they learn from
void add_flow_cases(Cases& cases);               // reference flow
void add_feature_cases(Cases& cases);            // feature networks of metrics
void add_metric_cases(Cases& cases);             // SSIM, accuracies, statistics of preferences; distances
void add_distance_cases(Cases& cases);           // distances of sets of features
void add_detection_cases(Cases& cases);          // boxes and masks of things
void add_segmentation_cases(Cases& cases);       // labels and instances of images
void add_rollout_cases(Cases& cases);            // networks over time
void add_sampling_cases(Cases& cases);           // which frames are judged
void add_schedule_cases(Cases& cases);           // how training goes on from epoch to epoch
void add_pix2pixhd_cases(Cases& cases);          // the whole of pix2pixHD
void add_prediction_cases(Cases& cases);         // S2S, PredNet, MCNet
void add_spade_cases(Cases& cases);              // the whole of SPADE
void add_monkeynet_cases(Cases& cases);          // Monkey-Net
void add_posewarp_cases(Cases& cases);           // PoseWarp
void add_training_cases(Cases& cases);           // whole iterations
void add_fewshot_part_cases(Cases& cases);       // few-shot vid2vid: layers and networks by themselves
void add_fewshot_generator_cases(Cases& cases);  // few-shot vid2vid: the generator over time
void add_fewshot_loss_cases(Cases& cases);       // few-shot vid2vid: losses and masks
void add_fewshot_training_cases(Cases& cases);   // few-shot vid2vid: whole iterations

}  // namespace weft::conformance

#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::metric {

/// How often each class was taken for each other one, over a whole set.
class Confusion {
 public:
  explicit Confusion(int64_t classes);

  /// Counts the pixels whose target is one of the classes; all others, such as 255, are left out.
  /// @param target, prediction  ids of one shape
  /// @throws Error  (Data) when a counted pixel is predicted as an id that is no class
  void add(const at::Tensor& target, const at::Tensor& prediction);

  /// [classes, classes], int64: rows are targets.
  const at::Tensor& counts() const { return counts_; }

  /// Classes that neither occur nor are predicted have no intersection over union; all means leave them out.
  struct Accuracy {
    int64_t pixels = 0;          ///< counted
    double pixel = 0;            ///< share of right pixels
    double classes = 0;          ///< mean over occurring classes of their share of right pixels
    double mean_iou = 0;         ///< mean over classes of intersection / union
    double mean_iou_of_all = 0;  ///< the same with 0 for classes that have none
    double weighted_iou = 0;     ///< weighted by the frequency of the class
    at::Tensor iou;              ///< [classes], double; NaN where a class has none
  };
  /// Of no pixels all numbers are 0.
  Accuracy accuracy() const;

 private:
  int64_t classes_;
  at::Tensor counts_;
};

}  // namespace weft::metric

#include "plugins/metric/confusion.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bincount.h>
#include <ATen/ops/zeros.h>

#include <limits>
#include <vector>

namespace weft::metric {

Confusion::Confusion(int64_t classes) : classes_(classes), counts_(at::zeros({classes, classes}, at::kLong)) {}

void Confusion::add(const at::Tensor& target, const at::Tensor& prediction) {
  const at::Tensor wanted = target.to(at::kCPU, at::kLong).flatten(),
                   given = prediction.to(at::kCPU, at::kLong).flatten();
  const at::Tensor counted = (wanted >= 0).logical_and(wanted < classes_);
  const at::Tensor rows = wanted.masked_select(counted), columns = given.masked_select(counted);
  if (rows.numel() == 0) return;
  const auto least = columns.min().item<int64_t>(), most = columns.max().item<int64_t>();
  if (least < 0 || most >= classes_) {
    throw Error(Exit::Data, text("a pixel is predicted as class ", least < 0 ? least : most, ", but there are ",
                                 classes_, " classes"))
        .hint("set `classes`, or remap the labels with semantics.remap");
  }
  counts_ += at::bincount(rows * classes_ + columns, {}, classes_ * classes_).view({classes_, classes_});
}

Confusion::Accuracy Confusion::accuracy() const {
  const auto counts = counts_.accessor<int64_t, 2>();
  const at::Tensor target_counts = counts_.sum(1), given_counts = counts_.sum(0);
  const auto rows = target_counts.accessor<int64_t, 1>(), columns = given_counts.accessor<int64_t, 1>();
  Accuracy result;
  result.pixels = counts_.sum().item<int64_t>();
  result.iou = at::zeros({classes_}, at::kDouble);
  auto* iou = result.iou.mutable_data_ptr<double>();
  int64_t right = 0, occurring = 0, known = 0;
  for (int64_t c = 0; c < classes_; ++c) {
    const int64_t hits = counts[c][c], together = rows[c] + columns[c] - hits;
    right += hits;
    iou[c] = together > 0 ? static_cast<double>(hits) / static_cast<double>(together)
                          : std::numeric_limits<double>::quiet_NaN();
    if (together > 0) {
      ++known;
      result.mean_iou += iou[c];
    }
    if (rows[c] == 0) continue;
    ++occurring;
    result.classes += static_cast<double>(hits) / static_cast<double>(rows[c]);
    result.weighted_iou += static_cast<double>(rows[c]) / static_cast<double>(result.pixels) * iou[c];
  }
  if (result.pixels == 0) return result;
  result.pixel = static_cast<double>(right) / static_cast<double>(result.pixels);
  result.classes /= static_cast<double>(occurring);
  result.mean_iou_of_all = result.mean_iou / static_cast<double>(classes_);
  result.mean_iou /= static_cast<double>(known);
  return result;
}

}  // namespace weft::metric

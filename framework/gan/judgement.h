#pragma once

#include "framework/node/record.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::gan {

/// The output of a discriminator for one image or clip at one resolution.
struct Verdict {
  std::vector<at::Tensor> features;  ///< of the inner layers, shallow to deep, each [B, C, h, w]
  at::Tensor score;                  ///< [B, 1, h, w]

  void visit(RecordFields& field);
};

/// The outputs of a discriminator for the real value and for each fake value; finest resolution first.
struct Judgement {
  static constexpr auto name = "judgement";
  static constexpr auto about = "Scores and features of a discriminator, for the real value and for each fake value";

  std::vector<Verdict> real;
  std::vector<std::vector<Verdict>> fakes;

  void visit(RecordFields& field);
};

}  // namespace weft::gan

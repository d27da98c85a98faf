#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>

namespace weft::metric {
namespace {

/// The mean over a sequence so far.
struct Mean {
  static constexpr auto about =
      "Running mean of a number over the frames of the sequence so far; at the last frame it is the mean of the whole "
      "sequence";

  std::tuple<Out<"mean", "scalar">, Out<"frames", "scalar">> run(In<"value", "scalar"> value) {
    const at::Tensor one = value->detach().to(at::kDouble);
    sum_ = sum_.defined() ? sum_ + one : one;
    ++frames_;
    return {sum_ / static_cast<double>(frames_), at::scalar_tensor(frames_, at::kLong)};
  }

  void reset() {
    sum_.reset();
    frames_ = 0;
  }
  void state(Archive& archive) {
    at::Tensor sum = sum_.defined() ? sum_ : at::scalar_tensor(0.0, at::kDouble);
    archive("sum", sum);
    archive("frames", frames_);
    sum_ = sum;
  }

 private:
  at::Tensor sum_;  // [], undefined before the first frame
  int64_t frames_ = 0;
};

}  // namespace

void add_mean(Registry& registry) {
  registry.add<Mean>("metric.mean");
}

}  // namespace weft::metric

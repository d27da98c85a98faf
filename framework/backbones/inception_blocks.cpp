#include "framework/backbones/inception_blocks.h"

#include <ATen/ops/cat.h>

namespace weft::backbones::inception {
namespace {

at::Tensor pooled(const at::Tensor& x, Pool kind) {
  const nn::PoolOptions options{.kernel = 3, .stride = 1, .padding = 1, .count_include_pad = false};
  return kind == Pool::Max ? nn::max_pool(x, options) : nn::average_pool(x, options);
}

at::Tensor halved(const at::Tensor& x) {
  return nn::max_pool(x, {.kernel = 3, .stride = 2});
}

Unit::Options square(int64_t kernel, int64_t stride, double epsilon) {
  return {.kernel = kernel, .stride = stride, .padding = stride == 1 ? kernel / 2 : 0, .epsilon = epsilon};
}

/// A row of `size` pixels, and a column.
Unit::Options row(int64_t size, double epsilon) {
  return {.kernel = {1, size}, .padding = {0, size / 2}, .epsilon = epsilon};
}
Unit::Options column(int64_t size, double epsilon) {
  return {.kernel = {size, 1}, .padding = {size / 2, 0}, .epsilon = epsilon};
}

}  // namespace

Unit::Unit(nn::Module& parent, std::string name, int64_t in, int64_t out, const Options& options)
    : nn::Module(parent, std::move(name)),
      conv(*this, "conv",
           {.in = in,
            .out = out,
            .kernel = options.kernel,
            .stride = options.stride,
            .padding = options.padding,
            .bias = false,
            .weight_init = nn::Init::fan_in()}),
      norm(*this, "bn", out,
           {.statistics = nn::NormOptions::Statistics::Running,
            .epsilon = options.epsilon,
            .weight_init = nn::Init::ones()}) {}

at::Tensor Unit::operator()(const at::Tensor& x) const {
  return norm(conv(x)).relu_();
}

BlockA::BlockA(nn::Module& parent, std::string name, int64_t in, int64_t pooled, double e)
    : nn::Module(parent, std::move(name)),
      one(*this, "branch1x1", in, 64, square(1, 1, e)),
      five1(*this, "branch5x5_1", in, 48, square(1, 1, e)),
      five2(*this, "branch5x5_2", 48, 64, square(5, 1, e)),
      three1(*this, "branch3x3dbl_1", in, 64, square(1, 1, e)),
      three2(*this, "branch3x3dbl_2", 64, 96, square(3, 1, e)),
      three3(*this, "branch3x3dbl_3", 96, 96, square(3, 1, e)),
      pool(*this, "branch_pool", in, pooled, square(1, 1, e)) {}

at::Tensor BlockA::operator()(const at::Tensor& x) const {
  return at::cat({one(x), five2(five1(x)), three3(three2(three1(x))), pool(pooled(x, Pool::Mean))}, 1);
}

BlockB::BlockB(nn::Module& parent, std::string name, int64_t in, double e)
    : nn::Module(parent, std::move(name)),
      three(*this, "branch3x3", in, 384, square(3, 2, e)),
      double1(*this, "branch3x3dbl_1", in, 64, square(1, 1, e)),
      double2(*this, "branch3x3dbl_2", 64, 96, square(3, 1, e)),
      double3(*this, "branch3x3dbl_3", 96, 96, square(3, 2, e)) {}

at::Tensor BlockB::operator()(const at::Tensor& x) const {
  return at::cat({three(x), double3(double2(double1(x))), halved(x)}, 1);
}

BlockC::BlockC(nn::Module& parent, std::string name, int64_t in, int64_t middle, double e)
    : nn::Module(parent, std::move(name)),
      one(*this, "branch1x1", in, 192, square(1, 1, e)),
      seven1(*this, "branch7x7_1", in, middle, square(1, 1, e)),
      seven2(*this, "branch7x7_2", middle, middle, row(7, e)),
      seven3(*this, "branch7x7_3", middle, 192, column(7, e)),
      double1(*this, "branch7x7dbl_1", in, middle, square(1, 1, e)),
      double2(*this, "branch7x7dbl_2", middle, middle, column(7, e)),
      double3(*this, "branch7x7dbl_3", middle, middle, row(7, e)),
      double4(*this, "branch7x7dbl_4", middle, middle, column(7, e)),
      double5(*this, "branch7x7dbl_5", middle, 192, row(7, e)),
      pool(*this, "branch_pool", in, 192, square(1, 1, e)) {}

at::Tensor BlockC::operator()(const at::Tensor& x) const {
  const at::Tensor twice = double5(double4(double3(double2(double1(x)))));
  return at::cat({one(x), seven3(seven2(seven1(x))), twice, pool(pooled(x, Pool::Mean))}, 1);
}

BlockD::BlockD(nn::Module& parent, std::string name, int64_t in, double e)
    : nn::Module(parent, std::move(name)),
      three1(*this, "branch3x3_1", in, 192, square(1, 1, e)),
      three2(*this, "branch3x3_2", 192, 320, square(3, 2, e)),
      seven1(*this, "branch7x7x3_1", in, 192, square(1, 1, e)),
      seven2(*this, "branch7x7x3_2", 192, 192, row(7, e)),
      seven3(*this, "branch7x7x3_3", 192, 192, column(7, e)),
      seven4(*this, "branch7x7x3_4", 192, 192, square(3, 2, e)) {}

at::Tensor BlockD::operator()(const at::Tensor& x) const {
  return at::cat({three2(three1(x)), seven4(seven3(seven2(seven1(x)))), halved(x)}, 1);
}

BlockE::BlockE(nn::Module& parent, std::string name, int64_t in, Pool pool_kind, double e)
    : nn::Module(parent, std::move(name)),
      kind(pool_kind),
      one(*this, "branch1x1", in, 320, square(1, 1, e)),
      three1(*this, "branch3x3_1", in, 384, square(1, 1, e)),
      three2a(*this, "branch3x3_2a", 384, 384, row(3, e)),
      three2b(*this, "branch3x3_2b", 384, 384, column(3, e)),
      double1(*this, "branch3x3dbl_1", in, 448, square(1, 1, e)),
      double2(*this, "branch3x3dbl_2", 448, 384, square(3, 1, e)),
      double3a(*this, "branch3x3dbl_3a", 384, 384, row(3, e)),
      double3b(*this, "branch3x3dbl_3b", 384, 384, column(3, e)),
      pool(*this, "branch_pool", in, 192, square(1, 1, e)) {}

at::Tensor BlockE::operator()(const at::Tensor& x) const {
  const at::Tensor three = three1(x), twice = double2(double1(x));
  return at::cat({one(x), three2a(three), three2b(three), double3a(twice), double3b(twice), pool(pooled(x, kind))}, 1);
}

}  // namespace weft::backbones::inception

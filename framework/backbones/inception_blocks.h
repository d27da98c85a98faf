#pragma once

#include "framework/nn/layers.h"

namespace weft::backbones::inception {

/// A convolution without bias, a batch norm with running statistics, and ReLU.
struct Unit : nn::Module {
  struct Options {
    nn::PerAxis kernel = 1, stride = 1;
    nn::Padding padding = 0;
    double epsilon = 1e-3;
  };
  Unit(nn::Module& parent, std::string name, int64_t in, int64_t out, const Options& options);
  at::Tensor operator()(const at::Tensor& x) const;

  nn::Conv2d conv;
  nn::Norm2d norm;
};

/// The pooling of a block: the mean of 3x3 pixels without the border, or their maximum.
enum class Pool { Mean, Max };

/// Mixed_5b, 5c, 5d: 1x1, 5x5, two times 3x3, and pooling.
struct BlockA : nn::Module {
  BlockA(nn::Module& parent, std::string name, int64_t in, int64_t pooled, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;  // [B, in, H, W] -> [B, 224 + pooled, H, W]

  Unit one, five1, five2, three1, three2, three3, pool;
};

/// Mixed_6a: halves the map. [B, 288, H, W] -> [B, 768, H/2, W/2].
struct BlockB : nn::Module {
  BlockB(nn::Module& parent, std::string name, int64_t in, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

  Unit three, double1, double2, double3;
};

/// Mixed_6b … 6e: kernels of 7x1 and 1x7. [B, 768, H, W] -> the same shape.
struct BlockC : nn::Module {
  BlockC(nn::Module& parent, std::string name, int64_t in, int64_t middle, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

  Unit one, seven1, seven2, seven3, double1, double2, double3, double4, double5, pool;
};

/// Mixed_7a: halves the map. [B, 768, H, W] -> [B, 1280, H/2, W/2].
struct BlockD : nn::Module {
  BlockD(nn::Module& parent, std::string name, int64_t in, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

  Unit three1, three2, seven1, seven2, seven3, seven4;
};

/// Mixed_7b, 7c: kernels of 1x3 and 3x1 side by side. [B, in, H, W] -> [B, 2048, H, W].
struct BlockE : nn::Module {
  BlockE(nn::Module& parent, std::string name, int64_t in, Pool kind, double epsilon);
  at::Tensor operator()(const at::Tensor& x) const;

  Pool kind;
  Unit one, three1, three2a, three2b, double1, double2, double3a, double3b, pool;
};

}  // namespace weft::backbones::inception

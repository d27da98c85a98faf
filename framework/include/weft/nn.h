#pragma once

/// What networks are made of: weft::nn::Module, layers, blocks, warping, resizing.

#include "framework/nn/blocks.h"
#include "framework/nn/layers.h"
#include "framework/nn/module.h"
#include "framework/nn/resize.h"
#include "framework/nn/warp.h"

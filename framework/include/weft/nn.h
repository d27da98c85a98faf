#pragma once

/// What networks are made of: weft::nn::Module, layers, warping, resizing.

#include "framework/nn/layers.h"
#include "framework/nn/module.h"
#include "framework/nn/resize.h"
#include "framework/nn/sequence.h"
#include "framework/nn/warp.h"

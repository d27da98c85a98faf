#pragma once

/// What networks are made of: weft::nn::Module, layers and blocks.

#include "framework/nn/blocks.h"
#include "framework/nn/layers.h"
#include "framework/nn/module.h"

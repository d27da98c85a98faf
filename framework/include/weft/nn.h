#pragma once

/// What networks are made of: weft::nn::Module and layers.

#include "framework/nn/layers.h"
#include "framework/nn/module.h"
#include "framework/nn/sequence.h"

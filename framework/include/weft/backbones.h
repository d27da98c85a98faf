#pragma once

/// Feature networks that several families use.

#include "framework/backbones/conv_norm.h"
#include "framework/backbones/mobilenet_v2.h"
#include "framework/backbones/resnet.h"
#include "framework/backbones/vgg19.h"

#pragma once

/// Feature networks that several families use.

#include "framework/backbones/clip.h"
#include "framework/backbones/conv_norm.h"
#include "framework/backbones/five_taps.h"
#include "framework/backbones/i3d.h"
#include "framework/backbones/inception.h"
#include "framework/backbones/lpips.h"
#include "framework/backbones/mobilenet_v2.h"
#include "framework/backbones/resnet.h"
#include "framework/backbones/resnext3d.h"
#include "framework/backbones/vgg19.h"

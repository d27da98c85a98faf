#pragma once

/// Operations on images and flow: resizing, warping, structural similarity, colours of maps, curves.

#include "framework/vision/colours.h"
#include "framework/vision/curve.h"
#include "framework/vision/ms_ssim.h"
#include "framework/vision/picture.h"
#include "framework/vision/resize.h"
#include "framework/vision/ssim.h"
#include "framework/vision/warp.h"

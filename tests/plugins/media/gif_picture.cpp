#include "plugins/media/gif_picture.h"

#include <gtest/gtest.h>

#include <vector>

namespace weft::media {
namespace {

/// Header with two colours, an extension, and a picture of 2x1 pixels with two colours of its own.
const std::vector<uint8_t> kFile = {'G',  'I',  'F',  '8',  '9', 'a', 2, 0, 1, 0,
                                    0x80, 0,    0,                                    // size, flags, background, aspect
                                    0,    0,    0,    255,  255, 255,                 // colours
                                    0x21, 0xf9, 4,    0,    4,   0,   0, 0,           // how long it is shown
                                    0x2c, 0,    0,    0,    0,   2,   0, 1, 0, 0x80,  // place, size, flags
                                    9,    9,    9,    7,    7,   7,                   // colours
                                    2,    2,    0x44, 0x01, 0};  // size of codes, a block, the empty one

TEST(GifPicture, EveryBeginningIsCut) {
  EXPECT_FALSE(is_cut_gif_picture(kFile));
  for (size_t length = 3; length < kFile.size(); ++length) {  // a GIF by its first letters
    // The header alone, and what ends behind the extension, are whole and have no picture.
    const bool has_whole_parts = length == 19 || length == 27;
    EXPECT_EQ(is_cut_gif_picture({kFile.data(), length}), !has_whole_parts) << length;
  }
}

TEST(GifPicture, WhatFollowsIsNotLookedAt) {
  std::vector<uint8_t> file = kFile;
  file.insert(file.end(), {0x3b, 0x2c, 0});
  EXPECT_FALSE(is_cut_gif_picture(file));
  EXPECT_FALSE(is_cut_gif_picture({file.data() + 19, file.size() - 19})) << "a later packet, without header";
  EXPECT_FALSE(is_cut_gif_picture({file.data() + kFile.size(), 1})) << "the trailer";
  EXPECT_FALSE(is_cut_gif_picture({}));
}

}  // namespace
}  // namespace weft::media

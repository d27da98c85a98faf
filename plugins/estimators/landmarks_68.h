#pragma once

#include <array>
#include <cstdint>

namespace weft::estimators {

constexpr int64_t kMeshPoints = 468;  ///< of MediaPipe's face mesh

/// For each of the 68 landmarks in dlib's order, the point of the face mesh that is nearest in meaning: jaw 0 to 16, brows 17 to
/// 26, nose 27 to 35, eyes 36 to 47, lips 48 to 67. The mesh has its own geometry: docs/perception.md tells how far the two
/// lie apart.
constexpr std::array<int16_t, 68> kMeshOf68 = {
    127, 234, 93,  58,  172, 136, 149, 176, 152, 400, 378, 365, 397, 288, 323, 454, 356,  // jaw
    70,  63,  105, 66,  107,                                                              // the person's right brow
    336, 296, 334, 293, 300,                                                              // left brow
    168, 197, 5,   4,   75,  97,  2,   326, 305,                                          // nose
    33,  160, 158, 133, 153, 144,                                                         // right eye
    362, 385, 387, 263, 373, 380,                                                         // left eye
    61,  39,  37,  0,   267, 269, 291, 405, 314, 17,  84,  181,                           // outer lips
    78,  82,  13,  312, 308, 317, 14,  87,                                                // inner lips
};

}  // namespace weft::estimators

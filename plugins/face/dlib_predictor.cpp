#include "plugins/face/dlib_predictor.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <dlib/array2d.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_processing/shape_predictor.h>
#include <dlib/image_transforms.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace weft::face {
namespace {

constexpr unsigned long kLandmarks = 68;

class Predictor : public DlibPredictor {
 public:
  Predictor(const std::string& file, int64_t upsample) : upsample_(upsample) {
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(file, unknown))
      throw Error(Exit::Data, text(file, ": there is no such predictor file"))
          .hint(
              "Debian's package libdlib-data has shape_predictor_68_face_landmarks.dat; see its terms in "
              "docs/perception.md");
    try {
      dlib::deserialize(file) >> predictor_;
    } catch (const std::exception& fault) {
      throw Error(Exit::Data, text(file, " cannot be read as a predictor of dlib: ", printable(fault.what())));
    }
    if (predictor_.num_parts() != kLandmarks)
      throw Error(Exit::Data, text(file, " predicts ", predictor_.num_parts(), " landmarks, not ", kLandmarks));
  }

  std::vector<vision::Point> find(const at::Tensor& picture) override {
    const dlib::array2d<dlib::rgb_pixel> image = image_of(picture);
    const std::vector<dlib::rectangle> faces = detect(image);
    const auto largest =
        std::max_element(faces.begin(), faces.end(), [](const auto& a, const auto& b) { return a.area() < b.area(); });
    std::vector<vision::Point> points;
    if (largest == faces.end()) return points;
    const dlib::full_object_detection found = predictor_(image, *largest);
    for (unsigned long i = 0; i < found.num_parts(); ++i)
      points.push_back({static_cast<double>(found.part(i).x()), static_cast<double>(found.part(i).y())});
    return points;
  }

 private:
  static dlib::array2d<dlib::rgb_pixel> image_of(const at::Tensor& picture) {
    dlib::array2d<dlib::rgb_pixel> image(picture.size(0), picture.size(1));
    const at::Tensor plain = picture.contiguous();
    const uint8_t* byte = plain.const_data_ptr<uint8_t>();
    for (long y = 0; y < image.nr(); ++y) {
      for (long x = 0; x < image.nc(); ++x, byte += 3) image[y][x] = dlib::rgb_pixel(byte[0], byte[1], byte[2]);
    }
    return image;
  }

  /// Boxes in pixels of the image.
  std::vector<dlib::rectangle> detect(const dlib::array2d<dlib::rgb_pixel>& image) {
    dlib::array2d<dlib::rgb_pixel> large;
    dlib::assign_image(large, image);
    for (int64_t i = 0; i < upsample_; ++i) dlib::pyramid_up(large);
    std::vector<dlib::rectangle> faces = detector_(large);
    const dlib::pyramid_down<2> halved;
    for (dlib::rectangle& face : faces) {
      for (int64_t i = 0; i < upsample_; ++i) face = halved.rect_down(face);
    }
    return faces;
  }

  int64_t upsample_;
  dlib::frontal_face_detector detector_ = dlib::get_frontal_face_detector();
  dlib::shape_predictor predictor_;
};

}  // namespace

std::unique_ptr<DlibPredictor> open_dlib(const std::string& file, int64_t upsample) {
  return std::make_unique<Predictor>(file, upsample);
}

}  // namespace weft::face

#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace weft::report {

/// A file of TensorBoard: curves, pictures, histograms and texts, each with the step that it belongs to.
///
/// Records as TFRecord frames them, with an Event of tensorflow/core/util/event.proto in each; both are written by hand,
/// since libprotobuf and LibTorch do not go together in one process.
class EventFile {
 public:
  static constexpr const char* kName = "events.out.tfevents.weft";  ///< TensorBoard looks for the middle part

  /// Begins a file.
  /// @throws Error  (Exit::Failed) when it cannot be written
  explicit EventFile(const std::string& path);
  /// Goes on with a file of which the first `bytes` stay.
  EventFile(const std::string& path, int64_t bytes);

  void add_scalars(const std::map<std::string, double>& numbers, int64_t step);
  /// @param picture  [3, H, W] float, RGB in [-1, 1]
  void add_image(const std::string& name, const at::Tensor& picture, int64_t step);
  /// @param numbers  any shape; those that are not finite are left out
  void add_histogram(const std::string& name, const at::Tensor& numbers, int64_t step);
  void add_text(const std::string& name, const std::string& content, int64_t step);

  /// How long the file is now. What was added is on its way to the disk.
  int64_t bytes();

 private:
  void add_value(const std::string& value, int64_t step);
  void add_event(const std::string& event);

  std::string path_;
  std::ofstream out_;
};

/// CRC-32C (Castagnoli), as TFRecord has it before it is masked.
uint32_t crc32c(std::string_view bytes);

}  // namespace weft::report

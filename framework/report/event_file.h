#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace weft::report {

/// An event file for TensorBoard: curves, pictures, histograms and texts, each with its step.
///
/// A file of TFRecords, each with an Event of tensorflow/core/util/event.proto. Both are encoded here, because libprotobuf
/// and LibTorch conflict in one process.
class EventFile {
 public:
  static constexpr const char* kName = "events.out.tfevents.weft";  ///< TensorBoard looks for the middle part

  /// Begins a file.
  /// @throws Error  (Exit::Failed) when it cannot be written
  explicit EventFile(const std::string& path);
  /// Continues a file after its first `bytes`.
  EventFile(const std::string& path, int64_t bytes);

  void add_scalars(const std::map<std::string, double>& numbers, int64_t step);
  /// @param picture  [3, H, W] float, RGB in [-1, 1]
  void add_image(const std::string& name, const at::Tensor& picture, int64_t step);
  /// @param numbers  any shape; values that are not finite are ignored
  void add_histogram(const std::string& name, const at::Tensor& numbers, int64_t step);
  void add_text(const std::string& name, const std::string& content, int64_t step);

  /// The length of the file, after flushing all added records.
  int64_t bytes();

 private:
  void add_value(const std::string& value, int64_t step);
  void add_event(const std::string& event);

  std::string path_;
  std::ofstream out_;
};

/// CRC-32C (Castagnoli), which TFRecord then masks.
uint32_t crc32c(std::string_view bytes);

}  // namespace weft::report

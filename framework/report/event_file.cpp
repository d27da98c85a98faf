#include "framework/report/event_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/report/png.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/histc.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>

namespace weft::report {
namespace {

constexpr int kBuckets = 40;

// ---- protobuf: a field is its number and wire type, then the value

void put_varint(std::string& out, uint64_t number) {
  for (; number >= 0x80; number >>= 7) out += static_cast<char>((number & 0x7f) | 0x80);
  out += static_cast<char>(number);
}

template <typename Number>
void put_little(std::string& out, Number number) {
  std::array<char, sizeof number> bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
  out.append(bytes.data(), bytes.size());
}

void put_key(std::string& out, int field, int wire_type) {
  put_varint(out, static_cast<uint64_t>(field) << 3 | static_cast<uint64_t>(wire_type));
}

void put(std::string& out, int field, int64_t number) {
  put_key(out, field, 0);
  put_varint(out, static_cast<uint64_t>(number));
}

void put(std::string& out, int field, double number) {
  put_key(out, field, 1);
  put_little(out, number);
}

void put(std::string& out, int field, float number) {
  put_key(out, field, 5);
  put_little(out, number);
}

void put(std::string& out, int field, const std::string& bytes) {
  put_key(out, field, 2);
  put_varint(out, bytes.size());
  out += bytes;
}

std::string packed(const std::vector<double>& numbers) {
  std::string bytes;
  for (const double number : numbers) put_little(bytes, number);
  return bytes;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// How many bytes the records take that are whole.
int64_t whole_records(const std::string& path, int64_t length) {
  constexpr int64_t kAround = 16;  // bytes: length and its checksum before a record, its own checksum behind it
  std::ifstream in(path, std::ios::binary);
  for (int64_t at = 0;;) {
    std::array<unsigned char, 8> prefix{};
    in.seekg(at);
    if (!in.read(reinterpret_cast<char*>(prefix.data()), prefix.size())) return at;
    uint64_t size = 0;
    for (size_t i = prefix.size(); i-- > 0;) size = size << 8 | prefix[i];
    if (size > static_cast<uint64_t>(length) || at + static_cast<int64_t>(size) + kAround > length) return at;
    at += static_cast<int64_t>(size) + kAround;
  }
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78U : 0U);
      made[i] = crc;
    }
    return made;
  }();
  uint32_t crc = 0xFFFFFFFFU;
  for (const char byte : bytes) crc = (crc >> 8) ^ table[(crc ^ static_cast<unsigned char>(byte)) & 0xff];
  return ~crc;
}

EventFile::EventFile(const std::string& path) : path_(path), out_(path, std::ios::binary) {
  std::string event;
  put(event, 1, now());
  put(event, 3, std::string("brain.Event:2"));
  add_event(event);
}

EventFile::EventFile(const std::string& path, int64_t bytes) : path_(path) {
  std::error_code error;
  const auto length = static_cast<int64_t>(std::filesystem::file_size(path, error));
  // A file that has lost its end may end within a record, behind which TensorBoard would read nothing more.
  const int64_t kept = length < bytes ? whole_records(path, length) : bytes;
  if (!error && length > kept) std::filesystem::resize_file(path, static_cast<uintmax_t>(kept), error);
  out_.open(path, std::ios::binary | std::ios::app);
  if (error || !out_) throw Error(Exit::Failed, Place{path}, "could not be opened to go on with it");
}

void EventFile::add_event(const std::string& event) {
  const auto mask = [](uint32_t crc) { return (crc >> 15 | crc << 17) + 0xA282EAD8U; };
  std::string length;
  put_little(length, static_cast<uint64_t>(event.size()));
  std::string record = length;
  put_little(record, mask(crc32c(length)));
  record += event;
  put_little(record, mask(crc32c(event)));
  out_.write(record.data(), static_cast<std::streamsize>(record.size()));
  out_.flush();
  if (!out_) throw Error(Exit::Failed, Place{path_}, "could not be written; is the disk full?");
}

/// @param value  one or more Summary.Value, each as field 1
void EventFile::add_value(const std::string& value, int64_t step) {
  std::string event;
  put(event, 1, now());
  put(event, 2, step);
  put(event, 5, value);
  add_event(event);
}

void EventFile::add_scalars(const std::map<std::string, double>& numbers, int64_t step) {
  std::string summary;
  for (const auto& [name, number] : numbers) {
    std::string value;
    put(value, 1, name);
    put(value, 2, static_cast<float>(number));
    put(summary, 1, value);
  }
  if (!summary.empty()) add_value(summary, step);
}

void EventFile::add_image(const std::string& name, const at::Tensor& picture, int64_t step) {
  std::string image, value, summary;
  put(image, 1, picture.size(1));
  put(image, 2, picture.size(2));
  put(image, 3, int64_t{3});  // RGB
  put(image, 4, png_of(picture));
  put(value, 1, name);
  put(value, 4, image);
  put(summary, 1, value);
  add_value(summary, step);
}

void EventFile::add_histogram(const std::string& name, const at::Tensor& numbers, int64_t step) {
  const at::Tensor flat = numbers.detach().cpu().to(at::kDouble).flatten();
  const at::Tensor finite = flat.masked_select(flat.isfinite());
  if (finite.numel() == 0) return;
  const double least = finite.min().item<double>(), most = finite.max().item<double>();
  // A width of nothing would be no bucket.
  const double low = least, high = most > least ? most : least + std::max(1e-12, std::abs(least) * 1e-6);
  const at::Tensor counts = at::histc(finite, kBuckets, low, high);
  std::vector<double> limits, buckets;
  for (int i = 0; i < kBuckets; ++i) {
    limits.push_back(i + 1 == kBuckets ? high : low + (high - low) * (i + 1) / kBuckets);
    buckets.push_back(counts[i].item<double>());
  }
  std::string histogram, value, summary;
  put(histogram, 1, least);
  put(histogram, 2, most);
  put(histogram, 3, static_cast<double>(finite.numel()));
  put(histogram, 4, finite.sum().item<double>());
  put(histogram, 5, finite.square().sum().item<double>());
  put(histogram, 6, packed(limits));
  put(histogram, 7, packed(buckets));
  put(value, 1, name);
  put(value, 5, histogram);
  put(summary, 1, value);
  add_value(summary, step);
}

void EventFile::add_text(const std::string& name, const std::string& content, int64_t step) {
  std::string plugin, metadata, dimension, shape, tensor, value, summary;
  put(plugin, 1, std::string("text"));
  put(metadata, 1, plugin);
  put(dimension, 1, int64_t{1});
  put(shape, 2, dimension);
  put(tensor, 1, int64_t{7});  // DT_STRING
  put(tensor, 2, shape);
  put(tensor, 8, content);
  put(value, 1, name);
  put(value, 8, tensor);
  put(value, 9, metadata);
  put(summary, 1, value);
  add_value(summary, step);
}

int64_t EventFile::bytes() {
  out_.flush();
  std::error_code error;
  const auto length = std::filesystem::file_size(path_, error);
  return error ? 0 : static_cast<int64_t>(length);
}

}  // namespace weft::report

#include "framework/report/event_file.h"

#include "tests/report/png_reader.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::report {
namespace {

namespace fs = std::filesystem;

/// A message of protobuf taken apart: fields in their order, each with its number and bytes.
struct Field {
  int number = 0;
  uint64_t varint = 0;
  std::string bytes;
};

uint64_t varint_at(const std::string& bytes, size_t& at) {
  uint64_t number = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.at(at++));
    number |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
}

std::vector<Field> fields_of(const std::string& message) {
  std::vector<Field> fields;
  for (size_t at = 0; at < message.size();) {
    const uint64_t key = varint_at(message, at);
    Field field;
    field.number = static_cast<int>(key >> 3);
    const int wire_type = static_cast<int>(key & 7);
    if (wire_type == 0) field.varint = varint_at(message, at);
    const size_t length = wire_type == 1 ? 8 : wire_type == 5 ? 4 : wire_type == 2 ? varint_at(message, at) : 0;
    field.bytes = message.substr(at, length);
    at += length;
    fields.push_back(field);
  }
  return fields;
}

const Field& field(const std::vector<Field>& fields, int number) {
  for (const Field& one : fields) {
    if (one.number == number) return one;
  }
  static const Field nothing;
  ADD_FAILURE() << "no field " << number;
  return nothing;
}

template <typename Number>
Number number_in(const std::string& bytes) {
  Number number{};
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

/// The events of a file; both checksums of each record are compared.
std::vector<std::vector<Field>> events_in(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  const std::string bytes = content.str();
  const auto masked = [](uint32_t crc) { return (crc >> 15 | crc << 17) + 0xA282EAD8U; };
  std::vector<std::vector<Field>> events;
  for (size_t at = 0; at < bytes.size();) {
    const std::string length = bytes.substr(at, 8);
    const auto size = number_in<uint64_t>(length);
    EXPECT_EQ(number_in<uint32_t>(bytes.substr(at + 8, 4)), masked(crc32c(length)));
    const std::string event = bytes.substr(at + 12, size);
    EXPECT_EQ(number_in<uint32_t>(bytes.substr(at + 12 + size, 4)), masked(crc32c(event)));
    events.push_back(fields_of(event));
    at += 16 + size;
  }
  return events;
}

/// The only value of a summary event.
std::vector<Field> value_of(const std::vector<Field>& event) {
  return fields_of(field(fields_of(field(event, 5).bytes), 1).bytes);
}

class EventFiles : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(path_); }
  fs::path path_ = fs::temp_directory_path() / "weft_events.out.tfevents";
};

TEST(Crc32c, IsThatOfTheStandard) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U) << "the check value of CRC-32C";
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU) << "RFC 3720, B.4";
}

TEST_F(EventFiles, BeginWithTheirVersion) {
  EventFile file(path_);
  const auto events = events_in(path_);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(field(events[0], 3).bytes, "brain.Event:2");
}

TEST_F(EventFiles, HoldScalarsWithTheirStep) {
  EventFile file(path_);
  file.add_scalars({{"G/loss", 0.25}}, 300);
  const auto event = events_in(path_).at(1);
  EXPECT_EQ(field(event, 2).varint, 300U);
  EXPECT_EQ(field(value_of(event), 1).bytes, "G/loss");
  EXPECT_EQ(number_in<float>(field(value_of(event), 2).bytes), 0.25);
}

TEST_F(EventFiles, HoldHistograms) {
  EventFile file(path_);
  file.add_histogram("w", at::arange(41, at::kFloat), 1);
  const auto histogram = fields_of(field(value_of(events_in(path_).at(1)), 5).bytes);
  EXPECT_EQ(number_in<double>(field(histogram, 1).bytes), 0);
  EXPECT_EQ(number_in<double>(field(histogram, 2).bytes), 40);
  EXPECT_EQ(number_in<double>(field(histogram, 3).bytes), 41);
  EXPECT_EQ(number_in<double>(field(histogram, 4).bytes), 820);
  EXPECT_EQ(field(histogram, 6).bytes.size(), 40 * sizeof(double));
  // One number in each bucket of width 1, and two in the last, which has both of its ends.
  const std::string counts = field(histogram, 7).bytes;
  EXPECT_EQ(number_in<double>(counts.substr(0, 8)), 1);
  EXPECT_EQ(number_in<double>(counts.substr(39 * 8, 8)), 2);
}

TEST_F(EventFiles, HoldTexts) {
  EventFile file(path_);
  file.add_text("graph", "format = 1", 0);
  const auto value = value_of(events_in(path_).at(1));
  EXPECT_EQ(field(fields_of(field(value, 8).bytes), 8).bytes, "format = 1");
  EXPECT_EQ(field(fields_of(field(fields_of(field(value, 9).bytes), 1).bytes), 1).bytes, "text");
}

TEST_F(EventFiles, HoldPicturesAsPng) {
  EventFile file(path_);
  at::Tensor picture = at::full({3, 2, 5}, -1, at::kFloat);
  picture.select(0, 0).fill_(1);  // red
  file.add_image("F.image", picture, 7);
  const auto image = fields_of(field(value_of(events_in(path_).at(1)), 4).bytes);
  EXPECT_EQ(field(image, 1).varint, 2U);
  EXPECT_EQ(field(image, 2).varint, 5U);
  const ReadPng png = read_png(field(image, 4).bytes);
  EXPECT_EQ(png.height, 2);
  EXPECT_EQ(png.width, 5);
  ASSERT_EQ(png.frames.size(), 1U);
  for (size_t i = 0; i < png.frames[0].size(); ++i) EXPECT_EQ(png.frames[0][i], i % 3 == 0 ? 255 : 0) << i;
}

TEST_F(EventFiles, GoOnBehindWhatStays) {
  int64_t length = 0;
  {
    EventFile file(path_);
    file.add_scalars({{"a", 1}}, 1);
    length = file.bytes();
    file.add_scalars({{"a", 2}}, 2);
  }
  EventFile file(path_, length);
  file.add_scalars({{"a", 3}}, 3);
  const auto events = events_in(path_);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(field(events[1], 2).varint, 1U);
  EXPECT_EQ(field(events[2], 2).varint, 3U);
}

}  // namespace
}  // namespace weft::report

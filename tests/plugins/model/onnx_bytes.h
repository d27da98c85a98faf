#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Writes the few messages of ONNX that a test needs, in protobuf's wire format.
namespace weft::testing::onnx {

inline std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 128; value >>= 7) out += static_cast<char>(value % 128 + 128);
  return out + static_cast<char>(value);
}
inline std::string number(int field, uint64_t value) {
  return varint(static_cast<uint64_t>(field) << 3) + varint(value);
}
inline std::string bytes(int field, const std::string& content) {
  return varint(static_cast<uint64_t>(field) << 3 | 2) + varint(content.size()) + content;
}

/// ValueInfoProto of float32; a size of 0 is free.
inline std::string value(const std::string& name, const std::vector<int64_t>& sizes) {
  std::string shape;
  for (const int64_t size : sizes)
    shape += bytes(1, size > 0 ? number(1, static_cast<uint64_t>(size)) : bytes(2, "any"));
  return bytes(1, name) + bytes(2, bytes(1, number(1, 1) + bytes(2, shape)));
}

/// NodeProto.
inline std::string node(const std::string& type, const std::vector<std::string>& inputs, const std::string& output) {
  std::string out;
  for (const std::string& input : inputs) out += bytes(1, input);
  return out + bytes(2, output) + bytes(3, output) + bytes(4, type);
}

/// TensorProto of float32.
inline std::string constant(const std::string& name, const std::vector<int64_t>& sizes,
                            const std::vector<float>& values) {
  std::string out;
  for (const int64_t size : sizes) out += number(1, static_cast<uint64_t>(size));
  return out + number(2, 1) + bytes(8, name) +
         bytes(9, std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)));
}

/// ModelProto, operator set 13, of a graph made of the parts above.
inline std::string model(const std::vector<std::string>& nodes, const std::vector<std::string>& constants,
                         const std::vector<std::string>& inputs, const std::vector<std::string>& outputs) {
  std::string graph;
  for (const std::string& part : nodes) graph += bytes(1, part);
  graph += bytes(2, "test");
  for (const std::string& part : constants) graph += bytes(5, part);
  for (const std::string& part : inputs) graph += bytes(11, part);
  for (const std::string& part : outputs) graph += bytes(12, part);
  return number(1, 8) + bytes(7, graph) + bytes(8, number(2, 13));
}

}  // namespace weft::testing::onnx

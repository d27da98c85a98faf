#include "tests/weights/weight_bytes.h"

#include <cstring>

namespace weft::bytes {

std::string little(uint64_t number, size_t count) {
  std::string bytes;
  for (size_t i = 0; i < count; ++i, number >>= 8U) bytes += static_cast<char>(number & 0xFFU);
  return bytes;
}

std::string floats(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

std::string safetensors(const std::string& header, const std::string& data) {
  return little(header.size(), 8) + header + data;
}

namespace pickle {

std::string pickle(const std::string& instructions) {
  return "\x80\x02" + instructions + '.';
}

std::string text(std::string_view text) {
  return 'X' + little(text.size(), 4) + std::string(text);
}

std::string integer(int64_t number) {
  return "\x8a\x08" + little(static_cast<uint64_t>(number), 8);
}

std::string global(const std::string& module, const std::string& name) {
  return 'c' + module + '\n' + name + '\n';
}

std::string tuple(std::initializer_list<std::string> parts) {
  std::string instructions = "(";
  for (const std::string& part : parts) instructions += part;
  return instructions + 't';
}

std::string list(std::initializer_list<std::string> parts) {
  std::string instructions = "](";
  for (const std::string& part : parts) instructions += part;
  return instructions + 'e';
}

std::string dict(std::initializer_list<std::pair<std::string, std::string>> entries) {
  std::string instructions = "}(";
  for (const auto& [key, value] : entries) instructions += key + value;
  return instructions + 'u';
}

std::string call(const std::string& function, const std::string& arguments) {
  return function + arguments + 'R';
}

std::string tensor(const View& view, const std::string& view_of) {
  const auto sequence = [](const std::vector<int64_t>& numbers) {
    std::string instructions = "(";
    for (const int64_t number : numbers) instructions += integer(number);
    return instructions + 't';
  };
  const std::string storage = '(' + text("storage") + global("torch", "FloatStorage") + text(view.key) + text("cpu") +
                              integer(view.count) + view_of + 't';
  const std::string arguments = '(' + storage + 'Q' + integer(view.offset) + sequence(view.sizes) +
                                sequence(view.strides) + kFalse + call(global("collections", "OrderedDict"), ")") + 't';
  return call(global("torch._utils", "_rebuild_tensor_v2"), arguments);
}

}  // namespace pickle

std::string legacy(const Legacy& parts) {
  std::string keys = "](", data;
  for (const auto& [key, numbers] : parts.storages) {
    keys += pickle::text(key);
    data += little(numbers.size(), 8) + floats(numbers);
  }
  const std::string mark("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);
  return mark + parts.version + parts.machine + parts.object + pickle::pickle(keys + 'e') + data;
}

std::string zip(const std::vector<ZipFile>& files, ZipForm form) {
  const bool is_64 = form == ZipForm::Zip64;
  std::string bytes, directory;
  for (const ZipFile& file : files) {
    const std::string& local_name = file.local_name.empty() ? file.name : file.local_name;
    const uint64_t local = bytes.size();
    bytes += std::string("PK\3\4") + little(0, 2) + little(file.flags, 2) + little(file.method, 2) + little(0, 8) +
             little(file.bytes.size(), 4) + little(file.bytes.size(), 4) + little(local_name.size(), 2) + little(0, 2) +
             local_name + file.bytes;
    const std::string extra = is_64 ? little(1, 2) + little(24, 2) + little(file.bytes.size(), 8) +
                                          little(file.bytes.size(), 8) + little(local, 8)
                                    : "";
    const uint64_t size = is_64 ? 0xFFFFFFFF : file.bytes.size();
    directory += std::string("PK\1\2") + little(0, 4) + little(file.flags, 2) + little(file.method, 2) + little(0, 8) +
                 little(size, 4) + little(size, 4) + little(file.name.size(), 2) + little(extra.size(), 2) +
                 little(0, 10) + little(is_64 ? 0xFFFFFFFF : local, 4) + file.name + extra;
  }
  const uint64_t begin = bytes.size(), count = files.size();
  bytes += directory;
  if (is_64) {
    const uint64_t record = bytes.size();
    bytes += std::string("PK\6\6") + little(44, 8) + little(0, 12) + little(count, 8) + little(count, 8) +
             little(directory.size(), 8) + little(begin, 8);
    bytes += std::string("PK\6\7") + little(0, 4) + little(record, 8) + little(1, 4);
  }
  return bytes + std::string("PK\5\6") + little(0, 4) + little(is_64 ? 0xFFFF : count, 2) +
         little(is_64 ? 0xFFFF : count, 2) + little(is_64 ? 0xFFFFFFFF : directory.size(), 4) +
         little(is_64 ? 0xFFFFFFFF : begin, 4) + little(0, 2);
}

std::string zip_pth(const std::string& object,
                    const std::vector<std::pair<std::string, std::vector<float>>>& storages) {
  std::vector<ZipFile> files = {{.name = "net/data.pkl", .bytes = object}};
  for (const auto& [key, numbers] : storages) {
    files.push_back({.name = "net/data/" + key, .bytes = floats(numbers)});
  }
  return zip(files);
}

}  // namespace weft::bytes

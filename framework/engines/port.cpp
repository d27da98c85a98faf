#include "framework/engines/port.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <array>
#include <charconv>
#include <utility>

namespace weft::engines {
namespace {

constexpr size_t kMostDimensions = 8;
constexpr int64_t kLargestSize = 1'000'000;

constexpr std::array<std::pair<const char*, at::ScalarType>, 9> kTypes = {{{"float32", at::kFloat},
                                                                           {"float16", at::kHalf},
                                                                           {"float64", at::kDouble},
                                                                           {"int64", at::kLong},
                                                                           {"int32", at::kInt},
                                                                           {"int16", at::kShort},
                                                                           {"int8", at::kChar},
                                                                           {"uint8", at::kByte},
                                                                           {"bool", at::kBool}}};

std::string type_text(at::ScalarType type) {
  for (const auto& [name, known] : kTypes) {
    if (known == type) return name;
  }
  return c10::toString(type);
}

[[noreturn]] void refuse(const std::string& declaration, const std::string& why) {
  throw Error(Exit::Graph, text("the port \"", declaration, "\" of a model: ", why))
      .hint("the form is \"image float32[B,3,256,512]\": name, type and sizes; B is the batch, * is any size");
}

int64_t read_size(const std::string& word, bool is_first, const std::string& declaration) {
  if (word == "*" || (word == "B" && is_first)) return kFree;
  int64_t size = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), size);
  if (error != std::errc() || end != word.data() + word.size() || size < 1 || size > kLargestSize)
    refuse(declaration, text('"', word, "\" is not a size"));
  return size;
}

std::string all_text(const std::vector<Port>& ports) {
  std::vector<std::string> texts;
  for (const Port& port : ports) texts.push_back('"' + port_text(port) + '"');
  return '[' + join(texts) + ']';
}

std::string difference(const Port& declared, const Port& of_file) {
  if (declared.name != of_file.name) return text("its name in the file is \"", of_file.name, '"');
  if (declared.type != of_file.type) return text("its type in the file is ", type_text(of_file.type));
  if (!fits(declared, of_file.sizes)) return text("in the file it is ", port_text(of_file));
  return {};
}

}  // namespace

Port read_port(const std::string& declaration) {
  const size_t open = declaration.rfind('['), space = declaration.rfind(' ', open);
  if (open == std::string::npos || space == std::string::npos || space == 0 || declaration.back() != ']')
    refuse(declaration, "it is not of the form");
  Port port;
  port.name = declaration.substr(0, space);
  const std::string type = declaration.substr(space + 1, open - space - 1);
  bool is_known = false;
  for (const auto& [name, value] : kTypes) {
    if (type == name) port.type = value, is_known = true;
  }
  if (!is_known) refuse(declaration, text("there is no type \"", type, '"'));
  std::string word;
  for (size_t i = open + 1; i < declaration.size(); ++i) {
    const char c = declaration[i];
    if (c != ',' && c != ']') {
      if (c != ' ') word += c;
      continue;
    }
    if (port.sizes.size() == kMostDimensions) refuse(declaration, text("it has more than ", kMostDimensions, " sizes"));
    port.sizes.push_back(read_size(word, port.sizes.empty(), declaration));
    word.clear();
  }
  return port;
}

std::string port_text(const Port& port) {
  std::string out = text(port.name, ' ', type_text(port.type), '[');
  for (size_t i = 0; i < port.sizes.size(); ++i) {
    if (i > 0) out += ',';
    out += port.sizes[i] != kFree ? text(port.sizes[i]) : i == 0 ? "B" : "*";
  }
  return out + ']';
}

bool fits(const Port& port, at::IntArrayRef sizes) {
  if (port.sizes.size() != sizes.size()) return false;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (port.sizes[i] != kFree && sizes[i] != kFree && port.sizes[i] != sizes[i]) return false;
  }
  return true;
}

void check_declared(const std::string& what, const std::vector<Port>& declared, const std::vector<Port>& of_file,
                    const std::string& path) {
  std::string fault;
  if (declared.size() != of_file.size()) {
    fault = text("it has ", of_file.size(), ' ', what, ", but the graph declares ", declared.size());
  }
  for (size_t i = 0; fault.empty() && i < declared.size(); ++i) {
    const std::string differs = difference(declared[i], of_file[i]);
    if (!differs.empty()) fault = text("the graph declares \"", port_text(declared[i]), "\", but ", differs);
  }
  if (fault.empty()) return;
  throw Error(Exit::Data, text(path, ": the ", what, " are not those of the file: ", fault))
      .hint(text("the file has ", what, " = ", all_text(of_file)));
}

}  // namespace weft::engines

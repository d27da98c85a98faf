#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Bytes of weight files, made by hand: what PyTorch would never write, and what it wrote long ago.
namespace weft::bytes {

/// `number` in `count` bytes, the lowest first.
std::string little(uint64_t number, size_t count);

/// The float numbers as they lie in memory.
std::string floats(const std::vector<float>& numbers);

/// A safetensors file: the header's length, the header, the data.
std::string safetensors(const std::string& header, const std::string& data);

/// Instructions of a pickle. A whole pickle is pickle(...); each of the others leaves one item on the stack.
namespace pickle {

std::string pickle(const std::string& instructions);
std::string text(std::string_view text);
std::string integer(int64_t number);  // up to 64 bits, as LONG1
std::string global(const std::string& module, const std::string& name);
std::string tuple(std::initializer_list<std::string> parts);
std::string list(std::initializer_list<std::string> parts);
std::string dict(std::initializer_list<std::pair<std::string, std::string>> entries);
std::string call(const std::string& function, const std::string& arguments);

inline const std::string kNone = "N";
inline const std::string kTrue = "\x88";
inline const std::string kFalse = "\x89";

/// A view of the float storage `key` of `count` numbers.
struct View {
  std::string key = "0";
  int64_t count = 4;
  int64_t offset = 0;
  std::vector<int64_t> sizes = {4};
  std::vector<int64_t> strides = {1};
};
/// @param view_of  the sixth part of the storage's description, of the older format; left out when empty
std::string tensor(const View& view, const std::string& view_of = kNone);

}  // namespace pickle

/// What a file of the older format consists of.
struct Legacy {
  std::string object;  ///< a pickle
  std::vector<std::pair<std::string, std::vector<float>>> storages = {{"0", {1, 2, 3, 4}}};
  std::string version = pickle::pickle(pickle::integer(1001));
  std::string machine = pickle::pickle(pickle::dict({{pickle::text("little_endian"), pickle::kTrue}}));
};
std::string legacy(const Legacy& parts);

/// A file of a zip archive.
struct ZipFile {
  std::string name;
  std::string bytes;
  uint64_t method = 0;  ///< 0: stored
  uint64_t flags = 0;
  std::string local_name = {};  ///< where it differs from the directory's
};
/// How the archive's directory is written.
enum class ZipForm { Plain, Zip64 };
std::string zip(const std::vector<ZipFile>& files, ZipForm form = ZipForm::Plain);

/// The archive of torch.save for an object with the storages `data/KEY`.
std::string zip_pth(const std::string& object, const std::vector<std::pair<std::string, std::vector<float>>>& storages);

}  // namespace weft::bytes

#include "framework/weights/mapped_file.h"

#include "framework/base/text.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace weft::weights {
namespace {

/// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

std::vector<std::string> files_beside(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder.empty() ? "." : folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

Error cannot_open(const std::string& path, int reason) {
  if (reason != ENOENT) {
    return Error(Exit::Data, Place{path}, text("cannot be read: ", std::strerror(reason)));
  }
  Error error(Exit::Data, Place{path}, "there is no such file");
  error.hint(did_you_mean(std::filesystem::path(path).filename().string(), files_beside(path)));
  return error;
}

size_t size_of(const std::string& path, const Descriptor& descriptor) {
  struct stat status {};
  if (::fstat(descriptor.number(), &status) != 0) throw cannot_open(path, errno);
  if (S_ISDIR(status.st_mode)) throw Error(Exit::Data, Place{path}, "is a folder, not a file");
  if (!S_ISREG(status.st_mode)) {
    throw Error(Exit::Data, Place{path}, "is no ordinary file, so it cannot be mapped");
  }
  if (status.st_size == 0) {
    throw Error(Exit::Data, Place{path}, "is empty").hint("fetch or write the file again");
  }
  return static_cast<size_t>(status.st_size);
}

}  // namespace

std::string_view MappedFile::view() const {
  return {static_cast<const char*>(bytes.const_data_ptr()), static_cast<size_t>(bytes.numel())};
}

at::Tensor MappedFile::numbers(size_t begin, int64_t count, at::ScalarType type) const {
  const at::TensorOptions options = at::TensorOptions().dtype(type);
  if (count == 0) return at::empty({0}, options);
  auto* const first = static_cast<uint8_t*>(bytes.mutable_data_ptr()) + begin;
  const size_t size = c10::elementSize(type), length = static_cast<size_t>(count) * size;
  // A bool that holds another number is undefined behaviour wherever it is read.
  if (type == at::kBool && std::any_of(first, first + length, [](uint8_t byte) { return byte > 1; })) {
    throw damaged(path, "a tensor of booleans holds numbers other than 0 and 1");
  }
  if (reinterpret_cast<uintptr_t>(first) % size == 0) {
    return at::from_blob(
        first, {count}, [kept = bytes](void*) {}, options);
  }
  at::Tensor copy = at::empty({count}, options);
  std::memcpy(copy.mutable_data_ptr(), first, length);
  return copy;
}

MappedFile map_file(const std::string& path) {
  if (path.find('\0') != std::string::npos) throw Error(Exit::Data, Place{path.c_str()}, "has a NUL in its name");
  // Without O_NONBLOCK a pipe would wait here for its writer instead of being refused.
  const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.number() < 0) throw cannot_open(path, errno);
  const size_t size = size_of(path, descriptor);
  void* const memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, descriptor.number(), 0);
  if (memory == MAP_FAILED) throw cannot_open(path, errno);
  return {path, at::from_blob(
                    memory, {static_cast<int64_t>(size)}, [size](void* mapped) { ::munmap(mapped, size); },
                    at::TensorOptions().dtype(at::kByte))};
}

Error damaged(const std::string& path, const std::string& what) {
  return Error(Exit::Data, Place{path}, text("is damaged or was cut off: ", what))
      .hint("fetch or write the file again");
}

}  // namespace weft::weights

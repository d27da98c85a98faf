#include "framework/plugin/elf.h"

#include "framework/base/text.h"

#include <elf.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace weft::plugin {
namespace {

/// Reads fixed-size pieces of a file; a piece that is not wholly inside the file is not there.
class Pieces {
 public:
  explicit Pieces(const std::string& file) {
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    // Opening a pipe would wait for its writer.
    const bool is_other = std::filesystem::is_other(status);  // neither a file nor a folder
    if (is_other) {
      fault_ = "it is no ordinary file";
      return;
    }
    stream_.open(file, std::ios::binary);
    size_ = std::filesystem::file_size(file, error);
    if (error) size_ = 0;
    if (!stream_) fault_ = std::generic_category().message(errno);
  }

  /// Why the file cannot be read, or empty.
  const std::string& fault() const { return fault_; }

  bool has(uint64_t offset, uint64_t count) const { return offset <= size_ && count <= size_ - offset; }

  template <typename T>
  bool read(uint64_t offset, T& piece) {
    return read(offset, sizeof piece, reinterpret_cast<char*>(&piece));
  }
  bool read(uint64_t offset, uint64_t count, char* into) {
    if (!has(offset, count)) return false;
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(offset));
    return static_cast<bool>(stream_.read(into, static_cast<std::streamsize>(count)));
  }

 private:
  std::ifstream stream_;
  std::string fault_;
  uint64_t size_ = 0;
};

std::optional<Elf64_Shdr> find_section(Pieces& pieces, const Elf64_Ehdr& header, const std::string& name) {
  if (header.e_shentsize != sizeof(Elf64_Shdr)) return {};
  const auto section_at = [&](uint64_t index, Elf64_Shdr& section) {
    return pieces.read(header.e_shoff + index * sizeof(Elf64_Shdr), section);
  };
  Elf64_Shdr names;
  if (!section_at(header.e_shstrndx, names)) return {};
  for (uint64_t index = 0; index < header.e_shnum; ++index) {
    Elf64_Shdr section;
    char found[32] = {};
    if (!section_at(index, section) || section.sh_name >= names.sh_size) continue;
    const uint64_t room = std::min<uint64_t>(names.sh_size - section.sh_name, sizeof found - 1);
    if (pieces.read(names.sh_offset + section.sh_name, room, found) && name == found) return section;
  }
  return {};
}

bool ends(const char* field, size_t size) {
  return std::memchr(field, '\0', size) != nullptr;
}

/// The text of a field that may be empty.
std::string shown(const char* field) {
  return *field == '\0' ? "none" : field;
}

}  // namespace

StampReading read_stamp(const std::string& file) {
  Pieces pieces(file);
  if (!pieces.fault().empty()) return {{}, text("it cannot be read: ", pieces.fault())};
  Elf64_Ehdr header;
  if (!pieces.read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return {{}, "it is not a shared library"};
  }
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != EM_X86_64) {
    return {{}, "it was built for another kind of machine"};
  }
  // Linkers write the table of sections last.
  if (!pieces.has(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr)))
    return {{}, "its end is missing; copy it again, or build it again"};
  const auto section = find_section(pieces, header, Stamp::kSection);
  if (!section) return {{}, "it has no stamp, so it is not a plugin of weft (WEFT_PLUGIN makes the stamp)"};
  Stamp stamp;
  if (section->sh_size < sizeof stamp || !pieces.read(section->sh_offset, stamp) ||
      std::memcmp(stamp.magic, Stamp::kMagic, sizeof stamp.magic) != 0 || !ends(stamp.plugin, sizeof stamp.plugin) ||
      !ends(stamp.version, sizeof stamp.version) || !ends(stamp.torch, sizeof stamp.torch) ||
      !ends(stamp.cuda, sizeof stamp.cuda) || !ends(stamp.standard, sizeof stamp.standard) ||
      !ends(stamp.sanitizers, sizeof stamp.sanitizers)) {
    return {{}, "its stamp is damaged"};
  }
  return {stamp, {}};
}

std::string refusal(const Stamp& stamp) {
  const Stamp own = make_stamp("weft", "");
  const auto differs = [&](const char* what, const std::string& theirs, const std::string& ours) {
    return text("it was built with ", what, ' ', theirs, ", but weft with ", ours,
                "; rebuild it: cmake --build BUILD_FOLDER --clean-first");
  };
  if (stamp.api != own.api) return differs("plugin API", text(stamp.api), text(own.api));
  if (std::strcmp(stamp.torch, own.torch) != 0) return differs("LibTorch", stamp.torch, own.torch);
  if (std::strcmp(stamp.standard, own.standard) != 0) return differs("the C++ library", stamp.standard, own.standard);
  if (std::strcmp(stamp.sanitizers, own.sanitizers) != 0) {
    return differs("the sanitizers", shown(stamp.sanitizers), shown(own.sanitizers));
  }
  return {};
}

}  // namespace weft::plugin

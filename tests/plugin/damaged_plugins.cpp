// Libraries that are cut short, or whose tables are damaged, are refused and do no harm.
#include "framework/plugin/elf.h"
#include "framework/plugin/plugins.h"
#include "tests/plugin/loader.h"

#include <elf.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::SizeIs;

TEST_F(Loader, ALibraryThatIsCutShortIsRefusedWhereverItEnds) {
  const std::string file = write("weft_fickle.so", content_of(kFickle));
  for (uintmax_t length = fs::file_size(file) - 1; length > 64; length -= 64) {
    fs::resize_file(file, length);
    const Plugins plugins({folder_});
    ASSERT_THAT(plugins.found(), SizeIs(0)) << "cut after " << length << " bytes";
    ASSERT_EQ(plugins.refused().at(0).reason, "its end is missing; copy it again, or build it again") << length;
  }
}

TEST_F(Loader, OffsetsBeyondTheFileDoNoHarm) {
  const std::string whole = content_of(kFickle);
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof header);
  const auto with_header = [&](const auto& change) {
    Elf64_Ehdr changed = header;
    change(changed);
    std::string bytes = whole;
    std::memcpy(bytes.data(), &changed, sizeof changed);
    return bytes;
  };
  const std::string no_stamp = "it has no stamp, so it is not a plugin of weft (WEFT_PLUGIN makes the stamp)";
  const std::string no_end = "its end is missing; copy it again, or build it again";
  for (const uint64_t offset : {uint64_t{1} << 40, ~uint64_t{0}, ~uint64_t{63}, uint64_t{whole.size()}}) {
    EXPECT_EQ(reason(with_header([&](Elf64_Ehdr& changed) { changed.e_shoff = offset; })), no_end);
  }
  EXPECT_EQ(reason(with_header([](Elf64_Ehdr& changed) { changed.e_shnum = 0xFEFF; })), no_end);
  EXPECT_EQ(reason(with_header([](Elf64_Ehdr& changed) { changed.e_shnum = 0; })), no_stamp);
  EXPECT_EQ(reason(with_header([](Elf64_Ehdr& changed) { changed.e_shstrndx = 0xFEFF; })), no_stamp);
  EXPECT_EQ(reason(with_header([](Elf64_Ehdr& changed) { changed.e_shentsize = 1; })), no_stamp);
  std::string bytes = whole;
  for (uint64_t section = 0; section < header.e_shnum; ++section) {
    const uint64_t far = uint64_t{1} << 62;
    std::memcpy(bytes.data() + header.e_shoff + section * sizeof(Elf64_Shdr) + offsetof(Elf64_Shdr, sh_offset), &far,
                sizeof far);
  }
  EXPECT_EQ(reason(bytes), no_stamp);
}

TEST_F(Loader, FlippedBitsInTheTablesDoNoHarm) {
  const std::string whole = content_of(kFickle);
  Elf64_Ehdr header;
  std::memcpy(&header, whole.data(), sizeof header);
  const size_t table = header.e_shnum * sizeof(Elf64_Shdr);
  std::mt19937 random(1);  // the same bits in every run
  const std::string file = write("weft_fickle.so", whole);
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  for (int round = 0; round < 1000; ++round) {
    const size_t at = random() % 2 == 0 ? random() % sizeof header : header.e_shoff + random() % table;
    const auto flipped = static_cast<char>(whole[at] ^ static_cast<char>(1U << random() % 8));
    stream.seekp(static_cast<std::streamoff>(at)).put(flipped).flush();
    const StampReading reading = read_stamp(file);
    EXPECT_NE(reading.stamp.has_value(), !reading.fault.empty());
    stream.seekp(static_cast<std::streamoff>(at)).put(whole[at]).flush();
  }
  EXPECT_TRUE(read_stamp(file).stamp.has_value());
}

}  // namespace
}  // namespace weft::plugin

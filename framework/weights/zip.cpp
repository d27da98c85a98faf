#include "framework/weights/zip.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace weft::weights {
namespace {

constexpr std::string_view kLocalMark{"PK\3\4", 4};
constexpr std::string_view kDirectoryMark{"PK\1\2", 4};
constexpr std::string_view kEndMark{"PK\5\6", 4};
constexpr std::string_view kEnd64Mark{"PK\6\6", 4};
constexpr std::string_view kLocator64Mark{"PK\6\7", 4};
constexpr size_t kEndSize = 22, kEnd64Size = 56, kLocator64Size = 20;
constexpr size_t kLongestComment = 0xFFFF;
constexpr uint64_t kIn64 = 0xFFFFFFFF, kCountIn64 = 0xFFFF;  // "the number is in the zip64 part"
constexpr uint64_t kExtra64 = 1;
constexpr uint64_t kEncrypted = 1;  // bit of the flags

/// Where the directory lies.
struct Directory {
  uint64_t count = 0;
  uint64_t size = 0;
  uint64_t begin = 0;
};

/// A row of the directory.
struct Row {
  std::string_view name;
  uint64_t local = 0;  ///< where the entry's own header begins
  ZipEntry entry;
};

/// Reads structures at given places of the archive.
ByteReader reader_at(const MappedFile& file, uint64_t begin) {
  if (begin > file.view().size()) throw damaged(file.path, "its zip directory points outside the file");
  return {file.path, file.view().substr(begin), "the zip archive"};
}

void expect(ByteReader& reader, std::string_view mark, const char* what) {
  if (reader.take(mark.size()) != mark) {
    throw damaged(reader.path(), text("there is no zip ", what, " where one should be"));
  }
}

/// Where the record at the end begins: the last one whose comment ends with the file.
size_t find_end(const MappedFile& file) {
  const std::string_view bytes = file.view();
  for (size_t comment = 0; comment <= kLongestComment && comment + kEndSize <= bytes.size(); ++comment) {
    const size_t begin = bytes.size() - kEndSize - comment;
    if (bytes.substr(begin, kEndMark.size()) != kEndMark) continue;
    if (ByteReader(file.path, bytes.substr(begin + kEndSize - 2), "the zip archive").little(2) == comment) {
      return begin;
    }
  }
  throw damaged(file.path, "the zip archive has no directory at its end");
}

/// The record for large archives, which lies before the one at the end.
Directory read_end64(const MappedFile& file, size_t end) {
  if (end < kLocator64Size + kEnd64Size) throw damaged(file.path, "the zip archive has no zip64 directory");
  ByteReader locator = reader_at(file, end - kLocator64Size);
  expect(locator, kLocator64Mark, "locator");
  locator.take(4);  // the part in which the record lies
  ByteReader reader = reader_at(file, locator.little(8));
  expect(reader, kEnd64Mark, "zip64 record");
  reader.take(28);  // size of the record, versions, parts, entries of this part
  Directory directory;
  directory.count = reader.little(8);
  directory.size = reader.little(8);
  directory.begin = reader.little(8);
  return directory;
}

Directory find_directory(const MappedFile& file) {
  const size_t end = find_end(file);
  ByteReader reader = reader_at(file, end);
  expect(reader, kEndMark, "end");
  const uint64_t part = reader.little(2), directory_part = reader.little(2);
  if (part != 0 || directory_part != 0) {
    throw damaged(file.path, "it is one part of a zip archive in several");
  }
  Directory directory;
  reader.take(2);  // entries of this part
  directory.count = reader.little(2);
  directory.size = reader.little(4);
  directory.begin = reader.little(4);
  if (directory.count == kCountIn64 || directory.size == kIn64 || directory.begin == kIn64) {
    directory = read_end64(file, end);
  }
  if (directory.begin > end || directory.size > end - directory.begin) {
    throw damaged(file.path, "its zip directory points outside the file");
  }
  return directory;
}

/// Puts the 64-bit numbers of a row's extra fields in the place of those that say that they are there.
void take_from_extra(const MappedFile& file, std::string_view extra, std::initializer_list<uint64_t*> numbers) {
  ByteReader reader(file.path, extra, "an extra field of the zip directory");
  while (!reader.rest().empty()) {
    const uint64_t kind = reader.little(2);
    ByteReader field(file.path, reader.take(reader.little(2)), "a zip64 field");
    if (kind != kExtra64) continue;
    for (uint64_t* number : numbers) {
      if (*number == kIn64) *number = field.little(8);
    }
    return;
  }
}

Row read_row(const MappedFile& file, ByteReader& reader) {
  expect(reader, kDirectoryMark, "entry");
  reader.take(4);  // versions
  const uint64_t flags = reader.little(2), method = reader.little(2);
  reader.take(8);  // time, date, check sum
  uint64_t stored = reader.little(4), size = reader.little(4);
  const uint64_t name_length = reader.little(2), extra_length = reader.little(2), comment_length = reader.little(2);
  reader.take(8);  // part, attributes
  uint64_t local = reader.little(4);
  const std::string_view name = reader.take(name_length);
  take_from_extra(file, reader.take(extra_length), {&size, &stored, &local});
  reader.take(comment_length);
  const bool is_encrypted = (flags & kEncrypted) != 0, is_stored = method == 0 && !is_encrypted;
  if (is_stored && stored != size) {
    throw damaged(file.path, text("\"", shown_name(name), "\" has two different sizes in the zip directory"));
  }
  return {name, local, {0, stored, is_encrypted, is_stored}};
}

/// Finds a row's bytes behind the header that stands before them.
void locate(const MappedFile& file, Row& row) {
  ByteReader reader = reader_at(file, row.local);
  expect(reader, kLocalMark, "entry");
  reader.take(22);  // what the directory says too
  const uint64_t name_length = reader.little(2), extra_length = reader.little(2);
  if (reader.take(name_length) != row.name) {
    throw damaged(file.path, text("\"", shown_name(row.name), "\" has another name where it lies in the zip archive"));
  }
  reader.take(extra_length);
  row.entry.begin = row.local + reader.position();
  reader.take(row.entry.size);
}

/// Entries that share bytes are how a small archive pretends to be a huge one.
void check_apart(const MappedFile& file, std::vector<Row>& rows, uint64_t directory) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.local < b.local; });
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint64_t next = i + 1 < rows.size() ? rows[i + 1].local : directory;
    if (rows[i].entry.begin + rows[i].entry.size > next) {
      throw damaged(file.path, text("\"", shown_name(rows[i].name), "\" overlaps what follows it in the zip archive"));
    }
  }
}

}  // namespace

std::map<std::string_view, ZipEntry> read_zip(const MappedFile& file) {
  const Directory directory = find_directory(file);
  ByteReader reader(file.path, file.view().substr(directory.begin, directory.size), "the zip directory");
  std::vector<Row> rows;
  for (uint64_t i = 0; i < directory.count; ++i) {
    rows.push_back(read_row(file, reader));
    locate(file, rows.back());
  }
  check_apart(file, rows, directory.begin);
  std::map<std::string_view, ZipEntry> entries;
  for (const Row& row : rows) {
    if (!entries.emplace(row.name, row.entry).second) {
      throw damaged(file.path, text("\"", shown_name(row.name), "\" is twice in the zip archive"));
    }
  }
  return entries;
}

}  // namespace weft::weights

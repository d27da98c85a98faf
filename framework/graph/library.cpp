#include "framework/graph/library.h"

#include "framework/base/text.h"
#include "framework/graph/shipped.h"
#include "framework/graph/toml.h"

#include <algorithm>
#include <filesystem>
#include <span>

namespace weft::graph {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestChain = 32;
/// Keys and values of all files together; a file may be the base of many others, each of which holds a copy.
constexpr size_t kLargestLibrary = 2'000'000;

std::string identity_of(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical.string();
}

/// Reads the file that a `base` names. A file that cannot be read is the fault of the line that names it; other faults have
/// places of their own.
decltype(auto) read_at(const Item& base, const auto& read) {
  try {
    return read(resolve_path(base.text, base.place));
  } catch (const GraphError& error) {
    if (error.place().line > 0) throw;
    const Diagnostic& fault = error.diagnostic();
    throw GraphError(fault.code, base.place, text("`base` = \"", base.text, "\": ", fault.message));
  }
}

/// Where a path leads that leaves the folder of weft's own graphs: `../../out/a.mp4` of one of these is `out/a.mp4` of the
/// working folder, wherever weft is installed. Empty for all other paths.
std::string outside_of_shipped(const std::string& path, const std::string& file) {
  if (!path.starts_with("..")) return {};
  static const fs::path shipped = shipped_graphs();
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(file, error), error).parent_path();
  const std::string inside = folder.lexically_relative(shipped).string();
  if (shipped.empty() || inside.empty() || inside.starts_with("..")) return {};
  const fs::path target = (fs::path(inside) / path).lexically_normal();
  return target.begin()->string() == ".." ? target.lexically_relative("..").string() : std::string();
}

}  // namespace

std::string resolve_path(const std::string& path, const Place& place) {
  if (is_shipped(path)) {
    const std::string folder = shipped_graphs(), rest = path.substr(std::string_view(kShippedPrefix).size());
    return folder.empty() ? path : (fs::path(folder) / rest).lexically_normal().string();
  }
  if (place.file.empty() || path.empty() || path == "-" || fs::path(path).is_absolute()) return path;
  if (const std::string outside = outside_of_shipped(path, place.file); !outside.empty()) return outside;
  return (fs::path(place.file).parent_path() / path).lexically_normal().string();
}

const Document& Library::load(const std::string& file) {
  std::vector<std::string> chain;
  return load(file, chain);
}

/// @param chain  the files that are based on this one, outermost first
const Document& Library::load(const std::string& file, std::vector<std::string>& chain) {
  const std::string identity = identity_of(file);
  const auto known = documents_.find(identity);
  if (known != documents_.end()) return *known->second;
  auto document = std::make_unique<Document>(read(file, chain));
  return *documents_.emplace(identity, std::move(document)).first->second;
}

Document Library::read(const std::string& file, std::vector<std::string>& chain) {
  const std::string identity = identity_of(file);
  Item own = read_toml(file);
  files_.insert(identity);
  const Item* base = own.find("base");
  const auto is_same = [&](const std::string& other) { return identity_of(other) == identity; };
  if (std::any_of(chain.begin(), chain.end(), is_same)) {
    throw GraphError("E104", base ? base->place : own.place,
                     text("files are based on each other: ", join(chain, " -> "), " -> ", file));
  }
  if (chain.size() == kLongestChain) {
    throw GraphError("E104", own.place,
                     text("more than ", kLongestChain, " files are based on each other: ", chain.front(), " -> ",
                          chain[1], " -> …"));
  }
  Document document;
  if (base) {
    chain.push_back(file);
    document = load_base(*base, chain);
    chain.pop_back();
    lay_over(document, std::move(own), file);
    document.file = file;
  } else {
    document = make_document(file, std::move(own));
  }
  count(document.size, file);
  return document;
}

const Document& Library::load_base(const Item& base) {
  std::vector<std::string> chain;
  return load_base(base, chain);
}

/// One file, or a list: each file after the first changes what those before it give.
const Document& Library::load_base(const Item& base, std::vector<std::string>& chain) {
  if (base.is_text())
    return read_at(base, [&](const std::string& file) -> const Document& { return load(file, chain); });
  const std::vector<Item>& parts = base.items;
  if (parts.empty() || !std::all_of(parts.begin(), parts.end(), [](const Item& part) { return part.is_text(); })) {
    throw GraphError("E106", base.place,
                     text("`base` must be the path of a graph file, or a list of paths, not ",
                          base.is(Item::Type::Array) ? base.toml() : base.describe()));
  }
  if (parts.size() > kLongestChain)
    throw GraphError("E110", base.place, text("`base` has ", parts.size(), " files, more than ", kLongestChain));
  std::string identity;
  for (const Item& part : parts) identity += identity_of(resolve_path(part.text, part.place)) + '\n';
  if (const auto known = documents_.find(identity); known != documents_.end()) return *known->second;
  auto document = std::make_unique<Document>(load_base(parts.front(), chain));
  for (const Item& part : std::span(parts).subspan(1)) {
    read_at(part, [&](const std::string& file) { lay_over(*document, read_overlay_file(file), file); });
    check_size(document->size, part.text);
  }
  count(document->size, document->file);
  return *documents_.emplace(identity, std::move(document)).first->second;
}

/// A file of a list after its first.
Item Library::read_overlay_file(const std::string& file) {
  Item own = read_toml(file);
  files_.insert(identity_of(file));
  if (const Item* base = own.find("base")) {
    throw GraphError("E104", base->place,
                     text(file, " changes the files before it in a list; such a file cannot have a `base` of its own"));
  }
  return own;
}

/// Counts what was read. @throws Error  E110 when all files together are too large
void Library::count(size_t size, const std::string& file) {
  check_size(size, file);
  size_ += size;
}

void Library::check_size(size_t more, const std::string& file) const {
  if (size_ + more > kLargestLibrary) {
    throw GraphError("E110", Place{file},
                     text("the files of this graph, with what each is based on, have more than ", kLargestLibrary,
                          " keys and values"));
  }
}

}  // namespace weft::graph

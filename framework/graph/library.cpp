#include "framework/graph/library.h"

#include "framework/base/text.h"
#include "framework/graph/shipped.h"
#include "framework/graph/toml.h"

#include <algorithm>
#include <filesystem>

namespace weft::graph {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestChain = 32;
/// Keys and values of all files together; a file may be the base of many others, each of which holds a copy.
constexpr size_t kLargestLibrary = 2'000'000;

size_t size_of(const Item& item) {
  size_t size = 1;
  for (const Item& element : item.items) size += size_of(element);
  for (const Item::Entry& entry : item.entries) size += size_of(entry.value);
  return size;
}

std::string identity_of(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical.string();
}

}  // namespace

std::string resolve_path(const std::string& path, const Place& place) {
  if (is_shipped(path)) {
    const std::string folder = shipped_graphs(), rest = path.substr(std::string_view(kShippedPrefix).size());
    return folder.empty() ? path : (fs::path(folder) / rest).lexically_normal().string();
  }
  if (place.file.empty() || path.empty() || path == "-" || fs::path(path).is_absolute()) return path;
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
  Document document;
  document.file = file;
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
  if (!base) {
    document.size = size_of(own);
    document.root = std::move(own);
  } else {
    chain.push_back(file);
    document = based(own, *base, chain);
    chain.pop_back();
    document.file = file;
  }
  size_ += document.size;
  if (size_ > kLargestLibrary) {
    throw GraphError("E110", Place{file},
                     text("the files of this graph, with what each is based on, have more than ", kLargestLibrary,
                          " keys and values"));
  }
  return document;
}

const Document& Library::load_base(const Item& base) {
  std::vector<std::string> chain;
  return load_base(base, chain);
}

const Document& Library::load_base(const Item& base, std::vector<std::string>& chain) {
  try {
    return load(resolve_path(base.text, base.place), chain);
  } catch (const GraphError& error) {
    // A file that cannot be read is the fault of the line that names it; other faults have places of their own.
    if (error.place().line > 0) throw;
    const Diagnostic& fault = error.diagnostic();
    throw GraphError(fault.code, base.place, text("`base` = \"", base.text, "\": ", fault.message));
  }
}

/// The file that `base` names, with `own` laid over it.
Document Library::based(Item& own, const Item& base, std::vector<std::string>& chain) {
  if (!base.is_text()) {
    throw GraphError("E106", base.place, text("`base` must be the path of a graph file, not ", base.describe()));
  }
  Document document = load_base(base, chain);
  // Changes by path are kept apart: they hold for nodes inside other files too.
  Diagnostics faults;
  Overlay overlay = read_overlay(chain.back(), own, faults);
  if (faults.has_errors()) {
    const Diagnostic& first = faults.all().front();
    throw GraphError(first.code, first.place, first.message, first.hint);
  }
  document.size += size_of(own);
  for (const char* key : {"base", "set", "swap", "without", "bypass"}) own.erase(key);
  merge(document.root, overlay.root);
  merge(document.root, own);
  document.root.place = own.place;
  overlay.root = Item::table({});
  if (!overlay.is_empty()) document.overlays.push_back(std::move(overlay));
  return document;
}

}  // namespace weft::graph

#include "framework/graph/library.h"

#include "framework/base/text.h"
#include "framework/graph/toml.h"

#include <algorithm>
#include <filesystem>

namespace weft::graph {
namespace {

namespace fs = std::filesystem;

std::string identity_of(const std::string& file) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(file, error);
  return error ? file : canonical.string();
}

}  // namespace

std::string resolve_path(const std::string& path, const Place& place) {
  if (place.file.empty() || path.empty() || path == "-" || fs::path(path).is_absolute()) return path;
  return (fs::path(place.file).parent_path() / path).lexically_normal().string();
}

const Document& Library::load(const std::string& file) {
  const std::string identity = identity_of(file);
  const auto known = documents_.find(identity);
  if (known != documents_.end()) return *known->second;
  std::vector<std::string> chain;
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
    throw Error(Exit::Graph, base ? base->place : own.place,
                text("error E104: files are based on each other: ", join(chain, " -> "), " -> ", file));
  }
  if (!base) {
    document.root = std::move(own);
    return document;
  }
  if (!base->is_text()) {
    throw Error(Exit::Graph, base->place,
                text("error E106: `base` must be the path of a graph file, not ", base->describe()));
  }
  chain.push_back(file);
  try {
    document = read(resolve_path(base->text, base->place), chain);
  } catch (Error& error) {
    if (error.place().file.empty()) error.within(text("which ", base->place, " names as its base"));
    throw;
  }
  document.file = file;
  // Changes by path are kept apart: they hold for nodes inside other files too.
  Diagnostics faults;
  Overlay overlay = read_overlay(file, own, faults);
  faults.throw_errors();
  for (const char* key : {"base", "set", "swap", "without", "bypass"}) own.erase(key);
  merge(document.root, overlay.root);
  merge(document.root, own);
  document.root.place = own.place;
  overlay.root = Item::table({});
  if (!overlay.is_empty()) document.overlays.push_back(std::move(overlay));
  return document;
}

}  // namespace weft::graph

#include "framework/plugin/plugins.h"

#include "framework/base/error.h"
#include "framework/base/memory.h"
#include "framework/base/text.h"
#include "framework/plugin/elf.h"

#define BOOST_DLL_USE_STD_FS
#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <regex>

namespace weft::plugin {
namespace {

namespace fs = std::filesystem;

/// What a folder of the search path is refused with; an empty family's refusal().
constexpr const char* kUnreadFolder = "this folder of plugins cannot be read: ";

/// Keeps a library in the process for good.
void keep_for_ever(boost::dll::shared_library library) {
  static auto* kept = new std::vector<boost::dll::shared_library>();  // never destroyed, on purpose
  kept->push_back(std::move(library));
}

/// A name of C++ as it is written, or the symbol itself where it is none.
std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return name ? name.get() : symbol;
}

/// The dynamic linker's message without the file name in front of it.
///
/// `LIBRARY: undefined symbol: SYMBOL` is told in words: the library is the plugin, or one that it uses.
std::string linker_fault(std::string message, const std::string& file) {
  static const std::regex undefined("([^ (]+): undefined symbol: ([A-Za-z0-9_.$]+)");
  std::smatch match;
  if (std::regex_search(message, match, undefined)) {
    const std::string library = match[1] == file ? "it" : match[1].str();
    return text(library, " uses the symbol ", demangled(match[2]), ", which no library has that ", library,
                " is linked with; a source or a library is missing where it is built (weft_add_plugin)");
  }
  if (const size_t at = message.find(file + ": "); at != std::string::npos) message.erase(0, at + file.size() + 2);
  return message;
}

/// Whether the dynamic linker, or a plugin's registration, says that it got no memory.
bool is_of_memory(const std::string& reason) {
  const auto says = [&](const char* words) { return reason.find(words) != std::string::npos; };
  // A file system without the right to run programs has the same words for it as memory.
  const bool cannot_map = says("failed to map segment") || says("cannot change memory protections");
  return says("annot allocate") || says("cannot create ") || says("out of memory") ||
         reason == std::bad_alloc().what() || (cannot_map && is_memory_limited()) || is_memory_short();
}

bool is_plugin_name(const std::string& name) {
  return name.starts_with("weft_") && name.ends_with(".so");
}

std::string name_in(const std::string& file) {
  const std::string name = fs::path(file).stem();
  return name.substr(name.find('_') + 1);
}

}  // namespace

std::vector<std::string> default_folders() {
  const fs::path beside_program = boost::dll::program_location().parent_path() / "plugins";
  std::vector<std::string> folders;
  const auto add = [&](const fs::path& folder) {
    std::error_code error;
    const std::string canonical = fs::canonical(folder, error);
    if (!error && std::find(folders.begin(), folders.end(), canonical) == folders.end()) folders.push_back(canonical);
  };
  add(beside_program);
  // This code lies in BUILD/lib or PREFIX/lib.
  const fs::path libraries = boost::dll::this_line_location().parent_path();
  add(libraries.parent_path() / "plugins");
  add(libraries / "weft" / "plugins");
  if (folders.empty()) folders.push_back(beside_program.string());  // whose absence is then told
  if (const char* path = std::getenv("WEFT_PLUGIN_PATH")) {
    for (const std::string& folder : split(path, ':')) {
      if (!folder.empty()) folders.push_back(folder);
    }
  }
  return folders;
}

Plugins::Plugins(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) add_folder(folder);
}

Plugins::~Plugins() = default;

void Plugins::add_folder(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_plugin_name(entry->path().filename())) files.push_back(entry->path());
  }
  if (error) refused_.push_back({folder, text(kUnreadFolder, error.message())});
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) add_file(file);
}

void Plugins::add_file(const std::string& file) {
  std::error_code error;
  const std::string canonical = fs::canonical(file, error);
  if (error) return refused_.push_back({file, text("it cannot be read: ", error.message())});
  const auto find = [&](const auto& is_it) { return std::find_if(found_.begin(), found_.end(), is_it); };
  // The same file again, by another way.
  if (find([&](const Found& known) { return known.file == canonical; }) != found_.end()) return;
  const StampReading reading = read_stamp(canonical);
  std::string fault = reading.stamp ? plugin::refusal(*reading.stamp) : reading.fault;
  if (fault.empty()) {
    const std::string name = reading.stamp->plugin;
    const auto first = find([&](const Found& known) { return known.stamp.plugin == name; });
    if (first != found_.end()) fault = text("a plugin called ", name, " was found before it: ", first->file);
  }
  if (fault.empty()) {
    found_.push_back({canonical, *reading.stamp});
  } else {
    refused_.push_back({file, fault});
  }
}

void Plugins::load(Found& plugin) const {
  plugin.is_loaded = true;
  const auto refuse = [&](const std::string& reason) {
    plugin.is_loaded = false;
    if (is_of_memory(reason)) throw Error(Exit::Memory, text("out of memory: ", plugin.file, ": ", reason));
    plugin.is_refused = true;
    refused_.push_back({plugin.file, reason});
  };
  // Some libraries that plugins use end the process when their constructors get no memory.
  if (is_memory_short()) refuse("there is not enough to open it");
  boost::dll::shared_library library;
  try {
    library.load(plugin.file, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& failed) {
    return refuse(text("it cannot be opened: ", linker_fault(failed.what(), plugin.file)));
  }
  using Register = const char*(Registry&);
  Register* add_nodes = library.has("weft_register") ? &library.get<Register>("weft_register") : nullptr;
  keep_for_ever(std::move(library));
  if (!add_nodes) return refuse("it does not export weft_register (WEFT_PLUGIN makes it)");
  registry_.set_plugin(plugin.stamp.plugin);
  const char* fault = add_nodes(registry_);
  if (fault) {
    registry_.remove_plugin(plugin.stamp.plugin);
    refuse(fault);
  }
  registry_.set_plugin({});
}

void Plugins::load_all() const {
  for (Found& plugin : found_) {
    if (!plugin.is_loaded && !plugin.is_refused) load(plugin);
  }
}

const NodeSpec* Plugins::find(const std::string& type) const {
  if (const NodeSpec* spec = registry_.find(type)) return spec;
  const std::string family = type.substr(0, type.find('.'));
  for (Found& plugin : found_) {
    if (!plugin.is_loaded && !plugin.is_refused && family == plugin.stamp.plugin) load(plugin);
  }
  if (const NodeSpec* spec = registry_.find(type)) return spec;
  load_all();
  return registry_.find(type);
}

std::vector<std::string> Plugins::types() const {
  load_all();
  return registry_.types();
}

std::string Plugins::refusal(const std::string& family) const {
  // Where the plugin is in use, another one of its name does not matter.
  const bool is_in_use = std::any_of(found_.begin(), found_.end(), [&](const Found& plugin) {
    return plugin.stamp.plugin == family && !plugin.is_refused;
  });
  if (is_in_use) return {};
  for (const Refused& refused : refused_) {
    const bool is_folder = refused.reason.starts_with(kUnreadFolder);
    if (is_folder ? family.empty() : name_in(refused.file) == family) return text(refused.file, ": ", refused.reason);
  }
  return {};
}

std::unique_ptr<Node> Plugins::make(const std::string& type) const {
  find(type);
  return registry_.make(type);
}

}  // namespace weft::plugin

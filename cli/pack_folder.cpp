#include "cli/pack_folder.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const std::error_code& error) {
  throw Error(Exit::Failed, text(what, ": ", error.message()));
}

/// Whether a library is part of the C library.
bool is_of_system(const std::string& name) {
  static constexpr std::array<std::string_view, 11> kSystem = {
      "ld-linux",     "libc.so",    "libm.so",   "libdl.so", "libpthread.so", "librt.so",
      "libresolv.so", "libutil.so", "libanl.so", "libnss_",  "linux-vdso"};
  return std::any_of(kSystem.begin(), kSystem.end(), [&](std::string_view start) { return name.starts_with(start); });
}

/// The Debian packages of files, by reading dpkg's lists once.
std::map<std::string, std::string> debian_packages(const std::set<std::string>& files) {
  std::map<std::string, std::string> packages;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator("/var/lib/dpkg/info", error)) {
    if (entry.path().extension() != ".list") continue;
    const std::string name = entry.path().stem().string();
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (files.contains(line)) packages[line] = name.substr(0, name.find(':'));
    }
  }
  return packages;
}

/// A wheel's texts lie in NAME-VERSION.dist-info beside the folder of its modules.
Licence licence_of_wheel(const fs::path& library) {
  Licence licence;
  for (fs::path folder = library.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
    const std::string module = folder.filename().string();
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.parent_path(), error)) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with(module) || !name.ends_with(".dist-info")) continue;
      licence.package = name.substr(0, name.rfind('.'));
      for (const fs::directory_entry& file : fs::recursive_directory_iterator(entry.path(), error)) {
        const std::string base = file.path().filename().string();
        const bool is_text = base.starts_with("LICEN") || base.starts_with("Licen") || base.starts_with("NOTICE");
        if (file.is_regular_file() && is_text) licence.files.push_back(file.path());
      }
    }
    if (!licence.files.empty()) return licence;
  }
  return {};
}

/// A path as dpkg's lists have it: /lib is a link to /usr/lib on newer systems, which the lists do not follow.
std::vector<std::string> listed_names(const fs::path& library) {
  std::error_code error;
  std::vector<std::string> names = {library.string(), fs::canonical(library, error).string()};
  for (size_t i = 0; i < 2; ++i) {
    if (names[i].starts_with("/usr/")) names.push_back(names[i].substr(4));
    if (names[i].starts_with("/lib")) names.push_back("/usr" + names[i]);
  }
  return names;
}

}  // namespace

PackFolder::PackFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  const bool is_empty_folder = fs::is_directory(path_, error) && fs::is_empty(path_, error);
  if (fs::exists(path_, error) && !is_empty_folder) {
    throw Error(Exit::Usage, text(path_.string(), " is there already"))
        .hint("name another folder with -o, or remove this one");
  }
  if (!path_.has_filename()) path_ = path_.parent_path();  // "dir/"
  making_ = path_;
  making_ += text(".", getpid());
  fs::create_directories(making_, error);
  if (error) fail(text("the folder ", making_.string(), " cannot be made"), error);
}

PackFolder::~PackFolder() {
  std::error_code error;
  if (!is_finished_) fs::remove_all(making_, error);
}

void PackFolder::copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  const bool is_folder = fs::is_directory(from, error);  // it must not be copied into itself
  for (fs::path above = fs::canonical(making_, error); is_folder && above.has_relative_path();
       above = above.parent_path()) {
    if (!fs::equivalent(above, from, error)) continue;
    throw Error(Exit::Usage,
                text("the folder to write, ", path_.string(), ", lies in ", from.string(), ", which is packed"))
        .hint("name a folder outside of it with -o");
  }
  fs::create_directories((making_ / to).parent_path(), error);
  if (!error) fs::copy(from, making_ / to, fs::copy_options::recursive, error);
  if (error) fail(text(from.string(), " cannot be copied to ", (making_ / to).string()), error);
}

void PackFolder::write(const fs::path& to, const std::string& content, bool is_program) {
  std::error_code error;
  fs::create_directories((making_ / to).parent_path(), error);
  std::ofstream out(making_ / to, std::ios::binary);
  out << content;
  out.close();
  if (!out) throw Error(Exit::Failed, text((making_ / to).string(), " cannot be written; is the disk full?"));
  if (is_program) {
    using fs::perms;
    fs::permissions(making_ / to, perms::owner_exec | perms::group_exec | perms::others_exec, fs::perm_options::add);
  }
}

int64_t PackFolder::finish() {
  std::error_code error;
  int64_t bytes = 0;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(making_, error)) {
    if (entry.is_regular_file()) bytes += static_cast<int64_t>(entry.file_size());
  }
  fs::remove(path_, error);  // an empty folder
  fs::rename(making_, path_, error);
  if (error) fail(text(making_.string(), " cannot be renamed to ", path_.string()), error);
  is_finished_ = true;
  return bytes;
}

std::vector<fs::path> loaded_libraries() {
  std::vector<fs::path> libraries;
  const auto add = [](dl_phdr_info* info, size_t, void* list) {
    const fs::path library = info->dlpi_name;
    if (library.is_absolute() && !is_of_system(library.filename().string()))
      static_cast<std::vector<fs::path>*>(list)->push_back(library);
    return 0;
  };
  dl_iterate_phdr(add, &libraries);
  return libraries;
}

std::vector<Licence> licences_of(const std::vector<fs::path>& libraries) {
  std::set<std::string> names;
  for (const fs::path& library : libraries) {
    for (const std::string& name : listed_names(library)) names.insert(name);
  }
  const std::map<std::string, std::string> packages = debian_packages(names);
  std::vector<Licence> licences;
  for (const fs::path& library : libraries) {
    Licence licence;
    for (const std::string& name : listed_names(library)) {
      const auto package = packages.find(name);
      if (package == packages.end()) continue;
      licence = {package->second, {"/usr/share/doc/" + package->second + "/copyright"}};
      if (!fs::exists(licence.files.front())) licence = {};
      break;
    }
    licences.push_back(licence.package.empty() ? licence_of_wheel(library) : licence);
  }
  return licences;
}

}  // namespace weft::cli

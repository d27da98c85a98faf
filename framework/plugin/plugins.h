#pragma once

#include "framework/node/factory.h"
#include "framework/node/registry.h"
#include "framework/node/stamp.h"

#include <string>
#include <vector>

namespace weft::plugin {

/// A plugin, or a folder of the search path, that could not be used.
struct Refused {
  std::string file;
  std::string reason;
};

/// A plugin that was found and fits.
struct Found {
  std::string file;  ///< canonical path
  Stamp stamp;
  bool is_loaded = false;   ///< its types are known
  bool is_refused = false;  ///< it was opened and could not be used; Plugins::refused() says why
};

/// The plugins of a folder list, loaded when a type of theirs is first asked for.
///
/// A file `weft_NAME.so` whose stamp fits is a plugin. The one called after a type's family is opened first; only when
/// that does not hold the type are the others opened. A plugin is never unloaded: values and gradients may outlive all
/// else that refers to its code.
class Plugins : public NodeFactory {
 public:
  /// Reads the stamps of the plugins in `folders`; a name found twice counts where it was found first.
  explicit Plugins(const std::vector<std::string>& folders);
  ~Plugins() override;

  const NodeSpec* find(const std::string& type) const override;
  /// All types; opens every plugin.
  std::vector<std::string> types() const override;
  std::string refusal(const std::string& family) const override;
  bool has_refused() const override { return !refused_.empty(); }

  std::unique_ptr<Node> make(const std::string& type) const override;
  /// Those whose types were asked for so far, or all after types().
  /// A refused one stays, so that it is not tried again.
  const std::vector<Found>& found() const { return found_; }
  const std::vector<Refused>& refused() const { return refused_; }

  /// Adds one library, whatever its name; when it does not fit it is among refused().
  void add_file(const std::string& file);
  /// Adds types without a library: a program's own nodes.
  Registry& registry() { return registry_; }

 private:
  void add_folder(const std::string& folder);
  void load(Found& plugin) const;
  void load_all() const;

  mutable Registry registry_;
  mutable std::vector<Found> found_;
  mutable std::vector<Refused> refused_;
};

/// The folder `plugins` next to the running program, weft's own plugins where its libraries lie (`../plugins` in a build,
/// `weft/plugins` where it is installed), then the folders of WEFT_PLUGIN_PATH (separated by colons).
std::vector<std::string> default_folders();

}  // namespace weft::plugin

#pragma once

#include "framework/testing/node_runner.h"
#include "tests/plugins/media/files.h"

#include <ATen/TensorOperators.h>

#include <string>
#include <vector>

namespace weft::testing {

/// A media.image_folder.
struct Reader : NodeRunner {
  explicit Reader(const std::string& folder) : NodeRunner("media.image_folder") { set("path", folder); }
};

/// The bytes that an image in [-1, 1] came from, as a flat list in the order of its channels.
inline std::vector<int> bytes_of(const at::Tensor& image) {
  const at::Tensor bytes = ((image + 1) * 127.5).round().flatten().to(at::kInt);
  return {bytes.const_data_ptr<int>(), bytes.const_data_ptr<int>() + bytes.numel()};
}

/// The bytes of the only frame in a folder that holds `content`.
inline std::vector<int> read_only(const std::string& content, const std::string& name = "a.png") {
  const TemporaryFolder folder;
  folder.add(name, content);
  return bytes_of(Reader(folder.path()).run().tensor("image"));
}

/// The error that comes of a folder that holds `content`.
inline std::string error_for(const std::string& content, const std::string& name = "a.png") {
  const TemporaryFolder folder;
  folder.add(name, content);
  const std::string error = error_of([&] { Reader(folder.path()).run(); });
  // Names of temporary folders differ from run to run.
  return error.starts_with(folder.path()) ? error.substr(folder.path().size() + 1) : error;
}

}  // namespace weft::testing

#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace weft::engines {

constexpr int64_t kFree = -1;  ///< a size that may be any

/// An input or output of a model file: `image float32[B,3,256,512]`.
struct Port {
  std::string name;
  at::ScalarType type = at::kFloat;
  std::vector<int64_t> sizes;  ///< kFree where any size fits
};

/// Reads `NAME TYPE[SIZE,SIZE,…]`. A size is a number, `B` for the batch (in the first place alone), or `*` for any.
/// Types: float32, float16, float64, int64, int32, int16, int8, uint8, bool.
/// @throws Error  (Exit::Graph) with the form
Port read_port(const std::string& declaration);

/// The form that read_port() reads.
std::string port_text(const Port& port);

/// Whether sizes fit a port: as many, each equal, or free on one of the two sides.
bool fits(const Port& port, at::IntArrayRef sizes);

/// Compares the ports of a file with those that a graph declares: number, names, types, and sizes where both are known.
/// @param what  "inputs" or "outputs"
/// @param path  the file, for the message
/// @throws Error  (Exit::Data) that says which port differs, and how the file would be declared
void check_declared(const std::string& what, const std::vector<Port>& declared, const std::vector<Port>& of_file,
                    const std::string& path);

}  // namespace weft::engines

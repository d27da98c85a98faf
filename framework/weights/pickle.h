#pragma once

#include "framework/weights/weight_file.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace weft::weights {

/// The content of a pickle of torch.save or numpy.save, as plain data.
///
/// Items refer to each other by number, so that lists that contain themselves, or are nested a million deep, need no
/// special treatment. Texts are views of the bytes that were read, or of `made`.
struct Pickle {
  using Ref = uint32_t;  ///< an item's number

  /// The library that wrote the pickle; only the names that it needs are known.
  enum class Writer { Torch, NumPy };

  enum class Kind {
    None,
    Bool,
    Integer,  ///< of at most 64 bits
    Text,
    Opaque,   ///< values that weights do not need: fractions, longer integers, bytes, devices, numeric types
    Skipped,  ///< values of the names that the caller leaves out, and whatever is added to them
    List,
    Tuple,
    Dict,  ///< parts: key, value, key, value ...
    Set,   ///< without its members, which are not needed
    Global,
    Storage,
    Tensor,
    ArrayType,  ///< of NumPy; text: "f4", number: 1 where the high byte of a number comes first
    Array       ///< of NumPy
  };

  struct Item {
    Kind kind = Kind::None;
    int64_t number = 0;      ///< of Bool and Integer; of Storage, Tensor and Array the place in `storages` …
    std::string_view text;   ///< of Text, and of bytes, which are Opaque
    std::vector<Ref> parts;  ///< of List, Tuple and Dict
  };

  /// An array of numbers that is stored elsewhere in the file, under a key.
  struct Storage {
    std::string_view key;
    at::ScalarType type = at::kFloat;
    int64_t count = 0;
  };

  /// A view of a storage; it lies within the storage. All counts are numbers, not bytes.
  struct Tensor {
    size_t storage = 0;
    int64_t offset = 0;
    std::vector<int64_t> sizes;
    std::vector<int64_t> strides;
  };

  /// An array of NumPy: numbers as bytes, or objects.
  struct Array {
    Ref type = 0;  ///< an ArrayType
    std::vector<int64_t> sizes;
    bool is_fortran = false;   ///< the first index is the fastest
    std::string_view bytes;    ///< of numbers
    std::vector<Ref> objects;  ///< of an array of objects
    bool is_complete = false;  ///< its content has followed
  };

  std::vector<Item> items;
  Ref root = 0;
  std::vector<Storage> storages;  ///< no key twice
  std::vector<Tensor> tensors;
  std::vector<Array> arrays;
  std::deque<std::string> made;  ///< bytes that stand in the pickle in another form
  size_t length = 0;             ///< bytes that the pickle takes

  const Item& top() const { return items[root]; }
};

/// Reads the pickle at the front of `bytes`.
///
/// A pickle is a program that may call any function in Python. This reader executes only the instructions that build
/// data, and recognises by name the few functions that weights need (tensors, OrderedDict, set, torch.Size, torch.device,
/// numeric types; of NumPy arrays, their types and bytes). It never calls a function. Values of any other class or function are refused, or left out where
/// the caller names it. Time and memory are bounded by a small multiple of the pickle's length.
/// @param path  the file, for messages
/// @param skipped  Python names whose values are left out
/// @throws Error  when the pickle is damaged or needs any other function
Pickle read_pickle(const std::string& path, std::string_view bytes, const SkippedNames& skipped = {},
                   Pickle::Writer writer = Pickle::Writer::Torch);

}  // namespace weft::weights

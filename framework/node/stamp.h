#pragma once

#include <torch/headeronly/version.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace weft {

/// The versions that a plugin was built with. The stamp is in the section `.weft_stamp` of the library, so that it can
/// be read and compared before any code of the plugin runs. Texts have a fixed size and are filled with zeros. The
/// layout must never change; new fields are added at the end.
struct Stamp {
  static constexpr uint32_t kApi = 4;  ///< goes up with every change that breaks compiled plugins
  static constexpr char kMagic[8] = {'w', 'e', 'f', 't', 's', 't', 'm', 'p'};
  static constexpr const char* kSection = ".weft_stamp";

  char magic[8] = {};
  uint32_t size = 0;  ///< of the stamp, in bytes
  uint32_t api = 0;
  char plugin[64] = {};      ///< its name
  char version[32] = {};     ///< its version
  char torch[32] = {};       ///< LibTorch's version
  char cuda[16] = {};        ///< the CUDA version, where the plugin holds CUDA code; else empty
  char standard[64] = {};    ///< C++ library and ABI
  char sanitizers[32] = {};  ///< "address", "undefined" …; else empty
};

namespace detail {

template <size_t N>
constexpr void put(char (&field)[N], std::string_view value) {
  std::copy_n(value.begin(), std::min(value.size(), N - 1), field);
}

#define WEFT_TEXT_OF(x) #x
#define WEFT_TEXT(x) WEFT_TEXT_OF(x)

#if defined(_GLIBCXX_USE_CXX11_ABI)
#define WEFT_STANDARD "libstdc++, C++11 ABI " WEFT_TEXT(_GLIBCXX_USE_CXX11_ABI)
#elif defined(_LIBCPP_ABI_VERSION)
#define WEFT_STANDARD "libc++, ABI " WEFT_TEXT(_LIBCPP_ABI_VERSION)
#else
#define WEFT_STANDARD "unknown"
#endif

#if defined(__SANITIZE_ADDRESS__)
#define WEFT_SANITIZERS "address"
#elif defined(__SANITIZE_THREAD__)
#define WEFT_SANITIZERS "thread"
#else
#define WEFT_SANITIZERS ""
#endif

#if defined(WEFT_PLUGIN_HAS_CUDA)
#define WEFT_CUDA WEFT_PLUGIN_HAS_CUDA
#else
#define WEFT_CUDA ""
#endif

}  // namespace detail

/// The stamp of the code that is being compiled.
constexpr Stamp make_stamp(std::string_view plugin, std::string_view version) {
  Stamp stamp;
  std::copy_n(Stamp::kMagic, sizeof Stamp::kMagic, stamp.magic);
  stamp.size = sizeof(Stamp);
  stamp.api = Stamp::kApi;
  detail::put(stamp.plugin, plugin);
  detail::put(stamp.version, version);
  detail::put(stamp.torch, TORCH_VERSION);
  detail::put(stamp.cuda, WEFT_CUDA);
  detail::put(stamp.standard, WEFT_STANDARD);
  detail::put(stamp.sanitizers, WEFT_SANITIZERS);
  return stamp;
}

}  // namespace weft

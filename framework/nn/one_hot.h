#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <variant>
#include <vector>

namespace weft::nn {

/// A one-hot map [B, C, H, W], kept as ids.
///
/// Its channels lie in groups, such as 35 classes and, behind them, one of edges. Of each group at most one channel is 1 at a
/// pixel, the one whose number is the group's id there; all others are 0. The id after the last channel of a group leaves the
/// whole group 0: an ignored label, a pixel that is no edge.
///
/// The ids take two bytes for each pixel and group, the map two or four for each pixel and channel. nn::Conv2d computes with
/// the ids (gathered_conv2d); everything else gets the map, which is made when it is first asked for, once. It never changes.
class OneHot {
 public:
  /// @param ids       [B, G, H, W], int16, from 0 to channels[g]
  /// @param channels  of each group, at least 1
  /// @param type      of the numbers of the map
  OneHot(at::Tensor ids, std::vector<int64_t> channels, at::ScalarType type);

  const at::Tensor& ids() const { return ids_; }
  const std::vector<int64_t>& channels() const { return channels_; }
  at::ScalarType type() const { return type_; }
  /// Of the map: B, C, H, W.
  const std::vector<int64_t>& sizes() const { return sizes_; }
  /// Whether another one has the same groups and type, whatever its size.
  bool is_like(const OneHot& other) const { return channels_ == other.channels_ && type_ == other.type_; }

  /// The map, [B, C, H, W]; channels last in memory.
  const at::Tensor& map() const;

 private:
  at::Tensor ids_;
  std::vector<int64_t> channels_;
  at::ScalarType type_;
  std::vector<int64_t> sizes_;
  mutable std::once_flag is_made_;
  mutable at::Tensor map_;
};

/// What a network takes in: a map, or a one-hot map by its ids. Copies share both.
class MapOrIds {
 public:
  MapOrIds(at::Tensor map) : held_(std::move(map)) {}                             // NOLINT(google-explicit-constructor)
  MapOrIds(std::shared_ptr<const OneHot> one_hot) : held_(std::move(one_hot)) {}  // NOLINT(google-explicit-constructor)

  bool is_one_hot() const { return held_.index() == 1; }
  const std::shared_ptr<const OneHot>& one_hot() const { return std::get<std::shared_ptr<const OneHot>>(held_); }
  /// The map; that of ids is made here.
  const at::Tensor& map() const { return is_one_hot() ? one_hot()->map() : std::get<at::Tensor>(held_); }
  at::IntArrayRef sizes() const { return is_one_hot() ? one_hot()->sizes() : map().sizes(); }
  int64_t size(size_t dim) const { return sizes()[dim]; }

 private:
  std::variant<at::Tensor, std::shared_ptr<const OneHot>> held_;
};

/// A one-hot map by its ids, as an MapOrIds. Only a CPU has kernels for ids: on other devices it is the map.
/// @param ids, channels, type  of OneHot
MapOrIds one_hot(const at::Tensor& ids, std::vector<int64_t> channels, at::ScalarType type);

/// One-hot maps of one size along the channels, by their ids.
/// @param maps  at least one
std::shared_ptr<const OneHot> concatenated(const std::vector<std::shared_ptr<const OneHot>>& maps);

/// The same map at another size, by nearest pixels: the one at floor(y H / h), as at::upsample_nearest2d takes it.
std::shared_ptr<const OneHot> resized(const OneHot& map, int64_t height, int64_t width);

}  // namespace weft::nn

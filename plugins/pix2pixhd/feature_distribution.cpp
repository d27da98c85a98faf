#include "plugins/pix2pixhd/feature_distribution.h"

#include "framework/weights/shape_text.h"
#include "framework/weights/weight_file.h"
#include "plugins/pix2pixhd/k_means.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/linalg_cholesky_ex.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/multinomial.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <charconv>
#include <cmath>

namespace weft::pix2pixhd {
namespace {

constexpr double kSmallestArea = 0.5;  // of 1/32 of the image

const char* const kForm =
    "pix2pixhd.write_features writes one: for each class, named by its number, \"26\" [clusters, channels], or "
    "\"26.weights\" [clusters], \"26.means\" [clusters, channels] and \"26.covariances\" [clusters, channels, "
    "channels]; "
    "a file of samples, such as features.npy, needs `fit`";
const char* const kFormOfSamples =
    "the encode_features.py of pix2pixHD writes one, features.npy: for each class, named by its number, a table "
    "[instances, channels + 1]";

/// A class by its number; nothing when `name` is something else.
std::optional<int64_t> class_of(std::string_view name) {
  int64_t of = 0;
  const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), of);
  const bool is_number = fault == std::errc() && end == name.data() + name.size() && of >= 0;
  return is_number ? std::optional(of) : std::nullopt;
}

/// The tensors of a class, by the ends of their names.
using Parts = std::map<std::string, at::Tensor>;

class FeatureFile {
 public:
  /// @param what  the file should have, for messages
  /// @param form  of such a file, as a way out
  FeatureFile(const std::string& path, std::string what, const char* form)
      : path_(path), what_(std::move(what)), form_(form) {
    for (const auto& [name, tensor] : weights::read_weights(path).tensors) {
      const size_t dot = std::min(name.find('.'), name.size());
      const std::optional<int64_t> of = class_of(std::string_view(name).substr(0, dot));
      if (!of || !tensor.is_floating_point()) refuse(name, tensor);
      if (!at::isfinite(tensor).all().item<bool>()) {
        throw Error(Exit::Data, Place{path}, text("\"", name, "\" has numbers that are not finite"));
      }
      parts_[*of][name.substr(dot)] = tensor.to(at::kDouble);
    }
  }

  const std::map<int64_t, Parts>& classes() const { return parts_; }

  /// @throws Error  unless the tensor of a class has this shape; -1 is any size
  void check(int64_t of, const Parts& parts, const std::string& end, const std::vector<int64_t>& sizes) const {
    const auto found = parts.find(end);
    const std::string name = text(of, end);
    if (found == parts.end()) throw fault(text("it has no \"", name, '"'));
    const at::Tensor& tensor = found->second;
    bool fits = tensor.dim() == static_cast<int64_t>(sizes.size());
    for (size_t i = 0; fits && i < sizes.size(); ++i) {
      fits = sizes[i] == -1 || sizes[i] == tensor.size(static_cast<int64_t>(i));
    }
    if (!fits) refuse(name, tensor);
  }

  [[noreturn]] void refuse(const std::string& name, const at::Tensor& tensor) const {
    throw fault(text("it holds \"", printable(name), "\" ", weights::shape_text(tensor)));
  }

  Error fault(const std::string& what) const {
    return Error(Exit::Data, Place{path_}, text("is no file of ", what_, ": ", what)).hint(form_);
  }

 private:
  const std::string& path_;
  std::string what_;
  const char* form_;
  std::map<int64_t, Parts> parts_;
};

/// @returns the distribution; nothing when there are no points
std::optional<FeatureDistribution> distribution_of(const FeatureFile& file, int64_t of, const Parts& parts,
                                                   int64_t features) {
  if (parts.contains("") && parts.size() == 1) {
    file.check(of, parts, "", {-1, features});
    const at::Tensor& points = parts.at("");
    return points.size(0) == 0 ? std::nullopt : std::optional(FeatureDistribution::of_points(points));
  }
  file.check(of, parts, ".weights", {-1});
  const int64_t count = parts.at(".weights").size(0);
  file.check(of, parts, ".means", {count, features});
  file.check(of, parts, ".covariances", {count, features, features});
  for (const auto& [end, tensor] : parts) {
    if (end != ".weights" && end != ".means" && end != ".covariances") file.refuse(text(of, end), tensor);
  }
  try {
    return FeatureDistribution({parts.at(".weights"), parts.at(".means"), parts.at(".covariances")});
  } catch (const Error& error) {
    throw file.fault(text("of class ", of, ", ", error.message()));
  }
}

}  // namespace

FeatureDistribution::FeatureDistribution(const GaussianMixture& mixture)
    : weights_(mixture.weights), means_(mixture.means) {
  constexpr double kRounding = 1e-6;
  const bool are_shares = weights_.size(0) > 0 && weights_.min().item<double>() >= 0 &&
                          std::abs(weights_.sum().item<double>() - 1) <= kRounding;
  if (!are_shares) throw Error(Exit::Data, "the weights are not shares with the sum 1");
  const at::Tensor difference = mixture.covariances - mixture.covariances.transpose(1, 2);
  const double largest = mixture.covariances.abs().max().item<double>();
  const auto [factors, faults] = at::linalg_cholesky_ex(mixture.covariances);
  if (difference.abs().max().item<double>() > kRounding * largest || faults.any().item<bool>()) {
    throw Error(Exit::Data, "a covariance is not symmetric and positive definite");
  }
  factors_ = factors;
}

FeatureDistribution FeatureDistribution::of_points(const at::Tensor& points) {
  FeatureDistribution made;
  const int64_t count = points.size(0), features = points.size(1);
  made.means_ = points.to(at::kDouble);
  made.weights_ = at::full({count}, 1.0 / static_cast<double>(count), made.means_.options());
  made.factors_ = at::zeros({count, features, features}, made.means_.options());
  return made;
}

at::Tensor FeatureDistribution::draw(at::Generator generator) const {
  const auto row = at::multinomial(weights_, 1, true, generator).item<int64_t>();
  const at::Tensor normal = at::randn({means_.size(1)}, generator, means_.options());
  return (means_[row] + at::matmul(factors_[row], normal)).to(at::kFloat);
}

void FitOptions::declare(Params& p) {
  p("clusters", clusters, "most clusters of a class; fewer where it has fewer different samples").min(1).max(1000);
  p("covariance", covariance, "of Gaussians: full, or diagonal, which has fewer numbers for fewer samples",
    {{"full", Covariance::Full}, {"diagonal", Covariance::Diagonal}});
}

std::map<std::string, at::Tensor> fit_features(const at::Tensor& rows, FitOptions::Method method,
                                               const FitOptions& options, at::Generator generator) {
  if (method == FitOptions::Method::KMeans) {
    return {{"", k_means(rows, std::min(options.clusters, rows.size(0)), std::move(generator))}};
  }
  const GaussianMixture mixture =
      fit_gaussian_mixture(rows, options.clusters, options.covariance, std::move(generator)).mixture;
  return {{".weights", mixture.weights}, {".means", mixture.means}, {".covariances", mixture.covariances}};
}

ClassFeatures read_class_features(const std::string& path, int64_t features) {
  const FeatureFile file(path, text("features with ", count_text(features, "channel")), kForm);
  ClassFeatures all;
  for (const auto& [of, parts] : file.classes()) {
    const auto distribution = distribution_of(file, of, parts, features);
    if (distribution) all[of] = *distribution;
  }
  if (all.empty()) throw file.fault("no class has features");
  return all;
}

ClassFeatures fit_class_features(const std::string& path, int64_t features, FitOptions::Method method,
                                 const FitOptions& options, const at::Generator& generator) {
  const FeatureFile file(path, text("samples with ", count_text(features, "channel"), " and an area"), kFormOfSamples);
  ClassFeatures all;
  for (const auto& [of, parts] : file.classes()) {
    file.check(of, parts, "", {-1, features + 1});
    const at::Tensor rows = large_samples(parts.at(""));
    if (rows.size(0) == 0) continue;
    const auto fitted = fit_features(rows, method, options, generator);
    all[of] = fitted.contains("")
                  ? FeatureDistribution::of_points(fitted.at(""))
                  : FeatureDistribution({fitted.at(".weights"), fitted.at(".means"), fitted.at(".covariances")});
  }
  if (all.empty()) throw file.fault("no class has an instance that covers more than 1/64 of an image");
  return all;
}

at::Tensor large_samples(const at::Tensor& rows) {
  const int64_t features = rows.size(1) - 1;
  return rows.narrow(1, 0, features).index({rows.select(1, features) > kSmallestArea});
}

}  // namespace weft::pix2pixhd

#include "framework/report/frame_curves.h"

#include "framework/report/json_file.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>

namespace weft::report {
namespace {

namespace fs = std::filesystem;

std::set<std::string> json_files(const std::string& folder) {
  std::set<std::string> files;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (entry.path().extension() == ".json") files.insert(entry.path().string());
  }
  return files;
}

}  // namespace

std::vector<FrameCurve> read_frame_curves(const std::string& folder) {
  std::vector<FrameCurve> curves;
  for (const std::string& file : json_files(folder)) {
    const nlohmann::json report = read_json_file(file);
    if (!report.is_object() || !report.contains("by_frame")) continue;
    read_fields(file, "report of metrics", "`weft eval` writes such reports", [&] {
      const nlohmann::json& curve = report.at("by_frame");
      curves.push_back({curve.at("name"), {}});
      for (const auto& point : curve.at("points"))
        curves.back().values[point.at("t").get<int64_t>()] = point.at("value").get<double>();
    });
  }
  return curves;
}

std::map<std::string, Curve> mean_curves(const std::vector<FrameCurve>& curves) {
  std::map<std::string, std::map<int64_t, std::vector<double>>> all;  // by name and t
  for (const FrameCurve& curve : curves) {
    for (const auto& [t, value] : curve.values) all[curve.name][t].push_back(value);
  }
  std::map<std::string, Curve> means;
  for (const auto& [name, by_t] : all) {
    for (const auto& [t, values] : by_t) {
      double sum = 0;
      for (const double value : values) sum += value;
      means[name].add(t, sum / static_cast<double>(values.size()));
    }
  }
  return means;
}

}  // namespace weft::report

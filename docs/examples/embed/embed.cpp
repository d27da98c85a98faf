// Runs a graph inside a program: raw label maps come in on stdin (a byte a pixel), raw RGB frames go out on stdout.
// usage: embed street.toml WIDTH HEIGHT <labels.gray >frames.rgb
#include <weft/session.h>

#include <ATen/ops/from_blob.h>

#include <cstdlib>
#include <iostream>
#include <vector>

int run(const char* graph, int64_t width, int64_t height) {
  weft::Log log(weft::Log::Level::Normal);
  weft::plugin::Plugins plugins(weft::plugin::default_folders());
  weft::graph::CheckOptions wanted;
  wanted.wanted = {"image"};  // the output that is pulled
  weft::run::Session session(graph, wanted, plugins, {}, log);

  session.begin();
  std::vector<char> frame(static_cast<size_t>(width * height));
  while (std::cin.read(frame.data(), static_cast<std::streamsize>(frame.size()))) {
    const at::Tensor bytes = at::from_blob(frame.data(), {1, 1, height, width}, at::kByte);
    session.push("labels", bytes.to(at::kLong));
    session.step();
    const at::Tensor& image = session.pull("image").tensor();  // [1, 3, H, W] in [-1, 1]
    const at::Tensor pixels = ((image[0].permute({1, 2, 0}) + 1) * 127.5).round().to(at::kByte).contiguous();
    std::cout.write(static_cast<const char*>(pixels.const_data_ptr()), pixels.numel());
  }
  session.end();
  return std::cout.flush() ? 0 : 1;
}

int main(int argc, char** argv) {
  const int64_t width = argc == 4 ? std::atoi(argv[2]) : 0, height = argc == 4 ? std::atoi(argv[3]) : 0;
  if (width <= 0 || height <= 0) {
    std::cerr << "usage: embed street.toml WIDTH HEIGHT <labels.gray >frames.rgb\n";
    return 2;
  }
  try {
    return run(argv[1], width, height);
  } catch (const weft::Error& error) {
    std::cerr << error.what() << '\n';
    return static_cast<int>(error.exit());
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}

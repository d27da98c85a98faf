#pragma once

#include <array>
#include <streambuf>

namespace weft::cli {

/// Opens what is closed of the descriptors 0 to 2, so that no file of the program gets one of them and then what is meant
/// for a person. Reading from or writing to them is an error, but for messages, which are dropped.
void open_closed_descriptors();

/// What std::cout writes through: it knows why writing failed, which std::cout by itself does not.
class StandardOutput : public std::streambuf {
 public:
  /// Takes the place of the buffer of std::cout, for as long as the process lives.
  StandardOutput();

  /// Writes what is held.
  /// @throws Error  (Exit::Failed) when not all could be written: the disk is full, or the reader has gone
  void finish();

 protected:
  int_type overflow(int_type next) override;
  int sync() override;

 private:
  std::array<char, 1 << 13> held_{};
  int error_ = 0;
};

}  // namespace weft::cli

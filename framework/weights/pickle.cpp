#include "framework/weights/pickle.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"
#include "framework/weights/mapped_file.h"
#include "framework/weights/pickle_global.h"
#include "framework/weights/pickle_stack.h"

#include <algorithm>
#include <map>

namespace weft::weights {
namespace {

using Ref = Pickle::Ref;
using Kind = Pickle::Kind;
using Item = Pickle::Item;

constexpr size_t kMostItems = 4'000'000;  // items and parts of them; a tensor in a state_dict takes about 30
constexpr size_t kItemsOfAByte = 4;       // an instruction makes an item, which becomes a part of another
constexpr size_t kHighestRank = 16;
constexpr uint64_t kHighestProtocol = 5;

/// Whether all numbers of the view lie in a storage of `count`, and its counts fit an int64.
bool fits(const Pickle::Tensor& tensor, int64_t count) {
  int64_t last = tensor.offset, numbers = 1;
  bool is_empty = false, is_sound = tensor.offset >= 0;
  for (size_t i = 0; i < tensor.sizes.size() && is_sound; ++i) {
    const int64_t size = tensor.sizes[i], stride = tensor.strides[i], steps = std::max<int64_t>(size, 1) - 1;
    int64_t reach = 0;
    is_empty |= size == 0;
    is_sound = size >= 0 && stride >= 0 && !__builtin_mul_overflow(numbers, steps + 1, &numbers) &&
               !__builtin_mul_overflow(steps, stride, &reach) && !__builtin_add_overflow(last, reach, &last);
  }
  return is_sound && (is_empty ? tensor.offset <= count : last < count);
}

/// Follows the instructions of a pickle; the names in comments are those of Python's pickletools.
class Machine {
 public:
  Machine(const std::string& path, std::string_view bytes, const SkippedNames& skipped, Pickle::Writer writer)
      : reader_(path, bytes, "its pickle"),
        stack_(path),
        globals_(path, writer, skipped),
        most_(std::min(kMostItems, kItemsOfAByte * bytes.size())) {}

  Pickle run() {
    try {
      follow();
    } catch (const Error&) {
      if (!globals_.has_foreign()) throw;  // else the foreign name is the better explanation
    }
    if (globals_.has_foreign()) throw globals_.refusal();
    return std::move(pickle_);
  }

 private:
  void follow() {
    for (unsigned char op = next(); op != '.'; op = next()) {  // STOP
      const bool is_known = protocol(op) || constant(op) || number(op) || word(op) || tuple(op) || container(op) ||
                            memory(op) || call(op);
      if (!is_known) throw refuse(text("has the instruction ", int{op}, " in its pickle"));
    }
    pickle_.root = stack_.pop();
    pickle_.length = reader_.position();
  }

  unsigned char next() { return static_cast<unsigned char>(reader_.little(1)); }

  Error broken(const std::string& what) const { return damaged(reader_.path(), "its pickle " + what); }

  Error refuse(const std::string& what) const { return no_part_of_weights(reader_.path(), what); }

  void spend(size_t count) {
    spent_ += count;
    if (spent_ > most_) throw broken("makes more items than its length allows");
  }

  bool push(Ref ref) {
    stack_.push(ref);
    return true;
  }

  bool push(Item item) {
    spend(1 + item.parts.size());
    pickle_.items.push_back(std::move(item));
    return push(static_cast<Ref>(pickle_.items.size() - 1));
  }

  bool push(Kind kind, std::vector<Ref> parts = {}) { return push(Item{kind, 0, {}, std::move(parts)}); }
  bool push(Kind kind, int64_t number) { return push(Item{kind, number, {}, {}}); }
  bool push(Kind kind, std::string_view text) { return push(Item{kind, 0, text, {}}); }

  Item& top(Kind wanted) {
    const Ref ref = stack_.top();
    if (item(ref).kind != wanted) throw broken("adds to something that cannot be added to");
    return pickle_.items[ref];
  }

  /// Whether the last item is a value that is left out, to which anything can be added.
  bool is_skipped_on_top() { return item(stack_.top()).kind == Kind::Skipped; }

  // Items that must be of some kind.

  const Item& item(Ref ref) const { return pickle_.items[ref]; }

  const Item& item(Ref ref, Kind wanted) const {
    if (item(ref).kind != wanted) throw broken("calls a function with arguments that it does not accept");
    return item(ref);
  }

  const std::vector<Ref>& sequence(Ref ref) const {
    return item(ref, item(ref).kind == Kind::List ? Kind::List : Kind::Tuple).parts;
  }

  std::vector<Ref> pairs(std::vector<Ref> parts) const {
    if (parts.size() % 2 != 0) throw broken("has a key without a value");
    return parts;
  }

  // The instructions by kind. Each function says whether the instruction was one of its own.

  bool protocol(unsigned char op) {
    const bool is_version = op == 0x80, is_frame = op == 0x95;  // PROTO, FRAME
    if (is_version && next() > kHighestProtocol) throw broken("has a protocol that is not known");
    if (is_frame && reader_.little(8) > reader_.rest().size()) throw broken("ends too early");
    return is_version || is_frame;
  }

  bool constant(unsigned char op) {
    if (op == 'N') return push(Kind::None);
    if (op == 0x88) return push(Kind::Bool, 1);  // NEWTRUE
    if (op == 0x89) return push(Kind::Bool, 0);  // NEWFALSE
    if (op == ')') return push(Kind::Tuple);     // EMPTY_TUPLE
    if (op == ']') return push(Kind::List);      // EMPTY_LIST
    return op == '}' && push(Kind::Dict);        // EMPTY_DICT
  }

  bool number(unsigned char op) {
    if (op == 'K') return push(Kind::Integer, static_cast<int64_t>(reader_.little(1)));  // BININT1
    if (op == 'M') return push(Kind::Integer, static_cast<int64_t>(reader_.little(2)));  // BININT2
    if (op == 'J') return push(Kind::Integer, static_cast<int32_t>(reader_.little(4)));  // BININT
    if (op == 0x8A) return long_integer(next());                                         // LONG1
    return op == 'G' && push(Kind::Opaque, reader_.take(8));                             // BINFLOAT
  }

  bool long_integer(size_t bytes) {
    if (bytes > 8) return push(Kind::Opaque, reader_.take(bytes));
    if (bytes == 0) return push(Kind::Integer, 0);
    const size_t unused = 64 - 8 * bytes;
    return push(Kind::Integer, static_cast<int64_t>(reader_.little(bytes) << unused) >> unused);
  }

  bool word(unsigned char op) {
    // BINUNICODE and BINSTRING, then their short forms.
    if (op == 'X' || op == 'T') return push(Kind::Text, reader_.take(reader_.little(4)));
    if (op == 0x8C || op == 'U') return push(Kind::Text, reader_.take(next()));
    if (op == 'B') return push(Kind::Opaque, reader_.take(reader_.little(4)));  // BINBYTES
    if (op == 'C') return push(Kind::Opaque, reader_.take(next()));             // SHORT_BINBYTES
    if (op == 0x93) {                                                           // STACK_GLOBAL
      const std::vector<Ref> names = stack_.pop(2);
      return global(item(names[0], Kind::Text).text, item(names[1], Kind::Text).text);
    }
    if (op != 'c') return false;  // GLOBAL
    const std::string_view module = reader_.line();
    return global(module, reader_.line());
  }

  bool global(std::string_view module, std::string_view name) {
    return push(Kind::Global, globals_.find(module, name));
  }

  bool tuple(unsigned char op) {
    if (op == 't') return push(Kind::Tuple, stack_.pop_to_mark());  // TUPLE
    if (op < 0x85 || op > 0x87) return false;                       // TUPLE1 to TUPLE3
    return push(Kind::Tuple, stack_.pop(op - 0x84U));
  }

  bool container(unsigned char op) {
    if (op == '(') {  // MARK
      stack_.mark();
      return true;
    }
    if (op == 'l') return push(Kind::List, stack_.pop_to_mark());         // LIST
    if (op == 'd') return push(Kind::Dict, pairs(stack_.pop_to_mark()));  // DICT
    if (op == 'a') return extend(Kind::List, stack_.pop(1));              // APPEND
    if (op == 'e') return extend(Kind::List, stack_.pop_to_mark());       // APPENDS
    if (op == 's') return extend(Kind::Dict, stack_.pop(2));              // SETITEM
    return op == 'u' && extend(Kind::Dict, pairs(stack_.pop_to_mark()));  // SETITEMS
  }

  bool extend(Kind kind, const std::vector<Ref>& parts) {
    if (is_skipped_on_top()) return true;
    spend(parts.size());
    std::vector<Ref>& present = top(kind).parts;
    present.insert(present.end(), parts.begin(), parts.end());
    return true;
  }

  bool memory(unsigned char op) {
    if (op == 'q') return remember(next());                // BINPUT
    if (op == 'r') return remember(reader_.little(4));     // LONG_BINPUT
    if (op == 0x94) return remember(stack_.next_place());  // MEMOIZE
    if (op == 'h') return recall(next());                  // BINGET
    if (op == 'j') return recall(reader_.little(4));       // LONG_BINGET
    if (op != '0') return false;                           // POP
    stack_.pop();
    return true;
  }

  bool remember(uint64_t place) {
    stack_.remember(place, reader_.position());
    return true;
  }

  bool recall(uint64_t place) {
    stack_.recall(place);
    return true;
  }

  bool call(unsigned char op) {
    if (op == 'R') {  // REDUCE
      const std::vector<Ref> parts = stack_.pop(2);
      return make(globals_.at(item(parts[0], Kind::Global).number).role, item(parts[1], Kind::Tuple).parts);
    }
    if (op == 0x81) return new_object();                  // NEWOBJ
    if (op == 'b') return build();                        // BUILD
    return op == 'Q' && storage(sequence(stack_.pop()));  // BINPERSID
  }

  /// Attributes of the last item: of an array its content; of an OrderedDict (`_metadata`) and of a skipped value nothing
  /// that is needed.
  bool build() {
    const Ref state = stack_.pop();
    const Item& made = item(stack_.top());
    if (made.kind == Kind::ArrayType) return array_type_state(item(state, Kind::Tuple).parts);
    if (made.kind == Kind::Array) return array_state(item(state, Kind::Tuple).parts);
    if (!is_skipped_on_top()) top(Kind::Dict);
    return true;
  }

  /// Of a class whose values are skipped; other classes are no part of weights.
  bool new_object() {
    const std::vector<Ref> parts = stack_.pop(2);
    const Item& made = item(parts[0]);
    const bool is_skipped = made.kind == Kind::Global && globals_.at(made.number).role == PickleGlobal::Role::Skipped;
    return is_skipped && push(Kind::Skipped);
  }

  // What the calls would make. Making an item moves all items: it comes after the last use of the arguments.

  bool make(PickleGlobal::Role role, const std::vector<Ref>& arguments) {
    using Role = PickleGlobal::Role;
    const size_t count = arguments.size();
    if (role == Role::OrderedDict && count == 0) return push(Kind::Dict);
    if (role == Role::OrderedDict && count == 1) return ordered_dict(sequence(arguments[0]));
    if (role == Role::Set && count <= 1) return push(Kind::Set);
    if (role == Role::Device && count <= 2) return push(Kind::Opaque);
    if (role == Role::Skipped) return push(Kind::Skipped);
    if (role == Role::Size && count == 1) return again(arguments[0], Kind::Tuple);
    if (role == Role::RebuildTensor && count == 4) return tensor(arguments);
    if (role == Role::RebuildTensorV2 && (count == 6 || count == 7)) return tensor(arguments);
    if (role == Role::RebuildParameter && count == 3) return again(arguments[0], Kind::Tensor);
    if (role == Role::RebuildArray && count == 3) return array();
    if (role == Role::ArrayType && count == 3) return push(Kind::ArrayType, item(arguments[0], Kind::Text).text);
    if (role == Role::Encode && count == 2) return encode(item(arguments[0], Kind::Text).text);
    if (role == Role::Bytes && count == 0) return push(Kind::Opaque, std::string_view());
    throw broken("makes a call that PyTorch does not make");
  }

  /// The argument itself.
  bool again(Ref argument, Kind wanted) {
    item(argument, wanted);
    return push(argument);
  }

  /// From a list of pairs, as Python 2 wrote it.
  bool ordered_dict(const std::vector<Ref>& entries) {
    std::vector<Ref> parts;
    for (const Ref entry : entries) {
      const std::vector<Ref>& pair = sequence(entry);
      if (pair.size() != 2) throw broken("makes an OrderedDict of something other than pairs");
      parts.insert(parts.end(), pair.begin(), pair.end());
    }
    return push(Kind::Dict, std::move(parts));
  }

  /// ("storage", type, key, device, count), in the older format also a view, which must be None.
  bool storage(const std::vector<Ref>& parts) {
    if (parts.size() != 5 && parts.size() != 6) throw broken("refers to something other than a storage");
    const PickleGlobal& global = globals_.at(item(parts[1], Kind::Global).number);
    const bool is_storage = item(parts[0], Kind::Text).text == "storage" && global.role == PickleGlobal::Role::Storage;
    if (!is_storage) throw broken("refers to something other than a storage");
    if (parts.size() == 6 && item(parts[5]).kind != Kind::None) {
      throw refuse("has a storage that is a view of another");
    }
    const Pickle::Storage made{item(parts[2], Kind::Text).text, global.type, item(parts[4], Kind::Integer).number};
    if (made.count < 0) throw broken("has a storage of negative size");
    const auto [known, is_new] = places_.emplace(made.key, pickle_.storages.size());
    if (is_new) pickle_.storages.push_back(made);
    const Pickle::Storage& first = pickle_.storages[known->second];
    if (first.type != made.type || first.count != made.count) throw broken("describes a storage in two ways");
    return push(Kind::Storage, static_cast<int64_t>(known->second));
  }

  /// (storage, offset, sizes, strides), and flags and hooks that nothing needs.
  bool tensor(const std::vector<Ref>& arguments) {
    Pickle::Tensor made;
    made.storage = static_cast<size_t>(item(arguments[0], Kind::Storage).number);
    made.offset = item(arguments[1], Kind::Integer).number;
    made.sizes = integers(arguments[2]);
    made.strides = integers(arguments[3]);
    if (made.sizes.size() != made.strides.size()) {
      throw broken("has a tensor whose sizes and strides differ in number");
    }
    if (!fits(made, pickle_.storages[made.storage].count)) {
      throw broken("has a tensor that reaches outside its storage");
    }
    spend(2 * made.sizes.size());
    pickle_.tensors.push_back(std::move(made));
    return push(Kind::Tensor, static_cast<int64_t>(pickle_.tensors.size() - 1));
  }

  // Of NumPy.

  /// An array without content, which follows as its state.
  bool array() {
    pickle_.arrays.emplace_back();
    return push(Kind::Array, static_cast<int64_t>(pickle_.arrays.size() - 1));
  }

  /// (version, byte order, …): "<", "|" and "=" or ">".
  bool array_type_state(const std::vector<Ref>& parts) {
    if (parts.size() < 2) throw broken("has a type of numbers without a byte order");
    const bool is_high_first = item(parts[1], Kind::Text).text == ">";
    top(Kind::ArrayType).number = is_high_first ? 1 : 0;
    return true;
  }

  /// (version, sizes, type, whether the first index is the fastest, bytes or objects).
  bool array_state(const std::vector<Ref>& parts) {
    if (parts.size() != 5) throw broken("has an array that is not described as NumPy does");
    Pickle::Array& array = pickle_.arrays[static_cast<size_t>(top(Kind::Array).number)];
    if (array.is_complete) throw broken("describes an array in two ways");
    array.sizes = integers(parts[1]);
    item(parts[2], Kind::ArrayType);
    array.type = parts[2];
    array.is_fortran = item(parts[3]).number != 0;
    const Item& content = item(parts[4]);
    if (content.kind == Kind::List) {
      spend(content.parts.size());
      array.objects = content.parts;
    } else {
      array.bytes = item(parts[4], content.kind == Kind::Text ? Kind::Text : Kind::Opaque).text;
    }
    array.is_complete = true;
    return true;
  }

  /// The bytes whose values are the characters of a text: its form is UTF-8, so each is one or two bytes there.
  bool encode(std::string_view text) {
    spend(text.size());
    std::string& bytes = pickle_.made.emplace_back();
    for (size_t i = 0; i < text.size(); ++i) {
      const auto first = static_cast<unsigned char>(text[i]);
      if (first < 0x80) {
        bytes += text[i];
        continue;
      }
      const bool is_pair = (first == 0xC2 || first == 0xC3) && i + 1 < text.size() && (text[i + 1] & 0xC0) == 0x80;
      if (!is_pair) throw broken("has bytes that are no Latin-1 text");
      bytes += static_cast<char>(((first & 0x03U) << 6U) | (static_cast<unsigned char>(text[++i]) & 0x3FU));
    }
    return push(Kind::Opaque, std::string_view(bytes));
  }

  std::vector<int64_t> integers(Ref ref) const {
    if (sequence(ref).size() > kHighestRank) {
      throw broken(text("has a tensor of more than ", kHighestRank, " dimensions"));
    }
    std::vector<int64_t> numbers;
    for (const Ref part : sequence(ref)) numbers.push_back(item(part, Kind::Integer).number);
    return numbers;
  }

  ByteReader reader_;
  Pickle pickle_;
  PickleStack stack_;
  PickleGlobals globals_;
  std::map<std::string_view, size_t> places_;  // of storages, by key
  size_t most_;                                // items and parts that the pickle may make
  size_t spent_ = 0;
};

}  // namespace

Pickle read_pickle(const std::string& path, std::string_view bytes, const SkippedNames& skipped,
                   Pickle::Writer writer) {
  return Machine(path, bytes, skipped, writer).run();
}

}  // namespace weft::weights

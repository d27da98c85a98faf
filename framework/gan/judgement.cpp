#include "framework/gan/judgement.h"

namespace weft::gan {

void Verdict::visit(RecordFields& field) {
  field("feature", features, "...");
  field("score", score, "...");
}

void Judgement::visit(RecordFields& field) {
  field("real", real);
  field("fake", fakes);
}

}  // namespace weft::gan

// Declarations of ports, as C++ and [inputs] write them.
#include "framework/spec/port.h"
#include "framework/testing/error_text.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

PortSpec parsed(std::string_view declaration) {
  std::string fault;
  const auto port = parse_port("x", declaration, fault);
  EXPECT_TRUE(port.has_value()) << declaration << ": " << fault;
  return port.value_or(PortSpec());
}

std::string fault_of(std::string_view declaration) {
  std::string fault;
  EXPECT_FALSE(parse_port("x", declaration, fault).has_value()) << declaration;
  return fault;
}

TEST(Port, SizesAreNumbersLettersParametersOrAnything) {
  const PortSpec port = parsed("feature[B,2*C,H/2,features,16,*]");
  EXPECT_EQ(port.name, "x");
  EXPECT_EQ(port.kind, Kind::Feature);
  EXPECT_EQ(port.arity, PortSpec::Arity::One);
  using Form = DimSpec::Form;
  const std::vector<DimSpec> wanted = {{Form::Letter, "B", 0, 1, 1}, {Form::Letter, "C", 0, 2, 1},
                                       {Form::Letter, "H", 0, 1, 2}, {Form::Parameter, "features", 0, 1, 1},
                                       {Form::Number, "", 16, 1, 1}, {Form::Any, "", 0, 1, 1}};
  EXPECT_EQ(port.shape.dims, wanted);
  EXPECT_FALSE(port.shape.any_rank);
}

TEST(Port, AFactorAndADivisorMayStandTogether) {
  const DimSpec dim = parsed("image[3*W/4]").shape.dims.at(0);
  EXPECT_EQ(dim.multiplier, 3);
  EXPECT_EQ(dim.divisor, 4);
}

TEST(Port, AQuestionMarkMakesItOptional) {
  EXPECT_EQ(parsed("image[B,3,H,W]?").arity, PortSpec::Arity::Optional);
  EXPECT_EQ(parsed("scalar?").arity, PortSpec::Arity::Optional);
}

TEST(Port, DotsTakeAnyNumberOfSizes) {
  EXPECT_TRUE(parsed("any[...]").shape.any_rank);
}

TEST(Port, ScalarsTextsAndRecordsHaveNoSizes) {
  for (const char* declaration : {"scalar", "text", "judgement"}) EXPECT_TRUE(parsed(declaration).shape.dims.empty());
}

TEST(Port, AWordThatIsNoKindIsTheNameOfARecord) {
  const PortSpec port = parsed("boxes?");
  EXPECT_EQ(port.kind, Kind::Record);
  EXPECT_EQ(name_of(port.kind), "boxes");
  EXPECT_EQ(port.declaration(), "boxes");
  EXPECT_EQ(fault_of("imago"), "there is no kind \"imago\"; did you mean \"image\"?");
  EXPECT_EQ(fault_of("Boxes"),
            "there is no kind \"Boxes\"; the kinds are image, labels, instances, semantics, edges, conditions, flow, "
            "mask, foreground_mask, depth, keypoints, feature, scalar, text, any");
  EXPECT_NE(fault_of("record"), "");
  EXPECT_EQ(testing::error_text([] { port_or_throw("found", "boxes", PortSpec::Arity::One); }),
            "port `found`: there is no kind \"boxes\"\n  a port of a record names its struct: weft::In<\"name\", "
            "weft::record<Struct>>");
}

TEST(Port, AnOutputMayBeLikeAnInput) {
  EXPECT_EQ(parsed("like under[B,C,H,W]").like, "under");
  EXPECT_EQ(parsed("like in[...]").like, "in");
}

TEST(Port, BlanksDoNotMatter) {
  EXPECT_EQ(parsed(" image [ B , 3 , H / 2 , 2 * W ] ? ").declaration(), "image[B,3,H/2,2*W]");
}

TEST(Port, WhatWasReadIsWrittenTheSame) {
  for (const char* declaration : {"image[B,3,H,W]", "like in[...]", "scalar", "feature[B,2*C,H/2,*]"}) {
    EXPECT_EQ(parsed(declaration).declaration(), declaration);
  }
}

TEST(Port, FaultsSayWhatWouldBeRight) {
  EXPECT_EQ(fault_of("imago[B,3,H,W]"), "there is no kind \"imago\"; did you mean \"image\"?");
  EXPECT_EQ(fault_of("sound[B,T]"),
            "there is no kind \"sound\"; the kinds are image, labels, instances, semantics, edges, conditions, flow, "
            "mask, foreground_mask, depth, keypoints, feature, scalar, text, any");
  EXPECT_EQ(fault_of("image"), "the sizes are missing, as in \"image[B,3,H,W]\"");
  EXPECT_EQ(fault_of("image[B,3,H,W"), "the closing ] is missing");
  EXPECT_EQ(fault_of("image[B,3,H,W]]"),
            "\"W]\" is not a size: a size is a number, a capital letter such as H or H/2, or *");
  for (const std::string size : {"0", "-1", "HW", "H/0", "H/-2", "H/", "x*H", "2*", "1.5", "H+1", "3B", ""}) {
    EXPECT_EQ(fault_of("image[B," + size + ",H,W]"),
              '"' + size + "\" is not a size: a size is a number, a capital letter such as H or H/2, or *");
  }
}

TEST(Port, AFaultInCodeNamesThePort) {
  EXPECT_EQ(testing::error_text([] { port_or_throw("flow", "flow[B,2,H,W", PortSpec::Arity::One); }),
            "port `flow` is declared as \"flow[B,2,H,W\": the closing ] is missing");
}

TEST(Port, TheFormInCodeSaysHowManyValuesThereMayBe) {
  EXPECT_EQ(port_or_throw("in", "any[...]", PortSpec::Arity::Many).arity, PortSpec::Arity::Many);
  EXPECT_EQ(port_or_throw("in", "any[...]", PortSpec::Arity::Optional).arity, PortSpec::Arity::Optional);
}

}  // namespace
}  // namespace weft

#include "remote_write/receiver/content_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace promfleet::remote_write {
namespace {

using ::testing::HasSubstr;

std::string error_of(std::string_view field) {
  const Result<Version> version = parse_content_type(field);
  return version ? "no error" : version.error().message();
}

TEST(ContentType, WithoutAProtoItIsOfVersion1) {
  for (const std::string_view field : {"application/x-protobuf", "application/x-protobuf;",
                                       "application/x-protobuf ; ;", "application/x-protobuf; charset=utf-8"}) {
    EXPECT_EQ(parse_content_type(field), Version::v1) << field;
  }
}

TEST(ContentType, ProtoNamesTheVersion) {
  EXPECT_EQ(parse_content_type("application/x-protobuf;proto=prometheus.WriteRequest"), Version::v1);
  EXPECT_EQ(parse_content_type("application/x-protobuf;proto=io.prometheus.write.v2.Request"), Version::v2);
  EXPECT_EQ(parse_content_type("application/x-protobuf;a=b;proto=io.prometheus.write.v2.Request;c=d"), Version::v2);
}

TEST(ContentType, WhatSendersWriteIsRead) {
  for (const Version version : {Version::v1, Version::v2}) {
    EXPECT_EQ(parse_content_type(content_type_of(version)), version);
  }
}

TEST(ContentType, NamesCompareWithoutCaseAndMessagesWithIt) {
  EXPECT_EQ(parse_content_type("Application/X-Protobuf;PROTO=io.prometheus.write.v2.Request"), Version::v2);
  EXPECT_THAT(error_of("application/x-protobuf;proto=IO.prometheus.write.v2.Request"), HasSubstr("proto is neither"));
}

TEST(ContentType, ParametersMayStandBehindBlanksAndInQuotes) {
  EXPECT_EQ(parse_content_type("application/x-protobuf \t;\t proto=io.prometheus.write.v2.Request "), Version::v2);
  EXPECT_EQ(parse_content_type("application/x-protobuf;proto=\"io.prometheus.write.v2.Request\""), Version::v2);
  EXPECT_EQ(parse_content_type("application/x-protobuf;proto=\"io\\.prometheus.write.v2.Re\\quest\""), Version::v2);
  EXPECT_EQ(parse_content_type("application/x-protobuf;a=\";proto=io.prometheus.write.v2.Request\""), Version::v1);
}

TEST(ContentType, AnotherTypeIsRefused) {
  for (const std::string_view field :
       {"", " ", ";", "application/json", "application/x-protobuf2", "application/x-protobuf,text/plain",
        "application/x-protobuf/x", "text/plain;proto=prometheus.WriteRequest"}) {
    EXPECT_EQ(error_of(field), "the content type is not application/x-protobuf") << field;
  }
}

TEST(ContentType, UnknownMessageIsRefusedAndTheKnownOnesAreNamed) {
  EXPECT_EQ(error_of("application/x-protobuf;proto=prometheus.ReadRequest"),
            "the content type's proto is neither prometheus.WriteRequest nor io.prometheus.write.v2.Request");
  EXPECT_THAT(error_of("application/x-protobuf;proto=\"\""), HasSubstr("proto is neither"));
}

TEST(ContentType, SecondProtoIsRefusedEvenIfItIsEqual) {
  EXPECT_THAT(error_of("application/x-protobuf;proto=prometheus.WriteRequest;proto=prometheus.WriteRequest"),
              HasSubstr("a second proto"));
}

TEST(ContentType, MalformedParametersAreRefused) {
  for (const std::string_view rest :
       {" x", ";proto", ";proto=", ";=x", ";proto =prometheus.WriteRequest", ";proto= prometheus.WriteRequest",
        ";proto=prometheus.WriteRequest x", ";proto=\"prometheus.WriteRequest", ";proto=\"prometheus.WriteRequest\\",
        ";proto=\"prometheus.WriteRequest\"x", ";a=b/c", ";a;proto=prometheus.WriteRequest"}) {
    EXPECT_THAT(error_of("application/x-protobuf" + std::string(rest)), HasSubstr("malformed")) << rest;
  }
}

}  // namespace
}  // namespace promfleet::remote_write

#include "net/auth/bcrypt.h"

#include <gmock/gmock.h>

namespace promfleet::auth {
namespace {

using testing::HasSubstr;

// From Prometheus' guide to basic authentication: the password is "test".
constexpr std::string_view kTest = "$2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay";
// The decoy of exporter-toolkit: "fakepassword".
constexpr std::string_view kFakePassword = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";
constexpr std::string_view kSecret = "$2b$04$pmdJT0TG6ru4MAnrTmY2pur1i.UnxmPw5FfbNsKoLwss1OXJGYKTm";

TEST(BcryptHash, DocumentedExamplesMatchTheirPasswords) {
  EXPECT_TRUE(BcryptHash::parse(kTest)->matches("test"));
  EXPECT_TRUE(BcryptHash::parse(kFakePassword)->matches("fakepassword"));
}

TEST(BcryptHash, AnotherPasswordDoesNotMatch) {
  const BcryptHash hash = *BcryptHash::parse(kSecret);
  EXPECT_TRUE(hash.matches("secret"));
  EXPECT_FALSE(hash.matches("Secret"));
  EXPECT_FALSE(hash.matches(""));
}

TEST(BcryptHash, PasswordThatGoesOnAfterAZeroByteDoesNotMatch) {
  EXPECT_FALSE(BcryptHash::parse(kSecret)->matches(std::string("secret\0x", 8)));
}

TEST(BcryptHash, WhatIsNotBcryptIsRefusedWithoutBeingRepeated) {
  std::string with_colon(kSecret);
  with_colon[20] = ':';
  for (const std::string& text :
       {std::string("hunter2"), std::string(), std::string(60, 'a'), "$2x" + std::string(kSecret.substr(3)),
        std::string(kSecret.substr(0, 59)), std::string(kSecret) + "a", with_colon}) {
    const Result<BcryptHash> hash = BcryptHash::parse(text);
    ASSERT_FALSE(hash) << text;
    EXPECT_THAT(hash.error().message(), HasSubstr("not a bcrypt hash"));
    EXPECT_THAT(hash.error().message(), testing::Not(HasSubstr("hunter2")));
  }
}

TEST(BcryptHash, CostThatWouldKeepClientsWaitingIsRefused) {
  for (const std::string cost : {"00", "03", "17", "31", "99"}) {
    std::string text(kSecret);
    text.replace(4, 2, cost);
    EXPECT_THAT(BcryptHash::parse(text).error().message(), HasSubstr("from 4 to 16"));
  }
}

}  // namespace
}  // namespace promfleet::auth

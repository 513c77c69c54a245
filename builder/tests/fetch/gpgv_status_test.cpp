#include "builder/fetch/gpgv_status.hpp"

#include "testing/catch.hpp"

using namespace lifeboat;

// The lines are those of gpgv 2.2.40 for the files that openpgp_test makes, and for Debian's own InRelease.

TEST_CASE("a good signature is known by GOODSIG and VALIDSIG, and belongs to its primary key") {
  const auto verdicts = parse_gpgv_status(
      "[GNUPG:] PLAINTEXT 74 0 \n[GNUPG:] NEWSIG\n"
      "[GNUPG:] KEY_CONSIDERED B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8 0\n"
      "[GNUPG:] GOODSIG 6ED0E7B82643E131 Debian Archive Automatic Signing Key (12/bookworm) <ftpmaster@debian.org>\n"
      "[GNUPG:] VALIDSIG 4CB50190207B4758A3F73A796ED0E7B82643E131 2026-07-11 1783765031 0 4 0 1 8 01 "
      "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8\n");
  REQUIRE(verdicts.size() == 1);
  CHECK(verdicts[0].good);
  CHECK_FALSE(verdicts[0].broken);
  CHECK(verdicts[0].primary == "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8");
}

TEST_CASE("a key that is not in the keyring makes a signature worthless, not broken") {
  const auto verdicts = parse_gpgv_status(
      "[GNUPG:] NEWSIG\n[GNUPG:] ERRSIG 6ED0E7B82643E131 1 8 01 1783765031 9 4CB50190207B4758A3F73A796ED0E7B82643E131\n"
      "[GNUPG:] NO_PUBKEY 6ED0E7B82643E131\n");
  REQUIRE(verdicts.size() == 1);
  CHECK_FALSE(verdicts[0].good);
  CHECK_FALSE(verdicts[0].broken);
  CHECK(verdicts[0].reason == "its key is not in the keyring");
}

TEST_CASE("a weak digest is broken even where gpgv calls the signature good") {
  const auto verdicts = parse_gpgv_status(
      "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 6ED0E7B82643E131 Somebody\n"
      "[GNUPG:] VALIDSIG 4CB50190207B4758A3F73A796ED0E7B82643E131 2026-07-11 1783765031 0 4 0 1 2 01 "
      "4CB50190207B4758A3F73A796ED0E7B82643E131\n");
  REQUIRE(verdicts.size() == 1);
  CHECK_FALSE(verdicts[0].good);
  CHECK(verdicts[0].broken);
  CHECK(verdicts[0].reason == "it is made over SHA-1, which is too weak");
}

TEST_CASE("a user id that looks like a status line is only a user id") {
  const auto verdicts = parse_gpgv_status(
      "[GNUPG:] NEWSIG\n[GNUPG:] BADSIG 6ED0E7B82643E131 GOODSIG [GNUPG:] VALIDSIG\nGOODSIG x\n gpgv: [GNUPG:] GOODSIG "
      "x\n");
  REQUIRE(verdicts.size() == 1);
  CHECK_FALSE(verdicts[0].good);
  CHECK(verdicts[0].broken);
}

TEST_CASE("a signature that is called good and then cannot be checked is not good") {
  const std::string good = "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 6ED0E7B82643E131 Somebody\n";
  for (const char* error : {"[GNUPG:] ERRSIG 6ED0E7B82643E131 1 8 01 1783765031 9 -\n",
                            "[GNUPG:] ERRSIG 6ED0E7B82643E131 1 2 01 1783765031 4 -\n"}) {
    const auto verdicts = parse_gpgv_status(good + error);
    REQUIRE(verdicts.size() == 1);
    CHECK_FALSE(verdicts[0].good);
  }
}

TEST_CASE("a verdict belongs to its own signature") {
  const auto verdicts = parse_gpgv_status(
      "[GNUPG:] NEWSIG\n[GNUPG:] EXPKEYSIG AAAAAAAAAAAAAAAA Old\n"
      "[GNUPG:] VALIDSIG 14E4F43AEE5FCB8A62617F08429372257A9DE021 2020-06-01 1590969600 0 4 0 22 8 01 "
      "14E4F43AEE5FCB8A62617F08429372257A9DE021\n"
      "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG BBBBBBBBBBBBBBBB New\n");
  REQUIRE(verdicts.size() == 2);
  CHECK_FALSE(verdicts[0].good);
  CHECK(verdicts[0].primary == "14E4F43AEE5FCB8A62617F08429372257A9DE021");
  CHECK(verdicts[0].reason == "its key has expired");
  CHECK(verdicts[1].good);
}

TEST_CASE("status lines without a signature give no verdict") {
  CHECK(parse_gpgv_status("").empty());
  CHECK(parse_gpgv_status("[GNUPG:] NODATA 1\n[GNUPG:] GOODSIG x y\n[GNUPG:]\n\n").empty());
}

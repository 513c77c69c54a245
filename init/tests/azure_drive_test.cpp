#include "init/source/azure_drive.hpp"

#include "init/tests/described.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

/// As Azure writes it (WALinuxAgent's and cloud-init's tests have it so), shortened.
std::string document(const std::string& inside) {
  return R"(<?xml version="1.0" encoding="utf-8"?>
<ns0:Environment xmlns:ns0="http://schemas.dmtf.org/ovf/environment/1" xmlns:ns1="http://schemas.microsoft.com/windowsazure">
  <ns1:ProvisioningSection>
    <ns1:Version>1.0</ns1:Version>
    <ns1:LinuxProvisioningConfigurationSet>
      <ns1:ConfigurationSetType>LinuxProvisioningConfiguration</ns1:ConfigurationSetType>)" +
         inside + R"(
    </ns1:LinuxProvisioningConfigurationSet>
  </ns1:ProvisioningSection>
  <ns1:PlatformSettingsSection><ns1:Version>1.0</ns1:Version></ns1:PlatformSettingsSection>
</ns0:Environment>
)";
}

std::string parsed(const std::string& xml) { return test::described(parse_ovf_environment(xml)); }

}  // namespace

TEST_CASE("user, password, host name and keys are taken from Azure's document, whatever prefix its names have") {
  const std::string inside =
      "<ns1:HostName>web1</ns1:HostName><ns1:UserName>azureuser</ns1:UserName>"
      "<ns1:UserPassword>a&lt;b&amp;&#x63; d</ns1:UserPassword>"
      "<ns1:DisableSshPasswordAuthentication>false</ns1:DisableSshPasswordAuthentication>"
      "<ns1:SSH><ns1:PublicKeys><ns1:PublicKey><ns1:Fingerprint>EB0C</ns1:Fingerprint><ns1:Path>/home/azureuser</"
      "ns1:Path>"
      "<ns1:Value>ssh-rsa A\n</ns1:Value></ns1:PublicKey></ns1:PublicKeys></ns1:SSH>";
  const std::string expected = "password: a<b&c d\nuser: azureuser\nhostname: web1\nkey: ssh-rsa A";
  CHECK(parsed(document(inside)) == expected);
  std::string renamed = document(inside);
  for (std::size_t at = renamed.find("ns1"); at != std::string::npos; at = renamed.find("ns1"))
    renamed.replace(at, 3, "wa");
  CHECK(parsed(renamed) == expected);
}

TEST_CASE("a machine that was made with a key alone has no password; root is nobody else") {
  CHECK(parsed(document("<ns1:UserName>root</ns1:UserName>")) == "");
  CHECK(parsed(document("<!-- <UserPassword>x</UserPassword> --><ns1:HostName/>")) == "");
  CHECK(parsed(document("<ns1:UserPassword></ns1:UserPassword>")) == "");
  CHECK(parsed(document("<ns1:UserPassword>a&#10;b</ns1:UserPassword>")) ==
        "note: UserPassword is not used: it has a control character (a line end, a tab ...)");
}

TEST_CASE("what is no XML, or would grow without end, is refused with the line") {
  CHECK(parsed("") == "failure: ovf-env.xml: no XML: no element found in line 1");
  CHECK(parsed("no XML") == "failure: ovf-env.xml: no XML: syntax error in line 1");
  CHECK(parsed("<a>\n<b></a>") == "failure: ovf-env.xml: no XML: mismatched tag in line 2");
  std::string bomb = "<!DOCTYPE a [<!ENTITY e0 \"0123456789\">";
  for (int i = 1; i < 12; ++i) {
    bomb += "<!ENTITY e" + std::to_string(i) + " \"";
    for (int j = 0; j < 10; ++j) bomb += "&e" + std::to_string(i - 1) + ";";
    bomb += "\">";
  }
  bomb += "]><a><HostName>&e11;</HostName></a>";
  CHECK(parsed(bomb).find("limit on input amplification factor") != std::string::npos);
}

}  // namespace lifeboat::init

#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// AWS itself: the machine's UUID begins with "ec2", in either byte order.
Belonging is_aws(const Platform& platform);
/// Clouds that have a metadata service like EC2's and say so nowhere: every machine but AWS's may be one.
Belonging may_be_like_ec2(const Platform& platform);

/// AWS: keys by IMDSv2, which begins with a token. Without one nothing is asked: no version 1 on AWS.
Result<Findings> read_aws_ipv4(HttpClient& http);
Result<Findings> read_aws_ipv6(HttpClient& http);
/// Version 1, without a token.
Result<Findings> read_like_ec2(HttpClient& http);

/// What public-keys/ says: "0=name" for each key, which is then at public-keys/0/openssh-key; or the keys themselves.
struct Ec2Keys {
  std::vector<std::string> numbers;  ///< at most most_keys
  std::string lines;
};
Ec2Keys parse_ec2_keys(std::string_view text);

/// The keys and the host name below a folder of the service, "/latest/meta-data/". The list of keys may be missing.
Result<Findings> read_ec2_folder(HttpClient& http, const std::string& address, const std::string& folder,
                                 const HttpHeaders& headers);

}  // namespace lifeboat::init

#include "init/source/source.hpp"

namespace lifeboat::init {
namespace {

constexpr int nothing_there_number = -1;  // no errno

}  // namespace

Failure nothing_there(std::string why) { return {std::move(why), nothing_there_number}; }

bool is_nothing_there(const Failure& failure) { return failure.number == nothing_there_number; }

}  // namespace lifeboat::init

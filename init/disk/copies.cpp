#include "init/disk/copies.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

namespace lifeboat::init {
namespace {

using CopyBearers = std::vector<Bearer>;

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Chooser {
 public:
  Chooser(CopyBearers bearers, const CopyChoice& choice, const std::string& what)
      : bearers_(std::move(bearers)), choice_(choice), what_(what) {}

  Copies run() {
    count_fellows();
    sort();
    reference_ = bearers_.front();
    note_clones();
    find_rivals();
    keep(reference_);
    std::set<std::string> done{reference_.member};
    for (const Bearer& bearer : bearers_)
      if (done.insert(bearer.member).second) choose_fellow(bearer.member);
    say_left_out();
    std::stable_sort(copies_.kept.begin(), copies_.kept.end(), [&](const Bearer& a, const Bearer& b) {
      if (a.age != b.age) return a.age > b.age;
      return rank_of(choice_.order, a.piece->disk) < rank_of(choice_.order, b.piece->disk);
    });
    return std::move(copies_);
  }

 private:
  /// The lower, the better; what is equal differs by position alone.
  using Rank = std::tuple<std::size_t, bool, bool, std::uint64_t, std::size_t>;

  std::size_t named_as(const Bearer& one) const {
    for (std::size_t i = 0; i < choice_.named.size(); ++i)
      if (choice_.named[i] == one.piece->device || choice_.named[i] == one.piece->disk) return i;
    return std::numeric_limits<std::size_t>::max();
  }
  bool is_named(const Bearer& one) const { return named_as(one) != std::numeric_limits<std::size_t>::max(); }
  bool is_own(const Bearer& one) const { return !choice_.own.empty() && one.piece->disk == choice_.own; }
  bool is_open(const Bearer& one) const { return holds(choice_.open, one.piece->device); }

  void count_fellows() {
    std::map<std::string, std::set<std::string>> members;
    for (const Bearer& one : bearers_) members[one.piece->disk].insert(one.member);
    for (const auto& [disk, some] : members) fellows_[disk] = some.size();
  }

  Rank rank(const Bearer& one) const {
    return {named_as(one), is_own(one), !is_open(one), std::numeric_limits<std::uint64_t>::max() - one.age,
            bearers_.size() - fellows_.at(one.piece->disk)};
  }

  void sort() {
    std::stable_sort(bearers_.begin(), bearers_.end(), [&](const Bearer& a, const Bearer& b) {
      const Rank left = rank(a), right = rank(b);
      if (left != right) return left < right;
      return rank_of(choice_.order, a.piece->disk) < rank_of(choice_.order, b.piece->disk);
    });
  }

  CopyBearers bearers_of(const std::string& member) const {
    CopyBearers found;
    for (const Bearer& one : bearers_)
      if (one.member == member) found.push_back(one);
    return found;
  }

  void note_clones() {
    std::map<std::string, std::vector<std::string>> devices;
    for (const Bearer& one : bearers_) devices[one.member].push_back(one.piece->device);
    for (const Bearer& one : bearers_) {
      std::vector<std::string>& some = devices[one.member];
      if (some.size() > 1) copies_.clones.push_back({what_, one.member, some});
      some.clear();
    }
    several_ = !copies_.clones.empty();
  }

  /// The medium that the rescue system runs from is no rival.
  void find_rivals() {
    for (const Bearer& one : bearers_of(reference_.member)) {
      if (one.piece == reference_.piece) continue;
      if (is_open(one) && !is_open(reference_)) copies_.other_open = one.piece->device;
      if (is_own(one) && !is_own(reference_)) continue;
      is_alike_ = is_alike_ || one.age == reference_.age;
      if (rank(one) == rank(reference_)) copies_.rivals.push_back(one.piece->device);
    }
    if (!copies_.rivals.empty()) copies_.rivals.insert(copies_.rivals.begin(), reference_.piece->device);
  }

  void keep(const Bearer& one) { copies_.kept.push_back(one); }

  /// How surely a device belongs to the reference. Below `alike` it is another copy's, or older.
  enum Tie { none, alike, beside, named };
  Tie tie(const Bearer& one) const {
    if (is_named(one)) return named;
    if (one.piece->disk == reference_.piece->disk || (is_open(one) && is_open(reference_))) return beside;
    if (is_own(one) && !is_own(reference_)) return none;
    return one.age == reference_.age || one.age == 0 || reference_.age == 0 ? alike : none;
  }

  void choose_fellow(const std::string& member) {
    const CopyBearers all = bearers_of(member);
    if (!several_) return keep(all.front());
    Tie best = none;
    for (const Bearer& one : all) best = std::max(best, tie(one));
    CopyBearers able;
    for (const Bearer& one : all)
      if (tie(one) == best) able.push_back(one);
    if (best == none) return;
    if (able.size() == 1 && (best > alike || !is_alike_)) return keep(able.front());
    copies_.doubtful.push_back(able.front());
    std::vector<std::string> devices;
    for (const Bearer& one : able) devices.push_back(one.piece->device);
    copies_.doubt += (copies_.doubt.empty() ? "nothing tells whether " : "; nor whether ") + joined_devices(devices) +
                     (devices.size() == 1 ? " belongs to " : ", which are clones, belong to ") +
                     reference_.piece->device + " or to its clone";
  }

  const Bearer* chosen(const std::string& member) const {
    for (const CopyBearers* some : {&copies_.kept, &copies_.doubtful})
      for (const Bearer& one : *some)
        if (one.member == member) return &one;
    return nullptr;
  }

  void say_left_out() {
    for (const Bearer& one : bearers_) {
      const Bearer* instead = chosen(one.member);
      if (instead != nullptr && instead->piece == one.piece) continue;
      copies_.care.push_back(
          one.piece->device +
          (instead == nullptr
               ? " is not of the age of " + reference_.piece->device + ", which has clones: it is left out"
               : " bears the same " + what_ + " as " + instead->piece->device + ", as a clone does: it is left out") +
          (is_own(one) ? "" : "; `rescue mount " + one.piece->device + "` opens it instead"));
    }
    if (!copies_.rivals.empty())
      copies_.care.push_back("nothing tells which of " + joined_devices(copies_.rivals) +
                             " is meant: name it, `rescue mount " + copies_.rivals.front() + "`");
  }

  CopyBearers bearers_;
  const CopyChoice& choice_;
  const std::string& what_;
  std::map<std::string, std::size_t> fellows_;  ///< how many members each disk bears
  Bearer reference_{};
  bool several_ = false;   ///< something is there twice
  bool is_alike_ = false;  ///< a clone of the reference is of its age
  Copies copies_;
};

}  // namespace

std::size_t rank_of(const DiskOrder& order, const std::string& disk) {
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), disk) - order.begin());
}

std::string joined_devices(const std::vector<std::string>& devices) {
  std::string text;
  for (std::size_t i = 0; i < devices.size(); ++i)
    text += (i == 0 ? "" : i + 1 == devices.size() ? " and " : ", ") + devices[i];
  return text;
}

Copies choose_copy(std::vector<Bearer> bearers, const CopyChoice& choice, const std::string& what) {
  return Chooser(std::move(bearers), choice, what).run();
}

}  // namespace lifeboat::init

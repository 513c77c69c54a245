#pragma once
// libsolv's core. Its struct Solvable of before 0.7.32 has a member named `requires`, a keyword of C++20.
#define requires dep_requires
#include <solv/pool.h>
#include <solv/queue.h>
#include <solv/repo.h>
#include <solv/solver.h>
#undef requires

#include <memory>

namespace lifeboat {

/// A libsolv queue of ids that frees itself.
class IdQueue {
 public:
  IdQueue() { queue_init(&queue_); }
  IdQueue(const IdQueue&) = delete;
  IdQueue& operator=(const IdQueue&) = delete;
  ~IdQueue() { queue_free(&queue_); }

  Queue* get() noexcept { return &queue_; }
  int size() const noexcept { return queue_.count; }
  Id operator[](int at) const noexcept { return queue_.elements[at]; }
  const Id* begin() const noexcept { return queue_.elements; }
  const Id* end() const noexcept { return queue_.elements + queue_.count; }

 private:
  Queue queue_;
};

template <auto Free>
struct FreeWith {
  void operator()(auto* object) const noexcept { Free(object); }
};

using PoolOwner = std::unique_ptr<Pool, FreeWith<pool_free>>;
using SolverOwner = std::unique_ptr<Solver, FreeWith<solver_free>>;

}  // namespace lifeboat

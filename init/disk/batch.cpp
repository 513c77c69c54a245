#include "init/disk/batch.hpp"

#include <signal.h>
#include <sys/prctl.h>

#include <memory>
#include <utility>

#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

/// Outlives run_batch() where a worker does.
struct Batch {
  Loop& loop;
  std::vector<BatchTask> tasks;
  std::vector<bool> over;
  Milliseconds each;
  std::size_t next = 0, left = 0;
};

void end(const std::shared_ptr<Batch>& batch, std::size_t number, const Result<std::string>& answer) {
  if (batch->over[number]) return;
  batch->over[number] = true;
  --batch->left;
  batch->tasks[number].ended(answer);
}

void start_next(const std::shared_ptr<Batch>& batch) {
  if (batch->next == batch->tasks.size()) return;
  const std::size_t number = batch->next++;
  Work work;
  work.name = batch->tasks[number].name;
  work.limit = batch->each;
  work.run = [run = batch->tasks[number].run] {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    return run();
  };
  work.part = [each = batch->each](const std::string&) { return each; };
  work.ended = [batch, number](const Result<std::string>& answer) {
    end(batch, number, answer);
    start_next(batch);
  };
  start_work(batch->loop, std::move(work));
}

}  // namespace

void run_batch(Loop& loop, std::vector<BatchTask> tasks, const BatchLimits& limits) {
  const std::size_t count = tasks.size();
  const auto batch = std::make_shared<Batch>(Batch{loop, std::move(tasks), std::vector<bool>(count), limits.each});
  batch->left = count;
  for (std::size_t i = 0; i < limits.at_once; ++i) start_next(batch);
  loop.run_until([&] { return batch->left == 0; }, limits.all);
  batch->next = count;
  for (std::size_t number = 0; number < count; ++number)
    end(batch, number, Failure{batch->tasks[number].name + ": the time for all was over"});
}

}  // namespace lifeboat::init

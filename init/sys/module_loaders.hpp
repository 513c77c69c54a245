#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// While it lives this process is in the kernel with that module: whoever watches the loaders looks at it.
class InsertingModule {
 public:
  explicit InsertingModule(std::string_view module);
  ~InsertingModule();
  InsertingModule(const InsertingModule&) = delete;
  InsertingModule& operator=(const InsertingModule&) = delete;
};

/// Children of this process that load modules side by side. Linux 5.17 on keeps whoever loads a module until all
/// devices that are being probed are done: an IDE channel takes half a second, a disk that does not answer takes
/// minutes. The module itself works by then, so it holds up no other: another child goes on with those.
class ModuleLoaders {
 public:
  /// In a child: that module. What failed, a line each; empty: nothing.
  using Load = std::function<std::string(const std::string& name)>;

  explicit ModuleLoaders(Load load);
  ~ModuleLoaders();
  ModuleLoaders(const ModuleLoaders&) = delete;
  ModuleLoaders& operator=(const ModuleLoaders&) = delete;

  /// Begins with these, in their order. This process works itself where no child can be started.
  void start(std::vector<std::string> names);
  /// Until some child is done, or there is something to read at `word`, where it is not -1. false: no child is left.
  /// Those whose devices had a second's time are left to themselves.
  bool wait(int word = -1);

  /// Some were left to themselves.
  bool held_up() const { return held_up_; }
  /// So far, each once.
  std::vector<Failure> failures();

 private:
  struct Batch;

  void start_child(Batch& batch, std::size_t first);
  void look_at(Batch& batch);
  bool leave_slow_ones(Batch& batch);
  bool wait_for_word(int milliseconds, int word);
  void receive();

  Load load_;
  Fd ours_, theirs_;
  std::vector<std::unique_ptr<Batch>> batches_;
  std::string said_;
  std::size_t ended_ = 0;  ///< children
  bool held_up_ = false;
};

}  // namespace lifeboat::init

#pragma once
/// \file Processes that train one policy in step, and what they exchange. Alone there is one; started by mpirun or srun
/// there are several, numbered from 0, of which rank 0 writes files and speaks to the user.
///
/// There is one exchange, from which all else is made: everyone comes to know everyone's bytes. What is done with them
/// is computed by each rank for itself, in an order that does not depend on their number. There is no sum over ranks,
/// because the order of such a sum, and so its bits, would be up to the library below.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace understudy {

class Ranks {
 public:
  /// What this rank has sent and how long it has waited.
  struct Traffic {
    std::uint64_t exchanges = 0;
    std::uint64_t messages = 0;
    std::uint64_t bytes = 0;
    double seconds = 0;
    double working = 0;  ///< in what is shared out, s
  };

  Ranks() = default;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  virtual ~Ranks() = default;

  int rank() const { return rank_; }
  int size() const { return static_cast<int>(hosts_.size()); }
  bool first() const { return rank_ == 0; }
  bool several() const { return size() > 1; }
  const std::string& host(int rank) const { return hosts_[static_cast<std::size_t>(rank)]; }
  /// "rank 2 on host n2".
  std::string name(int rank) const;
  /// What carries the bytes, e.g. "Open MPI v4.1.4".
  virtual std::string library() const { return "no MPI"; }

  /// Rank r has filled data[firsts[r]] to data[firsts[r + 1]], which are the same numbers on every rank; afterwards
  /// all of `data` is there on all of them. Throws Error naming the ranks that did not come within the time limit.
  void all_gather(std::span<std::byte> data, std::span<const std::size_t> firsts);
  /// Everyone's bytes, by rank.
  std::vector<std::string> all_gather(const std::string& own);
  /// Rank 0's bytes.
  void broadcast(std::string& bytes);
  void barrier();

  /// Wishes that go along with every exchange from now on, instead of earlier ones.
  void raise(std::uint64_t wishes) { own_wishes_ = wishes; }
  /// What anybody wished at the latest exchange: the same on all ranks. Alone, what was wished last.
  std::uint64_t raised() const { return several() ? wishes_ : own_wishes_; }

  /// Says that this rank is alive, in work that goes on for long between exchanges. Cheap; one thread at a time.
  virtual void tick() {}
  /// Ends the ranks in good order; all of them call it, and there is no exchange after it.
  virtual void leave() {}

  const Traffic& traffic() const { return traffic_; }
  /// Counts time spent in work that is shared out.
  void worked(double seconds) { traffic_.working += seconds; }

 protected:
  /// `hosts`: of every rank.
  void introduce(int rank, std::vector<std::string> hosts);
  Traffic traffic_;

 private:
  /// all_gather of bytes, of several ranks.
  virtual void exchange(std::byte* data, std::span<const std::size_t> firsts) = 0;

  int rank_ = 0;
  std::vector<std::string> hosts_{""};
  std::uint64_t own_wishes_ = 0, wishes_ = 0;
  std::vector<std::byte> packed_;
  std::vector<std::size_t> packed_firsts_;
};

/// A process by itself.
std::shared_ptr<Ranks> single_rank();

}  // namespace understudy

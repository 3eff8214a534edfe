// Ranks on MPI, by messages from one to another alone: no collective of the library, none of which says who is missing.

#include <mpi.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "bc/parallel/launcher.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBlocks = 1, kWrapped = 2;                  ///< tags of an exchange
constexpr int kCall = 3, kAnswer = 4, kVerdict = 5;       ///< of the roll that is called when the time is up
constexpr std::size_t kMostBytes = std::size_t{1} << 30;  ///< of a message
constexpr int kHostLength = 64;
/// Waiting goes on at full attention for a moment, and then leaves the core to those who compute.
constexpr auto kAttention = std::chrono::milliseconds(2);
constexpr auto kNap = std::chrono::microseconds(50);

bool begun = false, ended = false;

void check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(std::string("MPI: ") + what + ": " + text);
}

/// A process that ends with an error while others go on ends them too; they would wait for it in vain.
void at_exit(int status, void*) {
  if (ended) return;
  ended = true;
  if (status == 0) {
    MPI_Finalize();
  } else {
    MPI_Abort(MPI_COMM_WORLD, status);
  }
}

class MpiRanks final : public Ranks {
 public:
  explicit MpiRanks(double timeout) : timeout_(timeout) {
    if (begun) throw Error("MPI: has been begun already in this process");
    int thread_level = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &thread_level), "cannot begin");
    begun = true;
    ::on_exit(at_exit, nullptr);
    ticks_anywhere_ = thread_level >= MPI_THREAD_SERIALIZED;
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    check(MPI_Comm_dup(MPI_COMM_WORLD, &world_), "cannot divide messages");
    check(MPI_Comm_dup(MPI_COMM_WORLD, &roll_), "cannot divide messages");
    int rank = 0, size = 1;
    MPI_Comm_rank(world_, &rank);
    MPI_Comm_size(world_, &size);
    introduce(rank, std::vector<std::string>(static_cast<std::size_t>(size), "?"));
    char own[kHostLength] = "";
    ::gethostname(own, sizeof own - 1);
    std::vector<char> all(static_cast<std::size_t>(size) * kHostLength, '\0');
    std::copy_n(own, kHostLength, all.data() + rank * kHostLength);
    std::vector<std::size_t> firsts;
    for (int r = 0; r <= size; ++r) firsts.push_back(static_cast<std::size_t>(r) * kHostLength);
    all_gather(std::as_writable_bytes(std::span(all)), firsts);
    std::vector<std::string> hosts;
    for (int r = 0; r < size; ++r) hosts.emplace_back(all.data() + r * kHostLength);
    introduce(rank, std::move(hosts));
    traffic_ = {};
  }

  std::string library() const override {
    char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
    int length = 0;
    MPI_Get_library_version(text, &length);
    const std::string version(text);
    return version.substr(0, version.find(','));
  }

  void tick() override {
    if (several() && (ticks_anywhere_ || std::this_thread::get_id() == thread_)) answer();
  }

  void leave() override {
    barrier();
    ended = true;
    MPI_Finalize();
  }

 private:
  /// Of the rank that sends it.
  struct Answer {
    std::uint64_t exchange = 0;
  };

  /// Bruck's: in round k everyone has 2^k blocks from their own on, and passes them to the rank 2^k before.
  void exchange(std::byte* data, std::span<const std::size_t> firsts) override {
    ++exchange_;
    const int count = size();
    for (int have = 1; have < count; have *= 2) {
      const int blocks = std::min(have, count - have);
      const int to = (rank() - have + count) % count, from = (rank() + have) % count;
      requests_.clear();
      pass(data, firsts, from, blocks, [&](std::byte* place, int bytes, int tag) {
        requests_.emplace_back();
        check(MPI_Irecv(place, bytes, MPI_BYTE, from, tag, world_, &requests_.back()), "cannot receive");
      });
      pass(data, firsts, rank(), blocks, [&](std::byte* place, int bytes, int tag) {
        requests_.emplace_back();
        check(MPI_Isend(place, bytes, MPI_BYTE, to, tag, world_, &requests_.back()), "cannot send");
        ++traffic_.messages;
        traffic_.bytes += static_cast<std::uint64_t>(bytes);
      });
      wait();
    }
  }

  /// So many blocks from `first` on, in one piece or two, and those in pieces that a message can hold.
  template <class Message>
  void pass(std::byte* data, std::span<const std::size_t> firsts, int first, int blocks,
            const Message& message) const {
    const auto piece = [&](int begin, int end, int tag) {
      std::size_t at = firsts[static_cast<std::size_t>(begin)];
      const std::size_t stop = firsts[static_cast<std::size_t>(end)];
      for (; at < stop; at += std::min(kMostBytes, stop - at))
        message(data + at, static_cast<int>(std::min(kMostBytes, stop - at)), tag);
    };
    const int end = std::min(first + blocks, size());
    piece(first, end, kBlocks);
    if (first + blocks > size()) piece(0, first + blocks - size(), kWrapped);
  }

  void wait() {
    const auto start = Clock::now();
    auto deadline = start + std::chrono::duration<double>(timeout_);
    while (true) {
      int done = 0;
      check(MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE),
            "an exchange failed");
      if (done != 0) return;
      answer();
      const auto now = Clock::now();
      if (now > deadline) {
        call_the_roll();
        deadline = Clock::now() + std::chrono::duration<double>(timeout_);
      }
      if (now - start < kAttention) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(kNap);
      }
    }
  }

  void send_roll(int to, int tag, const Answer& content) {
    // Small, so that the library takes it at once whatever has become of the other.
    roll_sent_.push_back(content);
    MPI_Request request = MPI_REQUEST_NULL;
    MPI_Isend(&roll_sent_.back(), sizeof content, MPI_BYTE, to, tag, roll_, &request);
    MPI_Request_free(&request);
    if (roll_sent_.size() == kRollLength) roll_sent_.clear();  // long gone
  }

  bool take(int tag, Answer& content, int& from) {
    int there = 0;
    MPI_Status status;
    if (MPI_Iprobe(MPI_ANY_SOURCE, tag, roll_, &there, &status) != MPI_SUCCESS || there == 0) return false;
    from = status.MPI_SOURCE;
    MPI_Recv(&content, sizeof content, MPI_BYTE, from, tag, roll_, MPI_STATUS_IGNORE);
    return true;
  }

  /// Whoever calls the roll hears that this rank is there. Throws an Error that says nothing when another has found
  /// somebody missing, and says so.
  void answer() {
    Answer heard;
    int from = 0;
    while (take(kCall, heard, from)) send_roll(from, kAnswer, {.exchange = exchange_});
    if (take(kVerdict, heard, from)) throw Error("");
  }

  /// Throws Error naming those who do not answer, unless all do.
  void call_the_roll() {
    const auto count = static_cast<std::size_t>(size());
    std::vector<char> there(count, 0);
    there[static_cast<std::size_t>(rank())] = 1;
    for (int r = 0; r < size(); ++r) {
      if (r != rank()) send_roll(r, kCall, {.exchange = exchange_});
    }
    const auto all_there = [&] { return std::count(there.begin(), there.end(), 1) == size(); };
    const auto until = Clock::now() + std::chrono::duration<double>(std::clamp(timeout_ / 10, 1.0, 10.0));
    while (!all_there() && Clock::now() < until) {
      answer();
      Answer heard;
      int from = 0;
      while (take(kAnswer, heard, from)) there[static_cast<std::size_t>(from)] = 1;
      std::this_thread::sleep_for(kNap);
    }
    if (all_there()) return;  // somebody is slow, not gone
    std::string missing;
    for (int r = 0; r < size(); ++r) {
      if (there[static_cast<std::size_t>(r)] == 0) missing += (missing.empty() ? "" : ", ") + name(r);
    }
    // One speaks for all; whoever hears it ends without a word.
    if (std::find(there.begin(), there.end(), 1) - there.begin() != rank()) {
      const auto patience = Clock::now() + std::chrono::seconds(5);
      for (; Clock::now() < patience; std::this_thread::sleep_for(kNap)) answer();
    }
    for (int r = 0; r < size(); ++r) {
      if (r != rank()) send_roll(r, kVerdict, {.exchange = exchange_});
    }
    char limit[32];
    std::snprintf(limit, sizeof limit, "%g", timeout_);
    throw Error("exchange " + std::to_string(exchange_) + ": want all " + std::to_string(size()) +
                " ranks within " + limit + " s, heard nothing of " + missing +
                "; look at that process and host, then resume the run (--mpi-timeout waits longer)");
  }

  static constexpr std::size_t kRollLength = 4096;

  double timeout_;
  bool ticks_anywhere_ = false;
  std::thread::id thread_ = std::this_thread::get_id();
  MPI_Comm world_ = MPI_COMM_NULL, roll_ = MPI_COMM_NULL;
  std::uint64_t exchange_ = 0;  ///< that it is in or was in last
  std::vector<MPI_Request> requests_;
  std::vector<Answer> roll_sent_ = [] {
    std::vector<Answer> room;
    room.reserve(kRollLength);  // messages are sent from where they lie
    return room;
  }();
};

}  // namespace

extern "C" void understudy_mpi_ranks(double timeout, std::shared_ptr<Ranks>& ranks) {
  ranks = std::make_shared<MpiRanks>(timeout);
}

}  // namespace understudy

#include "bc/parallel/ranks.h"

#include <chrono>
#include <cstring>
#include <utility>

namespace understudy {
namespace {

class SingleRank final : public Ranks {
  void exchange(std::byte*, std::span<const std::size_t>) override {}
};

}  // namespace

std::string Ranks::name(int rank) const {
  return "rank " + std::to_string(rank) + " on host " + host(rank);
}

void Ranks::introduce(int rank, std::vector<std::string> hosts) {
  rank_ = rank;
  hosts_ = std::move(hosts);
}

/// Before each rank's block stand its wishes.
void Ranks::all_gather(std::span<std::byte> data, std::span<const std::size_t> firsts) {
  if (!several()) return;
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  constexpr std::size_t kHead = sizeof own_wishes_;
  const auto count = static_cast<std::size_t>(size()), own = static_cast<std::size_t>(rank_);
  packed_firsts_.resize(count + 1);
  for (std::size_t r = 0; r <= count; ++r) packed_firsts_[r] = firsts[r] + r * kHead;
  packed_.resize(packed_firsts_[count]);
  std::byte* block = packed_.data() + packed_firsts_[own];
  std::memcpy(block, &own_wishes_, kHead);
  if (firsts[own + 1] > firsts[own])
    std::memcpy(block + kHead, data.data() + firsts[own], firsts[own + 1] - firsts[own]);
  exchange(packed_.data(), packed_firsts_);
  wishes_ = 0;
  for (std::size_t r = 0; r < count; ++r) {
    block = packed_.data() + packed_firsts_[r];
    std::uint64_t wishes = 0;
    std::memcpy(&wishes, block, kHead);
    wishes_ |= wishes;
    if (r != own && firsts[r + 1] > firsts[r])
      std::memcpy(data.data() + firsts[r], block + kHead, firsts[r + 1] - firsts[r]);
  }
  ++traffic_.exchanges;
  traffic_.seconds += std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<std::string> Ranks::all_gather(const std::string& own) {
  const auto count = static_cast<std::size_t>(size());
  std::vector<std::uint64_t> sizes(count);
  std::vector<std::size_t> firsts(count + 1);
  for (std::size_t r = 0; r <= count; ++r) firsts[r] = r * sizeof(std::uint64_t);
  sizes[static_cast<std::size_t>(rank_)] = own.size();
  all_gather(std::as_writable_bytes(std::span(sizes)), firsts);
  for (std::size_t r = 0; r < count; ++r) firsts[r + 1] = firsts[r] + sizes[r];
  std::string all(firsts[count], '\0');
  own.copy(all.data() + firsts[static_cast<std::size_t>(rank_)], own.size());
  all_gather(std::as_writable_bytes(std::span(all.data(), all.size())), firsts);
  std::vector<std::string> parts;
  for (std::size_t r = 0; r < count; ++r) parts.push_back(all.substr(firsts[r], sizes[r]));
  return parts;
}

void Ranks::broadcast(std::string& bytes) {
  if (several()) bytes = all_gather(first() ? bytes : "").front();
}

void Ranks::barrier() {
  const std::vector<std::size_t> firsts(static_cast<std::size_t>(size()) + 1, 0);
  all_gather(std::span<std::byte>(), firsts);
}

std::shared_ptr<Ranks> single_rank() {
  return std::make_shared<SingleRank>();
}

}  // namespace understudy

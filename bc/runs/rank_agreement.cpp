#include "bc/runs/rank_agreement.h"

#include <gnu/libc-version.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

#include "bc/networks/blas.h"
#include "bc/networks/blas_kernel.h"
#include "datasets/storage/archive.h"
#include "datasets/storage/sha256.h"
#include "datasets/types/error.h"
#include "datasets/types/version.h"

namespace understudy {
namespace {

/// Of the program and its libraries as they lie in memory's files.
std::string program_sha256() {
  std::set<std::string> files;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t path = line.find('/');
    if (path == std::string::npos) continue;
    const std::size_t name = line.rfind('/') + 1;
    if (line.compare(name, 10, "understudy") == 0 || line.compare(name, 13, "libunderstudy") == 0)
      files.insert(line.substr(path));
  }
  std::string all;
  for (const std::string& file : files) {
    if (file.ends_with(" (deleted)"))
      throw Error(file + ": the program was replaced while it began; start all ranks again");
    all += file_sha256(file);
  }
  return text_sha256(all);
}

struct Traits {
  std::string program, libraries, options, data, numbers, processor, kernel;

  void serialise(Archive& archive) {
    for (std::string* text : {&program, &libraries, &options, &data, &numbers, &processor, &kernel})
      archive("trait", *text);
  }
};

Traits traits_of(const RankTraits& own) {
  return {
      .program = program_version() + " (" + source_revision() + ", " + program_sha256().substr(0, 12) + ")",
      .libraries = std::string("glibc ") + gnu_get_libc_version() + ", " +
                   blas_description().substr(0, blas_description().find(" (")),
      .options = own.options,
      .data = own.data,
      .numbers = own.numbers,
      .processor = processor_name(),
      .kernel = blas_kernel()};
}

/// The first lines that differ, shortest first where one text ends.
std::pair<std::string, std::string> first_difference(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  std::string one, other;
  while (true) {
    const bool more = static_cast<bool>(std::getline(left, one));
    const bool others = static_cast<bool>(std::getline(right, other));
    if (!more) one = "nothing";
    if (!others) other = "nothing";
    if (one != other || (!more && !others)) return {one, other};
  }
}

std::vector<Traits> all_traits(Ranks& ranks, const RankTraits& own) {
  Archive archive;
  traits_of(own).serialise(archive);
  std::vector<Traits> all;
  for (std::string& bytes : ranks.all_gather(archive.bytes())) {
    Archive other(std::move(bytes), "traits of a rank");
    all.emplace_back().serialise(other);
  }
  return all;
}

}  // namespace

void fail_together(Ranks& ranks, const std::string& line, bool usage) {
  ranks.leave();
  const std::string said = ranks.first() ? line : "";
  if (usage) throw UsageError(said);
  throw Error(said);
}

void together(Ranks& ranks, const std::function<void()>& work) {
  if (!ranks.several()) return work();
  constexpr char kFine = ' ', kUsage = 'u', kError = 'e';
  std::string own(1, kFine);
  try {
    work();
  } catch (const UsageError& error) {
    own = kUsage + std::string(error.what());
  } catch (const std::exception& error) {
    own = kError + std::string(error.what());
  }
  const std::vector<std::string> all = ranks.all_gather(own);
  const auto failed =
      std::find_if(all.begin(), all.end(), [&](const std::string& text) { return text[0] != kFine; });
  if (failed == all.end()) return;
  const bool alike =
      std::all_of(all.begin(), all.end(), [&](const std::string& text) { return text == *failed; });
  fail_together(ranks,
                (alike ? "" : ranks.name(static_cast<int>(failed - all.begin())) + ": ") + failed->substr(1),
                (*failed)[0] == kUsage);
}

void want_shards(const Ranks& ranks, int shards) {
  if (shards >= ranks.size()) return;
  const std::string count = std::to_string(ranks.size());
  throw UsageError("--shards: want at least one for each of " + count + " ranks, found " +
                   std::to_string(shards) + "; train with --shards " + count + ", or start fewer processes");
}

std::string agree_on_traits(Ranks& ranks, const RankTraits& own) {
  if (!ranks.several()) return "";
  const std::vector<Traits> all = all_traits(ranks, own);
  const Traits& first = all.front();
  std::string mixture;
  const Traits* least = &first;
  for (int r = 1; r < ranks.size(); ++r) {
    const Traits& other = all[static_cast<std::size_t>(r)];
    const auto want = [&](const char* what, const std::string& wanted, const std::string& found,
                          const char* remedy) {
      if (wanted == found) return;
      fail_together(
          ranks,
          ranks.name(r) + ": want " + what + " of rank 0, " + wanted + ", found " + found + "; " + remedy,
          false);
    };
    const auto [option, others] = first_difference(first.options, other.options);
    want("the program", first.program, other.program, "install the same build on every host");
    want("the libraries", first.libraries, other.libraries, "install the same release on every host");
    want("the options", option, others, "start all ranks with the same command");
    want("the demonstrations (SHA-256)", first.data, other.data, "copy the same file to every host");
    if (blas_kernel_class(other.kernel) < blas_kernel_class(least->kernel)) least = &other;
    if (mixture.empty() && (other.kernel != first.kernel || other.processor != first.processor)) {
      mixture = ranks.name(r) + " has " + other.processor + " (BLAS " + other.kernel + "), rank 0 " +
                first.processor + " (BLAS " + first.kernel + ")";
    }
    // A mixture shows in first numbers too, and then is what there is to say.
    if (mixture.empty())
      want("the numbers", first.numbers, other.numbers,
           "they differ before anything is learnt: is a file that the run begins with another one there?");
  }
  if (mixture.empty()) return "";
  return mixture + ": their numbers may differ, which ends the run; set OPENBLAS_CORETYPE=" + least->kernel +
         " on all hosts, or use hosts of one kind";
}

void want_same_numbers(Ranks& ranks, const std::string& sha256) {
  if (!ranks.several()) return;
  const std::vector<std::string> all = ranks.all_gather(sha256);
  for (int r = 1; r < ranks.size(); ++r) {
    if (all[static_cast<std::size_t>(r)] == all.front()) continue;
    fail_together(ranks,
                  ranks.name(r) +
                      ": want the numbers of rank 0, found others; processors of different kinds? "
                      "Set OPENBLAS_CORETYPE to one kernel on all hosts (see: understudy doctor --mpi), "
                      "and train again",
                  false);
  }
}

}  // namespace understudy

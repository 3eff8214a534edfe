#include "datasets/recording/demonstration_writer.h"

#include <cmath>
#include <utility>

#include "datasets/recording/dataset_session.h"
#include "datasets/recording/journal.h"
#include "datasets/types/error.h"

namespace understudy {
namespace {

template <class Derived>
void check(const char* what, const Eigen::DenseBase<Derived>& values, Eigen::Index size,
           const std::string& place) {
  if (values.size() != size) {
    throw Error(place + what + ": want " + std::to_string(size) + " entries, found " +
                std::to_string(values.size()));
  }
  if (!values.derived().allFinite())
    throw Error(place + what + ": want finite values, found NaN or infinity");
}

}  // namespace

struct DemonstrationWriter::Impl {
  Impl(const std::filesystem::path& file, DatasetHeader dataset_header)
      : session(file), header(std::move(dataset_header)) {}

  /// Takes up what is there; throws Error when it cannot be added to.
  void open() {
    report = session.recover();
    if (!session.header()) return;
    const auto names = std::filesystem::hard_link_count(session.paths().file);
    if (names > 1) {
      report.notes.push_back(session.paths().file.string() + " has " + std::to_string(names) +
                             " names (hard links): the others keep the episodes that it has now");
    }
    const std::string mismatch = header_mismatch(*session.header(), header);
    if (!mismatch.empty()) {
      throw Error(session.paths().file.string() + ": the dataset is of another task or version: " + mismatch);
    }
    if (header.source.empty()) header.source = session.header()->source;  // of those that are there already
  }

  std::string place(const char* array) const {
    return session.paths().file.string() + ":/data/demo_" + std::to_string(session.episodes()) + "/" + array;
  }

  DatasetSession session;
  DatasetHeader header;
  RecoveryReport report;
  std::unique_ptr<JournalWriter> journal;
  int steps = 0;
  bool ended = false;   ///< the journal has the episode's end, but the part could not be written
  bool doubts = false;  ///< steps of the live episode have one
  Eigen::Index axes = 0;
  Eigen::Index buttons = 0;
};

DemonstrationWriter::DemonstrationWriter(const std::filesystem::path& file, DatasetHeader header,
                                         WriterOptions options)
    : impl_(std::make_unique<Impl>(file, std::move(header))) {
  const DatasetHeader& own = impl_->header;
  if (own.observation.size() == 0 || own.action.size() == 0 || own.state_dim < 0 || !(own.control_rate > 0)) {
    throw Error(file.string() +
                ": want a header with spaces, a control rate above 0 and a state_dim of at least 0");
  }
  try {
    impl_->open();
  } catch (const SystemError&) {
    throw;  // not the file's fault: another one would not help
  } catch (const Error& error) {
    if (!std::filesystem::exists(impl_->session.paths().file)) throw;
    if (!options.force) {
      throw Error(std::string(error.what()) + "; choose another file, or set this one aside with --force");
    }
    const std::filesystem::path replaced = impl_->session.set_aside();
    impl_->open();
    impl_->report.notes.push_back(file.string() + ": set aside as " + replaced.string());
  }
}

DemonstrationWriter::~DemonstrationWriter() = default;

const RecoveryReport& DemonstrationWriter::recovered() const {
  return impl_->report;
}
int DemonstrationWriter::episodes() const {
  return impl_->session.episodes();
}
int DemonstrationWriter::successes() const {
  return impl_->session.successes();
}
bool DemonstrationWriter::recording() const {
  return impl_->journal != nullptr;
}
int DemonstrationWriter::steps() const {
  return impl_->steps;
}

void DemonstrationWriter::begin_episode(std::uint64_t seed, ConstVectorRef observation, ConstStateRef state,
                                        const std::string& operator_name, const std::string& variation,
                                        const std::string& recording, bool doubts) {
  if (impl_->journal) throw Error(impl_->place("") + ": an episode is live; commit or discard it first");
  check("", observation, impl_->header.observation.size(), impl_->place("obs"));
  check("", state, impl_->header.state_dim, impl_->place("states"));
  impl_->journal = std::make_unique<JournalWriter>(impl_->session.paths().journal(impl_->session.next_part()),
                                                   impl_->header, seed, observation, state, operator_name,
                                                   variation, recording, doubts);
  impl_->doubts = doubts;
  impl_->steps = 0;
  impl_->ended = false;
}

void DemonstrationWriter::append_step(const StepRecord& step) {
  if (!impl_->journal || impl_->ended)
    throw Error(impl_->place("") + ": no episode is live; begin one first");
  if (impl_->steps == 0) {
    impl_->axes = step.axes.size();
    impl_->buttons = step.buttons.size();
  }
  // The place is only put together for a message: this runs inside the control loop.
  try {
    check("actions", step.action, impl_->header.action.size(), "");
    check("obs", step.next_observation, impl_->header.observation.size(), "");
    check("states", step.next_state, impl_->header.state_dim, "");
    check("infos/axes", step.axes, impl_->axes, "");
    check("infos/buttons", step.buttons, impl_->buttons, "");
    if (!std::isfinite(step.reward)) throw Error("rewards: want a finite value, found NaN or infinity");
    if (step.doubt.has_value() != impl_->doubts || !std::isfinite(step.doubt.value_or(0))) {
      throw Error(std::string("infos/doubt: want ") + (impl_->doubts ? "a finite value" : "none") +
                  ", found another");
    }
    if (!std::isfinite(step.timestamp) || !std::isfinite(step.input_age)) {
      throw Error("infos: want finite times, found NaN or infinity");
    }
    if (step.action.cwiseAbs().maxCoeff() > 1.0F) {
      throw Error("actions: want values in [-1, 1], found " +
                  std::to_string(step.action.cwiseAbs().maxCoeff()) + " (absolute)");
    }
  } catch (const Error& error) {
    throw Error(impl_->place(error.what()) + " in row " + std::to_string(impl_->steps));
  }
  impl_->journal->append_step(step);
  ++impl_->steps;
}

void DemonstrationWriter::rewind(int step) {
  if (!impl_->journal || impl_->ended)
    throw Error(impl_->place("") + ": no episode is live; begin one first");
  if (step < 0 || step > impl_->steps) {
    throw Error(impl_->place("") + ": want a step in [0, " + std::to_string(impl_->steps) +
                "] to go back to, found " + std::to_string(step));
  }
  impl_->journal->append_rewind(step);
  impl_->steps = step;
}

int DemonstrationWriter::last_saved() const {
  return impl_->session.last_part();
}

bool DemonstrationWriter::describe(int saved, const std::function<void(RecordingRecord&)>& change) {
  return impl_->session.describe(saved, change);
}

int DemonstrationWriter::commit_episode(const EpisodeEnd& end) {
  if (!impl_->journal) throw Error(impl_->place("") + ": no episode is live; begin one first");
  if (impl_->steps == 0) {
    discard_episode();
    return episodes();
  }
  impl_->journal->append_end(end);
  impl_->ended = true;
  // Reads back what is on the disk, as recovery would: what can be saved can be
  // recovered, and the other way round.
  const std::filesystem::path file = impl_->journal->file();
  const Journal journal = read_journal(file);
  if (!journal.ended || journal.episode.length() != impl_->steps) {
    throw Error(file.string() + ": want " + std::to_string(impl_->steps) + " steps, found " +
                std::to_string(journal.episode.length()) + "; the disk or file system is failing");
  }
  impl_->session.add_part(journal.episode, impl_->header,
                          {.recovered = false, .device = impl_->header.device});
  discard_episode();
  return episodes();
}

void DemonstrationWriter::discard_episode() {
  if (!impl_->journal) return;
  const std::filesystem::path file = impl_->journal->file();
  impl_->journal.reset();
  impl_->steps = 0;
  impl_->ended = false;
  remove_file(file);
}

bool DemonstrationWriter::undo_last() {
  if (impl_->journal) throw Error(impl_->place("") + ": an episode is live; commit or discard it first");
  return impl_->session.undo_last();
}

void DemonstrationWriter::pack() {
  impl_->session.pack(impl_->header);
}

}  // namespace understudy

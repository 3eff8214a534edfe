#include "bc/cloning/cloning_run_config.h"

#include <iterator>

namespace understudy {

CloningRunConfig::CloningRunConfig() {
  learner = "bc";
  evaluate_every = 5;
  threads = 0;
}

SettingList settings(CloningRunConfig& c) {
  SettingList list = task_settings(c, true);
  for (const SettingList& more :
       {settings(c.cloning),
        SettingList{{"validation", &c.validation_share,
                     "Share of episodes held out where the file has no masks; 0: none even if it has", 0,
                     0.999999}},
        evaluation_settings(c, "Epochs"),
        SettingList{{"candidates", &c.candidates, "Policies that are evaluated again at the end", 1, 1000},
                    {"threads",
                     &c.threads,
                     "Threads for evaluation; 0: one per core. Results do not depend on it",
                     0,
                     1024,
                     {},
                     SettingUse::kPlace},
                    {"blas-threads", &c.blas_threads,
                     "Threads for matrix products; more than 1 pays from widths of 1024", 1, 1024}}}) {
    list.insert(list.end(), more.begin(), more.end());
  }
  return list;
}

void validate(const CloningRunConfig& config) {
  CloningRunConfig checked = config;
  validate(checked, settings(checked));
}

}  // namespace understudy

#pragma once
/// \file What can be planned, each beside the command that does it on one machine.

#include <set>
#include <string>

#include "tools/tasks/task_list.h"

namespace CLI {
class App;
}

namespace understudy::tools {

void add_plan_eval(CLI::App& plan);   ///< `plan eval`
void add_plan_sweep(CLI::App& plan);  ///< `plan sweep`
void add_plan_train(CLI::App& plan);  ///< `plan train`

/// Whether a planned sweep has more than one round of tasks, as successive halving has.
bool plan_has_rounds(const Plan& plan);
/// Adds the tasks of a sweep's next round, if there is one, once those of its present one are done or given up.
bool plan_next_round(const Plan& plan, const std::set<std::string>& given_up);

}  // namespace understudy::tools

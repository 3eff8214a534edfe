#pragma once
/// \file The program's subcommands: one function and one source file each. A function adds its subcommand to
/// `program` with a callback that does the work and throws Error; tools/main.cpp catches once.
/// Every option can also stand in a TOML file given by `--config`; main.cpp adds that option to each command.

#include "datasets/types/error.h"

namespace CLI {
class App;
}

namespace understudy::tools {

/// What was compared is shown to have become worse, and the work is done. The program prints it and exits with code 3.
class Regression : public Error {
 public:
  using Error::Error;
};

void add_adapt(CLI::App& program);
void add_bench(CLI::App& program);
void add_calibrate(CLI::App& program);
void add_collect(CLI::App& program);
void add_bench_scale(CLI::App& bench);  ///< `bench scale`; needs irl, so LibTorch
void add_data(CLI::App& program);
void add_data_convert(CLI::App& data);   ///< `data convert`
void add_data_edit(CLI::App& data);      ///< `data merge`, `filter`, `drop`, ...
void add_data_distance(CLI::App& data);  ///< `data distance`; needs irl, so LibTorch
void add_data_images(CLI::App& data);    ///< `data images`; needs OpenGL
void add_data_lint(CLI::App& data);      ///< `data lint`
void add_data_report(CLI::App& data);    ///< `data report`
void add_data_stats(CLI::App& data);     ///< `data stats`
void add_devices(CLI::App& program);
void add_doctor(CLI::App& program);
void diagnose_ranks(double timeout);  ///< of `doctor --mpi`; needs bc, so LibTorch
void add_envs(CLI::App& program);
void add_eval(CLI::App& program);
void add_eval_compare(CLI::App& eval);
void add_eval_plan(CLI::App& eval);
void add_export(CLI::App& program);
void add_imitate(CLI::App& program);
void add_plan(CLI::App& program);
void add_play(CLI::App& program);
void add_record(CLI::App& program);
void add_reference(CLI::App& program);
void add_report(CLI::App& program);
void add_resume(CLI::App& program);
void add_runs(CLI::App& program);
void add_serve(CLI::App& program);
void add_simopt(CLI::App& program);
void add_status(CLI::App& program);
void add_sweep(CLI::App& program);
void add_train(CLI::App& program);
void add_work(CLI::App& program);

}  // namespace understudy::tools

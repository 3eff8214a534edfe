#include "bc/runs/early_end.h"

#include "tests/support/catch.h"

namespace understudy::tests {

TEST_CASE("a run ends early by its minutes, when it comes no closer, or is close enough", "[bc]") {
  RunConfig config;
  config.evaluate_every = 10;
  EarlyEnd never(config);
  never.follow(0, 5);
  CHECK(!never.out_of_time(1e9));
  CHECK(!never.settled(1000, 10));

  config.minutes = 2;
  CHECK(!never.out_of_time(107));
  CHECK(never.out_of_time(109));  // nine tenths of it

  config.patience = 3;
  EarlyEnd patient(config);
  CHECK(!patient.settled(1000, 10));  // nothing is known
  patient.follow(100, 5);
  CHECK(!patient.settled(120, 0));
  CHECK(patient.settled(200, 0));  // three evaluations, and half of all
  patient.follow(200, 4.99);       // less than a hundredth
  CHECK(patient.settled(200, 0));
  patient.follow(210, 4.9);
  CHECK(!patient.settled(230, 0));
  CHECK(!patient.settled(400, 0));  // not yet half
  CHECK(patient.settled(420, 0));
  patient.lengthen(420);
  CHECK(!patient.settled(430, 0));

  config.ends_when_close = true;
  CHECK(!patient.settled(430, 4.8));
  CHECK(patient.settled(430, 4.9));

  Archive saving;
  patient.serialise(saving, 430);
  EarlyEnd restored(config);
  Archive archive(saving.bytes(), "saved");
  restored.serialise(archive, 430);
  CHECK(restored.settled(430, 4.9));
  CHECK(!restored.settled(430, 4.8));
}

}  // namespace understudy::tests

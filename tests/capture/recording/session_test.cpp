// The session's state machine, table-driven.

#include <map>

#include "capture/input/function_input.h"
#include "capture/recording/session.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy::tests {
namespace {

using S = SessionState;
using E = SessionEvent;
using A = SessionAction;

/// A session in `state`, with a step recorded where an episode is live and one episode saved before.
Session session_in(S state) {
  Session session(0);
  session.handle(E::kStart, 0);
  session.step_taken();
  session.handle(E::kSaveSuccess, 0);
  if (state == S::kReady) return session;
  session.handle(E::kStart, 0);
  session.step_taken();
  if (state == S::kPaused) session.handle(E::kStart, 0);
  if (state == S::kEnded) session.handle(E::kEpisodeOver, 0);
  if (state == S::kStopped) session.handle(E::kStop, 0);
  return session;
}

struct Row {
  S from;
  E event;
  A action;
  S to;
};

const Row kTable[] = {
    {S::kReady, E::kStart, A::kBegin, S::kRecording},
    {S::kReady, E::kEnd, A::kRefused, S::kReady},
    {S::kReady, E::kSaveSuccess, A::kRefused, S::kReady},
    {S::kReady, E::kSaveFailure, A::kRefused, S::kReady},
    {S::kReady, E::kDiscard, A::kRefused, S::kReady},
    {S::kReady, E::kUndo, A::kUndo, S::kReady},
    {S::kReady, E::kBack, A::kAsk, S::kReady},
    {S::kReady, E::kStop, A::kStop, S::kStopped},
    {S::kReady, E::kEpisodeOver, A::kNone, S::kReady},
    {S::kReady, E::kDeviceLost, A::kNone, S::kReady},
    {S::kRecording, E::kStart, A::kPause, S::kPaused},
    {S::kRecording, E::kEnd, A::kEnd, S::kEnded},
    {S::kRecording, E::kSaveSuccess, A::kSaveSuccess, S::kReady},
    {S::kRecording, E::kSaveFailure, A::kSaveFailure, S::kReady},
    {S::kRecording, E::kDiscard, A::kDiscard, S::kReady},
    {S::kRecording, E::kUndo, A::kRefused, S::kRecording},
    {S::kRecording, E::kBack, A::kPause, S::kPaused},
    {S::kRecording, E::kStop, A::kStop, S::kStopped},
    {S::kRecording, E::kEpisodeOver, A::kEnd, S::kEnded},
    {S::kRecording, E::kDeviceLost, A::kPause, S::kPaused},
    {S::kPaused, E::kStart, A::kResume, S::kRecording},
    {S::kPaused, E::kEnd, A::kEnd, S::kEnded},
    {S::kPaused, E::kSaveSuccess, A::kSaveSuccess, S::kReady},
    {S::kPaused, E::kSaveFailure, A::kSaveFailure, S::kReady},
    {S::kPaused, E::kDiscard, A::kDiscard, S::kReady},
    {S::kPaused, E::kUndo, A::kRefused, S::kPaused},
    {S::kPaused, E::kBack, A::kAsk, S::kPaused},
    {S::kPaused, E::kStop, A::kStop, S::kStopped},
    {S::kPaused, E::kEpisodeOver, A::kEnd, S::kEnded},
    {S::kPaused, E::kDeviceLost, A::kNone, S::kPaused},
    {S::kEnded, E::kStart, A::kRefused, S::kEnded},
    {S::kEnded, E::kEnd, A::kRefused, S::kEnded},
    {S::kEnded, E::kSaveSuccess, A::kSaveSuccess, S::kReady},
    {S::kEnded, E::kSaveFailure, A::kSaveFailure, S::kReady},
    {S::kEnded, E::kDiscard, A::kDiscard, S::kReady},
    {S::kEnded, E::kUndo, A::kRefused, S::kEnded},
    {S::kEnded, E::kBack, A::kAsk, S::kEnded},
    {S::kEnded, E::kStop, A::kStop, S::kStopped},
    {S::kEnded, E::kEpisodeOver, A::kNone, S::kEnded},
    {S::kEnded, E::kDeviceLost, A::kNone, S::kEnded},
};

TEST_CASE("every event in every state does what the table says") {
  for (const Row& row : kTable) {
    Session session = session_in(row.from);
    CAPTURE(name_of(row.from), static_cast<int>(row.event));
    REQUIRE(session.state() == row.from);
    const A action = session.handle(row.event, 10);
    CHECK(static_cast<int>(action) == static_cast<int>(row.action));
    CHECK(session.state() == row.to);
    if (action == A::kRefused || action == A::kAsk) {
      CHECK_FALSE(session.message().empty());
      CHECK(session.warning());
    }
  }
}

TEST_CASE("the documented table covers every state and event but those about the device coming back") {
  CHECK(std::size(kTable) == 4 * 10);
}

TEST_CASE("a stopped session answers nothing") {
  Session session = session_in(S::kStopped);
  CHECK(session.handle(E::kStart, 0) == A::kNone);
  CHECK(session.state() == S::kStopped);
}

TEST_CASE("back stops only when pressed again within two seconds") {
  Session session(0);
  CHECK(session.handle(E::kBack, 1.0) == A::kAsk);
  CHECK(session.handle(E::kBack, 3.5) == A::kAsk);
  CHECK(session.handle(E::kBack, 5.4) == A::kStop);
}

TEST_CASE("a lost device pauses, refuses to start, and goes on only when start is pressed") {
  Session session = session_in(S::kRecording);
  session.handle(E::kDeviceLost, 1);
  CHECK(session.state() == S::kPaused);
  CHECK(session.handle(E::kStart, 2) == A::kRefused);
  CHECK(session.state() == S::kPaused);
  CHECK(session.handle(E::kDeviceBack, 3) == A::kNone);
  CHECK(session.state() == S::kPaused);
  CHECK(session.handle(E::kStart, 4) == A::kResume);
}

TEST_CASE("the goal stops the session, and an undone episode counts no more") {
  Session session(2);
  const auto save = [&](E verdict) {
    session.handle(E::kStart, 0);
    session.step_taken();
    return session.handle(verdict, 0);
  };
  save(E::kSaveSuccess);
  CHECK(session.saved() == 1);
  session.handle(E::kUndo, 0);
  CHECK(session.saved() == 0);
  CHECK(session.undone() == 1);
  save(E::kSaveFailure);
  CHECK(session.state() == S::kReady);
  CHECK(save(E::kSaveSuccess) == A::kSaveSuccess);
  CHECK(session.state() == S::kStopped);
  CHECK(session.saved() == 2);
  CHECK(session.successes() == 2);
  CHECK(session.failures() == 1);
}

TEST_CASE("nothing of an earlier session is undone") {
  Session session(0);
  CHECK(session.handle(E::kUndo, 0) == A::kRefused);
  CHECK(session.undone() == 0);
}

TEST_CASE("an episode without steps is discarded, not saved") {
  Session session(1);
  session.handle(E::kStart, 0);
  CHECK(session.handle(E::kSaveSuccess, 0) == A::kDiscard);
  CHECK(session.saved() == 0);
  CHECK(session.state() == S::kReady);
}

TEST_CASE("a negative goal is a usage error") {
  CHECK_THROWS_AS(Session(-1), UsageError);
}

TEST_CASE("a guarded function acts after its hold, once, and not when released before") {
  FunctionInput input(0.5);
  input.set(Function::kDiscard, true, 1.0);
  input.advance(1.4);
  CHECK(input.take().empty());
  input.set(Function::kDiscard, false, 1.45);
  input.advance(2.0);
  CHECK(input.take().empty());
  input.set(Function::kDiscard, true, 3.0);
  input.advance(3.5);
  input.advance(4.5);
  CHECK(input.take() == std::vector<Function>{Function::kDiscard});
}

TEST_CASE("other functions act at once, and a second control for the same function waits for the first") {
  FunctionInput input(0.5);
  input.set(Function::kStart, true, 0);
  input.set(Function::kStart, true, 0.1);
  CHECK(input.take() == std::vector<Function>{Function::kStart});
  CHECK(input.held(Function::kStart));
  input.set(Function::kStart, false, 0.2);
  CHECK(input.held(Function::kStart));
  input.set(Function::kStart, false, 0.3);
  CHECK_FALSE(input.held(Function::kStart));
}

TEST_CASE("a vanished device holds nothing any more") {
  FunctionInput input(0.5);
  input.set(Function::kUndo, true, 0);
  input.set(Function::kPrecision, true, 0);
  input.take();
  input.release_all();
  input.advance(5);
  CHECK(input.take().empty());
  CHECK_FALSE(input.held(Function::kPrecision));
}

}  // namespace
}  // namespace understudy::tests

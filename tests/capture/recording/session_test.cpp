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
  Session session({});
  session.handle(E::kStart, 0);
  session.step_taken(true, true);
  session.handle(E::kSaveSuccess, 0);
  if (state == S::kReady) return session;
  session.handle(E::kStart, 0);
  session.step_taken(true, true);
  if (state == S::kPaused) session.handle(E::kStart, 0);
  if (state == S::kEnded) session.handle(E::kEpisodeOver, 0);
  for (int press = 0; state == S::kStopped && press < 2; ++press) session.handle(E::kStop, 0);
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
    {S::kReady, E::kPause, A::kNone, S::kReady},
    {S::kReady, E::kEnd, A::kRefused, S::kReady},
    {S::kReady, E::kSaveSuccess, A::kRefused, S::kReady},
    {S::kReady, E::kSaveFailure, A::kRefused, S::kReady},
    {S::kReady, E::kDiscard, A::kRefused, S::kReady},
    {S::kReady, E::kNext, A::kNext, S::kReady},
    {S::kReady, E::kUndo, A::kUndo, S::kReady},
    {S::kReady, E::kExtend, A::kRefused, S::kReady},
    {S::kReady, E::kCheckpoint, A::kRefused, S::kReady},
    {S::kReady, E::kRewind, A::kRefused, S::kReady},
    {S::kReady, E::kReplay, A::kReplay, S::kReady},
    {S::kReady, E::kNote, A::kNote, S::kReady},
    {S::kReady, E::kBack, A::kAsk, S::kReady},
    {S::kReady, E::kStop, A::kAsk, S::kReady},
    {S::kReady, E::kEpisodeOver, A::kNone, S::kReady},
    {S::kReady, E::kTimeUp, A::kNone, S::kReady},
    {S::kReady, E::kDeviceLost, A::kNone, S::kReady},
    {S::kRecording, E::kStart, A::kPause, S::kPaused},
    {S::kRecording, E::kPause, A::kPause, S::kPaused},
    {S::kRecording, E::kEnd, A::kEnd, S::kEnded},
    {S::kRecording, E::kSaveSuccess, A::kSaveSuccess, S::kReady},
    {S::kRecording, E::kSaveFailure, A::kSaveFailure, S::kReady},
    {S::kRecording, E::kDiscard, A::kDiscard, S::kReady},
    {S::kRecording, E::kNext, A::kNext, S::kReady},
    {S::kRecording, E::kUndo, A::kRefused, S::kRecording},
    {S::kRecording, E::kExtend, A::kExtend, S::kRecording},
    {S::kRecording, E::kCheckpoint, A::kCheckpoint, S::kRecording},
    {S::kRecording, E::kRewind, A::kRewind, S::kRecording},
    {S::kRecording, E::kReplay, A::kRefused, S::kRecording},
    {S::kRecording, E::kNote, A::kRefused, S::kRecording},
    {S::kRecording, E::kBack, A::kPause, S::kPaused},
    {S::kRecording, E::kStop, A::kPause, S::kPaused},
    {S::kRecording, E::kEpisodeOver, A::kEnd, S::kEnded},
    {S::kRecording, E::kTimeUp, A::kEnd, S::kEnded},
    {S::kRecording, E::kDeviceLost, A::kPause, S::kPaused},
    {S::kPaused, E::kStart, A::kResume, S::kRecording},
    {S::kPaused, E::kPause, A::kNone, S::kPaused},
    {S::kPaused, E::kEnd, A::kEnd, S::kEnded},
    {S::kPaused, E::kSaveSuccess, A::kSaveSuccess, S::kReady},
    {S::kPaused, E::kSaveFailure, A::kSaveFailure, S::kReady},
    {S::kPaused, E::kDiscard, A::kDiscard, S::kReady},
    {S::kPaused, E::kNext, A::kNext, S::kReady},
    {S::kPaused, E::kUndo, A::kRefused, S::kPaused},
    {S::kPaused, E::kExtend, A::kExtend, S::kPaused},
    {S::kPaused, E::kCheckpoint, A::kCheckpoint, S::kPaused},
    {S::kPaused, E::kRewind, A::kRewind, S::kPaused},
    {S::kPaused, E::kReplay, A::kRefused, S::kPaused},
    {S::kPaused, E::kNote, A::kRefused, S::kPaused},
    {S::kPaused, E::kBack, A::kAsk, S::kPaused},
    {S::kPaused, E::kStop, A::kAsk, S::kPaused},
    {S::kPaused, E::kEpisodeOver, A::kEnd, S::kEnded},
    {S::kPaused, E::kTimeUp, A::kEnd, S::kEnded},
    {S::kPaused, E::kDeviceLost, A::kNone, S::kPaused},
    {S::kEnded, E::kStart, A::kRefused, S::kEnded},
    {S::kEnded, E::kPause, A::kNone, S::kEnded},
    {S::kEnded, E::kEnd, A::kRefused, S::kEnded},
    {S::kEnded, E::kSaveSuccess, A::kSaveSuccess, S::kReady},
    {S::kEnded, E::kSaveFailure, A::kSaveFailure, S::kReady},
    {S::kEnded, E::kDiscard, A::kDiscard, S::kReady},
    {S::kEnded, E::kNext, A::kNext, S::kReady},
    {S::kEnded, E::kUndo, A::kRefused, S::kEnded},
    {S::kEnded, E::kExtend, A::kRefused, S::kEnded},
    {S::kEnded, E::kCheckpoint, A::kRefused, S::kEnded},
    {S::kEnded, E::kRewind, A::kRewind, S::kEnded},
    {S::kEnded, E::kReplay, A::kRefused, S::kEnded},
    {S::kEnded, E::kNote, A::kRefused, S::kEnded},
    {S::kEnded, E::kBack, A::kAsk, S::kEnded},
    {S::kEnded, E::kStop, A::kAsk, S::kEnded},
    {S::kEnded, E::kEpisodeOver, A::kNone, S::kEnded},
    {S::kEnded, E::kTimeUp, A::kNone, S::kEnded},
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
  CHECK(std::size(kTable) == 4 * 18);
}

TEST_CASE("a stopped session answers nothing") {
  Session session = session_in(S::kStopped);
  CHECK(session.handle(E::kStart, 0) == A::kNone);
  CHECK(session.state() == S::kStopped);
}

TEST_CASE("back stops only when pressed again within two seconds") {
  Session session({});
  CHECK(session.handle(E::kBack, 1.0) == A::kAsk);
  CHECK(session.handle(E::kBack, 3.5) == A::kAsk);
  CHECK(session.handle(E::kBack, 5.4) == A::kStop);
}

TEST_CASE("no key ends the session by one tap, and a tap while recording only pauses") {
  for (const S state : {S::kReady, S::kRecording, S::kPaused, S::kEnded}) {
    Session session = session_in(state);
    CAPTURE(name_of(state));
    session.handle(E::kStop, 10);
    CHECK(session.state() != S::kRecording);
    CHECK(session.state() != S::kStopped);
    CHECK(session.handle(E::kStop, 12.5) != A::kStop);  // too late
    CHECK(session.handle(E::kStop, 13) == A::kStop);
  }
}

TEST_CASE("another event between two presses takes the question back") {
  Session session = session_in(S::kRecording);
  session.handle(E::kStop, 10);
  CHECK(session.handle(E::kStart, 10.5) == A::kResume);
  CHECK(session.handle(E::kStop, 11) == A::kPause);
}

TEST_CASE("a success that the task does not confirm ends the episode and is saved by a second press only") {
  Session session({.judged = true});
  session.handle(E::kStart, 0);
  session.step_taken(false, true);
  CHECK(session.handle(E::kSaveSuccess, 1) == A::kEnd);
  CHECK(session.state() == S::kEnded);
  CHECK(session.warning());
  CHECK(session.handle(E::kSaveSuccess, 3.5) == A::kAsk);
  CHECK(session.saved() == 0);
  CHECK(session.handle(E::kSaveSuccess, 5) == A::kSaveSuccess);
  CHECK(session.successes() == 1);
}

TEST_CASE("a failure is never asked about, nor a success that the task confirms or knows nothing of") {
  for (const bool judged : {true, false}) {
    Session session({.judged = judged});
    session.handle(E::kStart, 0);
    session.step_taken(judged, true);
    CHECK(session.handle(E::kSaveSuccess, 1) == A::kSaveSuccess);
    session.handle(E::kStart, 2);
    session.step_taken(false, true);
    CHECK(session.handle(E::kSaveFailure, 3) == A::kSaveFailure);
  }
}

TEST_CASE("an episode in which nothing was moved is asked about, until the next one") {
  Session session({});
  session.handle(E::kStart, 0);
  session.step_taken(true, false);
  CHECK(session.handle(E::kSaveSuccess, 1) == A::kEnd);
  CHECK_THAT(session.message(), ContainsSubstring("nothing was moved"));
  CHECK(session.handle(E::kSaveSuccess, 2) == A::kSaveSuccess);
  session.handle(E::kStart, 3);
  session.step_taken(true, true);
  CHECK(session.handle(E::kSaveSuccess, 4) == A::kSaveSuccess);
}

TEST_CASE("time that was up can be extended, and the episode goes on when start is pressed") {
  Session session = session_in(S::kRecording);
  CHECK(session.handle(E::kTimeUp, 60) == A::kEnd);
  CHECK(session.handle(E::kStart, 61) == A::kRefused);
  CHECK(session.handle(E::kExtend, 62) == A::kExtend);
  CHECK(session.state() == S::kPaused);
  CHECK(session.handle(E::kStart, 63) == A::kResume);
}

TEST_CASE("messages name what the operator has in hand") {
  Session session({.control = [](Function function) {
    return function == Function::kStart ? "Space" : function == Function::kStop ? "Escape" : "";
  }});
  session.handle(E::kSaveSuccess, 0);
  CHECK(session.message() == "nothing to save yet: press Space");
  session.handle(E::kStop, 1);
  CHECK(session.message() == "press Escape again to stop the session");
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
  Session session({.goal = 2});
  const auto save = [&](E verdict) {
    session.handle(E::kStart, 0);
    session.step_taken(true, true);
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
  Session session({});
  CHECK(session.handle(E::kUndo, 0) == A::kRefused);
  CHECK(session.undone() == 0);
}

TEST_CASE("an episode without steps is discarded, not saved") {
  Session session({.goal = 1});
  session.handle(E::kStart, 0);
  CHECK(session.handle(E::kSaveSuccess, 0) == A::kDiscard);
  CHECK(session.saved() == 0);
  CHECK(session.state() == S::kReady);
}

TEST_CASE("a negative goal is a usage error") {
  CHECK_THROWS_AS(Session({.goal = -1}), UsageError);
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

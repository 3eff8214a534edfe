// `export` and `serve`: policies that act elsewhere.

#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/support/catch.h"
#include "tests/support/file_content.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace understudy {
using namespace tests;
namespace {

const std::string kExpert = UNDERSTUDY_EXPERTS "/InvertedPendulumSwingup/policy.pt";

TEST_CASE("a policy is exported to every format and checked in its own task") {
  const TemporaryDirectory folder;
  const std::string format = GENERATE("onnx", "header", "torchscript");
  const std::string out = (folder.path() / "policy out").string();
  const std::string command = "export " + kExpert + " --to " + format + " --episodes 1 --out '" + out + "'";
  const Outcome made = run_program(command);
  CAPTURE(made.errors);
  REQUIRE(made.code == 0);
  CHECK_THAT(made.output, ContainsSubstring("in 1 episodes, 1000 steps: differs by at most"));
  const std::string bytes = content(out);
  CHECK(bytes.size() > 1000);

  const Outcome again = run_program(command);
  CHECK(again.code == 1);
  CHECK_THAT(again.errors, ContainsSubstring("exists already; give another --out, or --force to replace it"));
  REQUIRE(run_program(command + " --force").code == 0);
  if (format != "torchscript") CHECK(content(out) == bytes);
}

TEST_CASE("an export that cannot be checked is not written") {
  const TemporaryDirectory folder;
  const std::string out = (folder.path() / "policy.h").string();
  const Outcome made =
      run_program("export " + kExpert + " --to header --episodes 1 --out " + out, "CXX=false");
  CHECK(made.code == 1);
  CHECK_THAT(made.errors, ContainsSubstring("want a C++ compiler to check it with"));
  CHECK(!std::filesystem::exists(out));
  const Outcome name = run_program("export " + kExpert + " --to header --name 3d --out " + out);
  CHECK(name.code == 2);
  CHECK_THAT(name.errors, ContainsSubstring("--name: want a letter first, found 3d"));
}

/// The columns of a trace from `first` on, as lines of numbers.
std::string columns(const std::string& trace, std::size_t first, std::size_t count) {
  std::istringstream lines(trace);
  std::string line, text;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (std::size_t i = 0; std::getline(cells, cell, ','); ++i)
      if (i >= first && i < first + count) text += cell + (i + 1 < first + count ? " " : "\n");
  }
  return text;
}

void want_near(const std::string& a, const std::string& b) {
  std::istringstream left(a), right(b);
  double x = 0, y = 0;
  int count = 0;
  while (left >> x) {
    REQUIRE(right >> y);
    REQUIRE(std::abs(x - y) < 1e-6);
    ++count;
  }
  CHECK(count == 1000);
  CHECK(!(right >> y));
}

TEST_CASE("a served policy does for clients in Python and C++ what it does here") {
  const TemporaryDirectory folder;
  const std::string in = folder.path().string();
  REQUIRE(run_program("eval " + kExpert + " --env InvertedPendulumSwingup --episodes 1 --trace " + in +
                      "/trace.csv")
              .code == 0);
  const std::string trace = content(in + "/trace.csv");
  std::ofstream(in + "/observations") << columns(trace, 2, 5);
  const bool by_tcp = GENERATE(false, true);
  const bool python = GENERATE(false, true);
  CAPTURE(by_tcp, python);
  std::string client = "python3 " UNDERSTUDY_CLIENTS "/client.py";
  if (!python) {
    client = in + "/client";
    REQUIRE(
        std::system(("c++ -std=c++17 -Wall -Wextra -Werror " UNDERSTUDY_CLIENTS "/client.cpp -o " + client)
                        .c_str()) == 0);
  }
  // The server says where it listens; once it has seen its client leave it is stopped as by Ctrl-C.
  const Outcome outcome = run_program(
      "serve " + kExpert + (by_tcp ? " --port 0" : " --socket " + in + "/socket") + " >" + in + "/said 2>" +
          in + "/heard & server=$!; for i in $(seq 100); do grep -q serves " + in +
          "/said && break; sleep 0.1; done; " + client + " $(sed 's/.* at \\([^ ]*\\): .*/\\1/' " + in +
          "/said) <" + in + "/observations >" + in +
          "/actions; echo client $?; for i in $(seq 100); do grep -q left " + in +
          "/heard && break; sleep 0.1; done; kill -INT $server; wait $server; echo server $?; cat " + in +
          "/heard >&2; }",
      "{");
  CAPTURE(outcome.errors, content(in + "/said"));
  CHECK_THAT(outcome.output, ContainsSubstring("client 0") && ContainsSubstring("server 0"));
  CHECK_THAT(outcome.errors,
             ContainsSubstring("client 1 came") && ContainsSubstring("left after 1000 actions"));
  want_near(content(in + "/actions"), columns(trace, 7, 1));
  CHECK(!std::filesystem::exists(in + "/socket"));
}

TEST_CASE("a server sends away what it does not understand, and goes on") {
  const TemporaryDirectory folder;
  const std::string in = folder.path().string();
  const std::string script = in + "/ask.py";
  std::ofstream(script)
      << "import socket, struct, sys\n"
         "def ask(request):\n"
         "    s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(request)\n"
         "    s.shutdown(socket.SHUT_WR)\n"
         "    data = b''\n"
         "    while True:\n"
         "        part = s.recv(4096)\n"
         "        if not part: return data[21:]\n"
         "        data += part\n"
         "print(ask(b'GET / HTTP/1.0\\r\\n'))\n"
         "print(ask(b'A' + struct.pack('<5f', 0, 0, float('nan'), 0, 0)))\n"
         "print(ask(b'A' + b'12'))\n"
         "print(len(ask(b'R' + bytes(8) + b'A' + bytes(20) + b'A' + bytes(20))))\n";
  const Outcome outcome = run_program("serve " + kExpert + " --socket " + in + "/socket >" + in +
                                          "/said & server=$!; for i in $(seq 100); do [ -S " + in +
                                          "/socket ] && break; sleep 0.1; done; python3 " + script + " " +
                                          in + "/socket; kill $server; wait $server; }",
                                      "{");
  CAPTURE(outcome.errors);
  CHECK_THAT(outcome.output, ContainsSubstring("request: want R or A, found byte 71"));
  CHECK_THAT(outcome.output, ContainsSubstring("observation: entry 2: want a finite number, found another"));
  CHECK_THAT(outcome.output, ContainsSubstring("b''\n11\n"));
}

TEST_CASE("a place to serve at is this machine's own, and refused where it cannot be had") {
  const TemporaryDirectory folder;
  const std::string file = (folder.path() / "file").string();
  std::ofstream(file) << "kept";
  const Outcome taken = run_program("serve " + kExpert + " --socket " + file);
  CHECK(taken.code == 1);
  CHECK_THAT(taken.errors, ContainsSubstring("want a name for a socket, found another file"));
  CHECK(content(file) == "kept");
  const Outcome named = run_program("serve " + kExpert + " --bind localhost");
  CHECK(named.code == 2);
  CHECK_THAT(named.errors, ContainsSubstring("--bind: want a numeric address"));
  const Outcome far = run_program("serve " + kExpert + " --bind 203.0.113.7 --port 0");
  CHECK(far.code == 1);
  CHECK_THAT(far.errors, ContainsSubstring("203.0.113.7:0: cannot listen there"));
}

}  // namespace
}  // namespace understudy

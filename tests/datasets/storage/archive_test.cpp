// What is saved comes back, and what does not fit is refused by name.

#include "datasets/storage/archive.h"
#include "datasets/types/error.h"
#include "tests/support/catch.h"

namespace understudy {
namespace {

struct Part {
  Vector vector = Vector::LinSpaced(5, 0, 1);
  Matrix matrix = Matrix::Constant(2, 3, 7);
  std::string text = "walker";
  Rng rng{3};
  double number = 0.1;
  std::vector<std::uint8_t> flags{1, 0, 1};

  void serialise(Archive& archive) {
    archive("vector", vector);
    archive("matrix", matrix);
    archive("text", text);
    archive("rng", rng);
    archive("number", number);
    archive("flags", flags);
  }
};

TEST_CASE("an archive gives back every bit, the random generator's next numbers included") {
  Part part;
  part.rng.bits();
  Archive saving;
  part.serialise(saving);
  Part other;
  other.vector.setZero();
  other.matrix.resize(0, 0);
  other.text.clear();
  other.number = 0;
  other.flags.clear();
  Archive loading(saving.bytes(), "a.ckpt");
  other.serialise(loading);
  loading.finish();
  CHECK(other.vector == part.vector);
  CHECK(other.matrix == part.matrix);
  CHECK(other.text == part.text);
  CHECK(other.number == part.number);
  CHECK(other.flags == part.flags);
  CHECK(other.rng.bits() == part.rng.bits());
}

TEST_CASE("an archive cut anywhere, of other names or of other sizes is refused in one line") {
  Part part;
  Archive saving;
  part.serialise(saving);
  for (std::size_t length = 0; length < saving.bytes().size(); length += 7) {
    Archive loading(saving.bytes().substr(0, length), "a.ckpt");
    Part other;
    CHECK_THROWS_AS(other.serialise(loading), Error);
  }
  Archive renamed(saving.bytes(), "a.ckpt");
  Vector vector(5);
  CHECK_THROWS_WITH(renamed("values", vector), ContainsSubstring("a.ckpt: want values, found vector"));
  Archive resized(saving.bytes(), "a.ckpt");
  Vector longer(6);
  CHECK_THROWS_WITH(resized("vector", longer), ContainsSubstring("a.ckpt: vector: want 6, found 5"));
}

}  // namespace
}  // namespace understudy

// A new model takes the place of an old one while threads rank: docs/ids.md says how an app does
// it. ThreadSanitizer runs this.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "reference/random_model.h"
#include "reference/random_spec.h"
#include "runtime/support/handles.h"

namespace augur::testing {
namespace {

constexpr int kThreads = 4;

std::uint32_t session_count(const augur_model* model) {
  augur_model_info info = {};
  info.struct_size = sizeof info;
  REQUIRE(augur_model_get_info(model, &info) == AUGUR_OK);
  return info.session_count;
}

// Models of the same inputs, whose scores differ by their calibration.
std::unique_ptr<fb::ModelT> release(std::uint64_t seed, int number) {
  std::unique_ptr<fb::ModelT> model = reference::random_model(reference::random_spec(seed));
  model->calibration = std::make_unique<fb::CalibrationT>();
  model->calibration->offset = static_cast<float>(number);
  return model;
}

// What an app keeps of its models; the lock guards `current`.
struct Shop {
  std::mutex lock;
  std::unique_ptr<const TestModel> current;

  // A session of the current model, made under the lock: a model that is no longer current gets no
  // new sessions. `*model` exists as long as the session does.
  SessionHandle session(const TestModel** model) {
    const std::lock_guard<std::mutex> guard(lock);
    *model = current.get();
    return current->session(0, 7);
  }
};

}  // namespace

TEST_CASE("a model counts its sessions") {
  const TestModel model(release(701, 0));
  CHECK(session_count(model.get()) == 0);
  {
    const SessionHandle one = model.session();
    const SessionHandle other = model.session();
    CHECK(session_count(model.get()) == 2);
  }
  CHECK(session_count(model.get()) == 0);
  // A session that could not be made is not one.
  char none = 0;
  augur_session* session = nullptr;
  CHECK(augur_session_create(model.get(), nullptr, &none, 1, &session, nullptr) ==
        AUGUR_OUT_OF_MEMORY);
  CHECK(session_count(model.get()) == 0);
}

TEST_CASE(
    "threads rank with the model that was current when they began, while models are swapped") {
  constexpr std::uint64_t kSeed = 702;
  const std::unique_ptr<fb::ModelT> parts = release(kSeed, 0);
  reference::Generator generator(kSeed);
  const reference::Request request = reference::random_request(*parts, generator, 8, 20);

  Shop shop;
  shop.current = std::make_unique<const TestModel>(release(kSeed, 0));
  std::vector<float> first;
  {
    const SessionHandle session = shop.current->session(0, 7);
    set_user(session.get(), *parts, request);
    first = rank(session.get(), *parts, request.candidates);
  }
  std::atomic<bool> stop{false};
  std::atomic<int> rankings{0};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      std::vector<float> expected = first;
      while (!stop) {
        const TestModel* model = nullptr;
        const SessionHandle session = shop.session(&model);
        const float offset = model->parts().calibration->offset;
        set_user(session.get(), *parts, request);
        for (int repetition = 0; repetition < 3; ++repetition) {
          const std::vector<float> came = rank(session.get(), *parts, request.candidates);
          for (std::size_t i = 0; i < came.size(); ++i) {
            if (came[i] != doctest::Approx(first[i] + offset)) ++wrong;
          }
        }
        ++rankings;
      }
    });
  }
  const int swaps = emulated() ? 3 : 12;
  for (int number = 1; number <= swaps; ++number) {
    const int before = rankings;
    auto next = std::make_unique<const TestModel>(release(kSeed, number));
    {
      const std::lock_guard<std::mutex> guard(shop.lock);
      std::swap(shop.current, next);
    }
    // Sessions of the old model finish; new ones are those of the new model.
    while (session_count(next->get()) > 0)
      std::this_thread::yield();
    next.reset();  // closes the old model
    while (rankings < before + kThreads)
      std::this_thread::yield();
  }
  stop = true;
  for (std::thread& thread : threads)
    thread.join();
  CHECK(wrong == 0);
  CHECK(session_count(shop.current->get()) == 0);
}

}  // namespace augur::testing

"""The comparison of a library's stages with a file's."""

import unittest
from typing import Any

import numpy as np

from augur_rank.exporting.trace import compare, departure

IDS = ["a", "b"]
NAN = float("nan")


def line(**stages: Any) -> dict[str, Any]:
    head = stages.pop("head_input", None)
    return {"candidates": [{"stacks": {"clicks": stages}, "head_input": head, "logit": 0.0, "score": 0.5}]}


class Traces(unittest.TestCase):
    library = {
        "query": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "interests": np.array([[[1.0], [2.0]], [[5.0], [NAN]]]),  # the second history has one event
        "attention": np.array([[0.25, 0.75], [1.0, NAN]]),
        "head_input": np.array([[7.0], [8.0]]),
    }
    file = [line(query=[1, 2], interests=[[1], [2]], attention=[0.25, 0.75], head_input=[7]),
            line(query=[3, 4], interests=[[5]], attention=[1.0], head_input=[8])]

    def changed(self, at: int, **stages: Any) -> str:
        lines = [dict(one) for one in self.file]
        known = self.file[at]["candidates"][0]
        lines[at] = line(**{**known["stacks"]["clicks"], "head_input": known["head_input"], **stages})
        return departure(self.library, lines, IDS)

    def test_all_agree(self) -> None:
        stages = compare(self.library, self.file, IDS)
        self.assertEqual([stage.name for stage in stages], ["query", "interests", "attention", "head_input"])
        self.assertTrue(all(stage.agrees for stage in stages))
        self.assertEqual(departure(self.library, self.file, IDS),
                         "It departs first in the dense layers of the head (query, interests, attention and head_input "
                         "agree).")
        without = {name: values for name, values in self.library.items() if name != "head_input"}
        self.assertIn("It departs first after attention (", departure(without, self.file, IDS))

    def test_the_first_that_departs(self) -> None:
        self.assertIn("at query, the candidate's embeddings that the attention sees: request 'b' differs by 1,",
                      self.changed(1, query=[3, 5], attention=[0.5]))
        self.assertIn("at attention, the weights of the attention: request 'a' differs by 0.25, where values reach 1 "
                      "(query and interests agree)", self.changed(0, attention=[0.5, 0.5]))
        self.assertIn("at attention", self.changed(0, attention=[NAN, 0.75]))

    def test_rows_that_the_library_does_not_compute(self) -> None:
        """With an empty history a library may not look at the candidate."""
        library = {"query": np.array([[NAN, NAN], [3.0, 4.0]]), "result": np.array([[0.0], [2.0]])}
        file = [line(query=[7, 8], result=[0.0]), line(query=[3, 4], result=[2.0])]
        self.assertTrue(all(stage.agrees for stage in compare(library, file, IDS)))
        library["result"][1] = NAN
        self.assertEqual([stage.name for stage in compare(library, file, IDS)], ["query", "result"])
        library["query"][1, 0] = NAN
        self.assertIn("at query", departure(library, file, IDS))

    def test_shapes(self) -> None:
        self.assertIn("request 'b' has the shape [1, 1] in the library and [2, 1] in the file",
                      self.changed(1, interests=[[5], [6]]))

    def test_small_differences_are_those_of_f32(self) -> None:
        self.assertIn("dense layers", self.changed(0, query=[1 + 1e-6, 2]))
        self.assertIn("at query", self.changed(0, query=[1 + 1e-3, 2]))

    def test_several_sequences(self) -> None:
        library = {"clicks/query": np.array([[1.0]]), "carts/query": np.array([[2.0]])}
        file = [{"candidates": [{"stacks": {"clicks": {"query": [1.0]}, "carts": {"query": [9.0]}}}]}]
        self.assertIn("at carts/query, the candidate's embeddings", departure(library, file, ["a"]))

    def test_nothing_to_compare(self) -> None:
        self.assertEqual(departure({}, self.file, IDS), "")
        self.assertEqual(departure({"result": np.zeros((2, 3))}, self.file, IDS), "")
        self.assertEqual(departure(self.library, self.file[:1], IDS), "")


if __name__ == "__main__":
    unittest.main()

"""Wrong answers that once converted without a word, and what has to become of each.

Two lists of them were made with checkpoints that the libraries trained: one of DeepCTR's (31 answers), one of the
PyTorch libraries' (52, some of which say the same). Here they stand with their names, on small checkpoints: those of
the folder libraries/, and random ones with the maths of deepctr_keras.py, deepctr_torch.py, fuxictr.py and recbole.py.

An Outcome is what the converter makes of an answer:

    REFUSED   the checkpoint, or the answer itself, contradicts it: refused without any score
    PROVEN    nothing but scores can show that it is wrong: it converts as unproven, and is refused with --expect
    LONGER    the same, but only scores of histories longer than the model's show it; a warning says where there is none
    HARMLESS  it gives the library's own scores, with or without --expect
    OTHER     it gives the library's own scores, but the requests are not those of the model any more: they are refused
"""

import copy
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, Dict, List, Tuple

Answers = Dict[str, Any]


class Outcome(Enum):
    REFUSED = "refused"
    PROVEN = "refused by scores"
    LONGER = "refused by scores of longer histories"
    HARMLESS = "harmless"
    OTHER = "other requests"


@dataclass
class Wrong:
    what: str
    checkpoint: str  # a name that test_wrong_answers.py knows
    change: Callable[[Answers], Any]  # of the right answers, in place
    outcome: Outcome
    words: Tuple[str, ...] = ()  # of the message: of the refusal without scores, or of the warning

    def answers(self, right: Answers) -> Answers:
        wrong = copy.deepcopy(right)
        self.change(wrong)
        return wrong


def state(**answers: Any) -> Callable[[Answers], Any]:
    return lambda given: given.update(answers)


def leave_out(name: str) -> Callable[[Answers], Any]:
    return lambda given: given.pop(name)


def name_of(column: Any) -> str:
    return column["name"] if isinstance(column, dict) else column


def order(key: str, *names: str) -> Callable[[Answers], Any]:
    """The columns in this order."""
    def change(given: Answers) -> None:
        columns = {name_of(column): column for column in given[key]}
        assert len(names) == len(columns)
        given[key] = [columns[name] for name in names]
    return change


def without(key: str, name: str) -> Callable[[Answers], Any]:
    def change(given: Answers) -> None:
        given[key] = [column for column in given[key] if name_of(column) != name]
    return change


def column(key: str, which: str, **parts: Any) -> Callable[[Answers], Any]:
    """One column with other parts; None takes a part away."""
    def change(given: Answers) -> None:
        for i, stated in enumerate(given[key]):
            if name_of(stated) != which:
                continue
            own = {"name": stated} if isinstance(stated, str) else stated
            own = {part: value for part, value in {**own, **parts}.items() if value is not None}
            given[key][i] = own
    return change


def both(*changes: Callable[[Answers], Any]) -> Callable[[Answers], Any]:
    return lambda given: [change(given) for change in changes]


R, P, L, H, X = Outcome.REFUSED, Outcome.PROVEN, Outcome.LONGER, Outcome.HARMLESS, Outcome.OTHER

DEEPCTR: List[Wrong] = [
    Wrong("gru_type AIGRU instead of GRU", "keras-gru", state(gru_type="AIGRU"), P),
    Wrong("gru_type GRU instead of AIGRU", "keras-aigru", state(gru_type="GRU"), P),
    Wrong("gru_type AUGRU instead of GRU", "keras-gru", state(gru_type="AUGRU"), R, ("those of another one",)),
    Wrong("gru_type AGRU instead of AUGRU", "deepctr-keras-saver", state(gru_type="AGRU"), P),
    Wrong("gru_type AGRU instead of AUGRU, of a trained cell", "keras-augru", state(gru_type="AGRU"), R,
          ("biases of the update gate",)),
    Wrong("gru_type GRU instead of AUGRU", "keras-augru", state(gru_type="GRU"), R, ("those of another one",)),
    Wrong("att_weight_normalization false instead of true", "keras-gru", state(att_weight_normalization=False), P),
    Wrong("att_weight_normalization true instead of false", "keras-nonorm", state(att_weight_normalization=True), P),
    Wrong("att_activation relu instead of sigmoid", "keras-nonorm", state(att_activation="relu"), P),
    Wrong("dnn_activation sigmoid instead of relu", "keras-gru", state(dnn_activation="sigmoid"), P),
    Wrong("dnn_activation dice though relu", "keras-gru", state(dnn_activation="dice"), R, ("dnn_activation",)),
    Wrong("dnn_activation relu though dice", "keras-bn-dice", state(dnn_activation="relu"), R, ("dice",)),
    Wrong("sparse: order of user and gender swapped", "keras-gru",
          order("sparse", "gender", "user", "item", "cate"), P),
    Wrong("sparse: item before user (equal widths)", "keras-gru", order("sparse", "cate", "gender", "item", "user"), P),
    Wrong("history order swapped", "keras-gru", order("history", "cate", "item"), P),
    Wrong("history order swapped and sparse too", "keras-gru",
          both(order("history", "cate", "item"), order("sparse", "user", "gender", "cate", "item")), P),
    Wrong("sparse without gender", "keras-gru", without("sparse", "gender"), R),
    Wrong("gender misspelt", "keras-gru", column("sparse", "gender", name="sex", embedding=None), R),
    Wrong("history without cate", "keras-gru", without("history", "cate"), R),
    Wrong("dense forgotten", "keras-gru", leave_out("dense"), R),
    Wrong("max_history 4 instead of 8", "keras-gru", state(max_history=2), P),
    Wrong("max_history 50 instead of 8", "keras-gru", state(max_history=50), L),
    Wrong("pooled sum instead of mean", "keras-rich", column("pooled", "genres", combiner="sum"), P),
    Wrong("dense order", "keras-rich", order("dense", "score", "price", "image"), P),
    Wrong("dense: dimension of image left out", "keras-rich", column("dense", "image", dimension=None), R),
    Wrong("shop not marked as the candidate's", "keras-rich", column("sparse", "shop", of=None), X),
    Wrong("embedding of genres not stated", "keras-shared-bag", column("pooled", "liked", embedding=None), R),
    Wrong("embedding not stated", "keras-renamed", column("sparse", "item_id", embedding=None), H),
    Wrong("history's own tables not stated", "keras-apart", column("history", "item", embedding=None), R),
    Wrong("unknown key", "keras-gru", state(embedding_dim=4), R, ("unknown key",)),
    Wrong("hist_item as named in the columns", "keras-gru", state(history=["hist_item", "hist_cate"]), R),
    Wrong("gru_type lower case", "keras-gru", state(gru_type="gru"), H),
]

TORCH: List[Wrong] = [
    Wrong("gru_type=AGRU (true AUGRU)", "deepctr-torch", state(gru_type="AGRU"), R, ("gru_type",)),
    Wrong("gru_type=GRU (true AUGRU)", "deepctr-torch", state(gru_type="GRU"), R, ("gru_type GRU was stated",)),
    Wrong("gru_type=AIGRU (true AUGRU)", "deepctr-torch", state(gru_type="AIGRU"), R, ("gru_type AIGRU was stated",)),
    Wrong("gru_type=augru (true AUGRU)", "deepctr-torch", state(gru_type="augru"), H),
    Wrong("gru_type=AIGRU (true GRU)", "torch-gru", state(gru_type="AIGRU"), P),
    Wrong("softmax false (true true)", "deepctr-torch", state(att_weight_normalization=False), P),
    Wrong("att_activation sigmoid (true relu)", "deepctr-torch", state(att_activation="sigmoid"), P),
    Wrong("dnn_activation sigmoid (true relu)", "deepctr-torch", state(dnn_activation="sigmoid"), P),
    Wrong("att_activation missing", "deepctr-torch", leave_out("att_activation"), R, ("att_activation",)),
    Wrong("att_activation=dice", "torch-att-dice", state(att_activation="dice"), H),
    Wrong("att_activation=relu (true dice)", "torch-att-dice", state(att_activation="relu"), R, ("dice",)),
    Wrong("sparse order swapped gender/user", "deepctr-torch",
          order("sparse", "gender", "user", "item", "cate", "brand"), R, ("order",)),
    Wrong("sparse order swapped user/cate (equal dim)", "deepctr-torch",
          order("sparse", "cate", "gender", "item", "user", "brand"), R, ("order",)),
    Wrong("dense order swapped", "deepctr-torch", order("dense", "pay_score", "price"), P),
    Wrong("dense forgotten", "deepctr-torch", leave_out("dense"), R),
    Wrong("brand forgotten", "deepctr-torch", without("sparse", "brand"), R),
    Wrong("history_feature_list swapped (order of list)", "deepctr-torch",
          state(history_feature_list=["cate", "item"]), H),
    Wrong("history only item", "deepctr-torch", state(history_feature_list=["item"]), R),
    Wrong("max_history 3 (true 8)", "deepctr-torch", state(max_history=3), P),
    Wrong("hist_item in list", "deepctr-torch", state(history_feature_list=["hist_item", "hist_cate"]), R,
          ("without hist_",)),
    Wrong("cate of candidate", "deepctr-torch", column("sparse", "gender", of="candidate"), X),
    Wrong("brand's of=candidate forgotten", "deepctr-torch", column("sparse", "brand", of=None), X),
    Wrong("+history_order", "deepctr-torch", state(history_order=["cate", "item"]), P),
    Wrong("gru_type=AGRU (true AUGRU)", "recbole", state(gru_type="AGRU"), R, ("gru_type",)),
    Wrong("gru_type=GRU (true AUGRU)", "recbole", state(gru_type="GRU"), R, ("gru_type GRU was stated",)),
    Wrong("softmax false (true)", "recbole", state(softmax=False), P),
    Wrong("user_fields swapped age/gender", "recbole-rich", order("user_fields", "age", "hobbies", "user_id"), P),
    Wrong("brand rows one less", "recbole-rich",
          lambda a: a["item_fields"][1].update(rows=a["item_fields"][1]["rows"] - 1), R, ("add up to",)),
    Wrong("user_fields forgotten", "recbole-rich", leave_out("user_fields"), R),
    Wrong("words forgotten", "recbole-rich", without("item_fields", "words"), R, ("item_fields has",)),
    Wrong("pooling sum (mean)", "recbole-rich", state(pooling_mode="sum"), P),
    Wrong("features: user_id/cate_id swapped", "fuxictr",
          order("features", "age", "cate_id", "item_id", "price", "user_id", "shop"), P, ("features as stated",)),
    Wrong("gru_type AGRU (AUGRU)", "fuxictr", state(gru_type="AGRU"), R, ("gru_type",)),
    Wrong("softmax false (true)", "fuxictr", state(use_attention_softmax=False), P),
    Wrong("sumpool true (false)", "fuxictr", state(enable_sum_pooling=True), R, ("head",)),
    Wrong("dnn tanh (relu)", "fuxictr-relu", state(dnn_activations="tanh"), P),
    Wrong("dnn Dice", "fuxictr-relu", state(dnn_activations="Dice"), R, ("dnn_activations",)),
    Wrong("dnn_activations ReLU as in FuxiCTR yaml", "fuxictr-relu", state(dnn_activations="ReLU"), H),
    Wrong("target as string item_id (shipped yaml form)", "fuxictr", state(dien_target_field="item_id"), R),
    Wrong("target flat list as in a tuple", "fuxictr",
          state(dien_target_field=["item_id", "cate_id"], dien_sequence_field=["click_history", "cate_history"]), H),
    Wrong("age declared categorical", "fuxictr", column("features", "age", kind=None), R),
    Wrong("tags sum instead of mean", "fuxictr-rich", column("features", "tags", kind="sum"), P),
    Wrong("features lacks price", "fuxictr", without("features", "price"), R),
    Wrong("share clicks with item_id", "fuxictr",
          state(share_embedding=[{"name": "click_history", "with": "item_id"}]), H),
    Wrong("share item_id with clicks", "fuxictr-shared",
          state(share_embedding=[{"name": "item_id", "with": "clicks"}]), H),
    Wrong("features user/city swapped", "torch-rechub", order("features", "city", "tags", "user"), R, ("order",)),
    Wrong("target order swapped", "torch-rechub", order("target_features", "cate", "item", "shop"), R, ("order",)),
    Wrong("kind sum (mean)", "torch-rechub", column("features", "tags", kind="sum"), P),
    Wrong("padding before (true after)", "torch-rechub", state(padding="before"), P),
]

// Which tensors are needed for training only, by their names.
#include <doctest/doctest.h>

#include "checkpoint/checkpoint.h"
#include "checkpoint/names.h"

using augur::checkpoint::is_training_only;

TEST_CASE("training only: slots, counters and the auxiliary loss") {
  for (const char* name : {
           "gru1/gru_cell/gates/kernel/Adam",
           "gru1/gru_cell/gates/kernel/Adam_1",
           "dien/fcn/dien//prelu_/Adam_1",
           "embedding/Adadelta",
           "w/Momentum",
           "w/RMSProp_2",
           "w/Ftrl_1",
           "w/Adagrad",
           "beta1_power",
           "dien/fcn/Metrics/beta2_power_1",
           "global_step",
           "fc.bn.num_batches_tracked",
           "f1gru/kernel",
           "dien/aux_loss/aux_net/f2gru/bias",
           "bn1gru/gamma",
           "interest_extractor.auxiliary_net.linears.0.weight",
           "interset_extractor.auxiliary_net.mlp_layers.1.weight",
           "save_counter/.ATTRIBUTES/VARIABLE_VALUE",
           "_CHECKPOINTABLE_OBJECT_GRAPH",
           "model/dense/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE",
           "optimizer/learning_rate/.ATTRIBUTES/VARIABLE_VALUE",
           "optimizer_weights/Adam/gru/kernel/m:0",
           "optimizer/vars/0",
           "global_step:0",
           "training/Adam/gru1/gru_cell/gates/kernel/m",
           "training/Adam/iter",
           "training/Adam_2/beta_1",
           "training/RMSprop/dense/kernel/rms",
       }) {
    CAPTURE(name);
    CHECK(is_training_only(name));
  }
}

TEST_CASE("training only: weights do not count as such") {
  for (const char* name : {
           "",
           "/",
           ".",
           "gru1/gru_cell/gates/kernel",
           "dien//prelu_",
           "mid_embedding_var",
           "f1/kernel",
           "f11_1/bias",
           "f1_att1_1/kernel",
           "bn1/moving_mean",
           "gru2/candidate/bias",
           "Adam/kernel",
           "fc.bn.running_mean",
           "dnn.optimizer.weight",
           "layer/kernel/.ATTRIBUTES/VARIABLE_VALUE",
           "layers/dense/vars/0",
           "model_weights/gru/gru_cell/kernel:0",
           "adam_embedding",
           "training/gru1/gru_cell/gates/kernel",
           "training",
           "scope/training/Adam/kernel",
           "Adam_x",
           "auxiliary",
       }) {
    CAPTURE(name);
    CHECK_FALSE(is_training_only(name));
  }
}

// SPDX-License-Identifier: MIT
// model.c -- the judge's model of the split loop is the library's own tests'.
#include "../../../explorer/tests/model_tree.c"
